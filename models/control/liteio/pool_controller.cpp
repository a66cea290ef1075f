// Reconciles of pools, at their agents' leases' ages.
#include "models/control/liteio/pool_controller.hpp"

#include "models/control/fleet/turns.hpp"
#include "sim/assert.hpp"

namespace orrery::control {

PoolController::PoolController(FleetContext& context, ClusterEvents& events)
    : context_(context), cluster_(context.cluster), events_(events), agenda_(context.simulation) {}

void PoolController::start() {
  spawn_controller(context_.simulation, "pool-controller", kControlHost,
                   [this](ActorContext& actor) {
                     for (;;) {
                       const Item item = agenda_.next(actor);
                       if (cluster_.nodes[item.node].epoch != item.epoch) continue;
                       actor.post([this, item] { reconcile(item); });
                     }
                   });
}

void PoolController::reconcile(const Item& item) {
  const NodeRecord& node = cluster_.nodes[item.node];
  const PoolStatus now = cluster_.pools.status[item.node];
  if (item.status == PoolStatus::unknown) {
    context_.books.to_pool_unknown.add(context_.now() - node.silent);
    if (now == PoolStatus::ready) set(item.node, PoolStatus::unknown);
  } else if (item.status == PoolStatus::offline) {
    ++context_.books.pools_offline;
    set(item.node, PoolStatus::offline);
  } else if (now != PoolStatus::ready) {
    set(item.node, node.is_locked() ? PoolStatus::locked : PoolStatus::ready);
  }
}

TimePoint PoolController::lost_at(const NodeRecord& node, TimePoint died,
                                  Duration threshold) const {
  const LiteioProfile& liteio = context_.liteio;
  const TimePoint renewed = last_turn(after(kStart, node.heartbeat_phase), liteio.heartbeat, died);
  return next_turn(after(kStart, node.check_phase), liteio.check_period, after(renewed, threshold));
}

TimePoint PoolController::back_at(const NodeRecord& node, TimePoint back) const {
  const LiteioProfile& liteio = context_.liteio;
  return next_turn(after(kStart, node.check_phase), liteio.check_period,
                   after(back, liteio.heartbeat));
}

void PoolController::agent_has_died(NodeId id) {
  const NodeRecord& node = cluster_.nodes[id];
  if (node.spec->disk.count() == 0) return;
  const TimePoint now = context_.now();
  if (const TimePoint lost = lost_at(node, node.silent, context_.liteio.lost_after); lost > now)
    agenda_.add(lost, {PoolStatus::unknown, id, node.epoch});
  if (const TimePoint lost = lost_at(node, node.silent, context_.liteio.offline_after); lost > now)
    agenda_.add(lost, {PoolStatus::offline, id, node.epoch});
}

void PoolController::agent_was_lost(NodeId id) {
  const NodeRecord& node = cluster_.nodes[id];
  if (node.spec->disk.count() > 0)
    agenda_.add(lost_at(node, kStart, context_.liteio.offline_after),
                {PoolStatus::offline, id, node.epoch});
}

void PoolController::agent_is_back(NodeId id) {
  const NodeRecord& node = cluster_.nodes[id];
  if (node.spec->disk.count() > 0)
    agenda_.add(back_at(node, context_.now()), {PoolStatus::ready, id, node.epoch});
}

void PoolController::set(NodeId id, PoolStatus status) {
  PoolStatus& now = cluster_.pools.status[id];
  // Between unknown and locked it is ready for an instant that nobody notices.
  if (status == PoolStatus::locked || status == PoolStatus::unknown) now = PoolStatus::ready;
  ORRERY_INVARIANT(may_follow(now, status), cluster_.name_of(id).c_str(),
                   "a pool changed to a state that cannot follow");
  now = status;
  if (status == PoolStatus::ready) events_.pool_has_room(id);
}

void PoolController::lock(NodeId id, bool locked) {
  NodeRecord& node = cluster_.nodes[id];
  node.locks += locked ? 1 : -1;
  locked = node.is_locked();
  const PoolStatus status = cluster_.pools.status[id];
  if (locked && status == PoolStatus::ready) set(id, PoolStatus::locked);
  if (locked || status != PoolStatus::locked) return;
  const bool is_lost =
      !node.agent_alive && context_.now() >= lost_at(node, node.silent, context_.liteio.lost_after);
  set(id, is_lost ? PoolStatus::unknown : PoolStatus::ready);
}

}  // namespace orrery::control
