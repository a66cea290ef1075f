// LiteIO's memory of its pools: what its volume scheduler decides by.
//
// The controller keeps this state itself and books into it the moment it has decided, so it is
// never stale towards its own decisions; only what is reported comes from the agents, up to two
// minutes late. Values that every decision looks at stand in columns, one entry per pool, since a
// decision visits all of them. A pool's index is its node's.
//
//   free = capacity - static volumes - sum(total size of volumes) - reservations whose volume is
//   not bound yet
//
// A pool gives out whole units, an lvstore its clusters, a volume group its extents: capacity and
// all that is taken are multiples of it.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "models/control/objects.hpp"

namespace orrery::control {

// Room set aside on a pool for a volume that will come and bind, by the volume's claim
// ("namespace/name").
struct Reservation {
  std::string id;
  Bytes size;
};

// Volumes of a data holder on a pool ("ob.cluster.zone").
struct DataHeld {
  NodeId pool = kNoNode;
  std::uint32_t zone = 0;
  std::uint32_t volumes = 0;
};

struct PoolTable {
  // Of pool i; bytes as plain integers, negative where a pool is over-committed.
  std::vector<std::int64_t> capacity;          // the pool's size less its static volumes
  std::vector<std::int64_t> free;              // as above
  std::vector<std::int64_t> remote_allocated;  // volumes of hosts elsewhere
  std::vector<std::int32_t> remote_volumes;    // their number, those without the ignored annotation
  std::vector<std::int32_t> sharing_nodes;     // hosts elsewhere that have a volume in it
  std::vector<std::int32_t> volumes;
  std::vector<PoolStatus> status;
  std::vector<std::uint8_t> locked;   // label pool-scheduling-status
  std::vector<std::uint8_t> spdk_ok;  // condition Spdk
  std::vector<PoolMode> mode;
  std::vector<const NodeSpec*> node;
  std::vector<Bytes> unit;

  // Looked at by few decisions.
  std::vector<std::vector<Reservation>> reservations;
  std::vector<std::vector<NodeId>> sharers;  // hosts elsewhere of its volumes, one entry per volume
  std::unordered_map<std::uint32_t, std::vector<DataHeld>> held;  // by cluster
  // Nodes that have a pool, ascending: all of them, and by each of their labels, which never
  // change.
  std::vector<NodeId> pools;
  std::map<Labels::value_type, std::vector<NodeId>> by_label;

  std::size_t size() const { return free.size(); }
  // Adds the pool of a node, empty, in the state `unknown`. `node` outlives the table. A node
  // without a disk has an entry, but no pool.
  NodeId add(const NodeSpec& spec, Bytes unit = Bytes{1});
  // What so many bytes take of a pool.
  std::int64_t taken(NodeId pool, Bytes size) const {
    const std::int64_t whole = unit[pool].count();
    return (size.count() + whole - 1) / whole * whole;
  }

  // An agent's report of vgFreeSize, the last one of a pool, and the shares in use that follow from
  // them, >= 0, one per pool.
  void report(NodeId pool, Bytes free);
  Bytes reported_free(NodeId pool) const { return Bytes{reported_free_[pool]}; }
  std::span<const double> reported_use() const { return reported_use_; }

  // Room on a pool. `reserve` takes it without asking whether it is there; the caller asks. A
  // second reservation under an id is none.
  void reserve(NodeId pool, std::string id, Bytes size);
  void unreserve(NodeId pool, const std::string& id);
  const Reservation* reservation(NodeId pool, const std::string& id) const;

  // Pools whose nodes have a label of this value, ascending.
  std::span<const NodeId> labelled(const Labels::value_type& label) const;
  // Where a cluster's data lies.
  std::span<const DataHeld> held_of(std::uint32_t cluster) const;

  // Books a volume of a host on a pool and off again. Nothing is checked: LiteIO's
  // BindAntstorVolume does not either. A reservation under the volume's id is used up.
  struct Booking {
    NodeId pool = kNoNode;
    NodeId host = kNoNode;
    Bytes total;                       // with what is reserved for snapshots
    bool counts_as_remote = true;      // false: annotated to be left out of remote_volumes
    std::uint32_t holder_cluster = 0;  // 0: no data holder
    std::uint32_t holder_zone = 0;
  };
  void bind(const Booking& booking, const std::string& reservation_id);
  void release(const Booking& booking);

  // What a node's extended resource `sds/local-storage` should say: room that volumes of pods on it
  // may take.
  std::int64_t local_storage(NodeId pool) const { return capacity[pool] - remote_allocated[pool]; }

  // How often anything was given back.
  std::int64_t releases() const { return releases_; }

 private:
  std::vector<std::int64_t> reported_free_;
  std::vector<double> reported_use_;
  std::int64_t releases_ = 0;
};

}  // namespace orrery::control
