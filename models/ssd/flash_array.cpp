#include "models/ssd/flash_array.hpp"

#include "models/ssd/nand_profile.hpp"
#include "sim/random.hpp"

namespace orrery {

FlashArray::FlashArray(Calendar& calendar, const std::string& name, const NandSsdProfile& profile,
                       std::uint64_t seed)
    : stripe_unit_(profile.stripe_unit),
      read_time_(profile.read_time),
      sense_time_(profile.read_time),
      channel_rate_(profile.channel_rate),
      seed_(seed),
      dies_(calendar, name + "/dies", profile.dies) {
  for (int i = 0; i < profile.channels; ++i)
    channels_.push_back(
        std::make_unique<Station>(calendar, name + "/channel" + std::to_string(i), 1));
}

std::int64_t FlashArray::die_of(Bytes offset) const {
  const std::int64_t unit = offset / stripe_unit_;
  const std::int64_t stripe = unit / dies_.size();
  const std::uint64_t first = mix(static_cast<std::uint64_t>(stripe) ^ seed_);
  const auto dies = static_cast<std::uint64_t>(dies_.size());
  return static_cast<std::int64_t>((first + static_cast<std::uint64_t>(unit % dies_.size())) %
                                   dies);
}

Task<bool> FlashArray::read(Bytes offset, Bytes length, Charge charge) {
  const std::int64_t die = die_of(offset);
  Station& channel = *channels_[static_cast<std::size_t>(die) % channels_.size()];
  auto page = dies_.sense(die, sense_time_, charge);
  co_await page;
  const Served served = co_await channel.use(length / channel_rate_, charge);
  page.release();
  co_return served == Served::done;
}

void FlashArray::collect_stations(std::vector<Station*>& into) {
  into.push_back(&dies_.station());
  for (const auto& channel : channels_) into.push_back(channel.get());
}

}  // namespace orrery
