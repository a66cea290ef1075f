// A migration, phase by phase; and what is rebalanced.
#include "models/control/liteio/volume_migration.hpp"

#include <algorithm>
#include <utility>

#include "models/control/fleet/turns.hpp"
#include "sim/assert.hpp"

namespace orrery::control {

VolumeMigrations::VolumeMigrations(FleetContext& context, ClusterNews& news, ClusterEvents& events,
                                   NodeLinks& links, VolumeController& volumes)
    : context_(context),
      cluster_(context.cluster),
      news_(news),
      events_(events),
      links_(links),
      volumes_(volumes),
      wake_up_(context.simulation),
      client_(context.simulation, context.api, context.liteio.client_qps,
              context.liteio.client_burst) {}

void VolumeMigrations::start() {
  spawn_controller(context_.simulation, "migration-controller", kControlHost,
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
                         context_.spawn(run(all_.size() - 1));
                       });
                       // One worker: the next request waits until this one is written.
                       actor.sleep_for(context_.kube.api_slowest);
                     }
                   });
  if (context_.liteio.rebalance_above <= 0) return;
  spawn_controller(context_.simulation, "rebalancer", kControlHost, [this](ActorContext& actor) {
    for (;;) {
      actor.sleep_for(context_.liteio.rebalance_period);
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
    if (used <= context_.liteio.rebalance_above * static_cast<double>(pools.capacity[pool]))
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
    const Bytes kept_free{static_cast<std::int64_t>((1 - context_.liteio.rebalance_above) *
                                                    static_cast<double>(pools.capacity[pool]))};
    if (largest == nullptr || volumes_.destination_for(chosen, pool, kept_free) == kNoNode)
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
  FleetStats& books = context_.books;
  const TimePoint begun = context_.now();
  const bool has_moved = co_await move(number);
  MigrationRecord& migration = all_[number];
  cluster_.volumes[migration.volume].is_moving = false;
  migration.status = has_moved ? MigrationStatus::finished : MigrationStatus::error;
  if (!has_moved) {
    ++books.migrations_failed;
    co_return;
  }
  ++books.migrations;
  books.migration_time.add(context_.now() - begun);
  books.migrated_bytes +=
      static_cast<double>(cluster_.volumes[migration.volume].booking.total.count());
}

// Takes room for a volume as it is booked now, in another pool.
void VolumeMigrations::hold(std::size_t number, NodeId pool) {
  PoolTable::Booking& held = all_[number].held;
  held = cluster_.volumes[all_[number].volume].booking;
  held.pool = pool;
  volumes_.bookings().take_room(held);
}

void VolumeMigrations::let_go(std::size_t number) {
  const PoolTable::Booking held = std::exchange(all_[number].held, {});
  volumes_.bookings().give_room(held);
  events_.pool_has_room(held.pool);
}

// The volume lies in the room that was held for it, and what it had is held instead.
void VolumeMigrations::switch_over(std::size_t number) {
  VolumeRecord& volume = cluster_.volumes[all_[number].volume];
  PoolTable::Booking& held = all_[number].held;
  const NodeId to = held.pool;
  if (held.host != volume.booking.host) {  // its pod has moved meanwhile
    volumes_.bookings().give_room(held);
    hold(number, to);
  }
  held = volume.booking;
  volumes_.bookings().change_pool(all_[number].volume, to);
}

Task<bool> VolumeMigrations::move(std::size_t number) {
  const LiteioProfile& liteio = context_.liteio;
  const VolumeId id = all_[number].volume;
  VolumeRecord& volume = cluster_.volumes[id];
  const NodeId from = all_[number].from;
  if (volume.position == PositionAdvice::must_local || volume.status != VolumeStatus::ready ||
      cluster_.pools.mode[from] != PoolMode::spdk_lvstore)
    co_return false;

  // CreatingVolume
  co_await client_.commit();
  enter(all_[number], MigrationPhase::creating_volume);
  const NodeId to = volumes_.destination_for(id, from, all_[number].left_free);
  if (to == kNoNode || volume.is_deleting) co_return false;
  all_[number].to = to;
  hold(number, to);
  co_await Delay(context_.calendar, liteio.migration_first_poll);
  const Duration created = liteio.create_volume + liteio.create_target;
  if (created > liteio.migration_first_poll)
    co_await Delay(context_.calendar, liteio.migration_poll);

  // SetupPipe
  bool is_fine = is_well(all_[number]);
  if (is_fine) {
    enter(all_[number], MigrationPhase::setup_pipe);
    co_await Delay(context_.calendar, liteio.migration_poll);
    is_fine = is_well(all_[number]);
  }

  // Syncing: with the last of the copy the path switches, inside engine and initiator.
  const TimePoint begun = context_.now();
  if (is_fine) {
    enter(all_[number], MigrationPhase::syncing);
    Flows::Carry carry = links_.carry(from, to, volume.booking.total);
    const bool arrived = co_await carry;
    is_fine = arrived && is_well(all_[number]);
  }
  if (!is_fine) {
    let_go(number);
    co_return false;
  }
  switch_over(number);
  // The agent sees it at its next look, then the host that paths have changed at its own.
  co_await Delay(context_.calendar, next_turn(begun, liteio.migration_sync_poll, context_.now()));
  co_await Delay(context_.calendar, liteio.migration_path_poll);

  // Cleaning: the host leaves the source, whose volume goes; by force if its agent does not come
  // back.
  enter(all_[number], MigrationPhase::cleaning);
  co_await Delay(context_.calendar, liteio.migration_clean_poll);
  co_await Delay(context_.calendar, liteio.migration_poll);
  const TimePoint patience = after(context_.now(), liteio.forced_cleanup);
  co_await news_.agent_is_up_by(from, patience);
  let_go(number);
  enter(all_[number], MigrationPhase::finished);
  co_return true;
}

}  // namespace orrery::control
