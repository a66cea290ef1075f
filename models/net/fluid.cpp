#include "models/net/fluid.hpp"

#include <algorithm>
#include <utility>

#include "sim/platform.hpp"

namespace orrery {

namespace {

std::size_t index_of(LinkDirection direction) { return static_cast<std::size_t>(direction); }

BitRate sum_of(const std::vector<Fabric::Link*>& links, bool of_all) {
  double sum = 0;
  for (const Fabric::Link* link : links)
    if (of_all || link->dead == 0) sum += link->up->rate().bits_per_second();
  return BitRate{sum};
}

}  // namespace

std::string rack_zone(std::size_t rack) { return "rack-" + std::to_string(rack); }
std::string pod_zone(std::size_t pod) { return "pod-" + std::to_string(pod); }

// A flow under way: where its bytes are counted.
class FluidNetwork::Trip {
 public:
  Trip(FluidNetwork& network, const Way& way, const SharedLinks::Flow& flow)
      : network_(network), way_(way), flow_(flow), index_(network.trips_.size()) {
    network.trips_.push_back(this);
  }
  Trip(const Trip&) = delete;
  Trip& operator=(const Trip&) = delete;
  ~Trip() {
    for (const Crossing& crossing : way_.crossings) {
      Load& load = crossing.bundle->loads[index_of(crossing.direction)];
      ++load.messages;
      load.bytes += bytes();
    }
    network_.trips_.back()->index_ = index_;
    network_.trips_[index_] = network_.trips_.back();
    network_.trips_.pop_back();
  }

  const Way& way() const { return way_; }
  std::int64_t bytes() const { return flow_.carried().count(); }

 private:
  FluidNetwork& network_;
  const Way& way_;
  const SharedLinks::Flow& flow_;
  std::size_t index_;
};

FluidNetwork::FluidNetwork(Fabric& fabric) : fabric_(fabric), shared_(fabric.calendar()) {
  for (Fabric::ServerId id = 0; id < fabric.servers(); ++id) {
    const std::string& name = fabric.server_name(id);
    const std::vector<Fabric::Link*> links = fabric.links_of(id);
    servers_.push_back(&add_bundle(nics_of(name), links));
    servers_.back()->server = id;
    int& sides = sides_[fabric.rack_of(id)];
    sides = std::max(sides, static_cast<int>(links.size()));
  }
  std::map<std::size_t, std::vector<Fabric::Link*>> of_racks, of_pods;
  for (Fabric::Link& link : fabric.links()) {
    if (link.lower == nullptr) continue;
    if (link.lower->tier == Fabric::Tier::spine) of_pods[link.lower->pod].push_back(&link);
    else if (const auto used = sides_.find(link.lower->index);
             used != sides_.end() && link.lower->side < used->second)
      of_racks[link.lower->index].push_back(&link);
  }
  for (const auto& [rack, links] : of_racks)
    racks_[rack] = &add_bundle(uplinks_of(rack_zone(rack)), links);
  for (const auto& [pod, links] : of_pods)
    pods_[pod] = &add_bundle(uplinks_of(pod_zone(pod)), links);
}

void FluidNetwork::take_over(Fabric& fabric) {
  auto network = std::make_shared<FluidNetwork>(fabric);
  FluidNetwork* const told = network.get();
  fabric.carry_as_flows(std::move(network),
                        [told](const Fabric::Link& link) { told->link_changed(link); });
}

FluidNetwork::Bundle& FluidNetwork::add_bundle(std::string label,
                                               const std::vector<Fabric::Link*>& links) {
  Bundle& bundle = bundles_.emplace_back();
  bundle.label = std::move(label);
  bundle.rate = sum_of(links, true);
  bundle.links = links;
  for (SharedLinks::Link& way : bundle.shared) way = shared_.add(bundle.rate);
  for (const Fabric::Link* link : links) bundle_of_[link] = &bundle;
  return bundle;
}

bool FluidNetwork::Way::is_open() const {
  return std::all_of(crossings.begin(), crossings.end(),
                     [](const Crossing& crossing) { return crossing.bundle->up; });
}

std::optional<FluidNetwork::Way> FluidNetwork::way(const FiveTuple& flow,
                                                   Duration end_latency) const {
  const Route route = fabric_.route(flow);
  if (route.length == 0) return std::nullopt;
  Way way;
  way.rate = route.ports[0]->rate();
  way.latency = end_latency;
  for (std::size_t i = 0; i < route.length; ++i) {
    way.rate = std::min(way.rate, route.ports[i]->rate());
    way.latency += route.ports[i]->latency();
    way.others_ps_per_byte += route.ports[i]->rate().picoseconds_per_byte();
  }
  way.others_ps_per_byte -= way.rate.picoseconds_per_byte();

  const std::size_t from = fabric_.rack_of(flow.source), to = fabric_.rack_of(flow.destination);
  way.crossings.push_back({servers_[flow.source], LinkDirection::up});
  if (from != to) {
    way.crossings.push_back({racks_.at(from), LinkDirection::up});
    if (const std::size_t a = fabric_.pod_of(from), b = fabric_.pod_of(to); a != b) {
      way.crossings.push_back({pods_.at(a), LinkDirection::up});
      way.crossings.push_back({pods_.at(b), LinkDirection::down});
    }
    way.crossings.push_back({racks_.at(to), LinkDirection::down});
  }
  way.crossings.push_back({servers_[flow.destination], LinkDirection::down});
  for (const Crossing& crossing : way.crossings)
    way.links.push_back(crossing.bundle->shared[index_of(crossing.direction)]);
  return way;
}

int FluidNetwork::lanes_between(Fabric::ServerId a, Fabric::ServerId b) const {
  return static_cast<int>(std::min(servers_[a]->links.size(), servers_[b]->links.size()));
}

Task<bool> FluidNetwork::carry(WayPointer way, Bytes wire) {
  SharedLinks::Flow flow(shared_, way->links, way->rate, wire);
  Trip trip(*this, *way, flow);
  ++counters_.flows;
  const bool arrived = co_await flow;
  ++(arrived ? counters_.flows_arrived : counters_.flows_broken);
  co_return arrived;
}

Task<bool> FluidNetwork::carry_header(WayPointer way, Bytes wire) {
  co_await Delay(fabric_.calendar(), wire / way->rate);
  ++counters_.headers;
  for (const Crossing& crossing : way->crossings) {
    Load& load = crossing.bundle->loads[index_of(crossing.direction)];
    ++load.messages;
    load.bytes += wire.count();
  }
  co_return way->is_open();
}

void FluidNetwork::link_changed(const Fabric::Link& link) {
  const auto found = bundle_of_.find(&link);
  if (found == bundle_of_.end()) return;
  Bundle& bundle = *found->second;
  const BitRate left = sum_of(bundle.links, false);
  const bool up = left > BitRate{};
  bundle.up = up;
  for (const SharedLinks::Link way : bundle.shared) shared_.set_capacity(way, left);
}

void FluidNetwork::measure_from_now() {
  for (Bundle& bundle : bundles_)
    for (Load& load : bundle.loads) load.bytes_before = load.bytes;
  for (const Trip* trip : trips_)
    for (const Crossing& crossing : trip->way().crossings)
      crossing.bundle->loads[index_of(crossing.direction)].bytes_before += trip->bytes();
}

std::vector<FluidNetwork::Carried> FluidNetwork::carried() const {
  std::map<const Load*, std::int64_t> under_way;
  for (const Trip* trip : trips_)
    for (const Crossing& crossing : trip->way().crossings)
      under_way[&crossing.bundle->loads[index_of(crossing.direction)]] += trip->bytes();
  std::vector<Carried> all;
  for (const Bundle& bundle : bundles_)
    for (const LinkDirection direction : {LinkDirection::up, LinkDirection::down}) {
      const Load& load = bundle.loads[index_of(direction)];
      const auto moving = under_way.find(&load);
      const std::int64_t more = moving != under_way.end() ? moving->second : 0;
      all.push_back(
          {&bundle, direction, load.messages, Bytes{load.bytes + more - load.bytes_before}});
    }
  return all;
}

bool FluidNetwork::flows_conserved() const {
  return counters_.flows == counters_.flows_arrived + counters_.flows_broken +
                                static_cast<std::int64_t>(trips_.size());
}

}  // namespace orrery
