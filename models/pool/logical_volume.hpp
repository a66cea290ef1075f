// A logical volume of a node's pool (SPDK lvol): a table from its clusters to places on the node's
// SSDs.
//
// Layout. A linear volume is one cluster after the other. A striped volume over d devices is a row
// of groups of d clusters, one on each device; within a group, strips go round the devices (RAID
// 0), so strip n lies on device n mod d. Its size is whole groups.
//
// An I/O on one device, where its clusters lie one behind the other, is one command. Any other
// forks: what is contiguous on one device is one command each, it ends with the slowest of them,
// whose ledger it takes over, and fails if any of them failed.
//
// Thin volumes get a cluster with the first write to it. Reading what was never written is answered
// with zeros without a device and, since a volume knows no CPU cost, in no time at all: whoever
// serves I/O from it has to charge its own work. A write that finds no space fails, in no time
// either.
//
// Copy on write. A cluster that a snapshot or a clone refers to as well is copied by the first
// write to it: all of it is read, in commands of `copy_chunk` that run at once, and then written to
// a new place. Writes to that cluster wait for it, which is charged as waiting in stage::kSsd;
// reads go on. 2 MiB from a device that reads 3.2 GB/s to one that writes 2 GB/s are 0.66 + 1.05 =
// 1.7 ms, a hundred times a 4 KiB write. A write that covers the whole cluster copies nothing.
//
// What is left out: the store's metadata on the devices (a page per allocated cluster), trim, and
// the order of an I/O in flight and a snapshot: what is in flight then belongs to the volume and
// not to the snapshot.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "models/pool/cluster_space.hpp"
#include "models/ssd/ssd.hpp"
#include "models/volume/block_volume.hpp"
#include "models/volume/contents.hpp"
#include "sim/calendar.hpp"
#include "sim/join.hpp"

namespace orrery {

class LogicalVolume;
struct ClusterCopy;

// Takes a snapshot of a volume under a name; false if it cannot.
using TakeSnapshot = std::function<bool(LogicalVolume& volume, std::string name)>;

enum class Layout : std::uint8_t { linear, striped };

class LogicalVolume final : public BlockVolume {
 public:
  struct Shape {
    std::string name;
    Layout layout = Layout::linear;
    bool is_thin = false;
    std::vector<std::uint32_t> devices;  // of the store, in the order of striping
  };
  // Made by VolumeStore, without any clusters yet. The space outlives the volume.
  LogicalVolume(Calendar& calendar, StoreSpace& store, Shape shape, TakeSnapshot take_snapshot);
  LogicalVolume(const LogicalVolume&) = delete;
  LogicalVolume& operator=(const LogicalVolume&) = delete;
  ~LogicalVolume() override;

  const std::string& name() const override { return shape_.name; }
  Bytes size() const override { return size_; }
  // On the shortest way (see `direct`) this is the device's own task.
  Task<IoStatus> submit(Io& io) override;
  // To whole clusters or groups, rounded up. A thick volume grows if there are clusters for all of
  // it; shrinking frees clusters and asks that nothing is in flight behind the new end. False for a
  // snapshot, or while writes are tracked.
  bool resize(Bytes size) override;
  // VolumeStore::snapshot for those who do not need the snapshot itself, which is called
  // volume/snapshot in the store.
  bool snapshot(const std::string& snapshot) override;

  bool is_thin() const { return shape_.is_thin; }
  bool is_snapshot() const { return is_snapshot_; }  // can be read, but not written
  Layout layout() const { return shape_.layout; }
  // How many snapshots are behind this volume.
  int depth() const;
  // What it has clusters for, shared ones included.
  Bytes allocated() const;
  // Whether the volume has no cluster for any of a range: it reads as zeros, and a migration need
  // not copy it.
  bool is_hole(Bytes offset, Bytes length) const;

  // The shortest way: device and address if all of the range is one command and needs neither copy
  // nor allocation; otherwise `ssd` is null. Costs no more than a look into the table. Who submits
  // there by himself reports to `wrote` afterwards, and takes what he has read from `read`.
  struct Direct {
    Ssd* ssd = nullptr;
    Bytes offset{};
  };
  Direct direct(Direction direction, Bytes offset, Bytes length) const;

  // A write has ended at the device: the contents take its stamp unless it failed, the regions are
  // dirty in any case.
  void wrote(Bytes offset, Bytes length, std::uint64_t stamp, IoStatus status = IoStatus::done) {
    if (is_watched_) [[unlikely]]
      note_write(offset, length, stamp, status);
  }
  // The stamp of the block at `offset`; 0 if contents are not remembered.
  std::uint64_t read(Bytes offset) const {
    return contents_ == nullptr ? 0 : contents_->read(offset);
  }

  // From now on; snapshots and clones taken later remember as well.
  void remember_contents();
  Contents* contents() { return contents_.get(); }
  // Every write that begins from now on is marked in `map`, which is as large as the volume; null
  // ends it.
  void track_writes(DirtyMap* map);

 private:
  friend class VolumeStore;

  // Where an offset lies: its cluster in the table, its place in that cluster, and how far the
  // strip goes on.
  struct Spot {
    std::size_t slot;
    Bytes within;
    Bytes left;
  };
  Spot spot(Bytes offset) const;
  // The part of the volume that a slot of the table covers begins and ends here; a striped one has
  // gaps in it.
  std::pair<Bytes, Bytes> reach(std::size_t slot) const;

  struct Piece {
    Ssd* ssd;
    Bytes offset;
    Bytes length;
  };

  // One command of several. Every one hands in, so that the join waits for the slowest; whether one
  // failed is noted aside.
  static Task<> run_command(Ssd& ssd, Direction direction, Bytes offset, Bytes length,
                            Ledger ledger, Join<Ledger>::Ticket ticket, bool& failed);
  Task<IoStatus> serve(Io& io);
  Task<IoStatus> run_pieces(Io& io);
  void collect_pieces(Bytes offset, Bytes length);

  enum class Access : std::uint8_t { granted, wait, no_space };
  // Sees to it that a range can be written: allocates, and starts the copies that are needed;
  // `wait` with the first of them.
  Access make_writable(Bytes offset, Bytes length, std::shared_ptr<ClusterCopy>& copy);
  Access make_writable(std::size_t slot, bool is_covered, std::shared_ptr<ClusterCopy>& copy);
  ClusterPlace allocate(std::size_t slot);
  std::uint32_t next_device(ClusterPlace neighbour);
  std::uint32_t roomiest_device() const;
  Task<> copy_cluster(std::shared_ptr<ClusterCopy> copy);
  Task<bool> transfer(Direction direction, ClusterPlace place);
  Task<bool> inflate();

  std::size_t slots_of(Bytes size) const;
  void note_straight();
  bool grow(std::size_t slots);
  bool shrink(std::size_t slots);
  void give_back_everything();
  void count_references(std::vector<std::vector<int>>& counts) const;
  void share_with(LogicalVolume& other);
  void note_write(Bytes offset, Bytes length, std::uint64_t stamp, IoStatus status);
  void watch() { is_watched_ = dirty_ != nullptr || contents_ != nullptr; }

  Calendar& calendar_;
  StoreSpace& store_;
  ClusterSpace& space_;
  Ssd* const* ssds_;
  Shape shape_;
  TakeSnapshot take_snapshot_;
  Bytes size_;
  int strip_shift_;  // linear: a strip is a cluster, and there is one device
  int cluster_shift_;
  std::int64_t columns_;
  std::vector<ClusterPlace> table_;
  // A linear volume's clusters up to here are its own and lie one behind the other, the first at
  // `front_`: where they are needs no look into the table, which is in no cache.
  std::size_t straight_ = 0;
  ClusterPlace front_;
  // Linear: the device that the last clusters came from.
  std::uint32_t filling_ = ClusterPlace::kDevices;

  bool is_snapshot_ = false;
  bool is_clone_ = false;  // of its parent; otherwise it goes on where the parent was taken
  bool is_inflating_ = false;
  LogicalVolume* parent_ = nullptr;
  std::vector<std::shared_ptr<ClusterCopy>> copies_;  // under way
  std::vector<Piece> pieces_;                         // of the I/O that is being submitted
  bool is_watched_ = false;
  DirtyMap* dirty_ = nullptr;
  std::unique_ptr<Contents> contents_;
  TaskScope scope_;  // of the copies
};

inline LogicalVolume::Spot LogicalVolume::spot(Bytes offset) const {
  const std::int64_t strip = offset.count() >> strip_shift_;
  const std::int64_t within_strip = offset.count() & ((std::int64_t{1} << strip_shift_) - 1);
  const Bytes left{(std::int64_t{1} << strip_shift_) - within_strip};
  if (columns_ == 1) return {static_cast<std::size_t>(strip), Bytes{within_strip}, left};
  const std::int64_t row = strip / columns_;
  const int row_shift = cluster_shift_ - strip_shift_;
  const std::int64_t row_in_group = row & ((std::int64_t{1} << row_shift) - 1);
  return {static_cast<std::size_t>((row >> row_shift) * columns_ + strip % columns_),
          Bytes{(row_in_group << strip_shift_) + within_strip}, left};
}

inline LogicalVolume::Direct LogicalVolume::direct(Direction direction, Bytes offset,
                                                   Bytes length) const {
  const auto last = static_cast<std::size_t>(((offset + length).count() - 1) >> cluster_shift_);
  if (last < straight_)
    return {ssds_[front_.device()],
            Bytes{std::int64_t{front_.cluster()} << cluster_shift_} + offset};
  const Spot s = spot(offset);
  const ClusterPlace place = table_[s.slot];
  if (direction == Direction::write ? !place.is_writable() : !place.exists()) return {};
  for (Bytes end = s.left; end < length; end += Bytes{std::int64_t{1} << strip_shift_}) {
    if (columns_ > 1) return {};
    const auto n = static_cast<std::uint32_t>(1 + ((end - s.left).count() >> strip_shift_));
    const ClusterPlace next = table_[s.slot + n];
    const bool goes_on =
        direction == Direction::write ? next == place.plus(n) : next.own() == place.own().plus(n);
    if (!goes_on) return {};
  }
  return {ssds_[place.device()], Bytes{std::int64_t{place.cluster()} << cluster_shift_} + s.within};
}

}  // namespace orrery
