#include "scenarios/systems/fleet/fleet_objects.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <unordered_map>

#include "scenarios/text/binder.hpp"
#include "scenarios/text/nearest.hpp"
#include "sim/written_size.hpp"

namespace orrery {

namespace {

using Places = std::unordered_map<std::string_view, std::size_t>;  // of groups, by their names

Places places_of(const std::vector<VolumeGroupEntry>& groups) {
  Places places;
  for (std::size_t i = 0; i < groups.size(); ++i) places.emplace(groups[i].name, i);
  return places;
}

// The first group that waits for itself, by way of others or not; as many as there are if none.
std::size_t first_in_a_ring(const std::vector<VolumeGroupEntry>& groups, const Places& places) {
  std::size_t first = groups.size();
  std::vector<std::size_t> seen_from(groups.size(), groups.size());
  for (std::size_t i = 0; i < groups.size(); ++i) {
    std::size_t at = i;
    while (seen_from[at] == groups.size()) {
      seen_from[at] = i;
      if (groups[at].after.empty()) break;
      at = places.at(groups[at].after);
    }
    if (seen_from[at] != i || groups[at].after.empty()) continue;
    const std::size_t begin = at;
    do {
      first = std::min(first, at);
      at = places.at(groups[at].after);
    } while (at != begin);
  }
  return first;
}

void check_order(std::span<const TextNode> items, const std::vector<VolumeGroupEntry>& groups) {
  const Places places = places_of(groups);
  std::vector<std::string> names;
  for (const VolumeGroupEntry& group : groups) names.push_back(group.name);
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (places.at(groups[i].name) != i)
      throw InputError(place_in(items[i], "name"),
                       fmt::format("two groups are called '{}'", groups[i].name));
    if (!groups[i].after.empty() && !places.contains(groups[i].after))
      throw unknown_name(place_in(items[i], "after"), "volume group", groups[i].after, names);
  }
  const std::size_t first = first_in_a_ring(groups, places);
  if (first == groups.size()) return;
  std::string way = groups[first].name;
  std::size_t at = first;
  do {
    at = places.at(groups[at].after);
    way += " -> " + groups[at].name;
  } while (at != first);
  throw InputError(place_in(items[first], "after"),
                   fmt::format("groups wait for each other: {}", way));
}

}  // namespace

const Declarations& VolumeGroupEntry::declarations() {
  using S = VolumeGroupEntry;
  static const Declarations all =
      Declare<S>("large volumes of a fleet that are made of parts on several nodes")
          .field("name", &S::name, "its name")
          .field("size", &S::size, "of all parts together", between(4 << 20, 0x1p50))
          .field("min_part", &S::min_part, "smallest part", between(4 << 20, 0x1p50))
          .otherwise(Value{gibibytes(1)})
          .field("max_part", &S::max_part, "largest part", between(4 << 20, 0x1p50))
          .otherwise(Value{Bytes{std::int64_t{1} << 50}})
          .field("min_count", &S::min_count, "fewest parts", between(1, 10000))
          .otherwise(std::int64_t{1})
          .field("max_count", &S::max_count, "most parts, each on a node of its own",
                 between(1, 10000))
          .otherwise(std::int64_t{10})
          .field("may_use_empty", &S::may_use_empty, "pools without any volume, too")
          .otherwise(true)
          .field("at", &S::at, "when it is asked for", any_duration())
          .otherwise(Value{Duration{}})
          .field("for", &S::lasts, "how long it stays once it is ready; for good if not given",
                 any_duration())
          .field("after", &S::after, "group that has to be ready first")
          .otherwise(std::string{})
          .build();
  return all;
}

const Declarations& SnapshotEntry::declarations() {
  using S = SnapshotEntry;
  static const Declarations all =
      Declare<S>("snapshots of volumes of a fleet, out of what these reserve for them")
          .field("pods", &S::pods, "name or pattern of the pods whose volumes they are of")
          .otherwise(std::string{"*"})
          .field("size", &S::size, "of each", between(4 << 20, 0x1p50))
          .field("at", &S::at, "when", any_duration())
          .field("for", &S::lasts, "how long; for good if not given", any_duration())
          .field("then", &S::then, "what becomes of them then")
          .one_of({"delete", "merge"})
          .otherwise(std::string{"delete"})
          .build();
  return all;
}

FleetObjects fleet_objects_in(const TextNode& root, const control::Demand& demand) {
  FleetObjects objects;
  const std::span<const TextNode> groups = items_in(root, "volume_groups");
  for (const TextNode& item : groups) {
    VolumeGroupEntry& group = objects.groups.emplace_back();
    bind_mapping(item, VolumeGroupEntry::declarations(), &group);
    if (group.min_part > group.max_part)
      throw InputError(place_in(item, "min_part"),
                       fmt::format("the smallest part of '{}' is larger than its largest, {}",
                                   group.name, written_size(group.max_part)));
    if (group.min_count > group.max_count)
      throw InputError(place_in(item, "min_count"),
                       fmt::format("more parts of '{}' at least than the {} at most", group.name,
                                   group.max_count));
    // Parts are whole units.
    const std::int64_t units = units_of(control::kGroupUnit, group.size),
                       least = units_of(control::kGroupUnit, group.min_part),
                       most = group.max_part / control::kGroupUnit;
    if (least > most)
      throw InputError(place_in(item, "min_part"),
                       fmt::format("no multiple of {} lies between {} and {}, the parts of '{}'",
                                   written_size(control::kGroupUnit), written_size(group.min_part),
                                   written_size(group.max_part), group.name));
    if (least * group.min_count > units)
      throw InputError(
          place_in(item, "size"),
          fmt::format("{} parts of {} are more than the {} of '{}'", group.min_count,
                      written_size(group.min_part), written_size(group.size), group.name));
    if (most * group.max_count < units)
      throw InputError(
          place_in(item, "size"),
          fmt::format("{} parts of {} cannot make the {} of '{}'", group.max_count,
                      written_size(group.max_part), written_size(group.size), group.name));
  }
  check_order(groups, objects.groups);
  for (const TextNode& item : items_in(root, "snapshots")) {
    SnapshotEntry& snapshot = objects.snapshots.emplace_back();
    bind_mapping(item, SnapshotEntry::declarations(), &snapshot);
    if (std::none_of(demand.pods.begin(), demand.pods.end(),
                     [&](const control::PodSpec& pod) { return matches(snapshot.pods, pod.name); }))
      throw InputError(place_in(item, "pods"), fmt::format("no pod matches '{}'", snapshot.pods));
  }
  return objects;
}

void FleetObjects::resolve_into(TextNode& root) const {
  const auto add = [&root](const char* name, const auto& list) {
    if (list.empty()) return;
    TextNode items = TextNode::sequence();
    for (const auto& item : list) items.items.push_back(resolved(item.declarations(), &item));
    root.entries.push_back({name, {}, std::move(items)});
  };
  add("volume_groups", groups);
  add("snapshots", snapshots);
}

std::vector<control::GroupSpec> FleetObjects::group_specs() const {
  std::vector<control::GroupSpec> specs;
  const Places places = places_of(groups);
  for (const VolumeGroupEntry& group : groups) {
    control::GroupSpec& spec = specs.emplace_back();
    spec.request = {group.name,      group.size,      group.min_part,     group.max_part,
                    group.min_count, group.max_count, group.may_use_empty};
    spec.at = group.at;
    spec.lasts = group.lasts;
    if (!group.after.empty()) spec.after = places.at(group.after);
  }
  return specs;
}

std::vector<control::SnapshotSpec> FleetObjects::snapshot_specs(
    const control::Demand& demand) const {
  std::vector<control::SnapshotSpec> specs;
  for (const SnapshotEntry& snapshot : snapshots) {
    control::SnapshotSpec& spec = specs.emplace_back();
    for (std::size_t i = 0; i < demand.pods.size(); ++i)
      if (matches(snapshot.pods, demand.pods[i].name)) spec.pods.insert(i);
    spec.size = snapshot.size;
    spec.at = snapshot.at;
    spec.lasts = snapshot.lasts;
    spec.merges = snapshot.then == "merge";
  }
  return specs;
}

}  // namespace orrery
