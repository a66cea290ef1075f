#include "analysis/measured_span.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace orrery {

using Json = nlohmann::ordered_json;

namespace {
bool starts_with(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}
bool ends_with(std::string_view text, std::string_view suffix) {
  return text.size() >= suffix.size() && text.substr(text.size() - suffix.size()) == suffix;
}
}  // namespace

MeasuredSpan::MeasuredSpan(Testbed& testbed) : testbed_(testbed) {
  for (Station* station : testbed.stations()) stations_.push_back({station, {}, {}});
  for (Fabric* fabric : testbed.fabrics())
    for (auto& port : fabric->ports()) ports_.push_back({port.get()});
}

void MeasuredSpan::begin(TimePoint now) {
  from_ = now;
  for (StationState& s : stations_) {
    s.from = s.station->books().snapshot(now);
    s.station->books().forget_peak();
  }
  for (PortState& p : ports_) {
    p.from = p.port->busy_time();
    p.port->forget_peak();
  }
}

void MeasuredSpan::end(TimePoint now) {
  to_ = now;
  for (StationState& s : stations_) s.to = s.station->books().snapshot(now);
  for (PortState& p : ports_) p.to = p.port->busy_time();
}

Json MeasuredSpan::stations() const {
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

Json MeasuredSpan::ports() const {
  Json list = Json::array();
  for (const PortState& p : ports_) {
    const Port::Counters sum = p.port->totals();
    if (sum.packets_in == 0) continue;
    list.push_back({{"name", p.port->name()},
                    {"utilisation", p.utilisation(to_ - from_)},
                    {"peak_queue_bytes", p.port->peak_queued().count()},
                    {"packets", sum.packets_in},
                    {"drops", sum.packets_dropped}});
  }
  return list;
}

double MeasuredSpan::mean_busy(std::string_view prefix, std::string_view suffix,
                               std::size_t machines) const {
  double sum = 0;
  for (const StationState& s : stations_)
    if (starts_with(s.station->name(), prefix) && ends_with(s.station->name(), suffix))
      sum += s.figures().mean_busy;
  return machines > 0 ? sum / static_cast<double>(machines) : 0;
}

double MeasuredSpan::busiest(std::string_view suffix) const {
  double most = 0;
  for (const StationState& s : stations_)
    if (ends_with(s.station->name(), suffix)) most = std::max(most, s.figures().utilisation);
  return most;
}

Json MeasuredSpan::resources() const {
  Json out = Json::object();
  const std::size_t compute = testbed_.compute_nodes().size();
  const std::size_t storage = testbed_.storage_nodes().size();
  double dpu = 0, host = 0;
  for (const StationState& s : stations_) {
    if (!starts_with(s.station->name(), "compute-")) continue;
    if (ends_with(s.station->name(), "/dpu/cores")) dpu += s.figures().mean_busy;
    else if (ends_with(s.station->name(), "/cores")) host += s.figures().mean_busy;
  }
  if (compute > 0) {
    out["compute_cores_used"] = host / static_cast<double>(compute);
    out["dpu_cores_used"] = dpu / static_cast<double>(compute);
  }
  out["storage_cores_used"] = mean_busy("storage-", "/cores", storage);
  out["internal_pcie_utilisation"] =
      std::max(busiest("/internal_pcie/down"), busiest("/internal_pcie/up"));
  out["host_pcie_utilisation"] = std::max(busiest("/host_pcie/down"), busiest("/host_pcie/up"));
  double nic = 0, spine = 0;
  for (const PortState& p : ports_) {
    const double utilisation = p.utilisation(to_ - from_);
    const bool between_switches = p.port->name().find("/tor-") != std::string::npos &&
                                  p.port->name().find("spine-") != std::string::npos;
    double& most =
        between_switches || p.port->name().find("->tor-") != std::string::npos ? spine : nic;
    most = std::max(most, utilisation);
  }
  out["busiest_server_link_utilisation"] = nic;
  out["busiest_spine_link_utilisation"] = spine;
  out["busiest_ssd_drain_utilisation"] = busiest("/drain");
  out["packets_dropped"] = packets_dropped();
  return out;
}

std::vector<std::string> MeasuredSpan::broken_littles_law() const {
  std::vector<std::string> names;
  for (const StationState& s : stations_)
    if (!littles_law_holds(s.to)) names.push_back(s.station->name());
  return names;
}

std::vector<std::string> MeasuredSpan::broken_packet_counts() const {
  std::vector<std::string> names;
  for (Fabric* fabric : testbed_.fabrics())
    if (!fabric->packets_conserved()) names.push_back(fabric->name());
  return names;
}

std::vector<std::string> MeasuredSpan::unreached() const {
  std::vector<std::string> names;
  for (const StationState& s : stations_)
    if (s.to.arrived == 0 && ends_with(s.station->name(), "/cores") &&
        starts_with(s.station->name(), "storage-"))
      names.push_back(s.station->name().substr(0, s.station->name().size() - 6));
  return names;
}

std::int64_t MeasuredSpan::packets_dropped() const {
  std::int64_t sum = 0;
  for (const PortState& p : ports_) sum += p.port->totals().packets_dropped;
  return sum;
}

}  // namespace orrery
