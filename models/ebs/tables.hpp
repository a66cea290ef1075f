// The storage agent's two tables: QoS (how fast a volume may go) and segments (who serves an
// address).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "models/io.hpp"
#include "sim/task.hpp"
#include "sim/token_bucket.hpp"

namespace orrery {

class BlockServer;

struct QosLimits {
  std::optional<Iops> iops;
  std::optional<BitRate> bandwidth;
  Duration burst{};  // for how long unused tokens are saved up
};

// A volume's token buckets. Waiting here is policy, not latency of the system: it has a stage of
// its own.
class Qos {
 public:
  Qos(Calendar& calendar, const QosLimits& limits);
  Task<> admit(Io& io);
  bool limited() const { return iops_.limited() || bytes_.limited(); }

 private:
  Calendar& calendar_;
  TokenBucket iops_;
  TokenBucket bytes_;
};

// A range of one segment: what one RPC carries.
struct SegmentRange {
  std::uint64_t segment = 0;  // unique in the cluster
  Bytes offset;               // within the segment
  Bytes length;
  BlockServer* server = nullptr;
};

// LBA -> segment and block server; a range that crosses a sector or segment boundary or is too long
// for one RPC is split.
class SegmentTable {
 public:
  struct Segment {
    std::uint64_t id = 0;
    BlockServer* server = nullptr;
  };
  SegmentTable(Bytes segment, Bytes sector, Bytes largest_rpc)
      : segment_(segment), sector_(sector), largest_rpc_(largest_rpc) {}

  void append(Segment segment) { segments_.push_back(segment); }
  // A segment moves to another block server; RPCs that are under way do not notice.
  void move(std::size_t index, BlockServer& to) { segments_[index].server = &to; }
  const std::vector<Segment>& segments() const { return segments_; }
  Bytes size() const { return segment_ * static_cast<std::int64_t>(segments_.size()); }
  // The first part of [offset, offset + length) that one RPC may carry.
  SegmentRange first_part(Bytes offset, Bytes length) const;
  // How many RPCs the whole range takes.
  int parts_of(Bytes offset, Bytes length) const;

 private:
  Bytes segment_;
  Bytes sector_;
  Bytes largest_rpc_;
  std::vector<Segment> segments_;
};

}  // namespace orrery
