#include "models/pool/volume_store.hpp"

#include <algorithm>
#include <bit>
#include <numeric>
#include <set>
#include <utility>

#include "sim/assert.hpp"

namespace orrery {

ClusterSpace::ClusterSpace(std::span<Ssd* const> devices, Bytes cluster) {
  ORRERY_INVARIANT(!devices.empty() && devices.size() <= ClusterPlace::kDevices, "cluster space",
                   "no devices, or too many");
  for (const Ssd* ssd : devices) {
    const std::int64_t clusters = ssd->capacity() / cluster;
    ORRERY_INVARIANT(clusters > 0 && clusters <= ClusterPlace::kClusters, ssd->name().c_str(),
                     "too small or too large for clusters of this size");
    Device& device = devices_.emplace_back();
    device.free = clusters;
    device.runs.emplace(0, static_cast<std::uint32_t>(clusters));
    device.references.resize(static_cast<std::size_t>(clusters));
  }
}

void ClusterSpace::take(std::uint32_t device, std::int64_t count, ClusterPlace after,
                        std::vector<ClusterPlace>& places) {
  Device& d = devices_[device];
  ORRERY_INVARIANT(count <= d.free, "cluster space", "more clusters taken than are free");
  d.free -= count;
  auto run = d.runs.end();
  if (after.exists() && after.device() == device) run = d.runs.find(after.cluster() + 1);
  while (count > 0) {
    if (run == d.runs.end()) {
      run = d.runs.begin();
      // One cluster fits anywhere; for more, look for the run that is left with the least, or is the largest.
      for (auto other = run; count > 1 && other != d.runs.end(); ++other) {
        const bool fits = other->second >= count;
        if (run->second >= count ? fits && other->second < run->second
                                 : other->second > run->second)
          run = other;
      }
    }
    const auto [first, length] = *run;
    const auto n = static_cast<std::uint32_t>(std::min<std::int64_t>(count, length));
    d.runs.erase(run);
    if (n < length) d.runs.emplace(first + n, length - n);
    for (std::uint32_t i = 0; i < n; ++i) {
      d.references[first + i] = 1;
      places.emplace_back(device, first + i);
    }
    count -= n;
    run = d.runs.end();
  }
}

void ClusterSpace::add_reference(ClusterPlace place) {
  std::uint16_t& references = devices_[place.device()].references[place.cluster()];
  ORRERY_INVARIANT(references > 0 && references < UINT16_MAX, "cluster space",
                   "a reference to a free cluster, or too many");
  ++references;
}

void ClusterSpace::drop_reference(ClusterPlace place) {
  Device& d = devices_[place.device()];
  const std::uint32_t cluster = place.cluster();
  ORRERY_INVARIANT(d.references[cluster] > 0, "cluster space", "a free cluster was freed");
  if (--d.references[cluster] > 0) return;
  ++d.free;
  std::uint32_t first = cluster;
  std::uint32_t length = 1;
  auto next = d.runs.upper_bound(cluster);
  if (next != d.runs.begin()) {
    const auto previous = std::prev(next);
    if (previous->first + previous->second == cluster) {
      first = previous->first;
      length += previous->second;
      d.runs.erase(previous);
    }
  }
  if (next != d.runs.end() && next->first == cluster + 1) {
    length += next->second;
    next = d.runs.erase(next);
  }
  d.runs.emplace_hint(next, first, length);
}

int ClusterSpace::references(ClusterPlace place) const {
  return devices_[place.device()].references[place.cluster()];
}

bool ClusterSpace::is_consistent() const {
  for (const Device& d : devices_) {
    std::int64_t in_runs = 0;
    std::int64_t end = -1;  // of the run before: neighbours would be one run
    for (const auto& [first, length] : d.runs) {
      if (first <= end) return false;
      for (std::uint32_t i = 0; i < length; ++i)
        if (d.references[first + i] != 0) return false;
      in_runs += length;
      end = std::int64_t{first} + length;
    }
    if (in_runs != d.free || std::count(d.references.begin(), d.references.end(), 0) != d.free)
      return false;
  }
  return true;
}

VolumeStore::VolumeStore(Calendar& calendar, std::string name, std::vector<Ssd*> devices,
                         VolumeStoreProfile profile)
    : calendar_(calendar),
      name_(std::move(name)),
      devices_(std::move(devices)),
      profile_(profile),
      space_(devices_, profile.cluster) {
  for (const Bytes size : {profile.cluster, profile.strip, profile.copy_chunk})
    ORRERY_INVARIANT(
        size >= kBlock && std::has_single_bit(static_cast<std::uint64_t>(size.count())),
        name_.c_str(), "sizes of a volume store are powers of two");
  ORRERY_INVARIANT(profile.strip <= profile.cluster && profile.copy_chunk <= profile.cluster,
                   name_.c_str(), "a strip or a chunk larger than a cluster");
}

LogicalVolume& VolumeStore::add(LogicalVolume::Shape shape) {
  return *volumes_.emplace_back(
      std::make_unique<LogicalVolume>(calendar_, *this, std::move(shape)));
}

LogicalVolume* VolumeStore::create(const Request& request) {
  if (find(request.name) != nullptr) return nullptr;
  LogicalVolume::Shape shape{request.name, request.layout, request.is_thin, request.devices};
  if (shape.devices.empty()) {
    shape.devices.resize(devices_.size());
    std::iota(shape.devices.begin(), shape.devices.end(), 0u);
  }
  const std::set<std::uint32_t> distinct(shape.devices.begin(), shape.devices.end());
  ORRERY_INVARIANT(distinct.size() == shape.devices.size() && *distinct.rbegin() < devices_.size(),
                   name_.c_str(), "a volume on a device twice, or on one that is not there");
  LogicalVolume& volume = add(std::move(shape));
  if (volume.resize(request.size)) return &volume;
  volumes_.pop_back();
  return nullptr;
}

LogicalVolume* VolumeStore::snapshot(LogicalVolume& volume, std::string name) {
  if (find(name) != nullptr || volume.is_snapshot_ || volume.is_inflating_ ||
      volume.depth() >= profile_.chain_limit)
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
  if (find(name) != nullptr || !snapshot.is_snapshot_ || snapshot.depth() >= profile_.chain_limit)
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
  for (std::uint32_t d = 0; d < devices_.size(); ++d) clusters += space_.capacity(d);
  return profile_.cluster * clusters;
}

Bytes VolumeStore::free() const {
  std::int64_t clusters = 0;
  for (std::uint32_t d = 0; d < devices_.size(); ++d) clusters += space_.free(d);
  return profile_.cluster * clusters;
}

bool VolumeStore::is_consistent() const {
  std::vector<std::vector<int>> counts;
  for (std::uint32_t d = 0; d < devices_.size(); ++d)
    counts.emplace_back(static_cast<std::size_t>(space_.capacity(d)));
  for (const auto& volume : volumes_) volume->count_references(counts);
  for (std::uint32_t d = 0; d < devices_.size(); ++d)
    for (std::uint32_t c = 0; c < counts[d].size(); ++c)
      if (counts[d][c] != space_.references(ClusterPlace(d, c))) return false;
  return space_.is_consistent();
}

}  // namespace orrery
