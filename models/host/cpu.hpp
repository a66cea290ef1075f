// The cores of one machine, shared by everything that runs on them, and the threads that do.
//
// Costs in profiles are those of the reference host (the 2 x 25 GbE machine of SIGCOMM'22 Table 1).
// Another machine takes `slowness` times as long for the same work: a host of another generation
// below 1, a DPU's 2.1 GHz cores above.
//
// Every core is a station of its own. A pinned thread polls and owns its core's time slices: its
// work queues there, in order of arrival, whatever the other cores do (LUNA, SOLAR, block and chunk
// servers: lock-free and share-nothing). A floating thread sleeps between pieces of work and is put
// on the core with the least to do when it is woken, as a kernel's scheduler does.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/calendar.hpp"
#include "sim/random.hpp"
#include "sim/station.hpp"
#include "sim/units.hpp"

namespace orrery {

// Priorities on a core: interrupts go before threads; threads take turns in order of arrival.
constexpr int kInterruptPriority = 0;
constexpr int kWorkPriority = 1;

class Cpu {
 public:
  Cpu(Calendar& calendar, const std::string& name, std::size_t cores, double slowness);
  Cpu(const Cpu&) = delete;
  Cpu& operator=(const Cpu&) = delete;

  // What `reference` work takes here.
  Duration time_for(Duration reference) const { return scaled(reference, slowness_); }

  std::size_t cores() const { return cores_.size(); }
  Station& core(std::size_t index) { return *cores_[index]; }
  // The core with the fewest jobs among those that are not set apart; equals take turns.
  Station& freest_core();
  // The first `count` cores belong to pinned threads alone: floating ones are never put there. At
  // least one is left.
  void set_apart(std::size_t count);
  std::size_t first_shared_core() const { return set_apart_; }

  // The thread on this core has other things to do and looks at its queues every `interval` only;
  // 0, the default: all the time. All threads of a machine that do so draw from one stream.
  void set_poll_interval(std::size_t index, Duration interval, std::uint64_t seed);

  void fail();
  void restore();
  Calendar& calendar() { return calendar_; }
  void collect_stations(std::vector<Station*>& into);

 private:
  Calendar& calendar_;
  std::string name_;
  double slowness_;
  std::optional<RandomStream> polling_;
  std::vector<std::unique_ptr<Station>> cores_;
  std::size_t set_apart_ = 0;
  std::size_t next_ = 0;
};

// A thread and where it runs. A value: the machine outlives it.
class Thread {
 public:
  // On a core of its own; indices beyond the last core start over.
  static Thread pinned(Cpu& cpu, std::size_t index);
  static Thread floating(Cpu& cpu);

  Cpu& cpu() const { return *cpu_; }
  bool is_floating() const { return core_ == kFloating; }
  Duration time_for(Duration reference) const { return cpu_->time_for(reference); }
  // Whether what comes for it waits until it looks; a floating thread is woken.
  bool looks_at_intervals() const { return !is_floating() && cpu_->core(core_).is_polling(); }
  // Where its next piece of work goes.
  Station& core() const { return is_floating() ? cpu_->freest_core() : cpu_->core(core_); }

 private:
  static constexpr std::size_t kFloating = static_cast<std::size_t>(-1);
  Thread(Cpu& cpu, std::size_t core) : cpu_(&cpu), core_(core) {}

  Cpu* cpu_;
  std::size_t core_;
};

}  // namespace orrery
