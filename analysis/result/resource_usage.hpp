// What the machine room did between two moments: stations, ports, and the totals a person asks for
// first.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "scenarios/system.hpp"
#include "sim/station_stats.hpp"

namespace orrery {

class ResourceUsage {
 public:
  explicit ResourceUsage(System& system);

  // The present state as the beginning, or as the end, of the span.
  void begin(TimePoint now);
  void end(TimePoint now);

  nlohmann::ordered_json stations() const;  // those that served anything
  nlohmann::ordered_json ports() const;     // those that carried anything
  nlohmann::ordered_json network()
      const;  // what the connections over each fabric did, over the whole run
  // Cores used per machine, and of links, PCIe and SSDs the busiest.
  nlohmann::ordered_json resources() const;

  // Stations that were busy all the time and whose queues grew, by more than chance, and by how
  // many jobs.
  std::vector<std::pair<std::string, double>> overloaded() const;
  // Little's law at every station, packets conserved at every port; what is broken, by name.
  std::vector<std::string> broken_littles_law() const;
  std::vector<std::string> broken_packet_counts() const;
  // Storage servers and devices that no I/O reached.
  std::vector<std::string> unreached() const;
  // Of fabrics that carry messages as flows; flows in = arrived + broken + under way.
  bool has_flows() const;
  std::vector<std::string> broken_flow_counts() const;
  std::int64_t packets_dropped() const;
  std::int64_t frames_lost() const;

 private:
  struct StationState {
    Station* station;
    StationStats::Snapshot from, to;
    BookFigures figures() const { return figures_between(from, to, station->servers()); }
  };
  struct PortState {
    const Port* port;
    Duration from{}, to{};
  };
  // One direction of a bundle of links that flows share.
  enum class LinkRole : std::uint8_t { compute, storage, spine };
  struct FlowLoad {
    std::string name;
    const Node* node = nullptr;  // none: between switches
    LinkRole role;
    double utilisation;
    std::int64_t messages;
    Bytes bytes;
  };
  // A run of stations or ports that belong together: indices from `first` to before `last`.
  struct Range {
    std::size_t first = 0, last = 0;
  };
  void add_ssds(Node& node);
  Range add(const std::vector<Station*>& stations);
  Range add(const std::vector<Port*>& ports);
  std::span<const StationState> in(Range range) const {
    return {stations_.data() + range.first, range.last - range.first};
  }
  double mean_busy(const std::vector<Range>& machines) const;
  double busiest(const std::vector<Range>& groups) const;
  double utilisation(const PortState& port) const;
  double busiest_link(Range range) const;
  double busiest_flow_link(LinkRole role) const;
  void collect_flow_loads();

  System& testbed_;
  TimePoint from_{}, to_{};
  std::vector<StationState> stations_;
  std::vector<PortState> ports_;
  std::vector<FlowLoad> flow_loads_;

  // One entry per machine or device.
  std::vector<Range> host_cores_, dpu_cores_, storage_cores_;
  std::vector<Range> compute_engines_, storage_engines_;  // reactors of a pool, among these
  std::vector<Range> internal_pcie_, host_pcie_, ssds_;
  std::vector<std::string> ssd_names_;
  Range compute_links_, storage_links_, spine_links_;
};

}  // namespace orrery
