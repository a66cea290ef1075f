#include "analysis/result/resource_usage.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "models/net/fluid.hpp"

namespace orrery {

using Json = nlohmann::ordered_json;

namespace {

template <class Part>
std::vector<Station*> stations_of(Part& part) {
  std::vector<Station*> stations;
  part.collect_stations(stations);
  return stations;
}

}  // namespace

ResourceUsage::ResourceUsage(System& system) : testbed_(system) {
  for (const auto& node : system.compute_nodes()) {
    host_cores_.push_back(add(stations_of(node->cpu())));
    add_ssds(*node);
    Dpu* dpu = node->dpu();
    if (dpu == nullptr) continue;
    dpu_cores_.push_back(add(stations_of(dpu->cpu())));
    internal_pcie_.push_back(add(stations_of(dpu->internal_pcie())));
    host_pcie_.push_back(add(stations_of(dpu->host_pcie())));
    add(stations_of(dpu->fpga()));
  }
  for (const auto& node : system.storage_nodes()) {
    storage_cores_.push_back(add(stations_of(node->cpu())));
    add_ssds(*node);
  }
  if (system.pool() != nullptr) {
    auto reactors = [&](const std::vector<Range>& cores, std::vector<Range>& engines) {
      for (const Range machine : cores)
        engines.push_back({machine.first, machine.first + system.pool()->reactors()});
    };
    reactors(host_cores_, compute_engines_);
    reactors(storage_cores_, storage_engines_);
  }
  compute_links_ = add(system.compute_links());
  storage_links_ = add(system.storage_links());
  spine_links_ = add(system.spine_links());
}

void ResourceUsage::add_ssds(Node& node) {
  for (const auto& ssd : node.ssds()) {
    ssds_.push_back(add(stations_of(*ssd)));
    ssd_names_.push_back(ssd->name());
  }
}

ResourceUsage::Range ResourceUsage::add(const std::vector<Station*>& stations) {
  const std::size_t first = stations_.size();
  for (Station* station : stations) stations_.push_back({station, {}, {}});
  return {first, stations_.size()};
}

ResourceUsage::Range ResourceUsage::add(const std::vector<Port*>& ports) {
  const std::size_t first = ports_.size();
  for (const Port* port : ports) ports_.push_back({port});
  return {first, ports_.size()};
}

void ResourceUsage::begin(TimePoint now) {
  from_ = now;
  for (StationState& s : stations_) {
    s.from = s.station->books().snapshot(now);
    s.station->books().forget_peak();
  }
  for (PortState& p : ports_) p.from = p.port->busy_time();
  for (Fabric* fabric : testbed_.fabrics()) {
    for (auto& port : fabric->ports()) port->forget_peak();
    if (fabric->fluid() != nullptr) fabric->fluid()->measure_from_now();
  }
}

void ResourceUsage::end(TimePoint now) {
  to_ = now;
  for (StationState& s : stations_) s.to = s.station->books().snapshot(now);
  for (PortState& p : ports_) p.to = p.port->busy_time();
  collect_flow_loads();
}

void ResourceUsage::collect_flow_loads() {
  flow_loads_.clear();
  const double span = to_seconds(to_ - from_);
  for (Fabric* fabric : testbed_.fabrics()) {
    if (fabric->fluid() == nullptr) continue;
    for (const FluidNetwork::Carried& carried : fabric->fluid()->carried()) {
      const FluidNetwork::Bundle& bundle = *carried.bundle;
      const bool up = carried.direction == LinkDirection::up;
      FlowLoad load;
      load.name = fabric->name() + "/" + bundle.label + (up ? "/up" : "/down");
      load.role = LinkRole::spine;
      if (bundle.server) {
        load.node = &fabric->node_of(*bundle.server);
        const auto& compute = testbed_.compute_nodes();
        const bool is_compute = std::any_of(compute.begin(), compute.end(), [&](const auto& node) {
          return node.get() == load.node;
        });
        load.role = is_compute ? LinkRole::compute : LinkRole::storage;
      }
      load.utilisation = span > 0 ? static_cast<double>(carried.bytes.count()) /
                                        (bundle.rate.bytes_per_second() * span)
                                  : 0;
      load.messages = carried.messages;
      load.bytes = carried.bytes;
      flow_loads_.push_back(std::move(load));
    }
  }
}

bool ResourceUsage::has_flows() const { return !flow_loads_.empty(); }

std::vector<std::string> ResourceUsage::broken_flow_counts() const {
  std::vector<std::string> names;
  for (Fabric* fabric : testbed_.fabrics())
    if (fabric->fluid() != nullptr && !fabric->fluid()->flows_conserved())
      names.push_back(fabric->name());
  return names;
}

double ResourceUsage::busiest_flow_link(LinkRole role) const {
  double most = 0;
  for (const FlowLoad& load : flow_loads_)
    if (load.role == role) most = std::max(most, load.utilisation);
  return most;
}

Json ResourceUsage::stations() const {
  Json list = Json::array();
  for (const StationState& s : stations_) {
    const BookFigures f = s.figures();
    if (f.served == 0 && f.left == 0 && f.mean_busy == 0) continue;
    list.push_back({{"name", s.station->name()},
                    {"servers", s.station->servers()},
                    {"utilisation", f.utilisation},
                    {"mean_busy", f.mean_busy},
                    {"mean_queue", f.mean_queue},
                    {"mean_wait_us", f.mean_wait_us},
                    {"peak_queue", s.station->books().peak_queue()},
                    {"served", f.served},
                    {"left", f.left}});
  }
  return list;
}

double ResourceUsage::utilisation(const PortState& p) const {
  const Duration span = to_ - from_;
  return span.count() > 0
             ? static_cast<double>((p.to - p.from).count()) / static_cast<double>(span.count())
             : 0;
}

Json ResourceUsage::ports() const {
  Json list = Json::array();
  for (const PortState& p : ports_) {
    if (p.port->packets_in() == 0) continue;
    list.push_back({{"name", p.port->name()},
                    {"utilisation", utilisation(p)},
                    {"peak_queue_bytes", p.port->peak_queued().count()},
                    {"packets", p.port->packets_in()},
                    {"drops", p.port->packets_dropped()}});
  }
  for (const FlowLoad& load : flow_loads_)
    if (load.messages > 0 || load.bytes > Bytes{})
      list.push_back({{"name", load.name},
                      {"utilisation", load.utilisation},
                      {"messages", load.messages},
                      {"bytes", load.bytes.count()}});
  return list;
}

Json ResourceUsage::network() const {
  Json all = Json::object();
  for (Fabric* fabric : testbed_.fabrics()) {
    if (FluidNetwork* fluid = fabric->fluid()) {
      const FluidCounters& c = fluid->counters();
      all[fabric->name()] = {{"flows", c.flows},
                             {"flows_arrived", c.flows_arrived},
                             {"flows_broken", c.flows_broken},
                             {"messages_without_payload", c.headers},
                             {"messages_resent", c.resent},
                             {"connection_failures", c.failures}};
      continue;
    }
    const TransportCounters& c = fabric->counters();
    std::int64_t marked = 0, stopped = 0, frames = 0, dropped = 0;
    for (const auto& port : fabric->ports()) {
      marked += port->packets_marked();
      stopped += port->times_stopped();
      frames += port->frames_lost();
      dropped += port->packets_dropped();
    }
    all[fabric->name()] = {{"packets_sent", c.sent},
                           {"packets_resent", c.resent},
                           {"acknowledgements", c.acks},
                           {"packets_dropped", dropped},
                           {"frames_lost_of_bursts", frames},
                           {"packets_marked", marked},
                           {"pauses", stopped},
                           {"segments_lost", c.lost},
                           {"timeouts", c.timeouts},
                           {"path_changes", c.path_changes},
                           {"connection_failures", c.failures},
                           {"unroutable", c.unroutable}};
  }
  return all;
}

double ResourceUsage::mean_busy(const std::vector<Range>& machines) const {
  double sum = 0;
  for (const Range machine : machines)
    for (const StationState& s : in(machine)) sum += s.figures().mean_busy;
  return sum / static_cast<double>(machines.size());
}

double ResourceUsage::busiest(const std::vector<Range>& groups) const {
  double most = 0;
  for (const Range group : groups)
    for (const StationState& s : in(group)) most = std::max(most, s.figures().utilisation);
  return most;
}

double ResourceUsage::busiest_link(Range range) const {
  double most = 0;
  for (std::size_t i = range.first; i < range.last; ++i)
    most = std::max(most, utilisation(ports_[i]));
  return most;
}

Json ResourceUsage::resources() const {
  Json out = Json::object();
  if (!host_cores_.empty()) out["compute_cores_used"] = mean_busy(host_cores_);
  if (testbed_.pool() != nullptr) {
    out["compute_engine_cores_used"] = mean_busy(compute_engines_);
    out["storage_engine_cores_used"] = mean_busy(storage_engines_);
    out["busiest_reactor"] = std::max(busiest(compute_engines_), busiest(storage_engines_));
  }
  if (!dpu_cores_.empty()) {
    out["dpu_cores_used"] = mean_busy(dpu_cores_);
    out["internal_pcie_utilisation"] = busiest(internal_pcie_);
    out["host_pcie_utilisation"] = busiest(host_pcie_);
  }
  if (!testbed_.fabrics().empty()) {
    out["storage_cores_used"] = mean_busy(storage_cores_);
    const bool flows = has_flows();
    auto busiest = [&](Range ports, LinkRole role) {
      return flows ? busiest_flow_link(role) : busiest_link(ports);
    };
    out["compute_link_utilisation"] = busiest(compute_links_, LinkRole::compute);
    out["storage_link_utilisation"] = busiest(storage_links_, LinkRole::storage);
    out["spine_link_utilisation"] = busiest(spine_links_, LinkRole::spine);
    if (!flows) out["packets_dropped"] = packets_dropped();
  }
  // On a bare device only applications take any.
  if (const double cores = mean_busy(storage_cores_); testbed_.fabrics().empty() && cores > 0)
    out["storage_cores_used"] = cores;
  if (!ssds_.empty()) out["ssd_utilisation"] = busiest(ssds_);
  return out;
}

std::vector<std::pair<std::string, double>> ResourceUsage::overloaded() const {
  constexpr double kAllTheTime = 0.99;
  std::vector<std::pair<std::string, double>> found;
  for (const StationState& s : stations_) {
    auto present = [](const StationStats::Snapshot& b) {
      return static_cast<double>(b.arrived - b.served - b.left);
    };
    const auto arrivals = static_cast<double>(s.to.arrived - s.from.arrived);
    const double growth = present(s.to) - present(s.from);
    // At a load of exactly 1 the queue grows as a random walk that cannot fall below 0.
    if (growth < std::max(10.0, std::sqrt(arrivals) / 2)) continue;
    if (s.figures().utilisation >= kAllTheTime) found.emplace_back(s.station->name(), growth);
  }
  return found;
}

std::vector<std::string> ResourceUsage::broken_littles_law() const {
  std::vector<std::string> names;
  for (const StationState& s : stations_)
    if (!littles_law_holds(s.to)) names.push_back(s.station->name());
  return names;
}

std::vector<std::string> ResourceUsage::broken_packet_counts() const {
  std::vector<std::string> names;
  for (Fabric* fabric : testbed_.fabrics())
    if (!fabric->packets_conserved()) names.push_back(fabric->name());
  return names;
}

std::vector<std::string> ResourceUsage::unreached() const {
  std::vector<std::string> names;
  for (const auto& node : testbed_.storage_nodes()) {
    if (has_flows()) {
      const bool reached =
          std::any_of(flow_loads_.begin(), flow_loads_.end(), [&](const FlowLoad& load) {
            return load.node == node.get() && (load.messages > 0 || load.bytes > Bytes{});
          });
      if (!reached) names.push_back(node->name());
      continue;
    }
    const std::vector<Port*> links = testbed_.links_of(*node);
    if (!links.empty() && std::all_of(links.begin(), links.end(),
                                      [](const Port* link) { return link->packets_in() == 0; }))
      names.push_back(node->name());
  }
  for (std::size_t i = 0; i < ssds_.size(); ++i) {
    const auto stations = in(ssds_[i]);
    if (stations.empty()) continue;  // a device without media
    if (std::all_of(stations.begin(), stations.end(),
                    [](const StationState& s) { return s.to.arrived == 0; }))
      names.push_back(ssd_names_[i]);
  }
  return names;
}

std::int64_t ResourceUsage::frames_lost() const {
  std::int64_t sum = 0;
  for (const PortState& p : ports_) sum += p.port->frames_lost();
  return sum;
}

std::int64_t ResourceUsage::packets_dropped() const {
  std::int64_t sum = 0;
  for (const PortState& p : ports_) sum += p.port->packets_dropped();
  return sum;
}

}  // namespace orrery
