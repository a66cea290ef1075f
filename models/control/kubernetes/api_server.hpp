// Kubernetes' API server, as its clients notice it: requests take a time, writes are committed one
// after the other, and who watches learns of a commit later.
//
//   co_await client.commit();                    // the write is committed now:
//   node.cordoned = true;                        // ... what it changes is changed here
//   tasks.spawn(tell_scheduler(node));           // ... and delivered after a watch delay
//   co_await client.answer();                    // the client goes on
//
// A request's time is uniform between the profile's bounds, half of it before the commit. A client
// sends no faster than its own limit (client-go's token bucket). Commits are the work of an actor.
#pragma once

#include <coroutine>
#include <cstdint>
#include <string>

#include "models/control/profile.hpp"
#include "sim/actor.hpp"
#include "sim/calendar.hpp"
#include "sim/random.hpp"
#include "sim/ring.hpp"
#include "sim/simulation.hpp"
#include "sim/task.hpp"
#include "sim/token_bucket.hpp"

namespace orrery::control {

class ApiServer {
 public:
  // Both outlive it. `start` spawns the actor.
  ApiServer(Simulation& simulation, const KubernetesProfile& profile, std::uint64_t seed);
  void start();

  std::uint64_t requests() const { return requests_; }
  std::uint64_t commits() const { return commits_; }

 private:
  friend class ApiClient;
  class Turn;

  Duration half_of_a_request();
  void commit_next();

  Simulation& simulation_;
  const KubernetesProfile& profile_;
  RandomStream stream_;
  Notification wake_up_;
  Ring<Turn*> queue_;       // writes that have arrived and are not committed
  std::size_t posted_ = 0;  // of these, commits that are on their way to the calendar
  std::uint64_t requests_ = 0;
  std::uint64_t commits_ = 0;
};

class ApiClient {
 public:
  // `server` outlives it.
  ApiClient(Simulation& simulation, ApiServer& server, double qps, std::int64_t burst);
  // One that stands for many, each with a limit that it never reaches.
  ApiClient(Simulation& simulation, ApiServer& server) : ApiClient(simulation, server, 0, 0) {}

  // A read, from asking to its answer.
  Task<> read();
  // A write, up to its commit.
  Task<> commit();
  // What is left of it, until the client knows.
  Delay answer();

 private:
  Calendar& calendar_;
  ApiServer& server_;
  TokenBucket limit_;
};

}  // namespace orrery::control
