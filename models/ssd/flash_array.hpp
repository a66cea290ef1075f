// Dies behind channels: where the pages of a drive are and what it takes to get one out.
//
// The address space is cut into stripe units; each lies on one die. Consecutive units lie on
// consecutive dies, all dies once per stripe, and every stripe begins at a die drawn by a hash of
// its number, so random addresses load the dies evenly while a large request finds a die of its own
// for each of its units. Consecutive dies hang on different channels.
//
// Reading n bytes of one unit holds the die for tR and then until the n bytes have crossed the
// channel:
//   T(n) = wait for the die + tR + wait for the channel + n / channel rate.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "models/ssd/die_array.hpp"
#include "sim/task.hpp"
#include "sim/units.hpp"

namespace orrery {

struct NandSsdProfile;

class FlashArray {
 public:
  FlashArray(Calendar& calendar, const std::string& name, const NandSsdProfile& profile,
             std::uint64_t seed);

  Bytes stripe_unit() const { return stripe_unit_; }
  // First byte after the stripe unit that holds `offset`.
  Bytes end_of_unit(Bytes offset) const { return stripe_unit_ * (offset / stripe_unit_ + 1); }
  std::int64_t die_of(Bytes offset) const;

  // Reads [offset, offset + length), which lies in one stripe unit, into the controller. False if
  // the channel failed.
  Task<bool> read(Bytes offset, Bytes length, Charge charge);

  // tR takes `factor` times as long as the profile says.
  void slow_down(double factor) { sense_time_ = scaled(read_time_, factor); }

  void collect_stations(std::vector<Station*>& into);

 private:
  Bytes stripe_unit_;
  Duration read_time_;
  Duration sense_time_;
  BitRate channel_rate_;
  std::uint64_t seed_;
  DieArray dies_;
  std::vector<std::unique_ptr<Station>> channels_;
};

}  // namespace orrery
