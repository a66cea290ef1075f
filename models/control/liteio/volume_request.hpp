// What LiteIO's volume scheduler is asked for, and the limits it works under.
#pragma once

#include <cstdint>
#include <string>

#include "models/control/liteio/pool_table.hpp"
#include "models/control/objects.hpp"

namespace orrery::control {

struct Cluster;

// Flexible volumes are made by whatever engine the pool has, the others need theirs.
enum class VolumeType : std::uint8_t { flexible, kernel_lvol, spdk_lvol };

// The limits and points of filters and priorities; defaults as in LiteIO's code, the sharing limit
// as in the paper.
struct VolumeLimits {
  std::int64_t max_remote_volumes = 3;
  std::int64_t max_sharing_nodes = 5;
  double min_local_storage = 0;  // share of a pool that remote volumes leave alone
  std::int64_t position_bonus = 20;
  std::int64_t fullness_points = 100;  // of a full pool
};

struct VolumeRequest {
  std::string name = {};
  NodeId host = kNoNode;  // of its pod; kNoNode: not known yet, every pool is remote
  Bytes size;
  Bytes total;  // with what is reserved for snapshots
  PositionAdvice position = PositionAdvice::none;
  VolumeType type = VolumeType::flexible;
  // Required labels of the pool's node; null: any. They outlive the decision.
  const Labels* node_selector = nullptr;
  const Labels* pool_selector = nullptr;
  std::string reservation_id = {};   // annotation obnvmf/reservation-id; empty: none
  NodeId selected_node = kNoNode;    // annotation obnvmf/selected-tgt-node: taken as it is
  std::uint32_t holder_cluster = 0;  // of its data holder; 0: none
  std::uint32_t holder_zone = 0;
  bool counts_as_remote = true;  // false: annotated to be left out of the count of remote volumes
  NodeId not_on = kNoNode;       // a migration's source
};

// What the controller asks for of a volume of a cluster, with the annotations that it has.
VolumeRequest request_of(const Cluster& cluster, VolumeId volume);

// What PoolTable::bind takes when the request has been granted.
inline PoolTable::Booking booking_of(const VolumeRequest& request, NodeId pool) {
  return {.pool = pool,
          .host = request.host,
          .total = request.total,
          .counts_as_remote = request.counts_as_remote,
          .holder_cluster = request.holder_cluster,
          .holder_zone = request.holder_zone};
}

}  // namespace orrery::control
