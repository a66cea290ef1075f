// The books of a station: how busy it was, how long its queue, how much it served.
//
// Integrals over time are kept exactly (128-bit picosecond counts), so Little's law is a check and
// not an estimate: the integral of the number in system equals the sum of the times spent in it.
// Two snapshots give the figures of the span between them.
#pragma once

#include <algorithm>
#include <cstdint>

#include "sim/units.hpp"

namespace orrery {

class StationStats {
 public:
  __extension__ typedef __int128 Integral;

  struct Snapshot {
    TimePoint at{};
    Integral in_system = 0;  // integral of jobs present
    Integral queued = 0;     // integral of jobs waiting
    Integral busy = 0;       // integral of servers at work
    Integral sojourn = 0;    // time spent so far by all jobs, present ones included
    std::int64_t arrived = 0;
    std::int64_t served = 0;
    std::int64_t left = 0;  // refused, failed or cancelled
  };

  void arrive(TimePoint now) {
    account(now);
    ++queued_;
    peak_queue_ = std::max(peak_queue_, queued_);
    arrivals_sum_ += ticks(now);
  }
  // An arrival that finds a free server does not count as queued.
  void arrive_and_start(TimePoint now) {
    account(now);
    ++busy_;
    arrivals_sum_ += ticks(now);
  }
  void start(TimePoint now) {
    account(now);
    --queued_;
    ++busy_;
  }
  // One in service waits again.
  void put_back(TimePoint now) {
    account(now);
    --busy_;
    ++queued_;
    peak_queue_ = std::max(peak_queue_, queued_);
  }
  void finish(TimePoint now, TimePoint arrival) {
    account(now);
    --busy_;
    ++served_;
    leave(now, arrival);
  }
  void abandon(TimePoint now, TimePoint arrival, bool in_service) {
    account(now);
    in_service ? --busy_ : --queued_;
    ++left_;
    leave(now, arrival);
  }
  void refuse() { ++left_; }
  // Of the time that has been booked as work, this much was waiting.
  void correct_to_waiting(Duration span) {
    busy_integral_ -= span.count();
    queued_integral_ += span.count();
  }

  Snapshot snapshot(TimePoint now) {
    account(now);
    const std::int64_t present = queued_ + busy_;
    return {now,
            queued_integral_ + busy_integral_,
            queued_integral_,
            busy_integral_,
            sojourn_ + static_cast<Integral>(present) * ticks(now) - arrivals_sum_,
            served_ + left_ + present,
            served_,
            left_};
  }
  std::int64_t queued() const { return queued_; }
  std::int64_t busy() const { return busy_; }
  std::int64_t peak_queue() const { return peak_queue_; }
  void forget_peak() { peak_queue_ = queued_; }

 private:
  static Integral ticks(TimePoint t) { return t.time_since_epoch().count(); }
  void account(TimePoint now) {
    const std::int64_t passed = (now - at_).count();
    if (queued_ != 0) queued_integral_ += static_cast<Integral>(passed) * queued_;
    busy_integral_ += static_cast<Integral>(passed) * busy_;
    at_ = now;
  }
  void leave(TimePoint now, TimePoint arrival) {
    sojourn_ += (now - arrival).count();
    arrivals_sum_ -= ticks(arrival);
  }

  // What every visit touches comes first.
  TimePoint at_{};
  std::int64_t queued_ = 0, busy_ = 0, served_ = 0;
  Integral busy_integral_ = 0;
  Integral sojourn_ = 0;       // of the jobs that have gone
  Integral arrivals_sum_ = 0;  // of the times at which those present came
  Integral queued_integral_ = 0;
  std::int64_t peak_queue_ = 0, left_ = 0;
};

// What the books say of a span, in the units a person reads.
struct BookFigures {
  double utilisation = 0;   // mean busy servers / servers
  double mean_busy = 0;     // mean busy servers
  double mean_queue = 0;    // mean jobs waiting
  double mean_wait_us = 0;  // mean wait per arrival, by Little's law
  std::int64_t peak_queue = 0;
  std::int64_t served = 0;
  std::int64_t left = 0;
};
BookFigures figures_between(const StationStats::Snapshot& from, const StationStats::Snapshot& to,
                            double servers);

// Little's law over the whole life of the books: exact, so any difference is a defect.
bool littles_law_holds(const StationStats::Snapshot& since_start);

}  // namespace orrery
