#include "tests/docs/fixed_ssd.hpp"

namespace orrery {

const Declarations& FixedSsdProfile::declarations() {
  static const Declarations all =
      Declare<FixedSsdProfile>("device of fixed service times")
          .field("capacity", &FixedSsdProfile::capacity, "usable capacity", between(4096, 0x1p50))
          .field("slots", &FixedSsdProfile::slots, "requests served at once", between(1, 65536))
          .field("read", &FixedSsdProfile::read, "time of a read", any_latency())
          .field("write", &FixedSsdProfile::write, "time of a write", any_latency())
          .build();
  return all;
}

FixedSsd::FixedSsd(Calendar& calendar, std::shared_ptr<const FixedSsdProfile> profile,
                   std::string name, std::uint64_t)
    : profile_(std::move(profile)),
      name_(std::move(name)),
      slots_(calendar, name_ + "/slots", static_cast<int>(profile_->slots)) {}

Task<IoStatus> FixedSsd::submit(Direction direction, Bytes, Bytes, Ledger& ledger) {
  const Duration time = direction == Direction::read ? profile_->read : profile_->write;
  const Served served = co_await slots_.use(time, {&ledger, stage::kSsd});
  co_return served == Served::done ? IoStatus::done : IoStatus::failed;
}

}  // namespace orrery
