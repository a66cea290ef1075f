// The I/Os of one thread of a job, one after the other: direction, size and offset.
//
// The sequence depends on the job, the seed and the names of thread and volume alone; neither on
// time nor on how fast anything completes. Reads and writes of a sequential job each advance a
// position of their own, as in fio.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "models/io.hpp"
#include "models/workload/block_sizes.hpp"
#include "models/workload/job.hpp"
#include "models/workload/zipf.hpp"
#include "sim/random.hpp"

namespace orrery {

struct Request {
  TimePoint arrival{};
  Bytes offset{};
  Bytes length{};
  Direction direction = Direction::read;
};

class IoStream {
 public:
  // The job must have passed check(volume_size).
  IoStream(const JobSpec& job, Bytes volume_size, std::uint64_t seed, std::string_view name);

  // The next I/O, arriving at `arrival`.
  Request next(TimePoint arrival);

 private:
  Direction draw_direction();
  Bytes next_sequential(std::size_t direction, Bytes length);
  Bytes random_offset(std::size_t direction, Bytes length);

  double read_share_;
  bool random_;
  Bytes begin_, end_;  // the range of offsets
  std::array<BlockSizes, 2> sizes_;
  std::array<Bytes, 2> alignment_;
  std::array<Bytes, 2> position_;
  std::array<std::optional<Zipf>, 2> zipf_;
  RandomStream directions_, lengths_, offsets_;
};

}  // namespace orrery
