#include "models/workload/application.hpp"

namespace orrery {
namespace {

constexpr double kThreadLimit = 1 << 16;
constexpr double kLeastRate = 1e-6;
constexpr double kRateLimit = 1e7;
constexpr double kStatementLimit = 1 << 16;
constexpr double kKeyLimit = 1e12;
constexpr Bytes kLargestEntry = mebibytes(16);

// Keys are drawn as offsets of a random job are.
JobSpec job_of_keys(const std::string& random_distribution) {
  JobSpec job;
  job.rw = "randread";
  job.random_distribution = random_distribution;
  return job;
}

}  // namespace

const Declarations& ApplicationSpec::declarations() {
  static const Declarations all =
      Declare<ApplicationSpec>(
          "a database and its clients, one instance on every volume it matches")
          .field("name", &ApplicationSpec::name, "name of the application in results")
          .field("kind", &ApplicationSpec::kind,
                 "rocksdb: gets and puts on an LSM tree with a write-ahead log; oceanbase: "
                 "transactions over memtables with a redo log")
          .one_of({"rocksdb", "oceanbase"})
          .field("filename", &ApplicationSpec::filename,
                 "volumes it runs on, by name with *, ? and [...]: compute-*/volume-0")
          .otherwise(std::string("*"))
          .field("profile", &ApplicationSpec::profile,
                 "profile of the engine; the kind's own if empty")
          .otherwise(std::string{})
          .field("threads", &ApplicationSpec::threads, "operations served at once, per volume",
                 between(1, kThreadLimit))
          .otherwise(std::int64_t{16})
          .field("rate_ops", &ApplicationSpec::rate_ops,
                 "arrivals of operations per second and volume; makes the load an open loop",
                 between(kLeastRate, kRateLimit))
          .field("rate_process", &ApplicationSpec::rate_process,
                 "arrivals at equal distances or at random")
          .one_of({"linear", "poisson"})
          .otherwise(std::string("poisson"))
          .field("think_time", &ApplicationSpec::think_time,
                 "mean of a client's pause between operations, exponentially distributed",
                 any_span())
          .otherwise(Duration{})
          .field("read_share", &ApplicationSpec::read_share,
                 "share of operations, or of a transaction's statements, that only read",
                 between(0, 1))
          .otherwise(0.8)
          .field("statements", &ApplicationSpec::statements,
                 "statements per transaction (oceanbase)", between(1, kStatementLimit))
          .otherwise(std::int64_t{10})
          .field("keys", &ApplicationSpec::keys, "keys, or rows, of the data set of each volume",
                 between(1, kKeyLimit))
          .otherwise(std::int64_t{10'000'000})
          .field("key_size", &ApplicationSpec::key_size, "size of a key", between(1, 1 << 24))
          .otherwise(Bytes{24})
          .field("value_size", &ApplicationSpec::value_size, "size of a value, or of a row's rest",
                 between(0, 1 << 24))
          .otherwise(Bytes{1000})
          .field("random_distribution", &ApplicationSpec::random_distribution,
                 "which keys are asked for: random (uniform) or zipf:theta")
          .otherwise(std::string("zipf:0.99"))
          .field("runtime", &ApplicationSpec::runtime, "simulated time that is measured",
                 any_duration())
          .otherwise(Duration{std::chrono::seconds(1)})
          .field("ramp_time", &ApplicationSpec::ramp_time, "simulated time before measurement",
                 any_duration())
          .otherwise(Duration{})
          .build();
  return all;
}

std::optional<JobSpec::Finding> ApplicationSpec::check() const {
  if (runtime <= Duration{}) return JobSpec::Finding{"runtime", "a runtime of 0 measures nothing"};
  if (to_seconds(runtime) + to_seconds(ramp_time) > *any_duration().max)
    return JobSpec::Finding{"runtime", "ramp_time and runtime together are longer than 104 days"};
  if (entry() > kLargestEntry)
    return JobSpec::Finding{key_size > value_size ? "key_size" : "value_size",
                            "key and value together are larger than 16 MiB"};
  if (static_cast<double>(keys) * static_cast<double>(entry().count()) > 0x1p60)
    return JobSpec::Finding{"keys", "the data set is larger than 1 EiB"};
  if (const auto problem = job_of_keys(random_distribution).check())
    return JobSpec::Finding{"random_distribution", problem->message};
  return std::nullopt;
}

std::vector<JobSpec::Finding> ApplicationSpec::notes() const {
  std::vector<JobSpec::Finding> out;
  if (kind == "rocksdb" && statements != 10)
    out.push_back({"statements", "has no effect: an operation of rocksdb is one get or put"});
  if (open_loop() && think_time > Duration{})
    out.push_back({"think_time", "has no effect with rate_ops"});
  if (!open_loop() && rate_process != "poisson")
    out.push_back({"rate_process", "has no effect without rate_ops"});
  return out;
}

std::optional<double> ApplicationSpec::zipf_theta() const {
  return job_of_keys(random_distribution).zipf_theta();
}

JobSpec ApplicationSpec::job_of(const std::string& operation, Direction direction,
                                bool is_whole) const {
  JobSpec job;
  job.name = name + " " + operation;
  job.rw = direction == Direction::read ? "read" : "write";
  if (is_whole) job.rate_iops = rate_ops;
  job.rate_process = rate_process;
  job.runtime = runtime;
  job.ramp_time = ramp_time;
  return job;
}

}  // namespace orrery
