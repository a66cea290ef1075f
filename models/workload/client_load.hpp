// The clients of an application on one volume: a closed loop of threads, or arrivals of a rate that
// a bounded number of threads serves.
//
// An operation's draws follow from one number (Draws), taken from a stream named after application,
// volume number and thread, or after the order of arrival: the same operations arrive whatever
// serves them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/workload/application.hpp"
#include "models/workload/arrivals.hpp"
#include "models/workload/recorder.hpp"
#include "sim/calendar.hpp"
#include "sim/random.hpp"
#include "sim/ring.hpp"
#include "sim/task.hpp"

namespace orrery {

struct OperationRequest {
  TimePoint arrival{};
  std::uint64_t draws = 0;
  std::uint32_t thread = 0;
};

class ClientLoad {
 public:
  class Engine {
   public:
    virtual ~Engine() = default;
    // Who measures this operation; told of its arrival by the load.
    virtual JobRecorder& recorder_of(const OperationRequest& request) = 0;
    // Serves it to its end, which the engine records.
    virtual Task<> serve(OperationRequest request) = 0;
  };

  // The engine outlives the load. Nothing is begun from `end` on.
  ClientLoad(Calendar& calendar, const ApplicationSpec& spec, Engine& engine, TimePoint start,
             TimePoint end, std::uint64_t seed, const std::string& name);

  void start();
  // At the end of a run: tells of what has arrived and was not begun.
  void close();

 private:
  struct Thread {
    std::uint32_t number;
    RandomStream random;
  };
  Task<> work(Thread& thread);
  Task<> let_arrive();
  Task<> serve(std::uint32_t thread, OperationRequest request);
  bool is_running() const { return calendar_.now() < end_; }

  Calendar& calendar_;
  ApplicationSpec spec_;
  Engine& engine_;
  TimePoint start_, end_;
  std::vector<std::unique_ptr<Thread>> threads_;
  std::optional<Arrivals> arrivals_;  // of an open loop, as are the three below
  std::optional<RandomStream> random_;
  Ring<OperationRequest> backlog_;
  Ring<std::uint32_t> idle_;
  TaskScope scope_;  // last: its tasks use all of the above
};

}  // namespace orrery
