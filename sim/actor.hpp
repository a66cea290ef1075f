// Controllers: control-plane things that decide, as actors of SimGrid.
//
// An actor is written as a plain loop that sleeps or waits for news. It is a daemon: it ends with
// the run, wherever it stands, by an exception that unwinds its stack; it must let that pass. There
// are a few controllers; what exists by the thousand is a task. Where the worlds meet: a task
// notifies an actor, an actor posts a call to the tasks.
//
//   Notification news(simulation);                        // some task: news.notify();
//   spawn_controller(simulation, "scheduler", "node0", [&](ActorContext& actor) {
//     for (;;) {
//       actor.wait(news);
//       actor.sleep_for(decision_time);
//       actor.post([&] { work.release(); });      // a Semaphore that tasks wait for
//     }
//   });
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "sim/simulation.hpp"
#include "sim/units.hpp"

namespace orrery {

// News for one actor. What comes before the actor listens again is one notification. Must outlive
// the run.
class Notification {
 public:
  explicit Notification(Simulation& simulation);
  Notification(const Notification&) = delete;
  Notification& operator=(const Notification&) = delete;
  ~Notification();

  void notify();

 private:
  friend class ActorContext;
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

// What an actor can do; valid inside its function.
class ActorContext {
 public:
  explicit ActorContext(Simulation& simulation) : simulation_(simulation) {}

  Simulation& simulation() { return simulation_; }
  TimePoint now() { return simulation_.now(); }

  void sleep_for(Duration duration);
  void sleep_until(TimePoint when);
  void wait(Notification& news);
  // False if `limit` passed before there was news.
  bool wait_for(Notification& news, Duration limit);

  // `call` runs as an event of the present time, where tasks may be spawned and models be changed,
  // once the actor waits.
  void post(std::function<void()> call) { simulation_.at_calendar(std::move(call)); }

 private:
  Simulation& simulation_;
};

// Starts `body` on `host` at the present time. It goes down with its host, and does not start on
// one that is down. An exception that leaves it ends the run.
void spawn_controller(Simulation& simulation, std::string name, std::string host,
                      std::function<void(ActorContext&)> body);

}  // namespace orrery
