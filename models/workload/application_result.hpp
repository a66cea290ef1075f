// What was measured of one application, over all its volumes.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "models/workload/job.hpp"
#include "models/workload/job_result.hpp"

namespace orrery {

// What an application's I/O is for.
enum class IoKind : std::uint8_t { log, flush, compaction_read, compaction_write, read };
constexpr std::array<std::string_view, 5> kIoKindNames = {"log", "flush", "compaction read",
                                                          "compaction write", "read"};

struct ApplicationResult {
  // Recorded as a job is: latency of an operation is `lat` of `direction`, its stages are those of
  // its critical path.
  struct Operation {
    std::string name;
    Direction direction = Direction::read;
    JobSpec job;
    JobResult result;
    const DirectionResult& side() const { return result.of(direction); }
  };
  // I/Os that ended within the span, with their times from submission.
  struct IoUse {
    std::uint64_t completed = 0, failed = 0;
    Bytes bytes{};
    double latency_ns = 0;  // sum
  };

  std::string name;
  TimePoint from{}, to{};  // the span that the figures are of
  std::vector<Operation> operations;
  std::array<IoUse, kIoKindNames.size()> io;
  const IoUse& of(IoKind kind) const { return io[static_cast<std::size_t>(kind)]; }

  // Blocks that reads looked for in the cache, and rows in the row cache where there is one.
  std::uint64_t block_lookups = 0, block_hits = 0;
  std::uint64_t row_lookups = 0, row_hits = 0;

  Bytes updated{};  // keys and values of updates
  // Bytes of tables written (flush and compaction, without the log) per byte updated; 0 without
  // updates.
  double write_amplification() const;

  // Times when updates were held up because flush or compaction is behind: stopped, or slowed down.
  std::uint64_t stalls = 0, slowdowns = 0;
  Duration stalled{}, slowed{};  // summed over volumes
};

}  // namespace orrery
