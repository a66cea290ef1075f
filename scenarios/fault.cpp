#include "scenarios/fault.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>

#include "scenarios/hardware.hpp"
#include "scenarios/scenario.hpp"
#include "scenarios/systems/system_kind.hpp"
#include "scenarios/text/binder.hpp"
#include "scenarios/text/nearest.hpp"
#include "scenarios/text/value_text.hpp"
#include "sim/random.hpp"

namespace orrery {

namespace {

std::vector<std::string> kind_names() {
  std::vector<std::string> names;
  for (const FaultKind& kind : fault_kinds()) names.emplace_back(kind.name);
  return names;
}

bool holds(const std::vector<std::string_view>& keys, std::string_view key) {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

}  // namespace

const std::vector<FaultKind>& fault_kinds() {
  using Kind = Equipment::Kind;
  static const std::vector<Kind> switches = {Kind::tor, Kind::spine, Kind::core};
  static const std::vector<Kind> carriers = {Kind::tor, Kind::spine, Kind::core, Kind::link,
                                             Kind::port};
  static const std::vector<FaultKind> all = {
      {"link_down", "the link loses carrier at both ends", {Kind::link}, {}, {}, true},
      {"port_down", "the port fails, and its link loses carrier", {Kind::port}, {}, {}, true},
      {"switch_down",
       "the switch stops; whether its ports keep carrier says the fabric's profile",
       switches,
       {},
       {},
       true},
      {"switch_reboot", "as switch_down, and it comes back", switches, {"for"}, {}, true},
      {"switch_isolation",
       "the switch loses its uplinks; its servers still have carrier",
       {Kind::tor, Kind::spine},
       {},
       {},
       true},
      {"blackhole",
       "flows vanish, all or a fraction by their hash; nothing sees it",
       {Kind::tor, Kind::spine, Kind::core, Kind::port},
       {},
       {"fraction"},
       false},
      {"loss", "frames are lost at random; nothing sees it", carriers, {"rate"}, {}, false},
      {"corruption",
       "frames are damaged at random and thrown away where they arrive",
       carriers,
       {"rate"},
       {},
       false},
      {"slow_link",
       "the link runs at a lower rate",
       {Kind::link, Kind::port},
       {"speed"},
       {},
       false},
      {"server_down", "the server stops, and its links with it", {Kind::server}, {}, {}, true},
      {"engine_down",
       "the process of a storage engine dies, and its connections are closed; `for`: until it is "
       "back",
       {Kind::engine},
       {},
       {},
       true},
      {"slow_ssd",
       "the SSD's controller and flash take `factor` times as long; nothing sees it",
       {Kind::ssd},
       {"factor"},
       {},
       false},
      {"nic_flap",
       "all links of the server, or the one, lose carrier for the first half of every "
       "period",
       {Kind::server, Kind::link},
       {"for", "period"},
       {},
       true},
  };
  return all;
}

const FaultKind& kind_of(const FaultSpec& fault) {
  return *std::find_if(fault_kinds().begin(), fault_kinds().end(),
                       [&](const FaultKind& kind) { return kind.name == fault.kind; });
}

bool FaultKind::can_strike(const Equipment& component) const {
  return std::find(strikes.begin(), strikes.end(), component.kind) != strikes.end();
}

const Declarations& FaultSpec::declarations() {
  static const Declarations all =
      Declare<FaultSpec>("faults: what breaks, when, for how long")
          .field("name", &FaultSpec::name, "what `inject` calls it")
          .otherwise(std::string{})
          .field("kind", &FaultSpec::kind, "what goes wrong")
          .one_of(kind_names())
          .field("target", &FaultSpec::target,
                 "name of the component, a pattern (* and ?) that all it names are struck by, or "
                 "random: one of them")
          .field("among", &FaultSpec::among, "of a random target: pattern it is chosen from")
          .otherwise(std::string{"*"})
          .field("at", &FaultSpec::at,
                 "when, from the start of the run; of a recurring one: from "
                 "when on",
                 any_duration())
          .field("for", &FaultSpec::lasts, "how long; if not given, for good", more_than(0))
          .field("fraction", &FaultSpec::fraction,
                 "blackhole: of the flows, by their hash; 1 if "
                 "not given",
                 between(0, 1))
          .field("rate", &FaultSpec::rate, "loss, corruption: of the frames", between(0, 1))
          .field("speed", &FaultSpec::speed, "slow_link: what is left of its rate", at_least(1e6))
          .field("factor", &FaultSpec::factor, "slow_ssd: how many times as long it takes",
                 more_than(1))
          .field("period", &FaultSpec::period, "nic_flap: of a flap, down for the first half",
                 more_than(0))
          .field("mtbf", &FaultSpec::mtbf,
                 "recurring: mean time from repair to the next failure of a component",
                 more_than(0))
          .field("mttr", &FaultSpec::mttr, "recurring: mean time to repair", more_than(0))
          .field("distribution", &FaultSpec::distribution,
                 "recurring: of both times; lognormal with a standard deviation of its mean")
          .one_of({"exponential", "lognormal", "fixed"})
          .otherwise(std::string{"exponential"})
          .build();
  return all;
}

SourceMark FaultSpec::mark_of(const std::string& key) const {
  const auto found = keys.find(key);
  return found == keys.end() ? mark : found->second;
}

namespace {

void check_keys(const FaultSpec& fault) {
  const FaultKind& kind = kind_of(fault);
  auto refuse = [&](const std::string& key, const std::string& message) {
    throw InputError(fault.mark_of(key), message);
  };
  for (const std::string_view key : kind.needs)
    if (!fault.keys.contains(std::string(key)))
      refuse("kind", fmt::format("a {} needs `{}`", kind.name, key));
  for (const char* key : {"fraction", "rate", "speed", "factor", "period"})
    if (fault.keys.contains(key) && !holds(kind.needs, key) && !holds(kind.takes, key))
      refuse(key, fmt::format("`{}` means nothing for a {}", key, kind.name));
  if (fault.recurs() != fault.mttr.has_value())
    refuse(fault.recurs() ? "mtbf" : "mttr", "`mtbf` and `mttr` go together");
  if (fault.recurs() && fault.lasts)
    refuse("for", "a fault with `mtbf` lasts as long as `mttr` says");
  if (fault.recurs() && fault.kind == "nic_flap") refuse("mtbf", "a nic_flap recurs by its period");
  if (!fault.recurs() && !fault.at) refuse("kind", "a fault needs `at`, or `mtbf` and `mttr`");
  if (!fault.recurs() && fault.distribution != "exponential")
    refuse("distribution", "`distribution` is of `mtbf` and `mttr`, which are not given");
  if (!fault.is_random() && fault.among != "*") refuse("among", "`among` is for target: random");
  if (fault.rate && *fault.rate == 0) refuse("rate", "a rate of 0 changes nothing");
  if (fault.fraction && *fault.fraction == 0) refuse("fraction", "a fraction of 0 changes nothing");
}

std::string kinds_text(const FaultKind& kind) {
  std::vector<std::string_view> names;
  for (const Equipment::Kind one : kind.strikes) names.push_back(name_of(one));
  return fmt::format("{}", fmt::join(names, ", "));
}

void check_target(const FaultSpec& fault, const std::vector<Equipment>& all) {
  const FaultKind& kind = kind_of(fault);
  const std::string key = fault.is_random() ? "among" : "target";
  const std::string& pattern = fault.is_random() ? fault.among : fault.target;
  const std::vector<std::size_t> targets = targets_of(fault, all);
  for (const std::size_t t : targets) {
    const Equipment& c = all[t];
    if (fault.kind == "slow_link") {
      const BitRate rate = c.kind == Equipment::Kind::port ? c.port->rate() : c.link->up->rate();
      if (*fault.speed >= rate)
        throw InputError(fault.mark_of("speed"),
                         fmt::format("{} is not slower than {}, which runs at {}",
                                     format_value(Quantity::bit_rate, *fault.speed), c.name,
                                     format_value(Quantity::bit_rate, rate)));
    }
    if (fault.kind == "switch_isolation" && c.switch_->uplinks.empty())
      throw InputError(fault.mark_of("target"), fmt::format("{} has no uplinks to lose", c.name));
    if (fault.kind == "nic_flap" && c.kind == Equipment::Kind::link && c.link->lower != nullptr)
      throw InputError(fault.mark_of("target"),
                       fmt::format("{} is no server's link: no NIC flaps there", c.name),
                       "use kind: link_down");
  }
  if (!targets.empty()) return;
  std::vector<std::string> names;
  for (const Equipment& c : all)
    if (kind.can_strike(c)) names.push_back(c.name);
  if (names.empty())
    throw InputError(fault.mark_of("kind"),
                     fmt::format("there is nothing here that a {} could strike", kind.name));
  for (const Equipment& c : all)
    if (matches(pattern, c.name))
      throw InputError(fault.mark_of(key),
                       fmt::format("{} is a {}, and a {} strikes a {}", c.name, name_of(c.kind),
                                   kind.name, kinds_text(kind)));
  throw unknown_name(fault.mark_of(key), kinds_text(kind), pattern, names);
}

TimePoint end_of(const FaultSpec& fault) {
  return fault.lasts ? after(kStart + *fault.at, *fault.lasts) : kNever;
}

// Two faults on one component at the same time that cannot both be: one takes it down, or both are of one kind.
void check_overlaps(const std::vector<FaultSpec>& faults, const std::vector<Equipment>& all) {
  std::map<std::size_t, std::vector<const FaultSpec*>> by_target;
  for (const FaultSpec& fault : faults) {
    if (fault.recurs() || fault.is_random()) continue;
    for (const std::size_t t : targets_of(fault, all)) {
      // A port that fails takes its link along.
      const std::size_t place =
          fault.kind != "port_down"
              ? t
              : static_cast<std::size_t>(std::find_if(all.begin(), all.end(),
                                                      [&](const Equipment& c) {
                                                        return c.kind == Equipment::Kind::link &&
                                                               c.link == all[t].link;
                                                      }) -
                                         all.begin());
      for (const FaultSpec* other : by_target[place]) {
        const bool apart =
            end_of(*other) <= kStart + *fault.at || end_of(fault) <= kStart + *other->at;
        const bool both_count =
            other->kind != fault.kind && !kind_of(*other).takes_down && !kind_of(fault).takes_down;
        if (apart || both_count) continue;
        throw InputError(fault.mark,
                         fmt::format("{} and {} of {} overlap and contradict each other",
                                     other->kind, fault.kind, all[t].name),
                         fmt::format("the other stands at {}", to_string(other->mark)));
      }
      by_target[place].push_back(&fault);
    }
  }
}

// A server that has no way to any other of its network and back.
const Node* cut_off(Hardware& room, const Fabric*& where) {
  const auto ids = [&](Fabric* fabric) {
    std::vector<std::pair<const Node*, Fabric::ServerId>> all;
    auto add = [&all](const AttachedNodes& role, const std::vector<Fabric::ServerId>& numbers) {
      for (std::size_t i = 0; i < numbers.size(); ++i)
        all.emplace_back(role.nodes[i].get(), numbers[i]);
    };
    if (fabric == room.frontend()) {
      add(room.compute(), room.compute().frontend);
      add(room.storage(), room.storage().frontend);
    } else {
      add(room.storage(), room.storage().backend);
    }
    return all;
  };
  for (Fabric* fabric : room.fabrics()) {
    const auto servers = ids(fabric);
    for (const auto& [node, from] : servers) {
      const bool reaches =
          std::any_of(servers.begin(), servers.end(), [&, id = from](const auto& s) {
            return s.second != id && fabric->route({id, s.second, 1, 1, 17}).length > 0 &&
                   fabric->route({s.second, id, 1, 1, 17}).length > 0;
          });
      if (reaches || servers.size() < 2) continue;
      where = fabric;
      return node;
    }
  }
  return nullptr;
}

// What is broken from the start and for good, as routing sees it in the end: known from the topology, without a run.
void check_reachable(Hardware& room, const std::vector<FaultSpec>& faults,
                     const std::vector<Equipment>& all, std::uint64_t seed) {
  const FaultSpec* lasting = nullptr;
  for (std::size_t f = 0; f < faults.size(); ++f) {
    const FaultSpec& fault = faults[f];
    if (fault.recurs() || *fault.at != Duration{} || fault.lasts || !kind_of(fault).takes_down)
      continue;
    if (lasting == nullptr) lasting = &fault;
    for (const std::size_t target : struck_by(fault, f, all, seed))
      for (Fabric::Link* link : links_taken_down(room, fault, all[target]))
        link->usable = link->bond_uses = false;
  }
  if (lasting == nullptr) return;
  const Fabric* fabric = nullptr;
  const Node* node = cut_off(room, fabric);
  if (node == nullptr) return;
  throw InputError(
      lasting->mark,
      fmt::format("nothing can reach {} over the {} network, from the start and for good",
                  node->name(), fabric->name()),
      "let the fault begin later, or end");
}

std::vector<FaultSpec> faults_in(const TextNode& root) {
  std::vector<FaultSpec> all;
  for (const TextNode& item : items_in(root, "faults")) {
    FaultSpec fault;
    fault.mark = item.mark;
    bind_mapping(item, FaultSpec::declarations(), &fault, {},
                 [&fault](const TextNode::Entry& e) { fault.keys[e.key] = e.value.mark; });
    check_keys(fault);
    if (!fault.name.empty())
      for (const FaultSpec& other : all)
        if (other.name == fault.name)
          throw InputError(fault.mark_of("name"),
                           fmt::format("two faults are called '{}'", fault.name));
    all.push_back(std::move(fault));
  }
  return all;
}

}  // namespace

std::vector<std::size_t> targets_of(const FaultSpec& fault, const std::vector<Equipment>& all) {
  const FaultKind& kind = kind_of(fault);
  const std::string& pattern = fault.is_random() ? fault.among : fault.target;
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < all.size(); ++i)
    if (kind.can_strike(all[i]) && matches(pattern, all[i].name)) found.push_back(i);
  return found;
}

std::vector<std::size_t> struck_by(const FaultSpec& fault, std::size_t number,
                                   const std::vector<Equipment>& all, std::uint64_t seed) {
  std::vector<std::size_t> targets = targets_of(fault, all);
  if (!fault.is_random()) return targets;
  RandomStream choice(seed, fmt::format("fault/{}/target", number));
  return {targets[choice.below(targets.size())]};
}

std::vector<Fabric::Link*> links_taken_down(const Hardware& room, const FaultSpec& fault,
                                            const Equipment& c) {
  if (fault.kind == "switch_isolation") return c.switch_->uplinks;
  if (c.is_switch()) {
    std::vector<Fabric::Link*> links = c.switch_->uplinks;
    links.insert(links.end(), c.switch_->downlinks.begin(), c.switch_->downlinks.end());
    return links;
  }
  if (c.link != nullptr) return {c.link};
  std::vector<Fabric::Link*> links;
  if (c.kind != Equipment::Kind::server) return links;
  for (Fabric* fabric : room.fabrics())
    for (Fabric::Link* link : fabric->links_of(*c.node)) links.push_back(link);
  return links;
}

void load_faults(const TextNode& root, Scenario& scenario) {
  const std::vector<FaultSpec> given = faults_in(root);
  const std::string& inject = scenario.head.inject;
  const TextNode::Entry* chosen = root.entry("inject");
  if (given.empty()) {
    if (chosen != nullptr && inject != "*" && inject != "none")
      throw InputError(chosen->value.mark, "`inject` chooses among faults, and there are none");
  }
  if (given.empty()) return;
  const bool networked = scenario.kind->has_network;

  Calendar calendar;
  Hardware room(calendar, scenario);
  const std::vector<Equipment> all = equipment_of(room);
  std::vector<std::string> names;
  for (const FaultSpec& fault : given) {
    check_target(fault, all);
    if (!fault.name.empty()) names.push_back(fault.name);
    if (inject == "none" || !matches(inject, fault.name)) continue;
    scenario.faults.push_back(fault);
  }
  if (!given.empty() && scenario.faults.empty() && inject != "none")
    throw unknown_name(chosen->value.mark, "fault", inject, names);
  check_overlaps(scenario.faults, all);
  if (networked)
    check_reachable(room, scenario.faults, all, static_cast<std::uint64_t>(scenario.head.seed));
  const Duration end = scenario.end();
  for (const FaultSpec& fault : scenario.faults)
    if (fault.at && *fault.at >= end)
      scenario.notes.push_back(fmt::format("{}: the run is over before this fault begins",
                                           to_string(fault.mark_of("at"))));
}

}  // namespace orrery
