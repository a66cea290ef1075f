// A fabric's messages as fluid flows instead of packets (`network: fluid`).
//
// What flows share (sim/shared_links.hpp) is a coarser copy of the fabric, the same that SimGrid
// has: a server's NIC ports are one bundle, and so are the uplinks of a rack and, where there are
// pods, of a pod; each bundle carries its two directions apart. A flow gets its max-min fair share
// of every bundle on its way, and no more than one port of a NIC. The fabric stays the owner of
// routes, latencies and failures: links that go down make their bundle narrower or, with the last
// of them, dead; then its flows fail.
//
// There are no queues, so there is no loss, no marking and no collision of flows on a port.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "models/net/fabric.hpp"
#include "sim/shared_links.hpp"
#include "sim/simulation.hpp"
#include "sim/task.hpp"

namespace orrery {

// Names of zones, here and in SimGrid's platform.
std::string rack_zone(std::size_t rack);
std::string pod_zone(std::size_t pod);

struct FluidCounters {
  std::int64_t flows = 0;
  std::int64_t flows_arrived = 0;
  std::int64_t flows_broken = 0;
  std::int64_t headers = 0;   // messages without payload: latency and serialisation, no flow
  std::int64_t resent = 0;    // sent again after a flow broke or found no way
  std::int64_t failures = 0;  // connections that gave up
};

class FluidNetwork {
 public:
  struct Load {
    std::int64_t messages = 0;
    std::int64_t bytes = 0;
    std::int64_t bytes_before = 0;  // at `measure_from_now`
  };
  struct Bundle {
    std::string label;
    std::optional<Fabric::ServerId> server;  // none: uplinks
    std::vector<Fabric::Link*> links;
    BitRate rate;  // of all, if they are up
    bool up = true;
    std::array<SharedLinks::Link, 2> shared{};  // by LinkDirection
    std::array<Load, 2> loads{};
  };
  // What one direction of a bundle has carried.
  struct Carried {
    const Bundle* bundle;
    LinkDirection direction;
    std::int64_t messages;  // ever
    Bytes bytes;            // since `measure_from_now`, with what is under way
  };
  struct Crossing {
    Bundle* bundle;
    LinkDirection direction;
  };
  // From one server to another.
  struct Way {
    BitRate rate;                   // of the slowest port
    Duration latency{};             // of ports and DMA
    double others_ps_per_byte = 0;  // ports but the slowest, which store and forward the last frame
    std::vector<Crossing> crossings;
    std::vector<SharedLinks::Link> links;  // the same

    bool is_open() const;
    // What a message takes besides being serialised once.
    Duration latency_of(Bytes frame) const {
      return latency + Duration{static_cast<std::int64_t>(others_ps_per_byte *
                                                          static_cast<double>(frame.count()))};
    }
  };

  using WayPointer = std::shared_ptr<const Way>;

  // From now on a fabric's messages go as flows. All of its servers are attached.
  static void take_over(Fabric& fabric);

  explicit FluidNetwork(Fabric& fabric);
  FluidNetwork(const FluidNetwork&) = delete;
  FluidNetwork& operator=(const FluidNetwork&) = delete;

  // None if routing knows no way.
  std::optional<Way> way(const FiveTuple& flow, Duration end_latency) const;
  // The ports of the NIC with fewer.
  int lanes_between(Fabric::ServerId a, Fabric::ServerId b) const;

  // Completes when the last byte has been sent; false if the way broke meanwhile.
  Task<bool> carry(WayPointer way, Bytes wire);
  // The same for what is too small to be a flow.
  Task<bool> carry_header(WayPointer way, Bytes wire);

  void link_changed(const Fabric::Link& link);

  // Bytes are counted as they move; a span begins at a call, and ends with the run.
  void measure_from_now();
  std::vector<Carried> carried() const;
  FluidCounters& counters() { return counters_; }
  // Flows = arrived + broken + under way.
  bool flows_conserved() const;

 private:
  class Trip;

  Bundle& add_bundle(std::string label, const std::vector<Fabric::Link*>& links);

  Fabric& fabric_;
  SharedLinks shared_;
  std::deque<Bundle> bundles_;
  std::vector<Bundle*> servers_;          // by server
  std::map<std::size_t, Bundle*> racks_;  // those with servers
  std::map<std::size_t, Bundle*> pods_;
  std::map<std::size_t, int> sides_;  // ToRs of a rack that its servers use
  std::unordered_map<const Fabric::Link*, Bundle*> bundle_of_;
  std::vector<Trip*> trips_;
  FluidCounters counters_;
};

}  // namespace orrery
