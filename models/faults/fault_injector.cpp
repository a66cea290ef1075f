#include "models/faults/fault_injector.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace orrery {

FaultInjector::FaultInjector(FaultDomain& domain, std::vector<FaultSpec> faults, std::uint64_t seed)
    : domain_(domain),
      calendar_(domain.calendar()),
      faults_(std::move(faults)),
      seed_(seed),
      equipment_(equipment_of(domain)) {}

void FaultInjector::start(TaskScope& scope) {
  for (std::size_t f = 0; f < faults_.size(); ++f) {
    const FaultSpec& fault = faults_[f];
    for (const std::size_t target : struck_by(fault, f, equipment_, seed_))
      scope.spawn(fault.recurs()             ? recur(f, target)
                  : fault.kind == "nic_flap" ? flap(f, target)
                                             : once(f, target));
  }
}

Task<> FaultInjector::once(std::size_t f, std::size_t target) {
  const FaultSpec& fault = faults_[f];
  co_await Delay(calendar_, kStart + *fault.at);
  const std::size_t episode = begin(f, target);
  if (!fault.lasts) co_return;
  co_await Delay(calendar_, *fault.lasts);
  end(episode, f, target);
}

Task<> FaultInjector::flap(std::size_t f, std::size_t target) {
  const FaultSpec& fault = faults_[f];
  co_await Delay(calendar_, kStart + *fault.at);
  const TimePoint over = after(calendar_.now(), *fault.lasts);
  while (calendar_.now() < over) {
    const TimePoint next = after(calendar_.now(), *fault.period);
    const std::size_t episode = begin(f, target);
    co_await Delay(calendar_, std::min(over, calendar_.now() + *fault.period / 2));
    end(episode, f, target);
    co_await Delay(calendar_, next);
  }
}

Task<> FaultInjector::recur(std::size_t f, std::size_t target) {
  const FaultSpec& fault = faults_[f];
  RandomStream draws(seed_, fmt::format("fault/{}/{}", f, equipment_[target].name));
  co_await Delay(calendar_, kStart + fault.at.value_or(Duration{}));
  for (;;) {
    co_await Delay(calendar_, drawn(fault, *fault.mtbf, draws));
    const std::size_t episode = begin(f, target);
    co_await Delay(calendar_, drawn(fault, *fault.mttr, draws));
    end(episode, f, target);
  }
}

Duration FaultInjector::drawn(const FaultSpec& fault, Duration mean, RandomStream& draws) const {
  if (fault.distribution == "fixed") return mean;
  if (fault.distribution == "exponential") return std::max(draws.exponential(mean), Duration{1});
  // Standard deviation = mean: sigma^2 = ln 2, mu = ln mean - sigma^2 / 2.
  const double variance = std::log(2.0);
  return std::max(Duration{1}, seconds(draws.lognormal(std::log(to_seconds(mean)) - variance / 2,
                                                       std::sqrt(variance))));
}

std::size_t FaultInjector::begin(std::size_t f, std::size_t target) {
  const FaultSpec& fault = faults_[f];
  const Equipment& component = equipment_[target];
  const std::size_t episode = episodes_.size();
  episodes_.push_back({f, component.name, calendar_.now(), {}});
  if (broken_) broken_(episodes_.back());
  if (kind_of(fault).takes_down) set_down(fault, component, true);
  else if (component.kind == Equipment::Kind::ssd) slow_ssd(component, episode, *fault.factor);
  else impair(f, component, episode);
  return episode;
}

void FaultInjector::end(std::size_t episode, std::size_t f, std::size_t target) {
  const FaultSpec& fault = faults_[f];
  const Equipment& component = equipment_[target];
  episodes_[episode].to = calendar_.now();
  if (kind_of(fault).takes_down) set_down(fault, component, false);
  else if (component.kind == Equipment::Kind::ssd) slow_ssd(component, episode, 1);
  else
    for (Port* port : ports_of(component)) impaired_.at(port)->remove(episode);
}

void FaultInjector::set_down(const FaultSpec& fault, const Equipment& c, bool down) {
  if (fault.kind == "switch_isolation") {
    for (Fabric::Link* link : c.switch_->uplinks) c.fabric->set_link_up(*link, !down);
  } else if (c.is_switch()) {
    c.fabric->set_switch_up(*c.switch_, !down);
  } else if (c.link != nullptr) {
    c.fabric->set_link_up(*c.link, !down);
  } else if (fault.kind == "server_down") {
    int& reasons = servers_down_[c.node];
    reasons += down ? 1 : -1;
    c.node->set_up(reasons == 0);
  } else if (fault.kind == "engine_down") {
    domain_.set_engine(*c.node, !down);
  } else {  // a NIC: the links of its server
    for (Fabric* fabric : domain_.fabrics())
      for (Fabric::Link* link : fabric->links_of(*c.node)) fabric->set_link_up(*link, !down);
  }
}

// An SSD is as slow as the worst of what slows it; a factor of 1 ends an episode.
void FaultInjector::slow_ssd(const Equipment& c, std::size_t episode, double factor) {
  // Servers that were built for checks have empty slots.
  if (c.slot >= c.node->ssds().size()) return;
  Ssd* const ssd = c.node->ssds()[c.slot].get();
  std::map<std::size_t, double>& factors = slowed_[ssd];
  if (factor > 1) factors[episode] = factor;
  else factors.erase(episode);
  double worst = 1;
  for (const auto& [of, each] : factors) worst = std::max(worst, each);
  ssd->slow_down(worst);
}

std::vector<Port*> FaultInjector::ports_of(const Equipment& c) const {
  if (c.is_switch()) return c.switch_->egress;  // a packet passes one of them
  if (c.kind == Equipment::Kind::link) return {c.link->up, c.link->down};
  return {c.port};
}

void FaultInjector::impair(std::size_t f, const Equipment& component, std::size_t episode) {
  const FaultSpec& fault = faults_[f];
  Impairment what;
  what.kind = fault.kind == "blackhole"    ? Impairment::Kind::blackhole
              : fault.kind == "loss"       ? Impairment::Kind::loss
              : fault.kind == "corruption" ? Impairment::Kind::corruption
                                           : Impairment::Kind::slow;
  what.share = fault.rate.value_or(fault.fraction.value_or(1));
  what.seed = hash_of(seed_, fmt::format("fault/{}/{}", f, component.name));
  what.speed = fault.speed.value_or(BitRate{});
  for (Port* port : ports_of(component)) {
    auto& impaired = impaired_[port];
    if (!impaired) impaired = std::make_unique<ImpairedPort>(*port);
    impaired->add(episode, what,
                  RandomStream(seed_, fmt::format("fault/{}/{}/{}", f, episode, port->name())));
  }
}

}  // namespace orrery
