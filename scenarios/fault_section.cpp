#include "scenarios/fault_section.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "models/faults/reachability.hpp"
#include "scenarios/hardware.hpp"
#include "scenarios/scenario.hpp"
#include "scenarios/text/binder.hpp"
#include "scenarios/text/nearest.hpp"
#include "scenarios/text/value_text.hpp"

namespace orrery {

namespace {

// With its place in the document.
struct GivenFault : FaultSpec {
  SourceMark mark;                         // of the entry
  std::map<std::string, SourceMark> keys;  // of the values that were given
  SourceMark mark_of(const std::string& key) const {
    const auto found = keys.find(key);
    return found == keys.end() ? mark : found->second;
  }
};

bool holds(const std::vector<std::string_view>& keys, std::string_view key) {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

void check_keys(const GivenFault& fault) {
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

void check_target(const GivenFault& fault, const std::vector<Equipment>& all) {
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

TimePoint end_of(const GivenFault& fault) {
  return fault.lasts ? after(kStart + *fault.at, *fault.lasts) : kNever;
}

// Two faults on one component at the same time that cannot both be: one takes it down, or both are
// of one kind.
void check_overlaps(const std::vector<GivenFault>& faults, const std::vector<Equipment>& all) {
  std::map<std::size_t, std::vector<const GivenFault*>> by_target;
  for (const GivenFault& fault : faults) {
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
      for (const GivenFault* other : by_target[place]) {
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

std::vector<GivenFault> faults_in(const TextNode& root) {
  std::vector<GivenFault> all;
  std::set<std::string> names;
  for (const TextNode& item : items_in(root, "faults")) {
    if (const TextNode::Entry* list = item.entry("list"))
      throw InputError(list->mark, "a list of faults is read before anything is set",
                       "name the file under `faults` in a scenario file");
    GivenFault fault;
    fault.mark = item.mark;
    bind_mapping(item, FaultSpec::declarations(), &fault, {},
                 [&fault](const TextNode::Entry& e) { fault.keys[e.key] = e.value.mark; });
    check_keys(fault);
    if (!fault.name.empty() && !names.insert(fault.name).second)
      throw InputError(fault.mark_of("name"),
                       fmt::format("two faults are called '{}'", fault.name));
    all.push_back(std::move(fault));
  }
  return all;
}

}  // namespace

void load_faults(const TextNode& root, Scenario& scenario) {
  const std::vector<GivenFault> given = faults_in(root);
  const std::string& inject = scenario.head.inject;
  const TextNode::Entry* chosen = root.entry("inject");
  if (given.empty()) {
    if (chosen != nullptr && inject != "*" && inject != "none")
      throw InputError(chosen->value.mark, "`inject` chooses among faults, and there are none");
  }
  if (given.empty()) return;

  Calendar calendar;
  Hardware room(calendar, scenario);
  const std::vector<Equipment> all = equipment_of(room);
  std::vector<GivenFault> injected;
  std::vector<std::string> names;
  for (const GivenFault& fault : given) {
    check_target(fault, all);
    if (!fault.name.empty()) names.push_back(fault.name);
    if (inject == "none" || !matches(inject, fault.name)) continue;
    injected.push_back(fault);
    scenario.faults.push_back(fault);
  }
  if (injected.empty() && inject != "none")
    throw unknown_name(chosen->value.mark, "fault", inject, names);
  check_overlaps(injected, all);
  const CutOff cut =
      cut_off_by(room, scenario.faults, static_cast<std::uint64_t>(scenario.head.seed));
  if (cut.node != nullptr)
    throw InputError(
        injected[cut.fault].mark,
        fmt::format("nothing can reach {} over the {} network, from the start and for good",
                    cut.node->name(), cut.fabric->name()),
        "let the fault begin later, or end");
  const Duration end = scenario.end();
  for (const GivenFault& fault : injected)
    if (fault.at && *fault.at >= end)
      scenario.notes.push_back(fmt::format("{}: the run is over before this fault begins",
                                           to_string(fault.mark_of("at"))));
}

}  // namespace orrery
