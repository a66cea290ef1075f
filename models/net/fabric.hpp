// A leaf-spine fabric: racks of servers, a pair of ToRs per rack, spines above.
//
// Every server has one port to each ToR of its rack (or to the first alone, if its NIC has one port). A flow's path follows from
// its 5-tuple: the server's bond picks a ToR, the ToR a spine, the spine one of the two ToRs of the destination's rack, each by a
// hash with a seed of its own, as ECMP does. The fabric owns topology and routes; SimGrid gets a copy derived from it.
//
// A switch port has a buffer and drops what does not fit; a NIC sends from host memory and drops nothing.
//
// A hop's latency is propagation plus the forwarding latency of the switch it leads to; NICs add their own at both ends.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "models/host/node.hpp"
#include "models/net/packet.hpp"
#include "models/net/pool.hpp"
#include "models/net/port.hpp"
#include "sim/params.hpp"

namespace orrery {

struct Message;

struct FabricProfile {
  std::int64_t servers_per_rack = 0;
  std::int64_t spines = 0;
  BitRate spine_rate;             // ToR to spine and back
  Duration nic_latency{};         // each end
  Duration switch_latency{};      // forwarding, per switch
  Duration server_propagation{};  // server to ToR
  Duration spine_propagation{};   // ToR to spine
  Bytes port_buffer;              // of a switch port, per queue class
  Bytes mtu;                      // IP packet, for stacks that cut streams into frames
  Bytes frame_overhead;           // Ethernet header, FCS, preamble and gap, per frame
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

class Fabric {
 public:
  using ServerId = std::uint32_t;

  // `name` prefixes all ports; `seed` feeds the switches' hash seeds.
  Fabric(Calendar& calendar, std::string name, const FabricProfile& profile, std::uint64_t seed);
  ~Fabric();

  // Plugs a server into `rack`. All racks must be filled before the first route is asked for.
  ServerId attach(Node& node, std::size_t rack);

  Route route(const FiveTuple& flow) const;

  const FabricProfile& profile() const { return profile_; }
  const std::string& name() const { return name_; }
  Pool<Packet>& packets() { return packets_; }
  Pool<Message>& messages() { return *messages_; }
  Calendar& calendar() { return calendar_; }
  std::size_t servers() const { return servers_.size(); }
  std::size_t racks() const { return racks_.size(); }
  const std::string& server_name(ServerId id) const { return servers_[id].node->name(); }
  std::size_t rack_of(ServerId id) const { return servers_[id].rack; }

  // A switch or a server as a whole: all its ports up or down.
  void set_server_up(ServerId id, bool up);
  std::vector<std::unique_ptr<Port>>& ports() { return ports_; }
  Port* find_port(const std::string& name);
  // The ports between a server and its ToRs, both directions; none for a server that is not attached.
  void collect_links(const Node& node, std::vector<Port*>& into) const;
  // The ports between ToRs and spines, both directions.
  void collect_spine_links(std::vector<Port*>& into) const;

  // Packets in = sent + dropped + queued, at every port and class.
  bool packets_conserved() const;

 private:
  struct Server {
    Node* node = nullptr;
    std::size_t rack = 0;
    std::vector<Port*> to_tor;    // NIC port to ToR a, b
    std::vector<Port*> from_tor;  // ToR a, b down to the server
  };
  struct Rack {
    std::vector<Port*> up[2];    // ToR to each spine
    std::vector<Port*> down[2];  // each spine to the ToR
    std::uint64_t tor_seed[2] = {0, 0};
    std::size_t servers = 0;
  };
  Port* add_port(std::string name, BitRate rate, Duration latency, Bytes buffer);
  Rack& rack(std::size_t index);

  Calendar& calendar_;
  std::string name_;
  FabricProfile profile_;
  std::uint64_t seed_;
  Pool<Packet> packets_;
  std::unique_ptr<Pool<Message>> messages_;
  std::vector<std::unique_ptr<Port>> ports_;
  std::vector<Server> servers_;
  std::vector<Rack> racks_;
  std::vector<std::uint64_t> spine_seeds_;
};

}  // namespace orrery
