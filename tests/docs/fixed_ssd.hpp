// A device that serves a given number of requests at once, each for a fixed time, whatever its
// length.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "models/ssd/ssd.hpp"
#include "sim/params.hpp"

namespace orrery {

struct FixedSsdProfile {
  Bytes capacity;
  std::int64_t slots = 0;
  Duration read{}, write{};
  static const Declarations& declarations();
};

class FixedSsd final : public Ssd {
 public:
  FixedSsd(Calendar& calendar, std::shared_ptr<const FixedSsdProfile> profile, std::string name,
           std::uint64_t seed);

  const std::string& name() const override { return name_; }
  Bytes capacity() const override { return profile_->capacity; }
  Task<IoStatus> submit(Direction direction, Bytes offset, Bytes length, Ledger& ledger) override;
  void collect_stations(std::vector<Station*>& into) override { into.push_back(&slots_); }

 private:
  std::shared_ptr<const FixedSsdProfile> profile_;
  std::string name_;
  Station slots_;
};

}  // namespace orrery
