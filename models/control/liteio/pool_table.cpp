// Bookings, reservations and reports of pools.
#include "models/control/liteio/pool_table.hpp"

#include <algorithm>
#include <set>
#include <string_view>

#include "sim/assert.hpp"

namespace orrery::control {

NodeId PoolTable::add(const NodeSpec& spec, Bytes whole) {
  const auto bytes = spec.disk.count() / whole.count() * whole.count();
  capacity.push_back(bytes);
  free.push_back(bytes);
  reported_free_.push_back(bytes);
  reported_use_.push_back(0);
  remote_allocated.push_back(0);
  remote_volumes.push_back(0);
  sharing_nodes.push_back(0);
  volumes.push_back(0);
  status.push_back(PoolStatus::unknown);
  locked.push_back(0);
  spdk_ok.push_back(1);
  mode.push_back(spec.pool_mode);
  node.push_back(&spec);
  unit.push_back(whole);
  reservations.emplace_back();
  sharers.emplace_back();
  const auto id = static_cast<NodeId>(free.size() - 1);
  if (bytes == 0) return id;
  pools.push_back(id);
  std::set<std::string_view> seen;
  for (const auto& label : spec.labels)
    if (seen.insert(label.first).second) by_label[label].push_back(id);
  return id;
}

std::span<const NodeId> PoolTable::labelled(const Labels::value_type& label) const {
  const auto found = by_label.find(label);
  return found == by_label.end() ? std::span<const NodeId>{} : found->second;
}

std::span<const DataHeld> PoolTable::held_of(std::uint32_t cluster) const {
  const auto found = held.find(cluster);
  return found == held.end() ? std::span<const DataHeld>{} : found->second;
}

void PoolTable::report(NodeId pool, Bytes free) {
  reported_free_[pool] = free.count();
  if (capacity[pool] == 0) return;
  const std::int64_t used = std::max<std::int64_t>(0, capacity[pool] - free.count());
  reported_use_[pool] = static_cast<double>(used) / static_cast<double>(capacity[pool]);
}

const Reservation* PoolTable::reservation(NodeId pool, const std::string& id) const {
  for (const Reservation& reservation : reservations[pool])
    if (reservation.id == id) return &reservation;
  return nullptr;
}

void PoolTable::reserve(NodeId pool, std::string id, Bytes size) {
  if (reservation(pool, id) != nullptr) return;
  const Bytes whole{taken(pool, size)};
  free[pool] -= whole.count();
  reservations[pool].push_back({std::move(id), whole});
}

void PoolTable::unreserve(NodeId pool, const std::string& id) {
  auto& all = reservations[pool];
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const Reservation& r) { return r.id == id; });
  if (found == all.end()) return;
  free[pool] += found->size.count();
  ++releases_;
  all.erase(found);
}

void PoolTable::bind(const Booking& booking, const std::string& reservation_id) {
  const NodeId pool = booking.pool;
  const auto bytes = taken(pool, booking.total);
  if (!reservation_id.empty()) unreserve(pool, reservation_id);
  free[pool] -= bytes;
  ++volumes[pool];
  if (booking.host != pool) {
    remote_allocated[pool] += bytes;
    if (booking.counts_as_remote) ++remote_volumes[pool];
    auto& hosts = sharers[pool];
    if (std::find(hosts.begin(), hosts.end(), booking.host) == hosts.end()) ++sharing_nodes[pool];
    hosts.push_back(booking.host);
  }
  if (booking.holder_cluster == 0) return;
  auto& places = held[booking.holder_cluster];
  for (DataHeld& data : places)
    if (data.pool == pool && data.zone == booking.holder_zone) {
      ++data.volumes;
      return;
    }
  places.push_back({pool, booking.holder_zone, 1});
}

void PoolTable::release(const Booking& booking) {
  const NodeId pool = booking.pool;
  const auto bytes = taken(pool, booking.total);
  free[pool] += bytes;
  ++releases_;
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
    if (std::find(hosts.begin(), hosts.end(), booking.host) == hosts.end()) --sharing_nodes[pool];
  }
  const auto places = held.find(booking.holder_cluster);
  if (places == held.end()) return;
  const auto found = std::find_if(
      places->second.begin(), places->second.end(),
      [&](const DataHeld& d) { return d.pool == pool && d.zone == booking.holder_zone; });
  if (found == places->second.end() || --found->volumes > 0) return;
  places->second.erase(found);
  if (places->second.empty()) held.erase(places);
}

}  // namespace orrery::control
