// What faults did to I/Os: which hung, when and on which volume, and for each fault how many it
// delayed and until when.
//
// An I/O is hit if a packet of it was lost and sent again, or it waited for one that was, or it was
// tried again, or it failed. It counts for the fault that began last before it ended. An I/O hangs
// if it has no response for 1 s or longer since it was submitted (60 s or longer is what operators
// count); one that is left without response at the end of the run hangs as well.
#pragma once

#include <cstdint>
#include <vector>

#include "models/io.hpp"
#include "sim/units.hpp"

namespace orrery {

class FaultImpact {
 public:
  enum class Outcome : std::uint8_t { done, failed, unended };
  struct Hang {
    std::size_t job = 0;
    std::size_t volume = 0;
    Direction direction = Direction::read;
    TimePoint submitted{};
    Duration latency{};  // until the end of the run, if unended
    Outcome outcome = Outcome::done;
  };
  // Since one moment something broke, until the next such moment.
  struct Span {
    TimePoint from{};
    std::uint64_t hit = 0, failed = 0, hangs_1s = 0, hangs_60s = 0;
    std::uint64_t volumes = 0;
    Duration worst{};
    TimePoint last{};  // when the last one that was hit ended; the end of the run if it did not
  };
  static constexpr std::size_t kHangsListed = 10'000;
  static constexpr Duration kHang = std::chrono::seconds(1);
  static constexpr Duration kLongHang = std::chrono::seconds(60);

  explicit FaultImpact(std::size_t volumes) : hit_in_(volumes, 0), hung_(volumes, false) {}

  void something_broke(TimePoint now) { spans_.push_back({now}); }

  // Of an I/O that was hit, failed or hung; the others need not be told.
  void io_ended(std::size_t job, std::size_t volume, const Io& io, IoStatus status, TimePoint now);
  // At the end of the run, of every I/O without response.
  void io_left(std::size_t job, std::size_t volume, const Io& io, TimePoint now);

  const std::vector<Span>& spans() const { return spans_; }
  // The first of them by the time they ended.
  const std::vector<Hang>& hangs() const { return hangs_; }
  std::uint64_t hangs_1s() const { return hangs_1s_; }
  std::uint64_t hangs_60s() const { return hangs_60s_; }
  std::uint64_t volumes_hung() const;

 private:
  void add(const Hang& hang, TimePoint now, bool is_hit);

  std::vector<Span> spans_;
  std::vector<Hang> hangs_;
  std::uint64_t hangs_1s_ = 0, hangs_60s_ = 0;
  std::vector<std::size_t> hit_in_;  // by volume: the span it was last hit in, counted from 1
  std::vector<bool> hung_;
};

}  // namespace orrery
