#include "scenarios/systems/fleet/fleet_spec.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <span>

#include "models/control/fleet/fleet_plan.hpp"
#include "models/control/fleet/policies.hpp"
#include "models/control/kubernetes/node_plugins.hpp"
#include "models/control/liteio/pool_filters.hpp"
#include "models/control/liteio/pool_priorities.hpp"
#include "models/control/named.hpp"
#include "scenarios/scenario.hpp"
#include "scenarios/systems/fleet/demand.hpp"
#include "scenarios/text/binder.hpp"
#include "scenarios/text/nearest.hpp"
#include "scenarios/used_profiles.hpp"
#include "sim/random.hpp"

namespace orrery {

namespace {

using control::names_in;
using control::NodeEvent;

// What the words of a key mean: "ebs: in a block store; ...".
template <class Entries>
std::string help_in(std::string text, const Entries& entries) {
  std::string_view between = text.empty() ? "" : " ";
  for (const auto& entry : entries) {
    text += fmt::format("{}{}: {}", between, entry.name, entry.help);
    between = "; ";
  }
  return text;
}

// Names of plug-ins, each once; of scores with their weights.
void check_plugins(const TextNode& section, std::string_view key,
                   const std::vector<std::string>& given, const std::vector<std::string>& known,
                   bool has_weights) {
  std::set<std::string> seen;
  for (const std::string& text : given) {
    const auto equals = has_weights ? text.find('=') : std::string::npos;
    const std::string name = text.substr(0, equals);
    if (std::find(known.begin(), known.end(), name) == known.end())
      throw unknown_name(place_in(section, key), "plug-in", name, known);
    if (!seen.insert(name).second)
      throw InputError(place_in(section, key), fmt::format("plug-in '{}' is there twice", name));
    if (equals == std::string::npos) continue;
    const std::string weight = text.substr(equals + 1);
    if (weight.empty() || weight.size() > 6 ||
        weight.find_first_not_of("0123456789") != std::string::npos)
      throw InputError(place_in(section, key),
                       fmt::format("the weight of '{}' is a whole number, got '{}'", name, weight),
                       fmt::format("for example: {}=2", name));
  }
}

NodeEvent::Kind kind_of(const std::string& kind) {
  if (kind == "node_dead") return NodeEvent::Kind::dead;
  if (kind == "agent_dead") return NodeEvent::Kind::agent_dead;
  return kind == "node_drain" ? NodeEvent::Kind::drain : NodeEvent::Kind::lock;
}

constexpr double kMostEvents = 1e6;

// Where the clock ends at the latest.
Duration sum_of(Duration a, Duration b) { return after(TimePoint{a}, b).time_since_epoch(); }

constexpr double kYear = 365.25 * 86400;  // seconds; the clock of a run ends after 106 days

// The events of one entry, its nodes drawn where it says so.
void expand(const FleetEventSpec& spec, std::size_t index, const control::Demand& demand,
            Duration runtime, std::uint64_t seed, std::vector<NodeEvent>& into) {
  std::vector<control::NodeId> nodes;
  for (control::NodeId id = 0; id < demand.nodes.size(); ++id)
    if (matches(spec.node, demand.nodes[id].name)) nodes.push_back(id);
  if (nodes.empty()) throw InputError(spec.mark, fmt::format("no node matches '{}'", spec.node));
  RandomStream stream(seed, fmt::format("control/events/{}", index));
  const NodeEvent::Kind kind = kind_of(spec.kind);
  const auto add = [&](control::NodeId node, Duration at) {
    if (at <= runtime) into.push_back({kind, node, at, spec.lasts, spec.loses_data});
  };
  if (spec.annual_rate) {
    const double nodes_per_year = *spec.annual_rate * static_cast<double>(nodes.size());
    const double mean = kYear / nodes_per_year;
    for (double at = to_seconds(spec.at);;) {
      at += -std::log1p(-stream.uniform()) * mean;
      if (at > to_seconds(runtime)) return;
      add(nodes[stream.below(nodes.size())], seconds(at));
    }
  }
  if (spec.count > static_cast<std::int64_t>(nodes.size()))
    throw InputError(spec.mark, fmt::format("{} of the {} nodes that match '{}'", spec.count,
                                            nodes.size(), spec.node));
  const std::size_t wanted = spec.count > 0 ? static_cast<std::size_t>(spec.count) : nodes.size();
  for (std::size_t i = 0; i < wanted; ++i) {
    if (spec.count > 0) std::swap(nodes[i], nodes[i + stream.below(nodes.size() - i)]);
    add(nodes[i],
        spec.spread ? sum_of(spec.at, stream.uniform(Duration{}, *spec.spread)) : spec.at);
  }
}

// How many events an entry has, by expectation where they are drawn.
double number_of(const FleetEventSpec& spec, const control::Demand& demand, Duration runtime) {
  if (spec.count > 0) return static_cast<double>(spec.count);
  const auto nodes = static_cast<double>(
      std::count_if(demand.nodes.begin(), demand.nodes.end(),
                    [&](const control::NodeSpec& node) { return matches(spec.node, node.name); }));
  if (!spec.annual_rate) return nodes;
  return nodes * *spec.annual_rate * std::max(0.0, to_seconds(runtime) - to_seconds(spec.at)) /
         kYear;
}

void check_number(const std::vector<FleetEventSpec>& events, const control::Demand& demand,
                  Duration runtime) {
  double sum = 0;
  for (const FleetEventSpec& spec : events) {
    sum += number_of(spec, demand, runtime);
    if (sum > kMostEvents)
      throw InputError(spec.rate_mark,
                       fmt::format("some {:.3g} events of nodes, more than the {:.0f} "
                                   "that a run may have",
                                   sum, kMostEvents));
  }
}

// What is asked for after the end, and what means nothing for a kind of event.
void note_events(const TextNode& root, const FleetSpec& spec, std::vector<std::string>& notes) {
  const Duration end = spec.section.runtime;
  const auto late = [&](const SourceMark& mark, Duration at, std::string_view what) {
    if (at >= end)
      notes.push_back(
          fmt::format("{}: the run is over before this {} begins", to_string(mark), what));
  };
  const std::span<const TextNode> events = items_in(root, "events");
  for (std::size_t i = 0; i < events.size(); ++i) {
    const FleetEventSpec& event = spec.events[i];
    late(place_in(events[i], "at"), event.at, "event");
    if (event.at < end && event.spread && sum_of(event.at, *event.spread) > end)
      notes.push_back(fmt::format("{}: of these times, those after the end of the run do not come",
                                  to_string(place_in(events[i], "spread"))));
    if (const TextNode::Entry* loss = events[i].entry("loses_data");
        loss != nullptr && event.kind != "node_dead")
      notes.push_back(fmt::format("{}: `loses_data` changes nothing in a {}", to_string(loss->mark),
                                  event.kind));
  }
  const std::span<const TextNode> groups = items_in(root, "volume_groups");
  for (std::size_t i = 0; i < groups.size(); ++i)
    late(place_in(groups[i], "at"), spec.objects.groups[i].at, "volume group");
  const std::span<const TextNode> snapshots = items_in(root, "snapshots");
  for (std::size_t i = 0; i < snapshots.size(); ++i)
    late(place_in(snapshots[i], "at"), spec.objects.snapshots[i].at, "snapshot");
}

// Keys of the head that a fleet has no use for; those that say what holds anyway are fine.
void note_head(const TextNode& root, const ScenarioHead& head, std::vector<std::string>& notes) {
  const auto note = [&](std::string_view name, bool is_usual) {
    const TextNode::Entry* entry = root.entry(name);
    if (entry != nullptr && !is_usual)
      notes.push_back(fmt::format("{}: `{}` changes nothing in a system of kind fleet",
                                  to_string(entry->mark), name));
  };
  note("network", head.network == "packets");
  note("inject", head.inject == "*");
}

std::vector<FleetEventSpec> events_in(const TextNode& root) {
  std::vector<FleetEventSpec> all;
  for (const TextNode& item : items_in(root, "events")) {
    FleetEventSpec spec;
    spec.mark = item.mark;
    bind_mapping(item, FleetEventSpec::declarations(), &spec);
    spec.rate_mark = place_in(item, "annual_rate");
    if (spec.annual_rate && (spec.count > 0 || spec.spread))
      throw InputError(place_in(item, spec.count > 0 ? "count" : "spread"),
                       "with an annual_rate, nodes and times are drawn by it");
    all.push_back(std::move(spec));
  }
  return all;
}

}  // namespace

const Declarations& FleetSection::declarations() {
  using S = FleetSection;
  static const Declarations all =
      Declare<S>("fleet: how a cluster is scheduled, and for how long")
          .field("runtime", &S::runtime, "simulated time", more_than(0))
          .field("sample_every", &S::sample_every, "how often its state is recorded", at_least(1))
          .otherwise(Value{seconds(3600)})
          .field("disks", &S::disks, help_in("", control::all_disks()))
          .one_of(names_in(control::all_disks()))
          .otherwise(std::string{"lightpool"})
          .field("policy", &S::policy,
                 help_in("how free disk space is accounted:", control::all_policies()))
          .one_of(names_in(control::all_policies()))
          .otherwise(std::string{"plugin"})
          .field("kubernetes", &S::kubernetes, "profile of Kubernetes")
          .otherwise(std::string{"kubernetes"})
          .field("liteio", &S::liteio, "profile of LiteIO's control plane")
          .otherwise(std::string{"liteio-control"})
          .field("patience", &S::patience,
                 "how long after it was made a pod that does not run counts as waiting",
                 any_duration())
          .otherwise(Value{seconds(600)})
          .field("full_when_pending", &S::full_when_pending,
                 "share of pods that wait from which the fleet is full and the run ends; 0: it "
                 "runs to its end",
                 between(0, 1))
          .otherwise(0.0)
          .field("node_filters", &S::node_filters, "kube-scheduler's filters, in order")
          .otherwise(std::vector<std::string>{"node_unschedulable", "taint_toleration",
                                              "node_affinity", "resources_fit", "volume_limits",
                                              "app_spread", "antstor"})
          .field("node_scores", &S::node_scores, "kube-scheduler's scores, name or name=weight")
          .otherwise(std::vector<std::string>{"least_allocated", "balanced_allocation", "antstor"})
          .field("pool_filters", &S::pool_filters, "filters of LiteIO's volume scheduler, in order")
          .otherwise(std::vector<std::string>{"basic", "affinity", "ob_replica",
                                              "min_local_storage", "sharing_limit"})
          .field("pool_priorities", &S::pool_priorities, "priorities of LiteIO's volume scheduler")
          .otherwise(std::vector<std::string>{"least_resource", "position_advice"})
          .build();
  return all;
}

const Declarations& FleetEventSpec::declarations() {
  using S = FleetEventSpec;
  static const Declarations all =
      Declare<S>("what happens to nodes of a fleet")
          .field("kind", &S::kind,
                 "node_dead: the machine; agent_dead: LiteIO's agent and engine on it; "
                 "node_drain: cordoned and emptied; node_lock: no new volumes in its pool")
          .one_of({"node_dead", "agent_dead", "node_drain", "node_lock"})
          .field("node", &S::node, "name or pattern of nodes")
          .otherwise(std::string{"*"})
          .field("at", &S::at, "when", any_duration())
          .otherwise(Value{Duration{}})
          .field("for", &S::lasts, "how long; for good if not given", any_duration())
          .field("count", &S::count, "so many of them, by chance; 0: all", at_least(0))
          .otherwise(std::int64_t{0})
          .field("spread", &S::spread, "each at a time of its own, so long from `at` on",
                 any_duration())
          .field("annual_rate", &S::annual_rate,
                 "instead: each node about so many times a year, from `at` on", between(1e-6, 1e4))
          .field("loses_data", &S::loses_data, "node_dead: what lies on its disks is lost")
          .otherwise(true)
          .build();
  return all;
}

void load_fleet(const TextNode& root, ProfileLibrary& library, Scenario& scenario) {
  static const TextNode nothing = TextNode::map();
  auto spec = std::make_shared<FleetSpec>();
  const TextNode::Entry* entry = root.entry("fleet");
  if (entry == nullptr)
    throw InputError(root.mark, "a system of kind fleet needs a section `fleet`",
                     "for example: fleet: {runtime: 30d}");
  const TextNode& section = entry->value;
  bind_mapping(section, FleetSection::declarations(), &spec->section);
  const FleetSection& fleet = spec->section;
  check_plugins(section, "node_filters", fleet.node_filters, names_in(control::all_node_filters()),
                false);
  check_plugins(section, "node_scores", fleet.node_scores, names_in(control::all_node_scores()),
                true);
  check_plugins(section, "pool_filters", fleet.pool_filters, names_in(control::all_pool_filters()),
                false);
  check_plugins(section, "pool_priorities", fleet.pool_priorities,
                names_in(control::all_pool_priorities()), false);
  use_profile(root, library, scenario, fleet.kubernetes, "kubernetes",
              place_of(root, "fleet", "kubernetes"));
  use_profile(root, library, scenario, fleet.liteio, "liteio_control",
              place_of(root, "fleet", "liteio"));
  LoadedDemand loaded = load_demand(root, library.reader(),
                                    static_cast<std::uint64_t>(scenario.head.seed), fleet.runtime);
  spec->demand = std::move(loaded.demand);
  spec->input = std::move(loaded.input);
  spec->events = events_in(root);
  check_number(spec->events, spec->demand, fleet.runtime);
  spec->objects = fleet_objects_in(root, spec->demand);
  std::vector<NodeEvent> expanded;
  for (std::size_t i = 0; i < spec->events.size(); ++i)
    expand(spec->events[i], i, spec->demand, fleet.runtime, 0, expanded);

  spec->resolved = TextNode::map();
  spec->resolved.entries.push_back({"fleet", {}, resolved(FleetSection::declarations(), &fleet)});
  for (const TextNode::Entry& part : loaded.resolved.entries)
    spec->resolved.entries.push_back(part);
  if (!spec->events.empty()) {
    TextNode list = TextNode::sequence();
    for (const FleetEventSpec& event : spec->events) {
      TextNode& entry = list.items.emplace_back(resolved(FleetEventSpec::declarations(), &event));
      if (event.kind != "node_dead")
        std::erase_if(entry.entries, [](const auto& each) { return each.key == "loses_data"; });
    }
    spec->resolved.entries.push_back({"events", {}, std::move(list)});
  }
  spec->objects.resolve_into(spec->resolved);
  for (const std::string& note : spec->input.notes) scenario.notes.push_back(note);
  note_events(root, *spec, scenario.notes);
  note_head(root, scenario.head, scenario.notes);
  for (std::string_view name :
       {"compute", "storage", "frontend", "backend", "ebs", "volumes", "pool", "logical_volumes",
        "operations", "workload", "applications", "faults"})
    if (const TextNode::Entry* unused = root.entry(name))
      scenario.notes.push_back(fmt::format("{}: `{}` changes nothing in a system of kind fleet",
                                           to_string(unused->mark), name));
  if (!control::find_disks(fleet.disks)->is_pooled)
    for (std::string_view name : {"volume_groups", "snapshots"})
      if (const TextNode::Entry* unused = root.entry(name))
        scenario.notes.push_back(
            fmt::format("{}: `{}` changes nothing where disks are in a block store",
                        to_string(unused->mark), name));
  scenario.fleet = std::move(spec);
}

control::FleetPlan fleet_plan(const Scenario& scenario, std::uint64_t seed) {
  const FleetSpec& spec = *scenario.fleet;
  const FleetSection& fleet = spec.section;
  control::FleetPlan plan;
  plan.demand = &spec.demand;
  plan.disks = *control::find_disks(fleet.disks);
  plan.policy = *control::find_policy(fleet.policy);
  plan.kube = bind<control::KubernetesProfile>(scenario.profile(fleet.kubernetes));
  plan.liteio = bind<control::LiteioProfile>(scenario.profile(fleet.liteio));
  plan.node_plugins = {fleet.node_filters, fleet.node_scores};
  plan.pool_filters = fleet.pool_filters;
  plan.pool_priorities = fleet.pool_priorities;
  plan.sampling = {fleet.sample_every, fleet.patience, fleet.full_when_pending};
  plan.groups = spec.objects.group_specs();
  plan.snapshots = spec.objects.snapshot_specs(spec.demand);
  for (std::size_t i = 0; i < spec.events.size(); ++i)
    expand(spec.events[i], i, spec.demand, fleet.runtime, seed, plan.events);
  return plan;
}

}  // namespace orrery
