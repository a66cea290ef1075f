// The clusters of a node's SSDs, and what the volumes in them share.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "models/ssd/ssd.hpp"

namespace orrery {

// Sizes are powers of two.
struct VolumeStoreProfile {
  Bytes cluster = mebibytes(2);       // LiteIO: lvstore's default
  Bytes strip = kibibytes(128);       // LiteIO: of LVM's stripes and of SPDK's raid0
  Bytes copy_chunk = kibibytes(128);  // a command of a copy on write
  std::int64_t chain_limit = 16;      // snapshots behind a volume
};

// Where a cluster of a volume lies: which device, which cluster there, and whether others refer to
// it as well, so that it has to be copied before it is written. What is marked as shared may have
// become the volume's own meanwhile.
class ClusterPlace {
 public:
  static constexpr std::uint32_t kDevices = 127;
  static constexpr std::uint32_t kClusters = (1u << 24) - 1;  // of a device

  ClusterPlace() = default;  // nowhere: never written
  ClusterPlace(std::uint32_t device, std::uint32_t cluster) : bits_(device << 24 | cluster) {}

  bool exists() const { return bits_ != kNowhere; }
  bool is_writable() const { return bits_ < kShared; }
  std::uint32_t device() const { return bits_ >> 24 & 0x7f; }
  std::uint32_t cluster() const { return bits_ & 0xffffff; }
  ClusterPlace shared() const { return exists() ? from(bits_ | kShared) : *this; }
  ClusterPlace own() const { return exists() ? from(bits_ & ~kShared) : *this; }
  // The place n clusters further on the same device.
  ClusterPlace plus(std::uint32_t n) const { return from(bits_ + n); }
  bool operator==(const ClusterPlace&) const = default;

 private:
  static constexpr std::uint32_t kShared = 1u << 31;
  static constexpr std::uint32_t kNowhere = UINT32_MAX;
  static ClusterPlace from(std::uint32_t bits) {
    ClusterPlace place;
    place.bits_ = bits;
    return place;
  }
  std::uint32_t bits_ = kNowhere;
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

  // Appends `count` clusters of a device, which has them, to `places`: behind `after` as far as
  // that is free, else the smallest free run that holds all of them, else the largest ones.
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

// What the volumes of a store have in common.
struct StoreSpace {
  std::vector<Ssd*> devices;
  VolumeStoreProfile profile;
  ClusterSpace clusters{devices, profile.cluster};
  std::uint64_t out_of_space = 0;     // writes that failed because there was no space for a cluster
  std::uint64_t clusters_copied = 0;  // because they were shared
};

}  // namespace orrery
