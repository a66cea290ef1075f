// A Clos fabric: racks of servers, a pair of ToRs per rack, spines above, and over several pods
// cores above those.
//
// Every server has one port to each ToR of its rack (or to the first alone, if its NIC has one
// port). A ToR has a link to every spine of its pod. With more than one pod, spine s of every pod
// has a link to each core of plane s. A flow's path follows from its 5-tuple: the server's bond
// picks a ToR, each switch on the way up one of its uplinks, the topmost one of the two ToRs of the
// destination's rack, each by a hash with a seed of its own, as ECMP does. Where the pick is
// unusable the flow, and no other, is hashed again among the rest (consistent hashing).
//
// A switch port has a buffer of its own limit out of one that the switch shares; a NIC sends from
// host memory and drops nothing.
//
// A hop's latency is propagation plus the forwarding latency of the switch it leads to; NICs add
// their own at both ends.
//
// What a port does and what routing believes of it are apart. A link that is down is avoided only
// after routing has seen it: switches after `convergence`, a server's bond after `bond_failover`.
// Black holes, loss and damage are never seen. The fabric owns topology, routes and failures;
// SimGrid gets a copy derived from it.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "models/host/node.hpp"
#include "models/net/object_pool.hpp"
#include "models/net/packet.hpp"
#include "models/net/port.hpp"
#include "models/net/queues.hpp"
#include "sim/params.hpp"

namespace orrery {

class FluidNetwork;
struct Message;

struct FabricProfile {
  std::int64_t servers_per_rack = 0;
  std::int64_t spines = 0;           // of a pod
  std::int64_t racks_per_pod = 0;    // 0: one pod
  std::int64_t cores_per_spine = 0;  // of a plane, if there are pods
  BitRate spine_rate;                // ToR to spine and back
  BitRate core_rate;                 // spine to core and back
  Duration nic_latency{};            // each end
  Duration switch_latency{};         // forwarding, per switch
  Duration server_propagation{};     // server to ToR
  Duration spine_propagation{};      // ToR to spine
  Duration core_propagation{};       // spine to core
  Bytes port_buffer;                 // of a switch port, per queue class
  Bytes switch_buffer;               // shared by a switch's ports
  double buffer_alpha = 0;           // dynamic threshold
  double pfc_share = 0;              // of the free buffer, per link
  Bytes mtu;                         // IP packet, for stacks that cut streams into frames
  Bytes frame_overhead;              // Ethernet header, FCS, preamble and gap, per frame
  Duration convergence{};            // of routing around what it sees
  Duration bond_failover{};          // of a server's bond, after carrier is lost
  Duration lacp_timeout{};           // of a bond whose switch is dead and keeps carrier
  bool dead_tor_keeps_carrier = false;
  static const Declarations& declarations();
};

// What ECMP hashes. Addresses are the fabric's server numbers.
struct FiveTuple {
  std::uint32_t source = 0;
  std::uint32_t destination = 0;
  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;
  std::uint8_t protocol = 0;
  FiveTuple reversed() const {
    return {destination, source, destination_port, source_port, protocol};
  }
};
// What switches and NICs pick by, before each mixes in a seed of its own.
std::uint64_t hash_of(const FiveTuple& flow);

// What the connections over a fabric have done.
struct TransportCounters {
  std::int64_t sent = 0;    // packets with data or a message, the first time or again
  std::int64_t resent = 0;  // of these, again
  std::int64_t acks = 0;
  std::int64_t lost = 0;  // segments found lost
  std::int64_t timeouts = 0;
  std::int64_t path_changes = 0;  // paths given up and drawn anew
  std::int64_t failures = 0;      // connections that gave up
  std::int64_t unroutable = 0;    // packets for which there was no way
};

class Fabric {
 public:
  using ServerId = std::uint32_t;

  enum class Tier : std::uint8_t { server, tor, spine, core };
  struct Switch;
  // A cable: one port at either end. A server's is `up` of nobody.
  struct Link {
    Port* up = nullptr;       // away from the servers
    Port* down = nullptr;     // towards them
    Switch* lower = nullptr;  // none: a server
    Switch* upper = nullptr;
    ServerId server = 0;
    std::string name;       // lower--upper
    int dead = 0;           // reasons to be down
    bool usable = true;     // as routing believes
    bool bond_uses = true;  // a server's: as its bond believes
  };
  struct Switch {
    std::string name;
    Tier tier = Tier::tor;
    std::size_t pod = 0, index = 0;  // rack, spine or plane
    int side = 0;                    // of a ToR: a or b; of a core: its number in the plane
    std::uint64_t seed = 0;
    SwitchBuffer buffer;
    std::vector<Link*> uplinks, downlinks;
    std::vector<Port*> egress;   // ports that send from here
    std::vector<Port*> ingress;  // ports that send to here
  };

  // `name` prefixes all ports; `seed` feeds the switches' hash seeds.
  Fabric(Calendar& calendar, std::string name, const FabricProfile& profile, std::uint64_t seed,
         const QueueProfiles& queues = plain_queues());
  ~Fabric();

  // Plugs a server into `rack`. All racks must be filled before the first route is asked for.
  ServerId attach(Node& node, std::size_t rack);

  // Of no length if routing knows no way.
  Route route(const FiveTuple& flow) const;
  // The same, kept until it is let go. Returns `known` if that is still the way, else lets it go.
  Route* keep_route(const FiveTuple& flow, Duration end_latency, Route* known = nullptr);
  // Packets may be under way on it: it is used anew when none is.
  void let_go(Route* route);
  // Routes that somebody keeps, or that packets may still be under way on.
  std::size_t routes_kept() const { return routes_.size() - free_routes_; }
  // Changes with every change of what routing believes.
  std::uint32_t epoch() const { return epoch_; }

  // Messages go as fluid flows instead of packets from now on; once, when all servers are attached
  // and nothing is connected.
  void carry_as_flows(std::shared_ptr<FluidNetwork> network,
                      std::function<void(const Link&)> link_changed);
  FluidNetwork* fluid() const { return fluid_.get(); }

  const FabricProfile& profile() const { return profile_; }
  const std::string& name() const { return name_; }
  Pool<Packet>& packets() { return packets_; }
  Pool<Message>& messages() { return *messages_; }
  Pool<Telemetry>& telemetry() { return telemetry_; }
  TransportCounters& counters() { return counters_; }
  Calendar& calendar() { return calendar_; }
  std::size_t servers() const { return servers_.size(); }
  std::size_t racks() const { return racks_.size(); }
  std::size_t pods() const { return spines_.size(); }
  const Node& node_of(ServerId id) const { return *servers_[id].node; }
  const std::string& server_name(ServerId id) const { return servers_[id].node->name(); }
  std::size_t rack_of(ServerId id) const { return servers_[id].rack; }
  std::size_t pod_of(std::size_t rack) const { return racks_[rack].pod; }

  // A server as a whole: all its ports up or down at once, unseen by routing.
  void set_server_up(ServerId id, bool up);
  // A reason for a link to be down comes or goes; routing hears of it later.
  void set_link_up(Link& link, bool up);
  // A switch as a whole: its links, seen by other switches as links are, by bonds after
  // `lacp_timeout` if it keeps carrier.
  void set_switch_up(Switch& which, bool up);

  std::vector<std::unique_ptr<Port>>& ports() { return ports_; }
  Port* find_port(const std::string& name);
  std::deque<Link>& links() { return links_; }
  std::deque<Switch>& switches() { return switches_; }
  // A server's own, in order of its NIC's ports.
  std::vector<Link*> links_of(ServerId id) const { return servers_[id].links; }
  // None for a node that is not attached.
  std::vector<Link*> links_of(const Node& node) const;
  // The ports between a server and its ToRs, both directions; none for a server that is not
  // attached.
  void collect_links(const Node& node, std::vector<Port*>& into) const;
  // The ports between switches, both directions.
  void collect_spine_links(std::vector<Port*>& into) const;

  // Packets in = sent + dropped + queued, at every port and class.
  bool packets_conserved() const;

 private:
  struct Server {
    Node* node = nullptr;
    std::size_t rack = 0;
    std::vector<Link*> links;  // to ToR a, b
  };
  struct Rack {
    std::size_t pod = 0;
    Switch* tors[2] = {nullptr, nullptr};
    std::int64_t servers = 0;
  };
  enum class Seen : std::uint8_t { routing, bond };
  struct Change;

  Port* add_port(std::string name, BitRate rate, Duration latency, Bytes buffer, Switch* from);
  Switch* add_switch(std::string name, Tier tier, std::size_t pod, std::size_t index, int side);
  Link* add_link(Switch& lower, Switch& upper, BitRate rate, Duration hop);
  Rack& rack(std::size_t index);
  void add_pod();
  std::string spine_name(std::size_t pod, std::size_t spine) const;
  bool reaches(const Switch& from, const Server& to) const;
  void set_ports(Link& link);
  void believe_later(Link& link, Seen seen, Duration delay);
  static void believe(void* change);

  Calendar& calendar_;
  std::string name_;
  FabricProfile profile_;
  QueueProfiles queues_;
  std::uint64_t seed_;
  std::uint64_t bond_seed_;
  std::uint32_t epoch_ = 1;
  Pool<Packet> packets_;
  Pool<Telemetry> telemetry_;
  std::unique_ptr<Pool<Message>> messages_;
  TransportCounters counters_;
  std::vector<std::unique_ptr<Port>> ports_;
  std::deque<Link> links_;
  std::deque<Switch> switches_;
  void sweep_routes();

  std::deque<Route> routes_;
  Route* free_route_ = nullptr;
  std::size_t free_routes_ = 0;
  std::vector<Route*> let_go_;  // and not swept yet
  std::size_t sweep_at_ = 0;    // so many of them
  std::uint32_t sweeps_ = 0;
  std::uint64_t routes_made_ = 0;
  std::deque<Change> changes_;
  Change* free_changes_ = nullptr;
  std::vector<Server> servers_;
  std::vector<Rack> racks_;
  std::vector<std::vector<Switch*>> spines_;  // by pod
  std::vector<std::vector<Switch*>> cores_;   // by plane
  std::shared_ptr<FluidNetwork> fluid_;       // none: packets
  std::function<void(const Link&)> link_changed_;
};

}  // namespace orrery
