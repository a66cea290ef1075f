#include "models/workload/io_stream.hpp"

#include <algorithm>
#include <string>

#include "sim/assert.hpp"

namespace orrery {
namespace {
std::string named(std::string_view thread, std::string_view what) {
  return std::string(thread) + "/" + std::string(what);
}
}  // namespace

IoStream::IoStream(const JobSpec& job, Bytes volume_size, std::uint64_t seed, std::string_view name)
    : read_share_(job.read_share()),
      random_(job.random()),
      begin_(job.offset),
      end_(job.size ? job.offset + *job.size : volume_size),
      directions_(seed, named(name, "directions")),
      lengths_(seed, named(name, "sizes")),
      offsets_(seed, named(name, "offsets")) {
  ORRERY_INVARIANT(!job.check(volume_size), "workload", "a job that cannot run on its volume");
  const BlockSizesText sizes = job.sizes();
  sizes_ = {sizes.read, sizes.write};
  alignment_ = {sizes.alignment[0], sizes.alignment[1]};
  position_ = {begin_, begin_};
  if (const auto theta = job.zipf_theta()) {
    // One hot spot for both directions, as in fio: one shift per thread.
    const std::uint64_t shift = offsets_.bits();
    for (std::size_t d : {0u, 1u}) {
      const auto items = static_cast<std::uint64_t>((end_ - begin_) / alignment_[d]);
      if (items > 0) zipf_[d].emplace(items, *theta, shift);
    }
  }
}

Request IoStream::next(TimePoint arrival) {
  Request io;
  io.arrival = arrival;
  io.direction = draw_direction();
  const auto d = static_cast<std::size_t>(io.direction);
  io.length = sizes_[d].draw(lengths_);
  io.offset = random_ ? random_offset(d, io.length) : next_sequential(d, io.length);
  return io;
}

Direction IoStream::draw_direction() {
  if (read_share_ == 1) return Direction::read;
  if (read_share_ == 0) return Direction::write;
  return directions_.chance(read_share_) ? Direction::read : Direction::write;
}

Bytes IoStream::next_sequential(std::size_t d, Bytes length) {
  if (position_[d] + length > end_) position_[d] = begin_;
  const Bytes offset = position_[d];
  position_[d] += length;
  return offset;
}

Bytes IoStream::random_offset(std::size_t d, Bytes length) {
  const std::int64_t last = (end_ - begin_ - length) / alignment_[d];  // where it still fits
  const auto item =
      zipf_[d] ? static_cast<std::int64_t>(zipf_[d]->draw(offsets_))
               : static_cast<std::int64_t>(offsets_.below(static_cast<std::uint64_t>(last) + 1));
  return begin_ + alignment_[d] * std::min(item, last);
}

}  // namespace orrery
