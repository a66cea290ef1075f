// One simulated span: SimGrid's engine with our calendar inside its clock.
//
// The calendar is a SimGrid model with look-ahead: SimGrid says how long nothing will happen on its
// side, and up to there the calendar fires its own events without SimGrid noticing. Actors, bulk
// transfers and profiles stay SimGrid's. There is one time: whoever runs, calendar event, task or
// actor, reads `calendar().now()`.
//
//   Simulation simulation(spec);
//   Cluster cluster(simulation, ...);            // stations, tasks in simulation.tasks()
//   simulation.at_end([&] { cluster.collect(); });
//   simulation.run(kStart + seconds(10));
//
// A process has one Simulation in its life and runs it once. Nothing calls SimGrid directly: what
// must reach it goes through `at_engine`, which stops the look-ahead so that the call happens at
// the present time.
//
// An exception that leaves an event, a task, an actor or a call ends the run and is rethrown by
// `run`; a broken invariant is given the simulated time.
#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <string>

#include "sim/calendar.hpp"
#include "sim/platform.hpp"
#include "sim/task.hpp"
#include "sim/units.hpp"

namespace orrery {

enum class LinkDirection : std::uint8_t { up, down };  // up: from the member towards the centre

class Simulation {
 public:
  // Called with the present time and the end of the run; it may call request_end() and must change
  // nothing else.
  using Progress = std::function<void(TimePoint now, TimePoint stop)>;

  explicit Simulation(const PlatformSpec& platform);
  Simulation(const Simulation&) = delete;
  Simulation& operator=(const Simulation&) = delete;
  ~Simulation();

  Calendar& calendar();
  TimePoint now() { return calendar().now(); }

  // The tasks of the run. `run` destroys what is still suspended before it returns or throws, while
  // stations stand; whoever spawned tasks and never comes to `run` clears the scope before the
  // stations go.
  TaskScope& tasks();

  // Runs up to and including `stop`.
  void run(TimePoint stop);
  // The end as it is known now: what was given to `run`, or when the run was ended early.
  TimePoint stop() const;
  // Ends the run at the present time; events that are due at the same time and have not fired do
  // not. From anywhere inside it.
  void end_early();
  bool ended_early() const;
  // The same, at the next occasion and at no defined simulated time; from a signal handler too.
  void request_end() noexcept;

  // Called when the run has ended without an exception and before suspended tasks are destroyed:
  // time to look at what is still in flight.
  void at_end(std::function<void()> call);
  // Called in SimGrid's world when nothing of the span is left to happen, before `at_end`'s calls:
  // what has no actor is stopped here.
  void at_stop(std::function<void()> call);
  // `progress` is called about every `events` events or engine steps. It changes no result.
  void set_progress(Progress progress, std::uint64_t events = 1u << 20);

  // Calls into SimGrid's world, at the present time, once the event that is firing is over. In
  // order of posting.
  void at_engine(std::function<void()> call);
  // Calls into the calendar's world, as an event of the present time; how an actor reaches tasks
  // and models.
  void at_calendar(std::function<void()> call);
  // Ends the run with an exception.
  void fail(std::exception_ptr exception);

  // Mirrors of faults, from the present time on.
  // Names must exist. A host that goes down takes its actors along.
  void set_host(const std::string& host, bool on);
  void set_link(const std::string& link, bool on);

  // How often SimGrid has been asked for its next event.
  std::uint64_t engine_steps() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace orrery
