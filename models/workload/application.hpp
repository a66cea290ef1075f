// An application: what a database does to each of its volumes, and how its clients load it. Its
// volumes are those whose name `filename` matches; each gets an instance of its own.
//
// Without `rate_ops` clients are a closed loop: each of `threads` starts its next operation when
// the last one has ended and its think time has passed. With it operations arrive as a process of
// that rate per volume, and at most `threads` of them are served at once; the others wait in the
// backlog, and latency counts from arrival.
//
// An operation is a get or a put of a key (rocksdb), or a transaction of `statements` statements
// (oceanbase). The numbers of the engine itself (memtable, caches, triggers, CPU costs) are in a
// profile of its model, lsm_store or oltp_store.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/workload/job.hpp"
#include "sim/params.hpp"
#include "sim/units.hpp"

namespace orrery {

struct ApplicationSpec {
  std::string name;
  std::string kind;
  std::string filename = "*";
  std::string profile;  // empty: the kind's own
  std::int64_t threads = 16;
  std::optional<Iops> rate_ops;
  std::string rate_process = "poisson";
  Duration think_time{};
  double read_share = 0.8;
  std::int64_t statements = 10;
  std::int64_t keys = 10'000'000;
  Bytes key_size{24};
  Bytes value_size{1000};
  std::string random_distribution = "zipf:0.99";
  Duration runtime = std::chrono::seconds(1);
  Duration ramp_time{};

  static const Declarations& declarations();

  std::optional<JobSpec::Finding> check() const;
  std::vector<JobSpec::Finding> notes() const;

  Bytes entry() const { return key_size + value_size; }
  Bytes data() const { return entry() * keys; }
  bool open_loop() const { return rate_ops.has_value(); }
  Duration whole_runtime() const { return ramp_time + runtime; }
  std::optional<double> zipf_theta() const;
  // The job that stands for one kind of operation before a recorder. A part of an operation arrives
  // when the rest lets it.
  JobSpec job_of(const std::string& operation, Direction direction, bool is_whole = true) const;
};

}  // namespace orrery
