// The space of a node's pool and the volumes in it (SPDK lvstore, as LiteIO uses it): clusters of 2
// MiB on several SSDs, thick and thin volumes, snapshots and clones that share clusters. None of it
// costs a CPU anything here: the storage engine charges its reactors itself.
//
//   VolumeStore store(calendar, "node-7", {&ssd0, &ssd1}, VolumeStoreProfile{});
//   LogicalVolume* volume = store.create({.name = "db", .size = gibibytes(400)});
//   LogicalVolume* before = store.snapshot(*volume, "before");
//   LogicalVolume* copy = store.clone(*before, "copy");
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/pool/logical_volume.hpp"
#include "models/ssd/ssd.hpp"

namespace orrery {

class VolumeStore {
 public:
  // The devices outlive the store; of each, the whole clusters are used.
  VolumeStore(Calendar& calendar, std::string name, std::vector<Ssd*> devices,
              VolumeStoreProfile profile);
  VolumeStore(const VolumeStore&) = delete;
  VolumeStore& operator=(const VolumeStore&) = delete;

  struct Request {
    std::string name;
    Bytes size;  // rounded up: to clusters, or to groups of one cluster on each device
    Layout layout = Layout::linear;
    bool is_thin = false;
    std::vector<std::uint32_t> devices = {};  // which of the SSDs; all if empty
  };
  // Null if it does not fit or the name is taken. A thick volume gets all of its clusters now, a
  // thin one none. A linear one begins on the device with most free space and goes on to the next
  // one when that is full, in as few runs as it can.
  LogicalVolume* create(const Request& request);

  // Freezes what the volume holds: all of its clusters are shared from now on, and the first write
  // to each copies it. Null if the name is taken, the chain would be longer than its limit, or the
  // volume is a snapshot or being inflated.
  LogicalVolume* snapshot(LogicalVolume& volume, std::string name);
  // A thin volume that begins with what the snapshot holds. Null if the name is taken, the chain
  // too long, or the given volume is none of the snapshots.
  LogicalVolume* clone(LogicalVolume& snapshot, std::string name);
  // Copies what the volume shares, one cluster after the other, until it depends on no snapshot.
  // False if there is no space for it or a device fails: it then shares what is left. Nothing but
  // I/O may happen to the volume meanwhile.
  Task<bool> inflate(LogicalVolume& volume);
  // Nothing of it may be in flight. False for a snapshot with clones, or while the volume is being
  // inflated.
  bool remove(LogicalVolume& volume);

  const std::string& name() const { return name_; }
  const VolumeStoreProfile& profile() const { return space_.profile; }
  std::span<Ssd* const> devices() const { return space_.devices; }
  LogicalVolume* find(std::string_view name) const;
  std::span<const std::unique_ptr<LogicalVolume>> volumes() const { return volumes_; }

  Bytes capacity() const;
  Bytes free() const;
  Bytes used() const { return capacity() - free(); }
  Bytes free(std::uint32_t device) const {
    return space_.profile.cluster * space_.clusters.free(device);
  }

  // Writes that failed because there was no space for a cluster.
  std::uint64_t out_of_space() const { return space_.out_of_space; }
  // Clusters that were copied because they were shared.
  std::uint64_t clusters_copied() const { return space_.clusters_copied; }

  // Counts all references anew: every cluster is free, or referred to as often as the books say.
  bool is_consistent() const;

 private:
  LogicalVolume& add(LogicalVolume::Shape shape);

  Calendar& calendar_;
  std::string name_;
  StoreSpace space_;
  std::vector<std::unique_ptr<LogicalVolume>> volumes_;
};

}  // namespace orrery
