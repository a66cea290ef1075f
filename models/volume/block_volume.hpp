// What a workload issues I/O to, whoever serves it: an EBS volume, a local disk, a pooled one, or
// several mapped into one.
#pragma once

#include <string>

#include "models/io.hpp"
#include "sim/task.hpp"
#include "sim/units.hpp"

namespace orrery {

class BlockVolume {
 public:
  virtual ~BlockVolume() = default;

  virtual const std::string& name() const = 0;
  virtual Bytes size() const = 0;

  // Serves one I/O within [0, size) and charges its ledger up to the end. `io` stays with the
  // caller and must live until the task has ended. A failure is a value, never an exception.
  virtual Task<IoStatus> submit(Io& io) = 0;

  // Grows or shrinks the address range; false if the volume cannot.
  virtual bool resize(Bytes size) = 0;
  // Freezes the present contents under `snapshot`; false if the volume cannot. Later writes do not
  // touch them.
  virtual bool snapshot(const std::string& snapshot) = 0;
};

}  // namespace orrery
