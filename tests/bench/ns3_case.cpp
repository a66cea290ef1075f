#include "tests/bench/ns3_case.hpp"

#include <ns3/core-module.h>
#include <ns3/internet-module.h>
#include <ns3/network-module.h>
#include <ns3/point-to-point-module.h>
#include <ns3/traffic-control-helper.h>

#include <vector>

#include "tests/bench/net_numbers.hpp"

namespace orrery {

using namespace net_case;

class Ns3Case::Network {
 public:
  explicit Network(double messages_per_second) {
    ns3::Config::SetDefault("ns3::Ipv4GlobalRouting::RandomEcmpRouting", ns3::BooleanValue(true));
    servers_.Create(kServers);
    leaves_.Create(kRacks);
    spines_.Create(kSpines);
    ns3::InternetStackHelper internet;
    internet.SetIpv6StackInstall(false);
    internet.InstallAll();
    for (std::uint32_t i = 0; i < kServers; ++i)
      addresses_.push_back(link(servers_.Get(i), leaves_.Get(i / kPerRack), kServerGbps, 1315));
    for (std::uint32_t leaf = 0; leaf < kRacks; ++leaf)
      for (std::uint32_t spine = 0; spine < kSpines; ++spine)
        link(leaves_.Get(leaf), spines_.Get(spine), kSpineGbps, 1020);
    ns3::Ipv4GlobalRoutingHelper::PopulateRoutingTables();

    between_->SetAttribute("Mean", ns3::DoubleValue(1e9 / messages_per_second));
    for (std::uint32_t i = 0; i < kServers; ++i) {
      sockets_.push_back(
          ns3::Socket::CreateSocket(servers_.Get(i), ns3::UdpSocketFactory::GetTypeId()));
      sockets_[i]->Bind(ns3::InetSocketAddress(ns3::Ipv4Address::GetAny(), kPort));
      sockets_[i]->SetRecvCallback(ns3::MakeCallback(&Network::received, this));
      send_later(i);
    }
  }
  ~Network() { ns3::Simulator::Destroy(); }

  void run_for_a_millisecond() {
    ns3::Simulator::Stop(ns3::MilliSeconds(1));
    ns3::Simulator::Run();
  }
  // All ends are four ports apart.
  std::int64_t packet_hops() const { return 4 * arrived_; }

 private:
  static constexpr std::uint16_t kPort = 8800;

  ns3::Ipv4Address link(ns3::Ptr<ns3::Node> lower, ns3::Ptr<ns3::Node> upper, double gbps,
                        std::int64_t nanoseconds) {
    ns3::PointToPointHelper cable;
    cable.SetDeviceAttribute(
        "DataRate", ns3::DataRateValue(ns3::DataRate(static_cast<std::uint64_t>(gbps * 1e9))));
    cable.SetDeviceAttribute("Mtu", ns3::UintegerValue(9000));
    cable.SetChannelAttribute("Delay", ns3::TimeValue(ns3::NanoSeconds(nanoseconds)));
    cable.SetQueue("ns3::DropTailQueue", "MaxSize", ns3::StringValue("4MB"));
    const ns3::NetDeviceContainer ends = cable.Install(lower, upper);
    const ns3::Ipv4InterfaceContainer interfaces = network_.Assign(ends);
    network_.NewNetwork();
    ns3::TrafficControlHelper().Uninstall(ends);
    return interfaces.GetAddress(0);
  }

  void send_later(std::uint32_t from) {
    ns3::Simulator::Schedule(ns3::NanoSeconds(static_cast<std::int64_t>(between_->GetValue())),
                             &Network::send, this, from);
  }
  void send(std::uint32_t from) {
    auto to = destination_->GetInteger(0, kServers - kPerRack - 1);
    if (to / kPerRack >= from / kPerRack) to += kPerRack;
    sockets_[from]->SendTo(ns3::Create<ns3::Packet>(kMessage), 0,
                           ns3::InetSocketAddress(addresses_[to], kPort));
    send_later(from);
  }
  void received(ns3::Ptr<ns3::Socket> socket) {
    ns3::Address from;
    while (const ns3::Ptr<ns3::Packet> packet = socket->RecvFrom(from)) {
      ++arrived_;
      if (packet->GetSize() == kMessage) socket->SendTo(ns3::Create<ns3::Packet>(kReply), 0, from);
    }
  }

  ns3::NodeContainer servers_, leaves_, spines_;
  ns3::Ipv4AddressHelper network_{"10.0.0.0", "255.255.255.252"};
  std::vector<ns3::Ipv4Address> addresses_;
  std::vector<ns3::Ptr<ns3::Socket>> sockets_;
  ns3::Ptr<ns3::ExponentialRandomVariable> between_ =
      ns3::CreateObject<ns3::ExponentialRandomVariable>();
  ns3::Ptr<ns3::UniformRandomVariable> destination_ =
      ns3::CreateObject<ns3::UniformRandomVariable>();
  std::int64_t arrived_ = 0;
};

Ns3Case::Ns3Case(double messages_per_second)
    : network_(std::make_unique<Network>(messages_per_second)) {}
Ns3Case::~Ns3Case() = default;

void Ns3Case::run_for_a_millisecond() { network_->run_for_a_millisecond(); }
std::int64_t Ns3Case::packet_hops() const { return network_->packet_hops(); }

}  // namespace orrery
