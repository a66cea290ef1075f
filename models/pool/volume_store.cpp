#include "models/pool/volume_store.hpp"

#include <algorithm>
#include <bit>
#include <numeric>
#include <set>
#include <utility>

#include "sim/assert.hpp"

namespace orrery {

VolumeStore::VolumeStore(Calendar& calendar, std::string name, std::vector<Ssd*> devices,
                         VolumeStoreProfile profile)
    : calendar_(calendar),
      name_(std::move(name)),
      space_{.devices = std::move(devices), .profile = profile} {
  for (const Bytes size : {profile.cluster, profile.strip, profile.copy_chunk})
    ORRERY_INVARIANT(
        size >= kBlock && std::has_single_bit(static_cast<std::uint64_t>(size.count())),
        name_.c_str(), "sizes of a volume store are powers of two");
  ORRERY_INVARIANT(profile.strip <= profile.cluster && profile.copy_chunk <= profile.cluster,
                   name_.c_str(), "a strip or a chunk larger than a cluster");
}

LogicalVolume& VolumeStore::add(LogicalVolume::Shape shape) {
  return *volumes_.emplace_back(std::make_unique<LogicalVolume>(
      calendar_, space_, std::move(shape), [this](LogicalVolume& volume, std::string name) {
        return snapshot(volume, std::move(name)) != nullptr;
      }));
}

LogicalVolume* VolumeStore::create(const Request& request) {
  if (find(request.name) != nullptr) return nullptr;
  LogicalVolume::Shape shape{request.name, request.layout, request.is_thin, request.devices};
  if (shape.devices.empty()) {
    shape.devices.resize(space_.devices.size());
    std::iota(shape.devices.begin(), shape.devices.end(), 0u);
  }
  const std::set<std::uint32_t> distinct(shape.devices.begin(), shape.devices.end());
  ORRERY_INVARIANT(
      distinct.size() == shape.devices.size() && *distinct.rbegin() < space_.devices.size(),
      name_.c_str(), "a volume on a device twice, or on one that is not there");
  LogicalVolume& volume = add(std::move(shape));
  if (volume.resize(request.size)) return &volume;
  volumes_.pop_back();
  return nullptr;
}

LogicalVolume* VolumeStore::snapshot(LogicalVolume& volume, std::string name) {
  if (find(name) != nullptr || volume.is_snapshot_ || volume.is_inflating_ ||
      volume.depth() >= space_.profile.chain_limit)
    return nullptr;
  LogicalVolume::Shape shape = volume.shape_;
  shape.name = std::move(name);
  LogicalVolume& taken = add(std::move(shape));
  taken.is_snapshot_ = true;
  volume.share_with(taken);
  taken.parent_ = std::exchange(volume.parent_, &taken);
  taken.is_clone_ = std::exchange(volume.is_clone_, false);
  return &taken;
}

LogicalVolume* VolumeStore::clone(LogicalVolume& snapshot, std::string name) {
  if (find(name) != nullptr || !snapshot.is_snapshot_ ||
      snapshot.depth() >= space_.profile.chain_limit)
    return nullptr;
  LogicalVolume::Shape shape = snapshot.shape_;
  shape.name = std::move(name);
  shape.is_thin = true;
  LogicalVolume& made = add(std::move(shape));
  snapshot.share_with(made);
  made.parent_ = &snapshot;
  made.is_clone_ = true;
  return &made;
}

Task<bool> VolumeStore::inflate(LogicalVolume& volume) { return volume.inflate(); }

bool VolumeStore::remove(LogicalVolume& volume) {
  if (volume.is_inflating_) return false;
  const auto goes_on = [&volume](const auto& v) { return v->parent_ == &volume; };
  const auto is_clone = [&volume](const auto& v) { return v->parent_ == &volume && v->is_clone_; };
  if (std::any_of(volumes_.begin(), volumes_.end(), is_clone)) return false;
  const auto next = std::find_if(volumes_.begin(), volumes_.end(), goes_on);
  if (next != volumes_.end()) {
    (*next)->parent_ = volume.parent_;
    (*next)->is_clone_ = volume.is_clone_;
  }
  volume.give_back_everything();
  const auto self = std::find_if(volumes_.begin(), volumes_.end(),
                                 [&volume](const auto& v) { return v.get() == &volume; });
  volumes_.erase(self);
  return true;
}

LogicalVolume* VolumeStore::find(std::string_view name) const {
  for (const auto& volume : volumes_)
    if (volume->name() == name) return volume.get();
  return nullptr;
}

Bytes VolumeStore::capacity() const {
  std::int64_t clusters = 0;
  for (std::uint32_t d = 0; d < space_.devices.size(); ++d) clusters += space_.clusters.capacity(d);
  return space_.profile.cluster * clusters;
}

Bytes VolumeStore::free() const {
  std::int64_t clusters = 0;
  for (std::uint32_t d = 0; d < space_.devices.size(); ++d) clusters += space_.clusters.free(d);
  return space_.profile.cluster * clusters;
}

bool VolumeStore::is_consistent() const {
  std::vector<std::vector<int>> counts;
  for (std::uint32_t d = 0; d < space_.devices.size(); ++d)
    counts.emplace_back(static_cast<std::size_t>(space_.clusters.capacity(d)));
  for (const auto& volume : volumes_) volume->count_references(counts);
  for (std::uint32_t d = 0; d < space_.devices.size(); ++d)
    for (std::uint32_t c = 0; c < counts[d].size(); ++c)
      if (counts[d][c] != space_.clusters.references(ClusterPlace(d, c))) return false;
  return space_.clusters.is_consistent();
}

}  // namespace orrery
