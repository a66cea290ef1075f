// What every model of a solid-state disk offers.
//
// A device serves reads and writes of any number of callers at once; queueing inside it is its own
// affair and is charged as waiting. Implementations are found by name in models/ssd/registry.hpp
// and must pass tests/models/ssd_contract_test.cpp.
#pragma once

#include <string>
#include <vector>

#include "models/io.hpp"
#include "sim/station.hpp"
#include "sim/task.hpp"

namespace orrery {

// Whether a device of that capacity has the range. What is empty lies nowhere.
constexpr bool lies_within(Bytes offset, Bytes length, Bytes capacity) {
  return offset >= Bytes{0} && length > Bytes{0} && length <= capacity &&
         offset <= capacity - length;
}

class Ssd {
 public:
  virtual ~Ssd() = default;

  virtual const std::string& name() const = 0;
  virtual Bytes capacity() const = 0;

  // Completes when the device reports completion to its driver. `ledger` is charged to stage::kSsd
  // up to that moment and must outlive the task.
  virtual Task<IoStatus> submit(Direction direction, Bytes offset, Bytes length,
                                Ledger& ledger) = 0;

  // A gray failure: from now on its controller and flash take `factor` times as long; 1: as new.
  // What is in service is not changed. A device without times of its own stays as it is.
  virtual void slow_down(double factor) { (void)factor; }

  // The stations inside, for the books.
  virtual void collect_stations(std::vector<Station*>& into) = 0;
};

}  // namespace orrery
