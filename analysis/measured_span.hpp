// What the machine room did between two moments: stations, ports, and the totals a person asks for first.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "scenarios/testbed.hpp"
#include "sim/books.hpp"

namespace orrery {

class MeasuredSpan {
 public:
  explicit MeasuredSpan(Testbed& testbed);

  // The present state as the beginning, or as the end, of the span.
  void begin(TimePoint now);
  void end(TimePoint now);

  nlohmann::ordered_json stations() const;   // those that served anything
  nlohmann::ordered_json ports() const;      // those that carried anything
  nlohmann::ordered_json resources() const;  // cores used, PCIe, NIC and SSD utilisation

  // Little's law at every station, packets conserved at every port; what is broken, by name.
  std::vector<std::string> broken_littles_law() const;
  std::vector<std::string> broken_packet_counts() const;
  // Machines and devices that no I/O reached.
  std::vector<std::string> unreached() const;
  std::int64_t packets_dropped() const;

 private:
  struct StationState {
    Station* station;
    Books::Snapshot from, to;
    BookFigures figures() const { return figures_between(from, to, station->servers()); }
  };
  struct PortState {
    Port* port;
    Duration from{}, to{};
    double utilisation(Duration span) const {
      return span.count() > 0
                 ? static_cast<double>((to - from).count()) / static_cast<double>(span.count())
                 : 0;
    }
  };
  double mean_busy(std::string_view prefix, std::string_view suffix, std::size_t machines) const;
  double busiest(std::string_view suffix) const;

  Testbed& testbed_;
  TimePoint from_{}, to_{};
  std::vector<StationState> stations_;
  std::vector<PortState> ports_;
};

}  // namespace orrery
