// From a document to a checked scenario.
#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "models/net/queues.hpp"
#include "scenarios/application_section.hpp"
#include "scenarios/capacity.hpp"
#include "scenarios/fault_section.hpp"
#include "scenarios/profile_relations.hpp"
#include "scenarios/racks.hpp"
#include "scenarios/scenario.hpp"
#include "scenarios/systems/registry.hpp"
#include "scenarios/systems/unused_keys.hpp"
#include "scenarios/text/binder.hpp"
#include "scenarios/text/variant.hpp"
#include "scenarios/used_profiles.hpp"
#include "scenarios/workload_section.hpp"

namespace orrery {

namespace {

const TextNode* section(const TextNode& root, std::string_view name) {
  const TextNode::Entry* entry = root.entry(name);
  return entry == nullptr ? nullptr : &entry->value;
}

// What the top level may have besides the keys of the head.
const std::vector<std::string_view>& sections_and_others() {
  static const std::vector<std::string_view> all = [] {
    std::vector<std::string_view> names;
    for (const SectionEntry& entry : scenario_sections())
      if (!entry.name.empty()) names.push_back(entry.name);
    for (const OtherKey& key : other_scenario_keys()) names.push_back(key.name);
    return names;
  }();
  return all;
}

template <class S>
void bind_section(const TextNode& root, std::string_view name, S& into) {
  const TextNode* found = section(root, name);
  bind_mapping(found != nullptr ? *found : TextNode::map(root.mark), S::declarations(), &into);
}

void load_compare(const TextNode& root, Scenario& scenario) {
  const TextNode* compare = section(root, "compare");
  if (compare == nullptr) return;
  if (!compare->is_map())
    throw InputError(compare->mark, fmt::format("`compare` maps keys to lists of values, got {}",
                                                describe(*compare)));
  for (const auto& [key, mark, values] : compare->entries) {
    if (!values.is_sequence() || values.items.empty())
      throw InputError(values.is_null() ? mark : values.mark,
                       fmt::format("`compare.{}` needs a list of values", key));
    std::vector<std::string> texts;
    for (const TextNode& value : values.items) {
      if (!value.is_scalar())
        throw InputError(value.mark, "a value to compare is a text or a number");
      if (std::find(texts.begin(), texts.end(), value.text) != texts.end())
        throw InputError(value.mark, fmt::format("value '{}' is there twice", value.text));
      texts.push_back(value.text);
    }
    scenario.compare.emplace_back(key, std::move(texts));
  }
}

// One server of either role where nothing is said of them and nothing need be said.
TextNode with_servers(const TextNode& root) {
  TextNode filled = root;
  for (std::string_view name : {"compute", "storage"}) {
    if (filled.entry(name) != nullptr) continue;
    TextNode one = TextNode::map(root.mark);
    one.entries.push_back({"servers", root.mark, TextNode::scalar("1", root.mark)});
    filled.entries.push_back({std::string(name), root.mark, std::move(one)});
  }
  return filled;
}

void bind_sections(const TextNode& root, Scenario& scenario) {
  const TextNode filled = scenario.kind->stands_alone ? with_servers(root) : root;
  bind_section(filled, "compute", scenario.compute);
  bind_section(filled, "storage", scenario.storage);
  bind_section(root, "frontend", scenario.frontend);
  bind_section(root, "backend", scenario.backend);
  bind_section(root, "ebs", scenario.ebs);
  bind_section(root, "volumes", scenario.volumes);
  bind_section(root, "pool", scenario.pool);
}

void note_unused(const TextNode& root, Scenario& scenario) {
  const SystemKind& kind = *scenario.kind;
  UnusedKeys unused(root, kind.name);
  for (const SystemKind* other : all_systems()) {
    if (other == &kind) continue;
    for (const SectionEntry& entry : other->sections) unused.section(entry.name);
  }
  if (!kind.has_engines) {
    unused.keys("compute", scenario.compute, {"ssd", "ssds_per_server"});
    unused.keys("storage", scenario.storage, {"capacity_ssd", "capacity_ssds_per_server"});
  }
  kind.note_unused(unused, scenario);
  scenario.notes.insert(scenario.notes.end(), unused.notes().begin(), unused.notes().end());
}

void use_profiles(const TextNode& root, ProfileLibrary& library, Scenario& s) {
  const SystemKind& kind = *s.kind;
  UsedProfiles used(root, library, s);
  used.use(s.storage.node, "node", "storage", "node");
  if (kind.has_ssds) {
    used.use_ssd(s.storage.ssd, "storage", "ssd");
    used.check_slots("storage", s.storage.node,
                     s.storage.ssds_per_server + s.storage.capacity_ssds_per_server);
  }
  if (kind.has_network) {
    used.use(s.compute.node, "node", "compute", "node");
    used.use(s.frontend.fabric, "leaf_spine", "frontend", "fabric");
    for (const std::string_view queue : kQueueProfileNames)
      used.use(std::string(queue), "queue", "frontend", "fabric");
  }
  if (kind.has_backend) used.use(s.backend.fabric, "leaf_spine", "backend", "fabric");
  if (kind.use_profiles != nullptr) kind.use_profiles(root, library, s);
  use_application_profiles(root, library, s);
  used.note_others();
}

}  // namespace

Scenario load_scenario(const TextNode& document, ProfileLibrary& library) {
  if (!document.is_map())
    throw InputError(document.mark,
                     fmt::format("a scenario is a mapping of keys, got {}", describe(document)));
  const TextNode root = with_variant(document);
  Scenario scenario;
  bind_mapping(root, ScenarioHead::declarations(), &scenario.head, sections_and_others());
  const SystemKind& kind = system_kind(scenario.head.system);
  scenario.kind = &kind;
  if (kind.load_whole != nullptr) {
    kind.load_whole(root, library, scenario);
    UsedProfiles(root, library, scenario).note_others();
    load_compare(root, scenario);
    return scenario;
  }
  bind_sections(root, scenario);
  if (kind.check != nullptr) kind.check(root, scenario);
  note_unused(root, scenario);
  use_profiles(root, library, scenario);
  const ProfileRelations relations(root, scenario);
  relations.check();
  if (kind.check_relations != nullptr) kind.check_relations(root, relations, scenario);
  place_in_racks(root, scenario);
  check_machines(root, scenario);
  kind.resolve(root, scenario);
  load_workload(root, scenario);
  load_applications(root, scenario);
  load_faults(root, scenario);
  load_compare(root, scenario);
  return scenario;
}

}  // namespace orrery
