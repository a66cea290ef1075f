// RAID 1: one volume kept on several members.
//
// A write goes to every member at once and ends with the slowest; a read goes to the member with
// the fewest reads in flight, ties in turn. A member that fails a write is dropped: from then on
// the mirror is degraded, and the I/O is done as long as one member in sync has it. The last member
// in sync is never dropped; what it fails has failed. A read that fails is tried on the next member
// and drops nobody.
//
// A dropped member comes back by a rebuild, which copies window after window from a member in sync.
// Below the frontier, the copy's progress, writes go to the rebuilt member as well. As in Linux'
// md, no write overlaps the window that is being copied: the copy waits for writes already under
// way there, new ones wait for the copy. So nothing old is ever written over something new.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/volume/block_volume.hpp"
#include "sim/calendar.hpp"
#include "sim/gate.hpp"
#include "sim/join.hpp"

namespace orrery {

class MirroredVolume final : public BlockVolume {
 public:
  static constexpr std::size_t kMembers = 16;

  // 1 to kMembers members, all in sync; they outlive the volume, which is as large as the smallest
  // of them.
  MirroredVolume(Calendar& calendar, std::string name, std::vector<BlockVolume*> members);

  const std::string& name() const override { return name_; }
  Bytes size() const override { return size_; }
  // Time spent waiting for a rebuild's window is charged to stage::kEngine, all else by the
  // members.
  Task<IoStatus> submit(Io& io) override;

  // Of all members, or of none: what had been resized is set back if one refuses. Refused while a
  // rebuild is on.
  bool resize(Bytes size) override;
  // Of every member in sync at one instant; false if one refused, the others then keep theirs.
  bool snapshot(const std::string& snapshot) override;

  enum class State : std::uint8_t { in_sync, rebuilding, dropped };
  State state(std::size_t member) const { return members_[member].state; }
  std::size_t in_sync() const;
  bool is_degraded() const { return in_sync() < members_.size(); }
  // As an administrator would; the last member in sync stays, and then this is false. Ends a
  // rebuild of that member.
  bool drop(std::size_t member);

  // Copies everything to a dropped member, `window` by `window`, at `rate` at most (0: as fast as
  // it goes). True once it is in sync; false if it failed a write or nothing could be read, and
  // then it is dropped as before. One rebuild at a time; destroying the task gives it up.
  Task<bool> rebuild(std::size_t member, BitRate rate, Bytes window = mebibytes(1));
  // How much of the volume the rebuild has copied: all below.
  Bytes frontier() const { return frontier_; }

  struct Counters {
    std::int64_t retried_reads = 0;   // tries after the first
    std::int64_t dropped = 0;         // members, by failed writes or by hand
    std::int64_t stalled_writes = 0;  // waited for a window
    Bytes rebuilt;
  };
  const Counters& counters() const { return counters_; }

 private:
  static constexpr std::size_t kNobody = SIZE_MAX;
  using Set = std::uint32_t;  // of members, a bit each
  static_assert(kMembers <= 32);

  struct Member {
    BlockVolume* volume;
    State state = State::in_sync;
    std::int64_t reads = 0;  // in flight
  };
  struct Range {
    Bytes begin{}, end{};
    bool overlaps(Range other) const { return begin < other.end && other.begin < end; }
  };
  class Writing;     // a write under way, on the list of all of them
  class Copying;     // the window that is being copied
  class Rebuilding;  // a rebuild under way

  Task<IoStatus> read(Io& io);
  Task<IoStatus> write(Io& io);
  Task<IoStatus> write_to(Set members, Io& io);
  Task<> write_part(std::size_t member, Io part, Join<Ledger>::Ticket ticket, Set& done);
  IoStatus settle(Set sent, Set done);
  Task<bool> copy(std::size_t member, Range window);
  std::size_t choose(Set tried);
  Set receivers(Bytes offset) const;

  Calendar& calendar_;
  std::string name_;
  std::vector<Member> members_;
  Bytes size_;
  std::size_t turn_ = 0;
  std::size_t rebuilt_ = kNobody;
  Bytes frontier_;
  Range window_;  // being copied; empty if none
  Gate window_gate_;
  Gate quiet_;  // no write overlaps the window
  std::int64_t writes_in_window_ = 0;
  Writing* newest_ = nullptr;
  Counters counters_;
};

}  // namespace orrery
