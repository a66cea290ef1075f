#include "models/control/liteio/volume_migration.hpp"

#include <algorithm>
#include <utility>

#include "models/control/fleet/control_plane.hpp"
#include "models/control/fleet/turns.hpp"
#include "models/control/liteio/volume_controller.hpp"
#include "sim/assert.hpp"

namespace orrery::control {

VolumeMigrations::VolumeMigrations(ControlPlane& plane)
    : plane_(plane),
      cluster_(plane.cluster()),
      wake_up_(plane.simulation()),
      client_(plane.simulation(), plane.api(), plane.liteio().client_qps,
              plane.liteio().client_burst) {}

void VolumeMigrations::start() {
  spawn_controller(plane_.simulation(), "migration-controller", kControlHost,
                   [this](ActorContext& actor) {
                     for (;;) {
                       if (requests_.empty()) {
                         actor.wait(wake_up_);
                         continue;
                       }
                       const Request asked = requests_.pop();
                       actor.post([this, asked] {
                         MigrationRecord& migration = all_.emplace_back();
                         migration.volume = asked.volume;
                         migration.from = cluster_.volumes[asked.volume].booking.pool;
                         migration.left_free = asked.left_free;
                         plane_.spawn(run(all_.size() - 1));
                       });
                       // One worker: the next request waits until this one is written.
                       actor.sleep_for(plane_.kube().api_slowest);
                     }
                   });
  if (plane_.liteio().rebalance_above <= 0) return;
  spawn_controller(plane_.simulation(), "rebalancer", kControlHost, [this](ActorContext& actor) {
    for (;;) {
      actor.sleep_for(plane_.liteio().rebalance_period);
      rebalance();
    }
  });
}

void VolumeMigrations::request(VolumeId id, Bytes left_free) {
  VolumeRecord& volume = cluster_.volumes[id];
  if (volume.is_moving || volume.is_deleting || volume.booking.pool == kNoNode) return;
  volume.is_moving = true;
  requests_.push({id, left_free});
  wake_up_.notify();
}

void VolumeMigrations::rebalance() {
  const PoolTable& pools = cluster_.pools;
  for (const NodeId pool : pools.pools) {
    if (pools.status[pool] != PoolStatus::ready) continue;
    const auto used = static_cast<double>(pools.capacity[pool] - pools.free[pool]);
    if (used <= plane_.liteio().rebalance_above * static_cast<double>(pools.capacity[pool]))
      continue;
    const VolumeRecord* largest = nullptr;
    VolumeId chosen = 0;
    for (const VolumeId id : cluster_.nodes[pool].volumes) {
      const VolumeRecord& volume = cluster_.volumes[id];
      if (volume.position == PositionAdvice::must_local || volume.is_moving ||
          volume.status != VolumeStatus::ready)
        continue;
      if (largest != nullptr && volume.booking.total <= largest->booking.total) continue;
      largest = &volume;
      chosen = id;
    }
    // What it frees here must not fill another pool as far.
    const Bytes kept_free{static_cast<std::int64_t>((1 - plane_.liteio().rebalance_above) *
                                                    static_cast<double>(pools.capacity[pool]))};
    if (largest == nullptr || plane_.volumes().destination_for(chosen, pool, kept_free) == kNoNode)
      continue;
    request(chosen, kept_free);
  }
}

void VolumeMigrations::enter(MigrationRecord& migration, MigrationPhase phase) {
  ORRERY_INVARIANT(may_follow(migration.phase, phase), "migration", "its phases in wrong order");
  migration.phase = phase;
}

bool VolumeMigrations::is_well(const MigrationRecord& migration) const {
  const VolumeRecord& volume = cluster_.volumes[migration.volume];
  return !volume.is_deleting && volume.booking.pool == migration.from &&
         cluster_.nodes[migration.from].agent_alive && cluster_.nodes[migration.to].agent_alive;
}

Task<> VolumeMigrations::run(std::size_t number) {
  FleetStats& books = plane_.books();
  const TimePoint begun = plane_.simulation().now();
  const bool has_moved = co_await move(number);
  MigrationRecord& migration = all_[number];
  cluster_.volumes[migration.volume].is_moving = false;
  migration.status = has_moved ? MigrationStatus::finished : MigrationStatus::error;
  if (!has_moved) {
    ++books.migrations_failed;
    co_return;
  }
  ++books.migrations;
  books.migration_time.add(plane_.simulation().now() - begun);
  books.migrated_bytes +=
      static_cast<double>(cluster_.volumes[migration.volume].booking.total.count());
}

// Takes room for a volume as it is booked now, in another pool.
void VolumeMigrations::hold(std::size_t number, NodeId pool) {
  PoolTable::Booking& held = all_[number].held;
  held = cluster_.volumes[all_[number].volume].booking;
  held.pool = pool;
  plane_.volumes().take_room(held);
}

void VolumeMigrations::let_go(std::size_t number) {
  const PoolTable::Booking held = std::exchange(all_[number].held, {});
  plane_.volumes().give_room(held);
  plane_.volumes().pool_has_room(held.pool);
}

// The volume lies in the room that was held for it, and what it had is held instead.
void VolumeMigrations::switch_over(std::size_t number) {
  VolumeRecord& volume = cluster_.volumes[all_[number].volume];
  PoolTable::Booking& held = all_[number].held;
  const NodeId to = held.pool;
  if (held.host != volume.booking.host) {  // its pod has moved meanwhile
    plane_.volumes().give_room(held);
    hold(number, to);
  }
  held = volume.booking;
  plane_.volumes().change_pool(all_[number].volume, to);
}

Task<bool> VolumeMigrations::move(std::size_t number) {
  const LiteioProfile& liteio = plane_.liteio();
  const VolumeId id = all_[number].volume;
  VolumeRecord& volume = cluster_.volumes[id];
  const NodeId from = all_[number].from;
  if (volume.position == PositionAdvice::must_local || volume.status != VolumeStatus::ready ||
      cluster_.pools.mode[from] != PoolMode::spdk_lvstore)
    co_return false;

  // CreatingVolume
  co_await client_.commit();
  enter(all_[number], MigrationPhase::creating_volume);
  const NodeId to = plane_.volumes().destination_for(id, from, all_[number].left_free);
  if (to == kNoNode || volume.is_deleting) co_return false;
  all_[number].to = to;
  hold(number, to);
  co_await Delay(plane_.calendar(), liteio.migration_first_poll);
  const Duration created = liteio.create_volume + liteio.create_target;
  if (created > liteio.migration_first_poll)
    co_await Delay(plane_.calendar(), liteio.migration_poll);

  // SetupPipe
  bool is_fine = is_well(all_[number]);
  if (is_fine) {
    enter(all_[number], MigrationPhase::setup_pipe);
    co_await Delay(plane_.calendar(), liteio.migration_poll);
    is_fine = is_well(all_[number]);
  }

  // Syncing: with the last of the copy the path switches, inside engine and initiator.
  const TimePoint begun = plane_.simulation().now();
  if (is_fine) {
    enter(all_[number], MigrationPhase::syncing);
    Flows::Carry carry(plane_.flows(), plane_.host_of(from), plane_.host_of(to),
                       volume.booking.total);
    const bool arrived = co_await carry;
    is_fine = arrived && is_well(all_[number]);
  }
  if (!is_fine) {
    let_go(number);
    co_return false;
  }
  switch_over(number);
  // The agent sees it at its next look, then the host that paths have changed at its own.
  co_await Delay(plane_.calendar(),
                 next_turn(begun, liteio.migration_sync_poll, plane_.simulation().now()));
  co_await Delay(plane_.calendar(), liteio.migration_path_poll);

  // Cleaning: the host leaves the source, whose volume goes; by force if its agent does not come
  // back.
  enter(all_[number], MigrationPhase::cleaning);
  co_await Delay(plane_.calendar(), liteio.migration_clean_poll);
  co_await Delay(plane_.calendar(), liteio.migration_poll);
  const TimePoint patience = after(plane_.simulation().now(), liteio.forced_cleanup);
  co_await plane_.agent_is_up_by(from, patience);
  let_go(number);
  enter(all_[number], MigrationPhase::finished);
  co_return true;
}

}  // namespace orrery::control
