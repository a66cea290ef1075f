// Measures one application over all its volumes: a JobRecorder for each kind of operation, I/O by
// what it is for, caches, stalls.
//
// Everything but the operations is counted from the end of the ramp to the end of the runtime.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "models/workload/application.hpp"
#include "models/workload/application_result.hpp"
#include "models/workload/recorder.hpp"

namespace orrery {

class ApplicationRecorder {
 public:
  struct Kind {
    std::string name;
    Direction direction;
    bool is_whole;  // what a client waits for; false: a part of another operation
  };

  ApplicationRecorder(const ApplicationSpec& spec, std::vector<Kind> operations, TimePoint start,
                      std::optional<Duration> timeline = {});

  // What was hit by faults goes to `log` as well, whole operations only; `job` is the application's
  // number in it.
  void set_log(FaultImpact& log, std::size_t job);

  JobRecorder& operation(std::size_t kind) { return *recorders_[kind]; }
  TimePoint start() const { return start_; }
  TimePoint end() const { return to_; }
  bool measures(TimePoint now) const { return now >= from_ && now < to_; }

  void io_ended(IoKind kind, Bytes length, IoStatus status, TimePoint submitted, TimePoint now);
  void looked_for_block(bool hit, TimePoint now);
  void looked_for_row(bool hit, TimePoint now);
  void updated(Bytes bytes, TimePoint now);
  void stalled(TimePoint from, TimePoint to);
  void slowed(TimePoint from, TimePoint to);

  ApplicationResult result(TimePoint now);

 private:
  Duration measured_part(TimePoint from, TimePoint to) const;

  std::vector<Kind> kinds_;
  std::vector<JobSpec> jobs_;
  std::vector<std::unique_ptr<JobRecorder>> recorders_;
  TimePoint start_, from_, to_;
  ApplicationResult counts_;
};

}  // namespace orrery
