#include "models/ssd/null_ssd.hpp"

#include <utility>

namespace orrery {

const Declarations& NullSsdProfile::declarations() {
  static const Declarations all =
      Declare<NullSsdProfile>("device without media: every command is done at once")
          .field("capacity", &NullSsdProfile::capacity, "what the host can address",
                 between(4096, 0x1p50))
          .build();
  return all;
}

NullSsd::NullSsd(Calendar& calendar, std::shared_ptr<const NullSsdProfile> profile,
                 std::string name, std::uint64_t)
    : calendar_(calendar), profile_(std::move(profile)), name_(std::move(name)) {}

Task<IoStatus> NullSsd::submit(Direction, Bytes offset, Bytes length, Ledger& ledger) {
  ledger.charge_service(stage::kSsd, calendar_.now());
  co_return lies_within(offset, length, capacity()) ? IoStatus::done : IoStatus::failed;
}

}  // namespace orrery
