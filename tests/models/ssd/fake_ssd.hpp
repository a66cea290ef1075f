// A device of known behaviour for tests: any number of requests at once, each for a fixed time by
// direction. Everything that was submitted is on record.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "models/ssd/ssd.hpp"
#include "sim/calendar.hpp"

namespace orrery {

class FakeSsd final : public Ssd {
 public:
  FakeSsd(Calendar& calendar, std::string name, Bytes size = gibibytes(64))
      : calendar_(calendar), name_(std::move(name)), size_(size) {}

  struct Seen {
    Direction direction;
    Bytes offset, length;
  };
  std::vector<Seen> seen;
  Duration read_time = microseconds(80);
  Duration write_time = microseconds(12);
  bool fails = false;  // everything, after its time

  Bytes bytes(Direction direction) const {
    Bytes sum;
    for (const Seen& s : seen)
      if (s.direction == direction) sum += s.length;
    return sum;
  }
  std::int64_t count(Direction direction) const {
    return std::count_if(seen.begin(), seen.end(),
                         [direction](const Seen& s) { return s.direction == direction; });
  }

  const std::string& name() const override { return name_; }
  Bytes capacity() const override { return size_; }
  Task<IoStatus> submit(Direction direction, Bytes offset, Bytes length, Ledger& ledger) override {
    seen.push_back({direction, offset, length});
    co_await Delay(calendar_, direction == Direction::read ? read_time : write_time);
    ledger.charge_service(stage::kSsd, calendar_.now());
    co_return fails ? IoStatus::failed : IoStatus::done;
  }
  void collect_stations(std::vector<Station*>&) override {}

 private:
  Calendar& calendar_;
  std::string name_;
  Bytes size_;
};

}  // namespace orrery
