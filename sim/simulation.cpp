#include "sim/simulation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <list>
#include <optional>
#include <simgrid/Exception.hpp>
#include <simgrid/kernel/resource/Model.hpp>
#include <simgrid/s4u/Actor.hpp>
#include <simgrid/s4u/Engine.hpp>
#include <simgrid/s4u/Host.hpp>
#include <simgrid/s4u/Link.hpp>
#include <simgrid/s4u/Semaphore.hpp>
#include <string_view>
#include <utility>
#include <vector>
#include <xbt/config.hpp>

#include "sim/assert.hpp"

namespace orrery {
namespace {

namespace sg = simgrid::s4u;

// SimGrid's clock is a double in seconds. At 30 simulated days its steps are 0.5 ns, so an event of
// the calendar may stand up to half a step beside the engine's time of the same moment; these two
// functions are the only bridge.
double engine_time(TimePoint t) { return to_seconds(t); }
TimePoint calendar_time(double engine_seconds) { return kStart + seconds(engine_seconds); }

// CM02 without the effects of TCP that it would add: shares by 1/latency, acknowledgements that
// take bandwidth, a window that bounds the rate of long paths.
constexpr double kPrecision = 1e-12;
constexpr double kEqualShares = 1e9;
constexpr double kNoWindow = 1e15;

// Every event slice ends with a look at requests from outside.
constexpr std::uint64_t kSlice = 1u << 16;

// SimGrid installs handlers of its own when its engine starts; the program's stay.
class KeptSignalHandlers {
 public:
  KeptSignalHandlers() {
    for (Kept& kept : kept_) sigaction(kept.signal, nullptr, &kept.action);
  }
  ~KeptSignalHandlers() {
    for (Kept& kept : kept_) sigaction(kept.signal, &kept.action, nullptr);
  }

 private:
  struct Kept {
    int signal;
    struct sigaction action;
  };
  Kept kept_[2] = {{SIGINT, {}}, {SIGSEGV, {}}};
};

std::unique_ptr<sg::Engine> start_engine() {
  static bool started = false;
  ORRERY_INVARIANT(!started, "simulation", "a process has one engine");
  started = true;
  const KeptSignalHandlers kept;
  std::vector<std::string> arguments = {
      "orrery",
      "--log=root.thresh:error",
      "--cfg=network/model:CM02",
      "--cfg=network/crosstraffic:0",
      fmt::format("--cfg=network/weight-S:{:g}", kEqualShares),
      fmt::format("--cfg=network/TCP-gamma:{:g}", kNoWindow),
      fmt::format("--cfg=surf/precision:{:g}", kPrecision),
#ifdef ORRERY_SANITIZE
      "--cfg=contexts/factory:thread",
#endif
  };
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  int count = static_cast<int>(arguments.size());
  auto engine = std::make_unique<sg::Engine>(&count, pointers.data());

  namespace config = simgrid::config;
  ORRERY_INVARIANT(config::get_value<std::string>("network/model") == "CM02" &&
                       !config::get_value<bool>("network/crosstraffic") &&
                       config::get_value<double>("network/weight-S") == kEqualShares &&
                       config::get_value<double>("network/TCP-gamma") == kNoWindow &&
                       config::get_value<double>("surf/precision") == kPrecision,
                   "simulation", "SimGrid does not have the configuration it was given");
#ifdef ORRERY_SANITIZE
  ORRERY_INVARIANT(config::get_value<std::string>("contexts/factory") == "thread", "simulation",
                   "sanitizers need thread contexts");
#endif
  return engine;
}

sg::Host* host_named(const std::string& name) {
  sg::Host* host = sg::Host::by_name_or_null(name);
  ORRERY_INVARIANT(host != nullptr, name.c_str(), "no such host");
  return host;
}

sg::SplitDuplexLink* link_named(const std::string& name) {
  // The name alone finds no split-duplex link, its halves do.
  ORRERY_INVARIANT(sg::Link::by_name_or_null(name + "_UP") != nullptr, name.c_str(),
                   "no such link");
  return sg::SplitDuplexLink::by_name(name);
}

}  // namespace

struct Simulation::Impl {
  // Asked last at each engine step, with the time during which nothing else happens in SimGrid.
  struct LookAhead : simgrid::kernel::resource::Model {
    explicit LookAhead(Impl& owner) : Model("orrery calendar"), impl(owner) {}
    bool next_occurring_event_is_idempotent() override { return false; }
    double next_occurring_event(double horizon) override { return impl.look_ahead(horizon); }
    void update_actions_state(double, double) override { impl.catch_up(); }
    Impl& impl;
  };

  std::unique_ptr<sg::Engine> engine;
  Calendar calendar;
  TaskScope tasks;
  std::vector<std::function<void()>> outbox;
  std::list<std::function<void()>> inbox;
  std::vector<std::function<void()>> stop_calls;
  std::vector<std::function<void()>> end_calls;
  sg::SemaphorePtr gate;  // released to send the keeper home early
  TimePoint stop = kNever;
  bool ending = false;  // nothing fires any more
  bool early = false;
  bool keeper_gone = false;
  bool ran = false;
  std::exception_ptr failure;
  std::atomic<bool> end_requested{false};
  static_assert(std::atomic<bool>::is_always_lock_free);

  Progress progress;
  std::uint64_t progress_every = 0;
  std::uint64_t next_progress = 0;
  std::uint64_t steps = 0;

  double look_ahead(double horizon) {
    ++steps;
    if (keeper_gone) return horizon;
    const double base = sg::Engine::get_clock();
    const TimePoint limit = horizon < 0 ? stop : std::min(stop, calendar_time(base + horizon));
    try {
      do {
        report();
        if (ending || !outbox.empty()) break;
        calendar.run_until(limit, kSlice);
      } while (calendar.next_time() <= limit);
    } catch (...) {
      fail(std::current_exception());
    }
    if (outbox.empty()) return horizon;
    const double passed = std::max(0.0, engine_time(calendar.now()) - base);
    return horizon < 0 ? passed : std::min(passed, horizon);
  }

  // The clock has moved. It goes first, so that what is called below sees the present time.
  void catch_up() {
    const TimePoint engine_now = calendar_time(sg::Engine::get_clock());
    calendar.advance_to(std::min({engine_now, calendar.next_time(), stop}));
    if (outbox.empty()) return;
    const std::vector<std::function<void()>> calls = std::exchange(outbox, {});
    try {
      for (const auto& call : calls) call();
    } catch (...) {
      fail(std::current_exception());
    }
  }

  void post(std::function<void()> call) {
    outbox.push_back(std::move(call));
    calendar.interrupt();
  }

  void end() {
    if (ending) return;
    ending = true;
    early = true;
    stop = calendar.now();
    post([this] { gate->release(); });
  }

  void fail(std::exception_ptr exception) {
    if (!failure) failure = with_time(std::move(exception));
    end();
  }

  std::exception_ptr with_time(std::exception_ptr exception) const {
    try {
      std::rethrow_exception(exception);
    } catch (const InvariantError& error) {
      return std::make_exception_ptr(
          InvariantError(fmt::format("{} at {:.12f} s", error.what(), to_seconds(calendar.now()))));
    } catch (...) {
      return exception;
    }
  }

  void report() {
    if (end_requested.load(std::memory_order_relaxed)) end();
    if (!progress || calendar.fired() + steps < next_progress) return;
    next_progress = calendar.fired() + steps + progress_every;
    progress(calendar.now(), stop);
  }

  void keep() {
    gate->acquire_timeout(engine_time(stop));
    ending = true;
    keeper_gone = true;
    for (const auto& call : stop_calls) call();
  }
};

Simulation::Simulation(const PlatformSpec& platform) : impl_(std::make_unique<Impl>()) {
  impl_->engine = start_engine();
  build_platform(platform);
  impl_->engine->add_model(std::make_shared<Impl::LookAhead>(*impl_));
  impl_->gate = sg::Semaphore::create(0);
}

Simulation::~Simulation() { impl_->tasks.clear(); }

Calendar& Simulation::calendar() { return impl_->calendar; }
TaskScope& Simulation::tasks() { return impl_->tasks; }
TimePoint Simulation::stop() const { return impl_->stop; }
void Simulation::end_early() { impl_->end(); }
bool Simulation::ended_early() const { return impl_->early; }
void Simulation::request_end() noexcept {
  impl_->end_requested.store(true, std::memory_order_relaxed);
}
std::uint64_t Simulation::engine_steps() const { return impl_->steps; }
void Simulation::at_engine(std::function<void()> call) { impl_->post(std::move(call)); }
void Simulation::fail(std::exception_ptr exception) { impl_->fail(std::move(exception)); }
void Simulation::at_end(std::function<void()> call) { impl_->end_calls.push_back(std::move(call)); }

void Simulation::at_stop(std::function<void()> call) {
  impl_->stop_calls.push_back(std::move(call));
}

void Simulation::set_progress(Progress progress, std::uint64_t events) {
  impl_->progress = std::move(progress);
  impl_->progress_every = std::max<std::uint64_t>(1, events);
}

void Simulation::at_calendar(std::function<void()> call) {
  impl_->inbox.push_back(std::move(call));
  impl_->calendar.schedule(
      impl_->calendar.now(),
      [](void* argument) {
        auto& inbox = static_cast<Impl*>(argument)->inbox;
        const std::function<void()> next = std::move(inbox.front());
        inbox.pop_front();
        next();
      },
      impl_.get());
}

void Simulation::run(TimePoint stop) {
  Impl& impl = *impl_;
  ORRERY_INVARIANT(!impl.ran, "simulation", "a simulation runs once");
  ORRERY_INVARIANT(stop > kStart && stop < kNever, "simulation",
                   "the end must lie after the start");
  impl.ran = true;
  if (!impl.ending) impl.stop = stop;
  sg::Actor::create("keeper", host_named(kControlHost), [&impl] { impl.keep(); });
  impl.engine->run();
  // What could not be told to SimGrid any more must not outlive what it speaks of.
  impl.outbox.clear();
  if (!impl.early) impl.calendar.advance_to(std::min(impl.stop, impl.calendar.next_time()));
  if (!impl.failure) {
    try {
      for (const auto& call : impl.end_calls) call();
    } catch (...) {
      impl.failure = std::current_exception();
    }
  }
  impl.tasks.clear();
  impl.outbox.clear();
  if (impl.failure) std::rethrow_exception(std::exchange(impl.failure, nullptr));
}

void Simulation::set_host(const std::string& host, bool on) {
  ORRERY_INVARIANT(host != kControlHost, "simulation", "the control host stays on");
  sg::Host* const target = host_named(host);
  at_engine([target, on] { on ? target->turn_on() : target->turn_off(); });
}

void Simulation::set_link(const std::string& link, bool on) {
  sg::SplitDuplexLink* const target = link_named(link);
  at_engine([target, on] { on ? target->turn_on() : target->turn_off(); });
}

}  // namespace orrery
