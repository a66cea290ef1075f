// A volume of known behaviour for tests: `servers` equal servers of a fixed service time, FIFO,
// charged to the device. Everything that was submitted is on record.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "models/volume/block_volume.hpp"
#include "sim/calendar.hpp"
#include "sim/station.hpp"

namespace orrery {

class FakeVolume final : public BlockVolume {
 public:
  static constexpr int kUnlimited = 1 << 30;

  FakeVolume(Calendar& calendar, Duration service, Bytes size = gibibytes(1),
             int servers = kUnlimited, std::string name = "fake")
      : calendar_(calendar),
        name_(std::move(name)),
        service_(service),
        size_(size),
        station_(calendar, name_, servers) {}

  struct Seen {
    TimePoint arrival, submitted;
    Direction direction;
    Bytes offset, length;
    friend bool operator==(const Seen&, const Seen&) = default;
  };
  std::vector<Seen> seen;
  std::vector<std::string> snapshots;
  bool fails = false;          // everything, after its service
  bool fails_at_once = false;  // everything, without any time
  bool records = true;
  Bytes size_limit = gibibytes(1024);

  const std::string& name() const override { return name_; }
  Bytes size() const override { return size_; }
  Task<IoStatus> submit(Io& io) override {
    if (records)
      seen.push_back({io.ledger.start(), calendar_.now(), io.direction, io.offset, io.length});
    if (fails_at_once) co_return IoStatus::failed;
    co_await station_.use(service_, {&io.ledger, stage::kSsd});
    co_return fails ? IoStatus::failed : IoStatus::done;
  }
  bool resize(Bytes size) override {
    if (size > size_limit) return false;
    size_ = size;
    return true;
  }
  bool snapshot(const std::string& snapshot) override {
    snapshots.push_back(snapshot);
    return true;
  }

 private:
  Calendar& calendar_;
  std::string name_;
  Duration service_;
  Bytes size_;
  Station station_;
};

}  // namespace orrery
