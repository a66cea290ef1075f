// A snapshot's life, and the tries that make and merge it.
#include "models/control/liteio/snapshots.hpp"

#include <algorithm>

#include "models/control/fleet/turns.hpp"
#include "models/control/liteio/volume_group.hpp"
#include "sim/assert.hpp"

namespace orrery::control {

Snapshots::Snapshots(FleetContext& context, ClusterNews& news,
                     const std::vector<SnapshotSpec>& specs)
    : context_(context), cluster_(context.cluster), news_(news), specs_(specs) {}

void Snapshots::start() {
  if (!context_.disks.is_pooled) return;
  for (const SnapshotSpec& spec : specs_) context_.spawn(take(&spec));
}

void Snapshots::change(std::size_t snapshot, SnapshotStatus status) {
  ORRERY_INVARIANT(may_follow(all_[snapshot].status, status), "snapshot",
                   "a snapshot changed to a state that cannot follow");
  all_[snapshot].status = status;
}

Task<> Snapshots::take(const SnapshotSpec* spec) {
  co_await Delay(context_.calendar, after(kStart, spec->at));
  FleetStats& books = context_.books;
  const Bytes size{spec->size.count() / kGroupUnit.count() * kGroupUnit.count()};
  for (VolumeId id = 0; id < cluster_.volumes.size(); ++id) {
    const VolumeRecord& volume = cluster_.volumes[id];
    const PodRecord& pod = cluster_.pods[volume.pod];
    if (volume.is_deleting || volume.status == VolumeStatus::deleted || pod.is_group) continue;
    const auto index = static_cast<std::size_t>(pod.spec - context_.demand.pods.data());
    if (!spec->pods.contains(index)) continue;
    // One whose merging failed is still there.
    const auto newest = newest_.find(id);
    const bool has_one = newest != newest_.end() &&
                         all_[newest->second].status != SnapshotStatus::merged &&
                         all_[newest->second].status != SnapshotStatus::deleted;
    if (has_one || size.count() == 0 || size > volume.claim->snapshot_reserved) {
      ++books.snapshots_refused;
      continue;
    }
    newest_[id] = all_.size();
    all_.push_back({id, size});
    context_.spawn(live(all_.size() - 1, spec));
  }
}

Task<> Snapshots::live(std::size_t snapshot, const SnapshotSpec* spec) {
  const VolumeRecord& volume = cluster_.volumes[all_[snapshot].origin];
  const bool is_made = co_await work(snapshot);
  if (!is_made) co_return;
  change(snapshot, SnapshotStatus::ready);
  ++context_.books.snapshots;
  if (!spec->lasts) co_return;
  co_await Delay(context_.calendar, *spec->lasts);
  if (is_over(snapshot)) co_return;
  if (!spec->merges) {
    change(snapshot, SnapshotStatus::deleted);
    co_return;
  }
  change(snapshot, SnapshotStatus::merging);
  const PodPhase phase = cluster_.pods[volume.pod].phase;
  const bool is_open =
      phase == PodPhase::starting || phase == PodPhase::running || phase == PodPhase::terminating;
  if (is_open || cluster_.pools.mode[volume.booking.pool] != PoolMode::kernel_lvm) {
    change(snapshot, SnapshotStatus::error);
    ++context_.books.merges_failed;
    co_return;
  }
  const bool is_merged = co_await work(snapshot);
  if (is_merged) change(snapshot, SnapshotStatus::merged);
}

Task<bool> Snapshots::work(std::size_t snapshot) {
  const LiteioProfile& liteio = context_.liteio;
  const VolumeId id = all_[snapshot].origin;
  const VolumeRecord& volume = cluster_.volumes[id];
  const TimePoint first = context_.now();
  const auto agent_is_up = [&] { return cluster_.nodes[volume.booking.pool].agent_alive; };
  for (;;) {
    // Tries before the volume and its agent are there would fail.
    co_await news_.volume_is_there(id);
    if (is_over(snapshot)) co_return false;
    const Duration since = context_.now() - first;
    if (since > Duration{})
      co_await Delay(context_.calendar, next_turn(first, liteio.snapshot_retry, context_.now()));
    if (is_over(snapshot)) co_return false;
    if (!agent_is_up()) continue;
    co_await Delay(context_.calendar, liteio.create_volume);
    if (is_over(snapshot)) co_return false;
    if (agent_is_up()) co_return true;
  }
}

bool Snapshots::is_over(std::size_t snapshot) const {
  const SnapshotStatus status = all_[snapshot].status;
  return status == SnapshotStatus::merged || status == SnapshotStatus::error ||
         status == SnapshotStatus::deleted;
}

void Snapshots::volume_goes(VolumeId volume) {
  const auto newest = newest_.find(volume);
  if (newest == newest_.end() || is_over(newest->second)) return;
  change(newest->second, SnapshotStatus::deleted);
}

}  // namespace orrery::control
