// A group's life, from its plan to its parts' deletion.
#include "models/control/liteio/volume_groups.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "models/control/fleet/turns.hpp"

namespace orrery::control {

std::string_view name_of(GroupState value) {
  static constexpr std::array<std::string_view, 5> names{"waiting", "creating", "ready", "degraded",
                                                         "deleted"};
  return names.at(static_cast<std::size_t>(value));
}

VolumeGroups::VolumeGroups(FleetContext& context, VolumeScheduler& scheduler, VolumeSource& volumes,
                           const std::vector<GroupSpec>& specs)
    : context_(context),
      cluster_(context.cluster),
      scheduler_(scheduler),
      volumes_(volumes),
      agenda_(context.simulation) {
  for (const GroupSpec& spec : specs) {
    Group& group = groups_.emplace_back();
    group.spec = &spec;
    group.owner_spec.name = "group/" + spec.request.name;
  }
}

void VolumeGroups::start() {
  if (groups_.empty() || !context_.disks.is_pooled) return;
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    Group& group = groups_[i];
    group.owner = static_cast<PodId>(cluster_.pods.size());
    PodRecord& owner = cluster_.pods.emplace_back();
    owner.spec = &group.owner_spec;
    owner.is_group = true;
    owner.phase = PodPhase::gone;
    owner.life = std::make_unique<TaskScope>();
    if (!group.spec->after)
      agenda_.add(after(kStart, group.spec->at), {Step::schedule, i, group.plan});
  }
  spawn_controller(
      context_.simulation, "group-controller", kControlHost, [this](ActorContext& actor) {
        for (;;) {
          const Item item = agenda_.next(actor);
          if (groups_[item.group].plan != item.plan) continue;
          const auto pools = static_cast<std::int64_t>(cluster_.pools.size());
          if (item.step == Step::schedule)
            actor.sleep_for(context_.liteio.decision + context_.liteio.pool_visit * pools);
          actor.post([this, item] { act(item); });
        }
      });
}

void VolumeGroups::act(const Item& item) {
  Group& group = groups_[item.group];
  switch (item.step) {
    case Step::schedule: schedule(item.group); break;
    case Step::look: look(item.group); break;
    case Step::roll_back:
      look(item.group);  // at the same instant, parts may all be there
      if (group.state != GroupState::creating) break;
      ++context_.books.groups_rolled_back;
      remove_parts(group);
      schedule(item.group);
      break;
    case Step::remove:
      remove_parts(group);
      group.state = GroupState::deleted;
      break;
  }
}

void VolumeGroups::schedule(std::size_t number) {
  Group& group = groups_[number];
  const TimePoint now = context_.now();
  if (group.state == GroupState::waiting) {
    group.state = GroupState::creating;
    group.first_try = now;
  }
  group.is_due = false;
  const GroupPlan planned = plan_group(scheduler_, cluster_.pools, group.spec->request);
  if (planned.parts.empty()) {
    ++context_.books.groups_without_room;
    return;
  }
  ++group.plan;
  for (const GroupPlan::Part& part : planned.parts) {
    ClaimSpec& claim = group.claims.emplace_back();
    claim.name = fmt::format("part-{}", group.claims.size());
    claim.size = part.size;
    const auto id = static_cast<VolumeId>(cluster_.volumes.size());
    VolumeRecord& volume = cluster_.volumes.emplace_back();
    volume.pod = group.owner;
    volume.claim = &claim;
    volume.selected = part.pool;
    volume.booking.total = part.size;
    group.parts.push_back(id);
    cluster_.pods[group.owner].volumes.push_back(id);
    context_.spawn(volumes_.provision(id, kNoNode));
  }
  agenda_.add(after(now, context_.liteio.group_retry), {Step::roll_back, number, group.plan});
}

bool VolumeGroups::has_all_parts(const Group& group) const {
  return !group.parts.empty() &&
         std::all_of(group.parts.begin(), group.parts.end(), [&](VolumeId id) {
           const VolumeRecord& volume = cluster_.volumes[id];
           return volume.status == VolumeStatus::ready &&
                  cluster_.nodes[volume.booking.pool].agent_alive;
         });
}

bool VolumeGroups::has_part_on(const Group& group, NodeId node) const {
  return std::any_of(group.parts.begin(), group.parts.end(),
                     [&](VolumeId id) { return cluster_.volumes[id].booking.pool == node; });
}

void VolumeGroups::volume_is_ready(VolumeId id) {
  const PodId owner = cluster_.volumes[id].pod;
  for (std::size_t i = 0; i < groups_.size(); ++i)
    if (groups_[i].owner == owner && has_all_parts(groups_[i])) look_next_turn(i);
}

// Looks before that one would have found nothing new.
void VolumeGroups::look_next_turn(std::size_t number) {
  const Group& group = groups_[number];
  agenda_.add(next_turn(group.first_try, context_.liteio.group_wait_ready, context_.now()),
              {Step::look, number, group.plan});
}

void VolumeGroups::look(std::size_t number) {
  Group& group = groups_[number];
  if (group.state != GroupState::creating || !has_all_parts(group)) return;
  const TimePoint now = context_.now();
  group.state = GroupState::ready;
  FleetStats& books = context_.books;
  ++books.groups_ready;
  books.group_parts += static_cast<std::int64_t>(group.parts.size());
  books.group_wait.add(now - group.first_try);
  if (group.spec->lasts)
    agenda_.add(after(now, *group.spec->lasts), {Step::remove, number, group.plan});
  for (std::size_t i = 0; i < groups_.size(); ++i)
    if (groups_[i].spec->after == number && groups_[i].state == GroupState::waiting)
      agenda_.add(std::max(now, after(kStart, groups_[i].spec->at)),
                  {Step::schedule, i, groups_[i].plan});
}

void VolumeGroups::remove_parts(Group& group) {
  ++group.plan;
  const std::vector<VolumeId> parts = std::exchange(group.parts, {});
  for (const VolumeId part : parts) context_.spawn(volumes_.remove(part));
}

void VolumeGroups::room_appeared() {
  const TimePoint now = context_.now();
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    Group& group = groups_[i];
    if (group.state != GroupState::creating || !group.parts.empty() || group.is_due) continue;
    group.is_due = true;
    agenda_.add(next_turn(group.first_try, context_.liteio.group_retry, now),
                {Step::schedule, i, group.plan});
  }
}

void VolumeGroups::agent_changed(NodeId node) {
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    Group& group = groups_[i];
    if (!has_part_on(group, node)) continue;
    if (group.state == GroupState::creating && has_all_parts(group)) look_next_turn(i);
    if (group.state != GroupState::ready && group.state != GroupState::degraded) continue;
    const GroupState before = group.state;
    const bool is_whole = !group.is_lost && has_all_parts(group);
    group.state = is_whole ? GroupState::ready : GroupState::degraded;
    if (before == GroupState::ready && group.state == GroupState::degraded)
      ++context_.books.groups_degraded;
  }
}

void VolumeGroups::data_is_lost(NodeId node) {
  for (Group& group : groups_)
    if (group.state == GroupState::ready || group.state == GroupState::degraded)
      group.is_lost |= has_part_on(group, node);
}

}  // namespace orrery::control
