// A request from a volume's record.
#include "models/control/liteio/volume_request.hpp"

#include "models/control/fleet/cluster.hpp"

namespace orrery::control {

VolumeRequest request_of(const Cluster& cluster, VolumeId id) {
  const VolumeRecord& volume = cluster.volumes[id];
  const PodRecord& pod = cluster.pods[volume.pod];
  VolumeRequest request;
  request.host = volume.booking.host;
  request.size = volume.claim->size;
  request.total = volume.booking.total;
  request.position = volume.position;
  request.pool_selector = &pod.spec->pool_selector;
  request.reservation_id = volume.reservation;
  request.selected_node = volume.selected;
  request.holder_cluster = volume.booking.holder_cluster;
  request.holder_zone = volume.booking.holder_zone;
  return request;
}

}  // namespace orrery::control
