// What cases on the whole engine share: a small platform, times in microseconds, tasks that let
// time pass.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "sim/simulation.hpp"

namespace orrery {

inline TimePoint at_us(double us) { return kStart + microseconds(us); }

// Hosts "a", "b" and "c" directly below one switch: 10 Gbit/s and half a microsecond of latency
// each, so 1.25 MB take 1 ms + 1 us.
inline PlatformSpec three_hosts(Duration latency = nanoseconds(500)) {
  PlatformSpec spec;
  for (const char* name : {"a", "b", "c"})
    spec.hosts.push_back({name, {gigabits_per_second(10), latency}});
  return spec;
}

struct EngineCase : testing::Test {
  EngineCase() : EngineCase(three_hosts()) {}
  explicit EngineCase(const PlatformSpec& spec) : simulation_(spec) {}

  Calendar& calendar() { return simulation_.calendar(); }
  TimePoint now() { return simulation_.now(); }
  void spawn(Task<> task) { simulation_.tasks().spawn(std::move(task)); }

  // Calls `what` at a time.
  Task<> later(TimePoint when, std::function<void()> what) {
    co_await Delay(calendar(), when);
    what();
  }
  void at(TimePoint when, std::function<void()> what) { spawn(later(when, std::move(what))); }

  // Events without end, as a data path makes them.
  Task<> forever(Duration step, std::uint64_t* count = nullptr) {
    for (;;) {
      co_await Delay(calendar(), step);
      if (count != nullptr) ++*count;
    }
  }

  Simulation simulation_;
};

}  // namespace orrery
