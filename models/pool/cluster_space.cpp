#include "models/pool/cluster_space.hpp"

#include <algorithm>

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
      // One cluster fits anywhere; for more, look for the run that is left with the least, or is
      // the largest.
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

}  // namespace orrery
