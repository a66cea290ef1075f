// A device without media, as SPDK's null bdev: whatever lies within it is done at once and takes no
// time.
//
// It shows what everything in front of a device costs, and lets a path's limit be that of the path.
// Nothing is kept; there are no stations. A closed loop straight on it would never let time pass:
// something that takes time must stand in front.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "models/ssd/ssd.hpp"
#include "sim/calendar.hpp"
#include "sim/params.hpp"

namespace orrery {

struct NullSsdProfile {
  Bytes capacity;

  static const Declarations& declarations();
};

class NullSsd final : public Ssd {
 public:
  NullSsd(Calendar& calendar, std::shared_ptr<const NullSsdProfile> profile, std::string name,
          std::uint64_t);

  const std::string& name() const override { return name_; }
  Bytes capacity() const override { return profile_->capacity; }
  // Fails what is empty or reaches beyond the capacity.
  Task<IoStatus> submit(Direction direction, Bytes offset, Bytes length, Ledger& ledger) override;
  void collect_stations(std::vector<Station*>&) override {}

 private:
  Calendar& calendar_;
  std::shared_ptr<const NullSsdProfile> profile_;
  std::string name_;
};

}  // namespace orrery
