#include "scenarios/scenario.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <type_traits>
#include <utility>

#include "models/net/fabric.hpp"
#include "models/net/registry.hpp"
#include "models/ssd/registry.hpp"
#include "scenarios/application_section.hpp"
#include "scenarios/capacity.hpp"
#include "scenarios/fault.hpp"
#include "scenarios/profile_relations.hpp"
#include "scenarios/systems/fleet/fleet_spec.hpp"
#include "scenarios/text/binder.hpp"
#include "scenarios/text/nearest.hpp"
#include "scenarios/text/value_text.hpp"
#include "scenarios/text/variant.hpp"

namespace orrery {

namespace {

constexpr std::array<std::string_view, 24> kSections = {
    "compute",  "storage",         "frontend",        "backend",    "ebs",           "volumes",
    "pool",     "workload",        "logical_volumes", "operations", "faults",        "compare",
    "profiles", "applications",    "include",         "variant",    "variants",      "fleet",
    "nodes",    "storage_classes", "demand",          "events",     "volume_groups", "snapshots"};

const TextNode* section(const TextNode& root, std::string_view name) {
  const TextNode::Entry* entry = root.entry(name);
  return entry == nullptr ? nullptr : &entry->value;
}

template <class S>
void bind_section(const TextNode& root, std::string_view name, S& into) {
  static const TextNode empty = TextNode::map();
  const TextNode* found = section(root, name);
  if (found == nullptr) {
    TextNode nothing = TextNode::map(root.mark);
    bind_mapping(nothing, S::declarations(), &into);
    return;
  }
  bind_mapping(*found, S::declarations(), &into);
}

// Sections and keys that a system does not use; giving one is worth a note, unless it says what holds anyway.
void note_unused(const TextNode& root, Scenario& scenario) {
  const std::string& system = scenario.head.system;
  auto note = [&](SourceMark mark, std::string_view what, std::string_view why) {
    scenario.notes.push_back(
        fmt::format("{}: `{}` changes nothing {}", to_string(mark), what, why));
  };
  const std::string in_system = fmt::format("in a system of kind {}", system);
  auto unused_section = [&](std::string_view name) {
    if (const TextNode::Entry* entry = root.entry(name)) note(entry->mark, name, in_system);
  };
  auto unused_key = [&](std::string_view name, const auto& bound, std::string_view key,
                        std::string_view why) {
    const TextNode* part = section(root, name);
    const TextNode::Entry* entry = part != nullptr ? part->entry(key) : nullptr;
    if (entry == nullptr) return;
    const Declaration& declared = *std::decay_t<decltype(bound)>::declarations().find(key);
    if (declared.get(&bound) == declared.fallback) return;
    note(entry->mark, fmt::format("{}.{}", name, key), why);
  };
  for (std::string_view name :
       {"fleet", "nodes", "storage_classes", "demand", "events", "volume_groups", "snapshots"})
    unused_section(name);
  if (system != "ebs") {
    unused_section("ebs");
    unused_section("backend");
  }
  if (system != "pool") {
    for (std::string_view name : {"pool", "logical_volumes", "operations"}) unused_section(name);
    for (std::string_view key : {"ssd", "ssds_per_server"})
      unused_key("compute", scenario.compute, key, in_system);
    for (std::string_view key : {"capacity_ssd", "capacity_ssds_per_server"})
      unused_key("storage", scenario.storage, key, in_system);
  }
  if (system == "device") {
    if (const TextNode::Entry* entry = root.entry("network");
        entry != nullptr && scenario.head.network != "packets")
      note(entry->mark, "network", in_system);
    unused_section("frontend");
    unused_section("compute");
    unused_section("volumes");
    if (scenario.storage.racks > 1) unused_key("storage", scenario.storage, "racks", in_system);
    return;
  }
  if (system == "pool") {
    for (std::string_view key : {"guest", "dpu"})
      unused_key("compute", scenario.compute, key, in_system);
    for (std::string_view key : {"stack", "profile", "agent"})
      unused_key("frontend", scenario.frontend, key, in_system);
    for (std::string_view key : {"iops_limit", "bandwidth_limit", "limit_burst", "encrypted"})
      unused_key("volumes", scenario.volumes, key, in_system);
    return;
  }
  if (system == "rpc") {
    unused_key("compute", scenario.compute, "guest", in_system);
    for (std::string_view key : {"ssd", "ssds_per_server"})
      unused_key("storage", scenario.storage, key, in_system);
    for (std::string_view key : {"iops_limit", "bandwidth_limit", "limit_burst", "encrypted"})
      unused_key("volumes", scenario.volumes, key, in_system);
  } else if (!scenario.volumes.iops_limit && !scenario.volumes.bandwidth_limit) {
    unused_key("volumes", scenario.volumes, "limit_burst", "without a limit");
  }
  if (scenario.agent_placement() == "host")
    unused_key("compute", scenario.compute, "dpu", "while the agent is on the host");
}

void load_workload(const TextNode& root, Scenario& scenario) {
  const TextNode* list = section(root, "workload");
  if (list == nullptr && section(root, "applications") != nullptr) return;
  if (list == nullptr)
    throw InputError(root.mark, "a scenario needs a `workload` or `applications`",
                     "a list of jobs, for example: workload: [{name: w, rw: randwrite, bs: 4k}]");
  if (!list->is_sequence() || list->items.empty())
    throw InputError(list->mark,
                     fmt::format("`workload` is a list of jobs, got {}", describe(*list)));
  const std::vector<std::string> volumes = scenario.volume_names();
  JobCapacity room(root);
  for (const TextNode& item : list->items) {
    JobSpec job;
    bind_mapping(item, JobSpec::declarations(), &job);
    auto mark_of = [&](const std::string& key) {
      const TextNode::Entry* entry = item.entry(key);
      return entry != nullptr ? entry->value.mark : item.mark;
    };
    if (const auto problem = job.check()) throw InputError(mark_of(problem->key), problem->message);
    for (const auto& note : job.notes())
      scenario.notes.push_back(fmt::format("{}: {}", to_string(mark_of(note.key)), note.message));
    for (const JobSpec& other : scenario.workload)
      if (other.name == job.name)
        throw InputError(mark_of("name"), fmt::format("two jobs are called '{}'", job.name));
    const auto used = std::count_if(volumes.begin(), volumes.end(), [&](const std::string& volume) {
      return matches(job.filename, volume);
    });
    if (used == 0)
      throw InputError(mark_of("filename"), fmt::format("no volume is called '{}'", job.filename),
                       volumes.size() == 1
                           ? fmt::format("there is {}", volumes.front())
                           : fmt::format("there are {} to {}", volumes.front(), volumes.back()));
    if (const auto problem = job.check(scenario.volume_size(job.filename)))
      throw InputError(mark_of(problem->key), problem->message);
    if (scenario.head.system != "rpc")
      if (const auto problem = job.check_sectors())
        throw InputError(mark_of(problem->key), problem->message);
    room.add(item, job, used);
    scenario.workload.push_back(std::move(job));
  }
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
      if (!value.is_scalar()) throw InputError(value.mark, "a value to compare is a single word");
      if (std::find(texts.begin(), texts.end(), value.text) != texts.end())
        throw InputError(value.mark, fmt::format("value '{}' is there twice", value.text));
      texts.push_back(value.text);
    }
    scenario.compare.emplace_back(key, std::move(texts));
  }
}

void check_consistency(const TextNode& root, const Scenario& s) {
  const bool ebs = s.head.system == "ebs";
  if (s.ebs.quorum > s.ebs.replicas)
    throw InputError(place_of(root, "ebs", "quorum"),
                     fmt::format("a quorum of {} cannot be reached with {} replicas", s.ebs.quorum,
                                 s.ebs.replicas));
  if (ebs && s.storage.servers <= s.ebs.replicas)
    throw InputError(place_of(root, "storage", "servers"),
                     fmt::format("{} replicas on servers other than the block server's need at "
                                 "least {} storage servers, got {}",
                                 s.ebs.replicas, s.ebs.replicas + 1, s.storage.servers));
  if (find_stack(s.frontend.stack)->traits.data_path_in_fpga && s.frontend.agent == "host")
    throw InputError(
        place_of(root, "frontend", "agent"),
        "SOLAR's data path is in the DPU's FPGA: its agent cannot run on the host",
        "use agent: auto or dpu, or stack: solar_star for SOLAR's protocol in software");
  if (!s.is_pool() && s.volumes.per_server < 1)
    throw InputError(place_of(root, "volumes", "per_server"), "there must be at least one volume");
  if (!ebs) return;
  for (const auto& [name, stack] :
       {std::pair{"frontend", &s.frontend.stack}, std::pair{"backend", &s.backend.stack}})
    if (*stack == "wire")
      throw InputError(place_of(root, name, "stack"),
                       "the bare wire carries no EBS; it is for systems of kind rpc");
  if (find_stack(s.backend.stack)->traits.data_path_in_fpga)
    throw InputError(place_of(root, "backend", "stack"),
                     "SOLAR's data path is in the DPU's FPGA: storage servers have none",
                     "use stack: solar_star for SOLAR's protocol in software");
}

}  // namespace

void use_profile(const TextNode& root, ProfileLibrary& library, Scenario& scenario,
                 const std::string& name, std::string_view model, SourceMark reference) {
  const auto known = scenario.profiles.find(name);
  Profile profile = known == scenario.profiles.end() ? library.get(name, reference) : known->second;
  if (profile.model != model)
    throw InputError(reference, fmt::format("profile '{}' is one of a {}, not of a {}", name,
                                            profile.model, model));
  if (known != scenario.profiles.end()) return;
  if (const TextNode* all = section(root, "profiles"))
    if (const TextNode::Entry* mine = all->entry(name))
      profile =
          with_overrides(std::move(profile), mine->value, *library.models().at(profile.model));
  scenario.profiles.emplace(name, std::move(profile));
}

namespace {

void use_ssd(const TextNode& root, ProfileLibrary& library, Scenario& scenario,
             const std::string& name, SourceMark reference) {
  const std::string& device = library.get(name, reference).model;
  if (find_ssd(device) == nullptr)
    throw InputError(reference,
                     fmt::format("profile '{}' is one of a {}, not of an SSD", name, device));
  use_profile(root, library, scenario, name, device, reference);
}

void load_pool_profiles(const TextNode& root, ProfileLibrary& library, Scenario& s) {
  auto use = [&](const std::string& name, std::string_view model, std::string_view key) {
    use_profile(root, library, s, name, model, place_of(root, "pool", key));
  };
  use(s.pool.engine, "pool_engine", "engine");
  use(s.pool.initiator, "initiator", "initiator");
  use(s.pool.operations, "pool_operations", "operations");
  use(s.pool.tcp, "nvme_tcp", "tcp");
  use(s.pool.rdma, "rdma", "rdma");
  use(s.pool.tier, "tier", "tier");
  if (s.compute.ssds_per_server > 0)
    use_ssd(root, library, s, s.compute.ssd, place_of(root, "compute", "ssd"));
  if (s.storage.capacity_ssds_per_server > 0)
    use_ssd(root, library, s, s.storage.capacity_ssd, place_of(root, "storage", "capacity_ssd"));
}

void check_slots(const TextNode& root, std::string_view in, const Profile& node,
                 std::int64_t ssds) {
  const auto slots = bind<NodeProfile>(node).ssd_slots;
  if (ssds > slots)
    throw InputError(
        place_of(root, in, "ssds_per_server"),
        fmt::format("{} SSDs do not fit the {} slots of '{}'", ssds, slots, node.name));
}

void load_profiles(const TextNode& root, ProfileLibrary& library, Scenario& s) {
  auto use = [&](const std::string& name, std::string_view model, std::string_view in,
                 std::string_view key) {
    use_profile(root, library, s, name, model, place_of(root, in, key));
  };
  auto stack_model = [](const std::string& stack) { return find_stack(stack)->profile; };
  const std::string& system = s.head.system;
  use(s.storage.node, "node", "storage", "node");
  if (system != "rpc") {
    use_ssd(root, library, s, s.storage.ssd, place_of(root, "storage", "ssd"));
    check_slots(root, "storage", s.profile(s.storage.node),
                s.storage.ssds_per_server + s.storage.capacity_ssds_per_server);
  }
  if (system == "pool") load_pool_profiles(root, library, s);
  if (system != "device") use(s.compute.node, "node", "compute", "node");
  if (system == "pool")
    check_slots(root, "compute", s.profile(s.compute.node), s.compute.ssds_per_server);
  if (system != "device" && system != "pool") {
    use(s.frontend_profile(), stack_model(s.frontend.stack), "frontend", "profile");
    if (s.agent_placement() == "dpu") use(s.compute.dpu, "dpu", "compute", "dpu");
  }
  if (system != "device") {
    use(s.frontend.fabric, "leaf_spine", "frontend", "fabric");
    for (const std::string_view queue : kQueueProfileNames)
      use(std::string(queue), "queue", "frontend", "fabric");
  }
  if (system == "ebs") {
    if (s.has_guest()) use(s.compute.guest, "guest", "compute", "guest");
    use(s.backend_profile(), stack_model(s.backend.stack), "backend", "profile");
    use(s.backend.fabric, "leaf_spine", "backend", "fabric");
    use(s.ebs.profile, "ebs", "ebs", "profile");
  }
  use_application_profiles(root, library, s);
  // Overrides of profiles that are not used here: a name that does not exist is an error, one that does changes nothing.
  if (const TextNode* all = section(root, "profiles")) {
    if (!all->is_map())
      throw InputError(all->mark, "`profiles` maps profile names to the parameters to override");
    for (const auto& [name, mark, value] : all->entries) {
      if (s.profiles.count(name) != 0) continue;
      const Profile& unused = library.get(name, mark);
      with_overrides(unused, value, *library.models().at(unused.model));
      s.notes.push_back(
          fmt::format("{}: profile '{}' is not used here; overriding it changes nothing",
                      to_string(mark), name));
    }
  }
}

// Racks that were given must hold their servers; those that were not are as many as it takes.
void place_in_racks(const TextNode& root, std::string_view section_name, std::int64_t servers,
                    std::int64_t per_rack, std::int64_t& racks) {
  const std::int64_t needed = (servers + per_rack - 1) / per_rack;
  if (racks == 0) racks = needed;
  // What was said last, on the command line, is what has to change.
  SourceMark mark = place_of(root, section_name, "racks");
  const SourceMark of_servers = place_of(root, section_name, "servers");
  if (of_servers.file.starts_with("--") && !mark.file.starts_with("--")) mark = of_servers;
  if (racks > servers)
    throw InputError(mark, fmt::format("{} racks for {} {} servers: some would be empty", racks,
                                       servers, section_name));
  const std::int64_t fullest = (servers + racks - 1) / racks;
  if (fullest > per_rack)
    throw InputError(
        mark,
        fmt::format("{} {} servers in {} {} put {} into one, whose ToRs have ports for {}", servers,
                    section_name, racks, racks == 1 ? "rack" : "racks", fullest, per_rack),
        fmt::format("it takes {} racks, or more servers_per_rack in the fabric's profile", needed));
}

void place_in_racks(const TextNode& root, Scenario& s) {
  if (s.head.system == "device") {
    s.compute.racks = s.storage.racks = 1;  // there is no fabric
    return;
  }
  const auto servers_per_rack = [&s](const std::string& fabric) {
    return bind<FabricProfile>(s.profile(fabric)).servers_per_rack;
  };
  const std::int64_t frontend = servers_per_rack(s.frontend.fabric);
  place_in_racks(root, "compute", s.compute.servers, frontend, s.compute.racks);
  // The same racks on both networks.
  const std::int64_t both =
      s.head.system == "ebs" ? std::min(frontend, servers_per_rack(s.backend.fabric)) : frontend;
  place_in_racks(root, "storage", s.storage.servers, both, s.storage.racks);
}

}  // namespace

std::string Scenario::frontend_profile() const {
  return frontend.profile.empty() ? std::string(find_stack(frontend.stack)->profile)
                                  : frontend.profile;
}

QueueProfiles Scenario::queues() const {
  QueueProfiles all;
  for (std::size_t c = 0; c < kTrafficClasses; ++c)
    all[c] = bind<QueueProfile>(profile(std::string(kQueueProfileNames[c])));
  return all;
}

std::string Scenario::backend_profile() const {
  return backend.profile.empty() ? std::string(find_stack(backend.stack)->profile)
                                 : backend.profile;
}

std::vector<std::string> Scenario::volume_names() const {
  if (is_pool()) {
    std::vector<std::string> names;
    for (const PlannedVolume& volume : planned) names.push_back(volume.name);
    return names;
  }
  const bool device = head.system == "device";
  const std::int64_t servers = device ? storage.servers : compute.servers;
  const std::int64_t each = device ? storage.ssds_per_server : volumes.per_server;
  const char* form = device                 ? "storage-{}/ssd-{}"
                     : head.system == "rpc" ? "compute-{}/client-{}"
                                            : "compute-{}/volume-{}";
  std::vector<std::string> names;
  for (std::int64_t s = 0; s < servers; ++s)
    for (std::int64_t v = 0; v < each; ++v) names.push_back(fmt::format(fmt::runtime(form), s, v));
  return names;
}

Bytes Scenario::volume_size(const std::string& pattern) const {
  if (is_pool()) {
    std::optional<Bytes> least;
    for (const PlannedVolume& volume : planned)
      if (matches(pattern, volume.name)) least = std::min(least.value_or(volume.size), volume.size);
    return least.value_or(volumes.size);
  }
  return head.system == "device" ? ssd_capacity(profile(storage.ssd)) : volumes.size;
}

Duration Scenario::end() const {
  Duration end{};
  for (const JobSpec& job : workload) end = std::max(end, job.whole_runtime());
  for (const ApplicationSpec& application : applications)
    end = std::max(end, application.whole_runtime());
  return end;
}

std::string Scenario::agent_placement() const {
  if (frontend.agent != "auto") return frontend.agent;
  return find_stack(frontend.stack)->traits.agent_on_dpu ? "dpu" : "host";
}

Scenario load_scenario(const TextNode& document, ProfileLibrary& library) {
  if (!document.is_map())
    throw InputError(document.mark,
                     fmt::format("a scenario is a mapping of keys, got {}", describe(document)));
  const TextNode root = with_variant(document);
  Scenario scenario;
  bind_mapping(root, ScenarioHead::declarations(), &scenario.head, kSections);
  if (scenario.is_fleet()) {
    load_fleet(root, library, scenario);
    load_compare(root, scenario);
    return scenario;
  }
  const bool device = scenario.head.system == "device";
  // A device stands alone: nothing else need be said of servers.
  TextNode filled = root;
  for (std::string_view name : {"compute", "storage"})
    if (filled.entry(name) == nullptr && (device || scenario.head.system == "rpc")) {
      TextNode one = TextNode::map(root.mark);
      one.entries.push_back({"servers", root.mark, TextNode::scalar("1", root.mark)});
      filled.entries.push_back({std::string(name), root.mark, std::move(one)});
    }
  bind_section(filled, "compute", scenario.compute);
  bind_section(filled, "storage", scenario.storage);
  bind_section(root, "frontend", scenario.frontend);
  bind_section(root, "backend", scenario.backend);
  bind_section(root, "ebs", scenario.ebs);
  bind_section(root, "volumes", scenario.volumes);
  bind_section(root, "pool", scenario.pool);
  // Volumes that are named one by one need no others.
  if (scenario.is_pool() && section(root, "volumes") == nullptr &&
      section(root, "logical_volumes") != nullptr)
    scenario.volumes.per_server = 0;
  check_consistency(root, scenario);
  note_unused(root, scenario);
  load_profiles(root, library, scenario);
  check_relations(root, scenario);
  place_in_racks(root, scenario);
  check_machines(root, scenario);
  if (scenario.is_pool()) {
    scenario.logical_volumes = logical_volumes_in(root);
    scenario.operations = operations_in(root);
    scenario.planned = plan_volumes(root, scenario);
    check_operations(scenario);
  }
  load_workload(root, scenario);
  load_applications(root, scenario);
  load_faults(root, scenario);
  load_compare(root, scenario);
  return scenario;
}

}  // namespace orrery
