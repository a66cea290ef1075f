#include "models/faults/fault.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "sim/name_pattern.hpp"
#include "sim/random.hpp"

namespace orrery {

namespace {

// In seconds: what recurs more often is no fault, and a run with it has no end.
constexpr double kShortest = 1e-3;
constexpr double kLongest = 9.0e6;

std::vector<std::string> kind_names() {
  std::vector<std::string> names;
  for (const FaultKind& kind : fault_kinds()) names.emplace_back(kind.name);
  return names;
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
                 "name of the component; a pattern (* and ?), of which all that match are struck; "
                 "or random, "
                 "one of those that `among` names")
          .field("among", &FaultSpec::among,
                 "target: random; pattern of names that it is drawn from")
          .otherwise(std::string{"*"})
          .field("at", &FaultSpec::at,
                 "when, from the start of the run; of a recurring one: from "
                 "when on",
                 any_duration())
          .field("for", &FaultSpec::lasts, "how long; if not given, for good",
                 Limits{0, kLongest, true})
          .field("fraction", &FaultSpec::fraction,
                 "blackhole: of the flows, by their hash; 1 if "
                 "not given",
                 between(0, 1))
          .field("rate", &FaultSpec::rate, "loss, corruption: of the frames", between(0, 1))
          .field("speed", &FaultSpec::speed, "slow_link: what is left of its rate", any_rate())
          .field("factor", &FaultSpec::factor, "slow_ssd: how many times as long it takes",
                 Limits{1, 1e6, true})
          .field("period", &FaultSpec::period, "nic_flap: of a flap, down for the first half",
                 between(kShortest, kLongest))
          .field("mtbf", &FaultSpec::mtbf,
                 "recurring: mean time from repair to the next failure of a component",
                 between(kShortest, kLongest))
          .field("mttr", &FaultSpec::mttr, "recurring: mean time to repair",
                 Limits{0, kLongest, true})
          .field("distribution", &FaultSpec::distribution,
                 "recurring: of both times; lognormal with a standard deviation of its mean")
          .one_of({"exponential", "lognormal", "fixed"})
          .otherwise(std::string{"exponential"})
          .build();
  return all;
}

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

std::vector<Fabric::Link*> links_taken_down(const FaultDomain& domain, const FaultSpec& fault,
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
  for (Fabric* fabric : domain.fabrics())
    for (Fabric::Link* link : fabric->links_of(*c.node)) links.push_back(link);
  return links;
}

}  // namespace orrery
