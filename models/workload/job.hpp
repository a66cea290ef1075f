// A job: what one workload does to each of its volumes, in fio's words. Its volumes are those whose
// name `filename` matches.
//
// Without `rate_iops` a job is a closed loop: each of its `numjobs` threads keeps `iodepth` I/Os
// outstanding (default 1). With it the loop is open: I/Os arrive at the rate of each thread, at
// equal distances or as a Poisson process, whether the volume keeps up or not. If `iodepth` is
// given as well, at most that many are in flight per thread; what arrives beyond them waits in the
// job's backlog, and latency counts from arrival, so a slow volume cannot hide behind I/Os that
// were not sent (no coordinated omission). If it is not given there is no such bound.
//
// A job always runs for its runtime: sequential jobs start over at the end of their range (fio's
// time_based). Random offsets are drawn independently (fio's norandommap) and aligned to the
// smallest block size. models/workload/README.md has the rest.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/workload/block_sizes.hpp"
#include "sim/params.hpp"
#include "sim/units.hpp"

namespace orrery {

struct JobSpec {
  std::string name;
  std::string filename = "*";
  std::string rw = "read";
  std::optional<std::int64_t> rwmixread;
  std::optional<std::string> bs;
  std::optional<std::string> bssplit;
  std::optional<std::int64_t> iodepth;
  std::int64_t numjobs = 1;
  std::optional<Iops> rate_iops;
  std::string rate_process = "linear";
  std::string random_distribution = "random";
  Duration runtime = std::chrono::seconds(1);
  std::optional<Duration> ramp_time;  // not given: warm-up is found in the results and left out
  std::optional<Bytes> size;          // not given: from `offset` to the end of the volume
  Bytes offset{};

  static const Declarations& declarations();

  // What keeps the job from running (the first of it) and what was given but has no effect, each
  // with the key to point at.
  struct Finding {
    std::string key;
    std::string message;
  };
  std::optional<Finding> check() const;
  std::optional<Finding> check(Bytes volume) const;
  // What block devices ask for besides: I/Os of whole sectors. Messages have no sectors.
  std::optional<Finding> check_sectors() const;
  std::vector<Finding> notes() const;

  // What follows from the texts; they must have passed check().
  bool random() const;
  double read_share() const;  // 0..1
  bool has(Direction d) const { return d == Direction::read ? read_share() > 0 : read_share() < 1; }
  BlockSizesText sizes() const;
  std::optional<double> zipf_theta() const;
  bool open_loop() const { return rate_iops.has_value(); }
  Duration whole_runtime() const { return ramp_time.value_or(Duration{}) + runtime; }
};

}  // namespace orrery
