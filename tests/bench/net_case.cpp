#include "tests/bench/net_case.hpp"

#include <fmt/format.h>

#include "models/net/luna.hpp"
#include "models/net/solar.hpp"
#include "scenarios/profiles.hpp"

namespace orrery {

using namespace net_case;

namespace {

template <class S>
S shipped(const std::string& name) {
  static ProfileLibrary library({"scenarios/profiles"}, disk_reader(), disk_lister(),
                                {{"leaf_spine", &FabricProfile::declarations()},
                                 {"queue", &QueueProfile::declarations()},
                                 {"node", &NodeProfile::declarations()},
                                 {"luna", &LunaProfile::declarations()},
                                 {"solar", &SolarProfile::declarations()}});
  return bind<S>(library.get(name, {}));
}

QueueProfiles marking_queues() {
  QueueProfiles queues;
  for (std::size_t c = 0; c < kTrafficClasses; ++c)
    queues[c] = shipped<QueueProfile>(std::string(kQueueProfileNames[c]));
  queues[static_cast<std::size_t>(TrafficClass::solar)] =
      queues[static_cast<std::size_t>(TrafficClass::tcp)];
  return queues;
}

std::unique_ptr<Stack> make_stack(std::string_view name) {
  if (name == "solar") {
    auto profile = shipped<SolarProfile>("solar");
    profile.packet_work = {};
    return std::make_unique<Solar>(profile);
  }
  auto profile = shipped<LunaProfile>("luna");
  profile.congestion = "dctcp";
  return std::make_unique<Luna>(profile);
}

}  // namespace

NetCase::NetCase(std::string_view stack, double messages_per_second) : stack_(make_stack(stack)) {
  auto clos = shipped<FabricProfile>("clos-25g");
  clos.servers_per_rack = kPerRack;
  clos.spines = kSpines;
  clos.spine_rate = BitRate{kSpineGbps * 1e9};
  fabric_ = std::make_unique<Fabric>(calendar_, "net", clos, 1, marking_queues());
  auto server = shipped<NodeProfile>("compute-25g");
  server.nic_ports = 1;
  server.nic_rate = BitRate{kServerGbps * 1e9};
  for (std::size_t i = 0; i < kServers; ++i) {
    nodes_.push_back(std::make_unique<Node>(calendar_, fmt::format("server-{}", i), server));
    fabric_->attach(*nodes_.back(), i / kPerRack);
  }
  auto endpoint = [this](std::size_t i) {
    return Endpoint{nodes_[i].get(), Thread::pinned(nodes_[i]->cpu(), 0),
                    static_cast<Fabric::ServerId>(i)};
  };
  for (std::size_t from = 0; from < kServers; ++from)
    for (std::size_t to = 0; to < kServers; ++to)
      connections_.push_back(from / kPerRack == to / kPerRack
                                 ? nullptr
                                 : stack_->connect(*fabric_, endpoint(from), endpoint(to), 50000));
  for (std::size_t from = 0; from < kServers; ++from)
    tasks_.spawn(source(from, seconds(1 / messages_per_second)));
}

Task<> NetCase::source(std::size_t from, Duration mean) {
  for (;;) {
    co_await Delay(calendar_, random_.exponential(mean));
    std::size_t to = random_.below(kServers - kPerRack);
    if (to / kPerRack >= from / kPerRack) to += kPerRack;
    tasks_.spawn(exchange(connections_[from * kServers + to].get()));
  }
}

Task<> NetCase::exchange(Connection* connection) {
  Delivery there = connection->deliver(Side::client, Bytes{kMessage}, {});
  bool arrived = co_await there;
  if (!arrived) co_return;
  Delivery back = connection->deliver(Side::server, Bytes{kReply}, {});
  arrived = co_await back;
  if (arrived) ++replies_;
}

std::int64_t NetCase::packet_hops() const {
  std::int64_t sum = 0;
  for (const auto& port : fabric_->ports()) sum += port->packets_in() - port->packets_dropped();
  return sum;
}

double NetCase::load() const {
  double busy = 0;
  for (std::size_t i = 0; i < kServers; ++i)
    busy += to_seconds(fabric_->links_of(static_cast<Fabric::ServerId>(i))[0]->up->busy_time());
  return busy / (kServers * to_seconds(calendar_.now()));
}

}  // namespace orrery
