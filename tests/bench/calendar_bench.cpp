// The calendar beside a bare std::priority_queue that does nothing but the same: take the earliest
// event, call it with its argument, let it schedule its successor (the hold model). What the
// calendar adds is order among ties, cancellation and the ring of what is due now.
#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include <cstdint>
#include <ctime>
#include <queue>
#include <type_traits>
#include <vector>

#include "sim/calendar.hpp"
#include "sim/station.hpp"
#include "sim/task.hpp"

namespace orrery {
namespace {

// The same increments for both: 0.5 to 1.5 us, by xorshift, so that drawing costs next to nothing.
struct Increments {
  std::uint64_t state = 88172645463325252ull;
  Duration next() {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return Duration{500'000 + static_cast<std::int64_t>(state & 0xfffff)};
  }
};

class BareQueue {
 public:
  using Callback = void (*)(void*);
  TimePoint now() const { return now_; }
  void schedule(TimePoint when, Callback callback, void* argument) {
    queue_.push({when, callback, argument});
  }
  void run(std::uint64_t events) {
    for (; events != 0; --events) {
      const Event event = queue_.top();
      queue_.pop();
      now_ = event.when;
      event.callback(event.argument);
    }
  }

 private:
  struct Event {
    TimePoint when;
    Callback callback;
    void* argument;
    bool operator<(const Event& other) const { return when > other.when; }
  };
  std::priority_queue<Event> queue_;
  TimePoint now_{};
};

// `pending` processes, each of which waits and waits again.
template <class Queue>
class Hold {
 public:
  explicit Hold(std::size_t pending) : processes_(pending, Process{this, 0}) {
    for (Process& process : processes_)
      queue_.schedule(queue_.now() + increments_.next(), &Process::fire, &process);
  }
  void run(std::uint64_t events) {
    if constexpr (std::is_same_v<Queue, Calendar>) queue_.run_until(kNever, events);
    else queue_.run(events);
  }

 private:
  struct Process {
    Hold* hold;
    std::uint64_t fired;
    static void fire(void* self) {
      auto* process = static_cast<Process*>(self);
      ++process->fired;
      Queue& queue = process->hold->queue_;
      queue.schedule(queue.now() + process->hold->increments_.next(), &Process::fire, self);
    }
  };
  Queue queue_;
  Increments increments_;
  std::vector<Process> processes_;
};

constexpr std::uint64_t kBatch = 1u << 16;

template <class Queue>
void hold(benchmark::State& state) {
  Hold<Queue> model(static_cast<std::size_t>(state.range(0)));
  model.run(kBatch);
  for (auto _ : state) model.run(kBatch);
  state.SetItemsProcessed(static_cast<std::int64_t>(kBatch) * state.iterations());
}
BENCHMARK(hold<Calendar>)->Name("calendar/hold")->Arg(64)->Arg(1024)->Arg(65536);
BENCHMARK(hold<BareQueue>)->Name("bare_queue/hold")->Arg(64)->Arg(1024)->Arg(65536);

double cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

// Both in turn and in processor time, so that whatever else the machine does hits both. `ratio` is
// the calendar's rate over the bare queue's.
void ratio(benchmark::State& state) {
  Hold<Calendar> calendar(static_cast<std::size_t>(state.range(0)));
  Hold<BareQueue> bare(static_cast<std::size_t>(state.range(0)));
  double in_calendar = 0, in_bare = 0;
  calendar.run(kBatch);
  bare.run(kBatch);
  for (auto _ : state) {
    const double start = cpu_seconds();
    calendar.run(kBatch);
    const double middle = cpu_seconds();
    bare.run(kBatch);
    in_calendar += middle - start;
    in_bare += cpu_seconds() - middle;
  }
  state.counters["ratio"] = in_bare / in_calendar;
}
BENCHMARK(ratio)->Name("calendar/ratio_to_bare_queue")->Arg(64)->Arg(1024)->Arg(65536);

// A timer that is set and taken back beside `pending` others, as a retransmission timer is at each
// acknowledgement.
void rearm(benchmark::State& state) {
  Calendar calendar;
  Increments increments;
  const auto nothing = [](void*) {};
  for (std::int64_t i = 0; i < state.range(0); ++i)
    calendar.schedule(kStart + increments.next(), nothing, nullptr);
  Timer timer(calendar, nothing, nullptr);
  for (auto _ : state) timer.arm(kStart + increments.next());
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(rearm)->Name("calendar/rearm_timer")->Arg(64)->Arg(1024)->Arg(65536);

Task<> customer(Calendar* calendar, Station* station, Increments* increments) {
  for (;;) {
    Station::Use use = station->use(increments->next());
    co_await use;
    Delay think(*calendar, increments->next());
    co_await think;
  }
}

// Customers between a delay and a station of 16 servers; an item is one visit, which is two events.
void station_visits(benchmark::State& state) {
  Calendar calendar;
  Increments increments;
  Station station(calendar, "station", 16);
  TaskScope scope;
  for (std::int64_t i = 0; i < state.range(0); ++i)
    scope.spawn(customer(&calendar, &station, &increments));
  const auto before = station.books().snapshot(calendar.now()).served;
  for (auto _ : state) calendar.run_until(kNever, kBatch);
  state.SetItemsProcessed(station.books().snapshot(calendar.now()).served - before);
}
BENCHMARK(station_visits)->Name("station/visits")->Arg(16)->Arg(64)->Arg(1024);

std::int64_t peak_kib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

Task<> one_shot(Calendar* calendar, Station* station, Duration service) {
  Delay arrival(*calendar, service);
  co_await arrival;
  Station::Use use = station->use(service);
  co_await use;
}

// A task per job, 64 at a time. `grown_kib` is how much the process has grown after the first
// batch: nothing.
void task_per_job(benchmark::State& state) {
  Calendar calendar;
  Increments increments;
  Station station(calendar, "station", 16);
  TaskScope scope;
  auto batch = [&] {
    for (int round = 0; round < 256; ++round) {
      for (int i = 0; i < 64; ++i) scope.spawn(one_shot(&calendar, &station, increments.next()));
      calendar.run_until(kNever);
    }
  };
  batch();
  const std::int64_t before = peak_kib();
  for (auto _ : state) batch();
  state.SetItemsProcessed(256 * 64 * state.iterations());
  state.counters["grown_kib"] = static_cast<double>(peak_kib() - before);
}
BENCHMARK(task_per_job)->Name("task/per_job");

}  // namespace
}  // namespace orrery
