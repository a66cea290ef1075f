// The case that tells what a packet costs: 16 servers under 4 leaves and 2 spines, all sending 4
// KiB messages to servers of other racks, each answered by 64 bytes. Arrivals are Poisson and wait
// for nothing.
//
// Everything that a packet can meet is on: weighted queue classes that mark, telemetry or marks
// that congestion control listens to, a buffer that a switch's ports share, a retransmission timer
// per channel. Core time is not: the case is of the network.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "models/net/connection.hpp"
#include "models/net/fabric.hpp"
#include "sim/random.hpp"
#include "sim/task.hpp"
#include "tests/bench/net_numbers.hpp"

namespace orrery {

class NetCase {
 public:
  // `stack`: solar, under HPCC, or luna, under DCTCP.
  NetCase(std::string_view stack, double messages_per_second);

  void run(Duration time) { calendar_.run_until(calendar_.now() + time); }
  // Ports that packets have passed so far.
  std::int64_t packet_hops() const;
  std::int64_t replies() const { return replies_; }
  std::uint64_t events() const { return calendar_.fired(); }
  // Share of the time that the servers' links to their leaves were busy.
  double load() const;

 private:
  Task<> source(std::size_t from, Duration mean);
  Task<> exchange(Connection* connection);

  Calendar calendar_;
  std::unique_ptr<Fabric> fabric_;
  std::vector<std::unique_ptr<Node>> nodes_;
  std::unique_ptr<Stack> stack_;
  std::vector<std::unique_ptr<Connection>> connections_;  // by sender, then receiver
  RandomStream random_{1, "net-case"};
  std::int64_t replies_ = 0;
  TaskScope tasks_;
};

}  // namespace orrery
