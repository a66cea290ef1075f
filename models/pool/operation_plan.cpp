#include "models/pool/operation_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "sim/name_pattern.hpp"
#include "sim/written_size.hpp"

namespace orrery {

namespace {

void require_one_place(const OperationSpec& operation, const PlannedVolume& volume) {
  if (volume.on.size() > 1)
    throw PlanError({"volume"}, fmt::format("{} lies on {} nodes: a {} is of a volume on one",
                                            volume.name, volume.on.size(), operation.kind));
}

}  // namespace

void OperationPlan::add(const OperationSpec& operation, bool has_size) {
  if (operation.kind == "hot_upgrade") upgrade(operation);
  else if (operation.kind == "hot_migration") migrate(operation);
  else if (operation.kind == "resize") resize(operation, has_size);
  else snapshot(operation);
}

const PlannedVolume& OperationPlan::volume_of(const OperationSpec& operation) const {
  if (operation.volume.empty())
    throw PlanError({"kind"}, fmt::format("a {} needs `volume`", operation.kind));
  std::vector<std::string> names;
  for (const PlannedVolume& volume : pools_.volumes()) {
    if (volume.name == operation.volume) return volume;
    names.push_back(volume.name);
  }
  throw PlanError("volume", PlanError::UnknownName{"volume", operation.volume, std::move(names)});
}

void OperationPlan::upgrade(const OperationSpec& operation) const {
  if (operation.node.empty()) throw PlanError({"kind"}, "a hot_upgrade needs `node`");
  std::vector<std::string> nodes = pools_.node_names();
  if (std::none_of(nodes.begin(), nodes.end(),
                   [&](const std::string& node) { return matches(operation.node, node); }))
    throw PlanError("node", PlanError::UnknownName{"node", operation.node, std::move(nodes)});
}

void OperationPlan::migrate(const OperationSpec& operation) {
  const PlannedVolume& volume = volume_of(operation);
  if (volume.on.size() > 1 || volume.spec.raid != "none" || volume.spec.tier != "fast")
    throw PlanError({"volume"},
                    fmt::format("{} cannot migrate: only plain volumes do", volume.name));
  if (volume.path.front() == "native")
    throw PlanError({"volume"}, fmt::format("{} has no engine that could migrate it", volume.name));
  const bool has_moved = !moved_.insert(volume.name).second;
  left_.insert(volume.on.front());
  if (operation.to.empty()) return;
  const PlannedPool* to = pools_.find_pool(operation.to);
  if (to == nullptr)
    throw PlanError("to", PlanError::UnknownName{"node", operation.to, pools_.node_names()});
  left_.insert(operation.to);  // from where it may go on
  if (!has_moved && operation.to == volume.on.front())
    throw PlanError({"to"},
                    fmt::format("{} is on {} already: a migration to the same node moves nothing",
                                volume.name, operation.to));
  if (to->fast() == nullptr)
    throw PlanError({"to"},
                    fmt::format("{} has no SSDs to which {} could move", to->node(), volume.name));
}

void OperationPlan::resize(const OperationSpec& operation, bool has_size) {
  const PlannedVolume& volume = volume_of(operation);
  require_one_place(operation, volume);
  if (!has_size) throw PlanError({"kind"}, "a resize needs `size`");
  Bytes& size = sizes_.try_emplace(volume.name, volume.size).first->second;
  if (operation.size < size)
    throw PlanError(
        {"size"},
        fmt::format("{} has {}{}: making it smaller would cut off what jobs use", volume.name,
                    written_size(size), size == volume.size ? "" : " by then"));
  size = operation.size;
  if (moved_.contains(volume.name)) return;
  const std::string& node = volume.on.front();
  const Bytes free = pools_.find_pool(node)->store_for(volume.spec)->free();
  for (LogicalVolume* part : pools_.parts_of(volume))
    if (!part->resize(operation.size) && !left_.contains(node))
      throw PlanError({"size"},
                      fmt::format("{} has {} free, too little for {} to grow to {}", node,
                                  written_size(free), volume.name, written_size(operation.size)));
}

void OperationPlan::snapshot(const OperationSpec& operation) {
  const PlannedVolume& volume = volume_of(operation);
  require_one_place(operation, volume);
  if (volume.path.front() == "native")
    throw PlanError({"volume"},
                    fmt::format("{} has no engine that could take a snapshot", volume.name));
  if (moved_.contains(volume.name)) return;
  const std::string name =
      operation.name.empty() ? fmt::format("unnamed-{}", unnamed_++) : operation.name;
  for (LogicalVolume* part : pools_.parts_of(volume)) {
    if (part->depth() >= pools_.rules().engine.snapshot_limit)
      throw PlanError({"volume"},
                      fmt::format("{} has {} snapshots behind it by then, as many as an engine "
                                  "keeps",
                                  volume.name, part->depth()));
    if (!part->snapshot(name))
      throw PlanError({"name"}, fmt::format("{} has a snapshot '{}' already", volume.name, name));
  }
}

}  // namespace orrery
