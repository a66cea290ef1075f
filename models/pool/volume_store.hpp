// The space of a node's pool and the volumes in it (SPDK lvstore, as LiteIO uses it): clusters of 2 MiB on several SSDs, thick
// and thin volumes, snapshots and clones that share clusters. None of it costs a CPU anything here: the storage engine charges
// its reactors itself.
//
//   VolumeStore store(calendar, "node-7", {&ssd0, &ssd1}, VolumeStoreProfile{});
//   LogicalVolume* volume = store.create({.name = "db", .size = gibibytes(400)});
//   LogicalVolume* before = store.snapshot(*volume, "before");
//   LogicalVolume* copy = store.clone(*before, "copy");
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/pool/logical_volume.hpp"
#include "models/ssd/ssd.hpp"

namespace orrery {

// Sizes are powers of two.
struct VolumeStoreProfile {
  Bytes cluster = mebibytes(2);       // LiteIO: lvstore's default
  Bytes strip = kibibytes(128);       // LiteIO: of LVM's stripes and of SPDK's raid0
  Bytes copy_chunk = kibibytes(128);  // a command of a copy on write
  std::int64_t chain_limit = 16;      // snapshots behind a volume
};

// Which clusters of the devices are in use, and by how many volumes each.
class ClusterSpace {
 public:
  ClusterSpace(std::span<Ssd* const> devices, Bytes cluster);

  std::size_t devices() const { return devices_.size(); }
  std::int64_t capacity(std::uint32_t device) const {
    return std::ssize(devices_[device].references);
  }
  std::int64_t free(std::uint32_t device) const { return devices_[device].free; }

  // Appends `count` clusters of a device, which has them, to `places`: behind `after` as far as that is free, else the smallest
  // free run that holds all of them, else the largest ones.
  void take(std::uint32_t device, std::int64_t count, ClusterPlace after,
            std::vector<ClusterPlace>& places);
  void add_reference(ClusterPlace place);
  // The last one frees the cluster.
  void drop_reference(ClusterPlace place);
  int references(ClusterPlace place) const;
  // What is free is in one run, and nothing else is.
  bool is_consistent() const;

 private:
  struct Device {
    std::int64_t free;
    std::map<std::uint32_t, std::uint32_t> runs;  // free: first cluster, number
    std::vector<std::uint16_t> references;
  };
  std::vector<Device> devices_;
};

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
  // Null if it does not fit or the name is taken. A thick volume gets all of its clusters now, a thin one none. A linear one
  // begins on the device with most free space and goes on to the next one when that is full, in as few runs as it can.
  LogicalVolume* create(const Request& request);

  // Freezes what the volume holds: all of its clusters are shared from now on, and the first write to each copies it. Null if
  // the name is taken, the chain would be longer than its limit, or the volume is a snapshot or being inflated.
  LogicalVolume* snapshot(LogicalVolume& volume, std::string name);
  // A thin volume that begins with what the snapshot holds. Null if the name is taken, the chain too long, or the given volume
  // is none of the snapshots.
  LogicalVolume* clone(LogicalVolume& snapshot, std::string name);
  // Copies what the volume shares, one cluster after the other, until it depends on no snapshot. False if there is no space for
  // it or a device fails: it then shares what is left. Nothing but I/O may happen to the volume meanwhile.
  Task<bool> inflate(LogicalVolume& volume);
  // Nothing of it may be in flight. False for a snapshot with clones, or while the volume is being inflated.
  bool remove(LogicalVolume& volume);

  const std::string& name() const { return name_; }
  const VolumeStoreProfile& profile() const { return profile_; }
  std::span<Ssd* const> devices() const { return devices_; }
  LogicalVolume* find(std::string_view name) const;
  std::span<const std::unique_ptr<LogicalVolume>> volumes() const { return volumes_; }

  Bytes capacity() const;
  Bytes free() const;
  Bytes used() const { return capacity() - free(); }
  Bytes free(std::uint32_t device) const { return profile_.cluster * space_.free(device); }

  // Writes that failed because there was no space for a cluster.
  std::uint64_t out_of_space() const { return out_of_space_; }
  // Clusters that were copied because they were shared.
  std::uint64_t clusters_copied() const { return clusters_copied_; }

  // Counts all references anew: every cluster is free, or referred to as often as the books say.
  bool is_consistent() const;

 private:
  friend class LogicalVolume;

  LogicalVolume& add(LogicalVolume::Shape shape);

  Calendar& calendar_;
  std::string name_;
  std::vector<Ssd*> devices_;
  VolumeStoreProfile profile_;
  ClusterSpace space_;
  std::uint64_t out_of_space_ = 0;
  std::uint64_t clusters_copied_ = 0;
  std::vector<std::unique_ptr<LogicalVolume>> volumes_;
};

}  // namespace orrery
