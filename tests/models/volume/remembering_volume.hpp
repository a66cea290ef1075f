// A volume that remembers, for tests of what is lost: the stamp last written to each block, on any
// of a family of volumes.
//
// An I/O takes a random time. A read sees what is there when it is submitted, a write takes effect
// when it ends: the order in which most can go wrong. A write without a stamp is a copy made by a
// model: it writes what the latest read of the same range, on any volume of the family, has seen;
// the model must have waited for that read.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "models/volume/block_volume.hpp"
#include "sim/calendar.hpp"
#include "sim/random.hpp"

namespace orrery {

class RememberingVolume final : public BlockVolume {
 public:
  using Stamps = std::vector<std::uint64_t>;
  using Key = std::pair<std::int64_t, std::int64_t>;  // offset, length
  struct Family {
    std::map<Key, Stamps> seen;  // by reads that have ended
  };

  RememberingVolume(Calendar& calendar, Family& family, std::string name, Bytes size,
                    Duration longest, std::uint64_t seed)
      : calendar_(calendar),
        family_(family),
        name_(std::move(name)),
        size_(size),
        longest_(longest),
        random_(seed, name_),
        blocks(static_cast<std::size_t>(blocks_of(size))) {}

  double failing_reads = 0;  // shares
  double failing_writes = 0;
  std::int64_t reads = 0, writes = 0;
  std::vector<std::string> snapshots;

  const std::string& name() const override { return name_; }
  Bytes size() const override { return size_; }
  Task<IoStatus> submit(Io& io) override {
    const bool is_read = io.direction == Direction::read;
    ++(is_read ? reads : writes);
    const auto first = static_cast<std::ptrdiff_t>(io.offset / kBlock);
    const auto count = static_cast<std::ptrdiff_t>(blocks_of(io.offset + io.length)) - first;
    const Key key{io.offset.count(), io.length.count()};
    Stamps content(static_cast<std::size_t>(count), io.stamp);
    if (is_read) content.assign(blocks.begin() + first, blocks.begin() + first + count);
    else if (io.stamp == 0) content = family_.seen.at(key);
    const bool fails = random_.chance(is_read ? failing_reads : failing_writes);
    co_await Delay(calendar_, random_.uniform(microseconds(1), longest_));
    io.ledger.charge_service(stage::kSsd, calendar_.now());
    if (fails) co_return IoStatus::failed;
    if (is_read) {
      io.stamp = content.front();
      family_.seen[key] = std::move(content);
    } else {
      std::copy(content.begin(), content.end(), blocks.begin() + first);
    }
    co_return IoStatus::done;
  }
  bool resize(Bytes size) override {
    size_ = size;
    blocks.resize(static_cast<std::size_t>(blocks_of(size)));
    return true;
  }
  bool snapshot(const std::string& snapshot) override {
    snapshots.push_back(snapshot);
    return true;
  }

 private:
  Calendar& calendar_;
  Family& family_;
  std::string name_;
  Bytes size_;
  Duration longest_;
  RandomStream random_;

 public:
  Stamps blocks;  // by number
};

}  // namespace orrery
