// Takeover: who serves the segments of a block server that is dead.
//
// A block server whose node stays down for `after` loses its segments to others, chosen in turn
// among those that are up and hold no replica of them (SegmentPlacement::heir_of). Their replicas
// stay where they are; a segment for which there is no heir is tried again after the same time.
// Agents find the new owners in their segment tables when they try again. A server that comes back
// does not get its segments back.
//
// That a server is dead costs nobody any work: heartbeats and the control plane are not modelled.
// Source: recovery by storage takes seconds to minutes (SIGCOMM'22 section 3.3).
#pragma once

#include <cstdint>
#include <vector>

#include "models/ebs/block_server.hpp"
#include "models/ebs/segment_placement.hpp"
#include "models/ebs/tables.hpp"
#include "sim/calendar.hpp"
#include "sim/task.hpp"

namespace orrery {

class SegmentTakeover {
 public:
  // All arguments outlive it, and nothing runs in `scope` once it is gone.
  SegmentTakeover(TaskScope& scope, Calendar& calendar, Duration after,
                  SegmentPlacement& placement);
  SegmentTakeover(const SegmentTakeover&) = delete;
  SegmentTakeover& operator=(const SegmentTakeover&) = delete;

  // A block server whose segments are taken over; all of them, in order of their numbers.
  void watch(BlockServer& server);
  // A volume's segments, which move when their servers die.
  void follow(SegmentTable& table) { tables_.push_back(&table); }

  std::int64_t segments_moved() const { return segments_moved_; }

 private:
  Task<> take_over(BlockServer& dead);
  bool move_all(BlockServer& dead);

  TaskScope& scope_;
  Calendar& calendar_;
  Duration after_;
  SegmentPlacement& placement_;
  std::vector<BlockServer*> servers_;  // by number
  std::vector<std::uint64_t> deaths_;  // of each
  std::vector<SegmentTable*> tables_;
  std::int64_t segments_moved_ = 0;
};

}  // namespace orrery
