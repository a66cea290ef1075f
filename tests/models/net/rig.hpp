// Servers on one fabric, built from the shipped profiles and driven straight from the calendar.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "models/ebs/profile.hpp"
#include "models/host/guest.hpp"
#include "models/host/node.hpp"
#include "models/net/fabric.hpp"
#include "models/net/registry.hpp"
#include "models/ssd/registry.hpp"
#include "scenarios/profiles.hpp"
#include "scenarios/scenario.hpp"
#include "scenarios/text/input_error.hpp"
#include "sim/random.hpp"

namespace orrery {

inline const Profile& shipped_profile(const std::string& name) {
  static ProfileLibrary library({"scenarios/profiles"}, disk_reader(), disk_lister(),
                                model_catalogue());
  return library.get(name, {});
}

template <class S>
S shipped(const std::string& name) {
  return bind<S>(shipped_profile(name));
}

inline QueueProfiles shipped_queues() {
  QueueProfiles queues;
  for (std::size_t c = 0; c < kTrafficClasses; ++c)
    queues[c] = shipped<QueueProfile>(std::string(kQueueProfileNames[c]));
  return queues;
}

inline std::unique_ptr<Stack> shipped_stack(std::string_view name) {
  const StackEntry* entry = find_stack(name);
  return entry->make(shipped_profile(std::string(entry->profile)));
}

// A shipped stack with some of its parameters replaced.
inline std::unique_ptr<Stack> stack_with(std::string_view name,
                                         const std::map<std::string, Value>& replaced) {
  const StackEntry* entry = find_stack(name);
  Profile profile = shipped_profile(std::string(entry->profile));
  std::size_t found = 0;
  for (auto& [parameter_name, parameter] : profile.parameters) {
    const auto with = replaced.find(parameter_name);
    if (with == replaced.end()) continue;
    parameter.value = with->second;
    ++found;
  }
  EXPECT_EQ(found, replaced.size()) << name << " has no such parameter";
  return entry->make(profile);
}

// Loses the packets of which `lost` is true.
template <class Lost>
void drop_if(Port& port, Lost lost) {
  port.set_filter([lost = std::move(lost)](Packet& packet) mutable {
    return lost(packet) ? Port::Fate::dropped : Port::Fate::passes;
  });
}

// Fires everything that is pending, however far away.
inline void run_dry(Calendar& calendar) {
  while (!calendar.empty()) calendar.run_until(calendar.next_time());
}

struct NetOptions {
  std::string fabric = "clos-25g";
  std::string node = "compute-25g";
  std::vector<std::size_t> racks = {0, 1};  // one server per entry
  bool client_on_dpu = false;               // server 0's endpoint
  bool floating = false;                    // threads on any core instead of the first
  double slowness = 0;                      // 0: as the profile says
  std::function<void(FabricProfile&, QueueProfiles&)> adjust;
};

class NetRig {
 public:
  explicit NetRig(const NetOptions& options = {}) : options_(options) {
    auto fabric = shipped<FabricProfile>(options.fabric);
    QueueProfiles queues = shipped_queues();
    if (options.adjust) options.adjust(fabric, queues);
    fabric_ = std::make_unique<Fabric>(calendar_, "net", fabric, 1, queues);
    auto profile = shipped<NodeProfile>(options.node);
    if (options.slowness > 0) profile.slowness = options.slowness;
    for (const std::size_t rack : options.racks) {
      nodes_.push_back(
          std::make_unique<Node>(calendar_, "server-" + std::to_string(nodes_.size()), profile));
      fabric_->attach(*nodes_.back(), rack);
    }
    if (options.client_on_dpu) nodes_[0]->install_dpu(shipped<DpuProfile>("ali-dpu"));
  }
  ~NetRig() { expect_conserved(); }

  Calendar& calendar() { return calendar_; }
  Fabric& fabric() { return *fabric_; }
  Node& node(std::size_t server) { return *nodes_[server]; }
  Endpoint endpoint(std::size_t server) {
    Node& node = *nodes_[server];
    const bool dpu = server == 0 && options_.client_on_dpu;
    Cpu& cpu = dpu ? node.dpu()->cpu() : node.cpu();
    return {&node, options_.floating ? Thread::floating(cpu) : Thread::pinned(cpu, 0),
            static_cast<Fabric::ServerId>(server), dpu};
  }
  std::unique_ptr<Connection> connect(Stack& stack, std::size_t from = 0, std::size_t to = 1,
                                      std::uint16_t source_port = 50000) {
    return stack.connect(*fabric_, endpoint(from), endpoint(to), source_port);
  }
  // In = delivered + dropped + in flight: at every port and class, at every switch and class (what
  // its links brought in stands before its ports), and from end to end over the whole fabric.
  void expect_conserved() {
    std::map<const Port*, std::array<Port::Counters, kTrafficClasses>> counted;
    for (const auto& port : fabric_->ports()) {
      EXPECT_TRUE(port->is_balanced()) << port->name();
      EXPECT_GE(port->in_flight(), 0) << port->name();
      for (std::size_t c = 0; c < kTrafficClasses; ++c)
        counted[port.get()][c] = port->counters(static_cast<TrafficClass>(c));
    }
    for (const Fabric::Switch& at : fabric_->switches())
      for (std::size_t c = 0; c < kTrafficClasses; ++c) {
        std::int64_t brought = 0, taken = 0;
        for (const Port* port : at.ingress) brought += counted[port][c].packets_passed;
        for (const Port* port : at.egress) taken += counted[port][c].packets_in;
        EXPECT_EQ(brought, taken) << at.name << " class " << c;
      }
    std::int64_t sent = 0, arrived = 0, dropped = 0, under_way = 0;
    for (const Fabric::Link& link : fabric_->links()) {
      if (link.lower != nullptr) continue;
      for (std::size_t c = 0; c < kTrafficClasses; ++c) {
        sent += counted[link.up][c].packets_in;
        arrived += counted[link.down][c].packets_passed;
      }
    }
    for (const auto& port : fabric_->ports()) {
      dropped += port->packets_dropped();
      under_way += port->in_flight();
    }
    EXPECT_EQ(sent, arrived + dropped + under_way);
    const TransportCounters& ends = fabric_->counters();
    if (ends.sent + ends.acks > 0) {  // else the test sends by itself
      EXPECT_EQ(ends.sent + ends.acks - ends.unroutable, sent);
    }
  }
  // Every packet that entered a port has passed or was dropped there.
  void expect_no_packet_left() {
    for (const auto& port : fabric_->ports()) {
      EXPECT_EQ(port->in_flight(), 0) << port->name();
      EXPECT_EQ(port->queued(), Bytes{}) << port->name();
    }
  }

 private:
  NetOptions options_;
  Calendar calendar_;
  std::vector<std::unique_ptr<Node>> nodes_;
  std::unique_ptr<Fabric> fabric_;
};

// Core time spent so far on all cores, in microseconds.
inline double core_us(Cpu& cpu) {
  double sum = 0;
  for (std::size_t i = 0; i < cpu.cores(); ++i)
    sum += static_cast<double>(cpu.core(i).books().snapshot(cpu.calendar().now()).busy) * 1e-6;
  return sum;
}

inline std::int64_t jobs_on(Cpu& cpu) {
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < cpu.cores(); ++i) sum += cpu.core(i).queued() + cpu.core(i).busy();
  return sum;
}

}  // namespace orrery
