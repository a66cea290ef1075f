#include "models/control/pool_table.hpp"

#include <algorithm>

#include "sim/assert.hpp"

namespace orrery::control {

NodeId PoolTable::add(const NodeSpec& spec) {
  const auto bytes = spec.disk.count();
  capacity.push_back(bytes);
  free.push_back(bytes);
  reported_free.push_back(bytes);
  remote_allocated.push_back(0);
  remote_volumes.push_back(0);
  volumes.push_back(0);
  status.push_back(PoolStatus::unknown);
  locked.push_back(0);
  spdk_ok.push_back(1);
  mode.push_back(spec.pool_mode);
  node.push_back(&spec);
  reservations.emplace_back();
  sharers.emplace_back();
  held.emplace_back();
  return static_cast<NodeId>(free.size() - 1);
}

const Reservation* PoolTable::reservation(NodeId pool, const std::string& id) const {
  for (const Reservation& reservation : reservations[pool])
    if (reservation.id == id) return &reservation;
  return nullptr;
}

void PoolTable::reserve(NodeId pool, std::string id, Bytes size) {
  if (reservation(pool, id) != nullptr) return;
  free[pool] -= size.count();
  reservations[pool].push_back({std::move(id), size});
}

void PoolTable::unreserve(NodeId pool, const std::string& id) {
  auto& all = reservations[pool];
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const Reservation& r) { return r.id == id; });
  if (found == all.end()) return;
  free[pool] += found->size.count();
  all.erase(found);
}

void PoolTable::bind(const Booking& booking, const std::string& reservation_id) {
  const NodeId pool = booking.pool;
  const auto bytes = booking.total.count();
  if (!reservation_id.empty()) unreserve(pool, reservation_id);
  free[pool] -= bytes;
  ++volumes[pool];
  if (booking.host != pool) {
    remote_allocated[pool] += bytes;
    if (booking.counts_as_remote) ++remote_volumes[pool];
    sharers[pool].push_back(booking.host);
  }
  if (booking.holder_cluster == 0) return;
  for (DataHeld& data : held[pool])
    if (data.cluster == booking.holder_cluster && data.zone == booking.holder_zone) {
      ++data.volumes;
      return;
    }
  held[pool].push_back({booking.holder_cluster, booking.holder_zone, 1});
}

void PoolTable::release(const Booking& booking) {
  const NodeId pool = booking.pool;
  const auto bytes = booking.total.count();
  free[pool] += bytes;
  --volumes[pool];
  ORRERY_INVARIANT(volumes[pool] >= 0, node[pool]->name.c_str(),
                   "more volumes released than bound");
  if (booking.host != pool) {
    remote_allocated[pool] -= bytes;
    if (booking.counts_as_remote) --remote_volumes[pool];
    auto& hosts = sharers[pool];
    const auto found = std::find(hosts.begin(), hosts.end(), booking.host);
    ORRERY_INVARIANT(found != hosts.end(), node[pool]->name.c_str(),
                     "a host released what it never had");
    *found = hosts.back();
    hosts.pop_back();
  }
  if (booking.holder_cluster == 0) return;
  auto& data = held[pool];
  const auto found = std::find_if(data.begin(), data.end(), [&](const DataHeld& d) {
    return d.cluster == booking.holder_cluster && d.zone == booking.holder_zone;
  });
  if (found != data.end() && --found->volumes == 0) data.erase(found);
}

}  // namespace orrery::control
