// A closed loop around one device, driven straight from the calendar: jobs of a fixed depth, as fio
// runs them.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <ostream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "models/ssd/registry.hpp"
#include "scenarios/profiles.hpp"
#include "scenarios/text/input_error.hpp"
#include "sim/quantile.hpp"
#include "sim/random.hpp"

namespace orrery {

inline Profile ssd_profile(const std::string& name) {
  ModelCatalogue models;
  for (const SsdEntry& entry : all_ssds())
    models.emplace(std::string(entry.name), &entry.declarations());
  ProfileLibrary library({"scenarios/profiles"}, disk_reader(), disk_lister(), models);
  return library.get(name, {});
}

inline void PrintTo(const SsdEntry& entry, std::ostream* out) { *out << entry.name; }

// The profile with one parameter changed.
template <class T>
Profile with(Profile profile, const std::string& parameter, T value) {
  for (auto& [name, held] : profile.parameters)
    if (name == parameter) {
      held.value = Value{value};
      return profile;
    }
  ADD_FAILURE() << "no parameter " << parameter;
  return profile;
}

struct SsdLoad {
  double reads = 1;  // share of reads among the requests
  bool sequential = false;
  Bytes block = kBlock;
  int depth = 1;  // per job
  int jobs = 1;
};

struct SsdOutcome {
  std::int64_t count = 0;
  double iops = 0;
  double gigabytes_per_second = 0;
  double mean_us = 0;
  double p50_us = 0;
  double p99_us = 0;
  double max_us = 0;
  double events = 0;  // per request
};

class SsdRig {
 public:
  explicit SsdRig(const Profile& profile, std::uint64_t seed = 1)
      : ssd_(ssd_maker(profile)(calendar_, "ssd", seed)), random_(seed, "load") {}

  Calendar& calendar() { return calendar_; }
  Ssd& ssd() { return *ssd_; }
  std::vector<Station*> stations() {
    std::vector<Station*> all;
    ssd_->collect_stations(all);
    return all;
  }
  Station& station(const std::string& name) {
    for (Station* s : stations())
      if (s->name() == "ssd/" + name) return *s;
    throw std::out_of_range(name);
  }

  // Latency of one request that nothing else disturbs.
  Duration once(Direction direction, Bytes offset, Bytes length) {
    Ledger ledger(calendar_.now());
    IoStatus status = IoStatus::failed;
    TaskScope scope;
    scope.spawn(submit(direction, offset, length, &ledger, &status));
    const TimePoint start = calendar_.now();
    while (scope.size() > 0) calendar_.run_until(calendar_.next_time());
    EXPECT_EQ(status, IoStatus::done);
    return calendar_.now() - start;
  }
  Task<> submit(Direction direction, Bytes offset, Bytes length, Ledger* ledger, IoStatus* status) {
    auto task = ssd_->submit(direction, offset, length, *ledger);
    *status = co_await task;
  }

  // Runs the load for `warmup`, and then measures for `span`. The requests still in flight are
  // cancelled.
  SsdOutcome run(SsdLoad load, Duration warmup, Duration span) {
    load_ = load;
    samples_.clear();
    cursors_.clear();
    measuring_ = false;
    const Bytes share{ssd_->capacity().count() / load.jobs / load.block.count() *
                      load.block.count()};
    for (int j = 0; j < load.jobs; ++j) cursors_.push_back(share * j);
    TaskScope workers;
    for (int j = 0; j < load.jobs; ++j)
      for (int d = 0; d < load.depth; ++d) workers.spawn(work(j));
    const TimePoint start = calendar_.now() + warmup;
    calendar_.run_until(start);
    calendar_.advance_to(start);
    measuring_ = true;
    const std::uint64_t fired = calendar_.fired();
    calendar_.run_until(start + span);
    calendar_.advance_to(start + span);
    return summary(span, calendar_.fired() - fired);
  }
  const std::vector<Duration>& samples() const { return samples_; }

 private:
  Task<> work(int job) {
    for (;;) {
      const Direction direction =
          load_.reads >= 1 || (load_.reads > 0 && random_.chance(load_.reads)) ? Direction::read
                                                                               : Direction::write;
      Bytes offset;
      if (load_.sequential) {
        Bytes& cursor = cursors_[static_cast<std::size_t>(job)];
        offset = cursor;
        cursor += load_.block;
      } else {
        const auto blocks = static_cast<std::uint64_t>(ssd_->capacity() / load_.block);
        offset = load_.block * static_cast<std::int64_t>(random_.below(blocks));
      }
      const TimePoint start = calendar_.now();
      Ledger ledger(start);
      auto task = ssd_->submit(direction, offset, load_.block, ledger);
      const IoStatus status = co_await task;
      EXPECT_EQ(status, IoStatus::done);
      const Duration latency = calendar_.now() - start;
      EXPECT_EQ(ledger.total(), latency);
      if (measuring_) samples_.push_back(latency);
    }
  }

  SsdOutcome summary(Duration span, std::uint64_t fired) {
    SsdOutcome out;
    out.count = static_cast<std::int64_t>(samples_.size());
    if (samples_.empty()) return out;
    const auto count = static_cast<double>(samples_.size());
    out.iops = count / to_seconds(span);
    out.gigabytes_per_second = out.iops * static_cast<double>(load_.block.count()) * 1e-9;
    double sum = 0;
    for (const Duration d : samples_) sum += to_microseconds(d);
    out.mean_us = sum / count;
    auto sorted = samples_;
    std::sort(sorted.begin(), sorted.end());
    out.p50_us = to_microseconds(upper_quantile(sorted, 0.5));
    out.p99_us = to_microseconds(lower_quantile(sorted, 0.99));
    out.max_us = to_microseconds(sorted.back());
    out.events = static_cast<double>(fired) / count;
    return out;
  }

  Calendar calendar_;
  std::unique_ptr<Ssd> ssd_;
  RandomStream random_;
  SsdLoad load_;
  std::vector<Bytes> cursors_;
  std::vector<Duration> samples_;
  bool measuring_ = false;
};

}  // namespace orrery
