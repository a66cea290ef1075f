// The parameters of the control plane, each with its limits.
#include "models/control/profile.hpp"

namespace orrery::control {

namespace {
// Of what comes again and again, or waits and doubles.
Limits any_period() { return between(1e-3, 1e6); }
Limits any_client_rate() { return between(1e-3, 1e12); }
}  // namespace

const Declarations& KubernetesProfile::declarations() {
  using P = KubernetesProfile;
  static const Declarations all =
      Declare<P>("Kubernetes: API server, kube-scheduler, heartbeats and life cycle of pods")
          .field("api_fastest", &P::api_fastest, "a request takes at least so long", any_span())
          .field("api_slowest", &P::api_slowest, "and at most so long, uniformly", any_span())
          .field("api_commit", &P::api_commit, "of a write: time in which no other is committed",
                 any_span())
          .field("watch_delay", &P::watch_delay, "from a commit until watchers know", any_span())
          .field("client_qps", &P::client_qps, "requests per second of a client", any_client_rate())
          .field("client_burst", &P::client_burst, "requests that a client may save up",
                 between(1, 1e9))
          .field("cycle", &P::cycle, "kube-scheduler, per pod", any_span())
          .field("cycle_extended_resource", &P::cycle_extended_resource,
                 "more, with an extended resource requested", any_span())
          .field("cycle_volumes", &P::cycle_volumes, "more, with claims that are not bound yet",
                 any_span())
          .field("node_visit", &P::node_visit, "per node that is filtered, on one of the workers",
                 any_latency())
          .field("parallelism", &P::parallelism, "workers that filter", between(1, 1024))
          .field("percentage_of_nodes", &P::percentage_of_nodes,
                 "share of the nodes to find feasible before scoring; 0: by the cluster's size",
                 between(0, 100))
          .field("backoff_initial", &P::backoff_initial, "first back-off of a pod", any_period())
          .field("backoff_max", &P::backoff_max, "largest, after doubling", any_period())
          .field("default_cpu", &P::default_cpu,
                 "millicores that a pod without a request counts for in scores", between(0, 1e9))
          .field("default_memory", &P::default_memory, "likewise, of memory", between(0, 0x1p39))
          .field("list_rate", &P::list_rate,
                 "objects per second when caches are filled before serving", between(1, 1e12))
          .field("lease_renew", &P::lease_renew, "kubelet renews its lease this often",
                 any_period())
          .field("monitor_period", &P::monitor_period, "node controller looks this often",
                 any_period())
          .field("monitor_grace", &P::monitor_grace, "age of a lease from which a node is lost",
                 any_span())
          .field("toleration", &P::toleration, "pods stay on a lost node for so long", any_span())
          .field("eviction_rate", &P::eviction_rate, "nodes per second whose pods are evicted",
                 between(1e-6, 1e6))
          .field("secondary_eviction_rate", &P::secondary_eviction_rate,
                 "the same while the zone is unhealthy", between(1e-6, 1e6))
          .field("unhealthy_zone", &P::unhealthy_zone, "share of lost nodes that makes it so",
                 between(0, 1))
          .field("large_zone", &P::large_zone,
                 "up to that many nodes, an unhealthy zone evicts nothing", between(0, 1e9))
          .field("pod_start", &P::pod_start, "from volumes staged to running", any_span())
          .field("stage_retry_first", &P::stage_retry_first,
                 "kubelet looks again for volumes that were not ready, doubling", any_period())
          .field("stage_retry_max", &P::stage_retry_max, "largest wait of these", any_period())
          .field("recreate", &P::recreate, "a controller makes up for a pod that is gone",
                 any_span())
          .build();
  return all;
}

const Declarations& LiteioProfile::declarations() {
  using P = LiteioProfile;
  static const Declarations all =
      Declare<P>("LiteIO: pools, volumes, its scheduler, migration; and what databases do")
          .field("heartbeat", &P::heartbeat, "an agent renews its lease this often", any_period())
          .field("check_period", &P::check_period, "a pool is reconciled this often", any_period())
          .field("lost_after", &P::lost_after, "age of a lease from which a pool is unknown",
                 any_span())
          .field("offline_after", &P::offline_after, "and from which it is offline", any_span())
          .field("report_period", &P::report_period,
                 "an agent reports free size and conditions, if changed", any_period())
          .field("client_qps", &P::client_qps, "requests per second of a client", any_client_rate())
          .field("client_burst", &P::client_burst, "requests that a client may save up",
                 between(1, 1e9))
          .field("decision", &P::decision, "volume scheduler, per volume", any_span())
          .field("pool_visit", &P::pool_visit, "and per pool", any_latency())
          .field("no_pool_retry", &P::no_pool_retry, "a volume without a pool tries again",
                 any_period())
          .field("group_retry", &P::group_retry, "a volume group without pools tries again",
                 between(1, 1e6))
          .field("group_wait_ready", &P::group_wait_ready,
                 "a volume group looks whether its parts are ready", any_period())
          .field("snapshot_retry", &P::snapshot_retry, "a snapshot is tried again", any_period())
          .field("deletion_requeue", &P::deletion_requeue, "a volume's deletion is looked after",
                 any_period())
          .field("forced_cleanup", &P::forced_cleanup,
                 "a volume on a pool that is not ready is forgotten after", any_span())
          .field("fast_retries", &P::fast_retries, "of an agent's volume work", between(0, 1e6))
          .field("fast_retry", &P::fast_retry, "first wait of these, doubling", any_period())
          .field("slow_retry", &P::slow_retry, "wait after these", any_period())
          .field("create_volume", &P::create_volume, "agent: a logical volume", any_span())
          .field("create_target", &P::create_target, "agent: its target", any_span())
          .field("delete_volume", &P::delete_volume, "agent: both gone", any_span())
          .field("connect", &P::connect, "host: a remote volume", any_span())
          .field("stage_sleep", &P::stage_sleep, "NodeStage sleeps after connecting", any_span())
          .field("unstage_sleep", &P::unstage_sleep, "NodeUnstage sleeps before disconnecting",
                 any_span())
          .field("make_filesystem", &P::make_filesystem, "mkfs and mount", any_span())
          .field("max_remote_volumes", &P::max_remote_volumes, "volumes of other nodes in one pool",
                 between(0, 1'000'000))
          .field("max_sharing_nodes", &P::max_sharing_nodes, "other nodes that use one pool",
                 between(0, 1'000'000))
          .field("lvstore_cluster", &P::lvstore_cluster,
                 "what an lvstore gives out: sizes are rounded up to it", between(512, 1 << 30))
          .field("lvm_extent", &P::lvm_extent, "likewise, of an LVM volume group",
                 between(512, 1 << 30))
          .field("max_volumes_per_node", &P::max_volumes_per_node, "volumes attached to one node",
                 between(1, 1'000'000))
          .field("min_local_storage", &P::min_local_storage,
                 "share of a pool that remote volumes leave alone", between(0, 1))
          .field("position_bonus", &P::position_bonus, "points for the preferred position",
                 between(0, 1'000'000))
          .field("fullness_points", &P::fullness_points, "points of a full pool",
                 between(0, 1'000'000))
          .field("rebalance_above", &P::rebalance_above,
                 "used share from which volumes are moved away; 0: never", between(0, 1))
          .field("rebalance_period", &P::rebalance_period, "how often that is looked after",
                 between(1, 1e6))
          .field("node_network", &P::node_network, "of a node, each way", any_rate())
          .field("copy_rate", &P::copy_rate, "of moving a volume or copying a replica", any_rate())
          .field("migration_poll", &P::migration_poll, "controller and source agent", any_period())
          .field("migration_first_poll", &P::migration_first_poll, "the first one", any_span())
          .field("migration_sync_poll", &P::migration_sync_poll, "until the first round has ended",
                 any_period())
          .field("migration_path_poll", &P::migration_path_poll, "host: state of paths",
                 any_period())
          .field("migration_clean_poll", &P::migration_clean_poll, "host: while cleaning up",
                 any_period())
          .field("ebs_replicas", &P::ebs_replicas, "disks: ebs; copies of every volume",
                 between(1, 9))
          .field("ebs_full", &P::ebs_full, "disks: ebs; share of the disks that may be used",
                 between(0.01, 1))
          .field("replica_lost_after", &P::replica_lost_after,
                 "a database gives a replica up and makes another", any_span())
          .field("volume_fill", &P::volume_fill, "share of a volume that is data", between(0, 1))
          .build();
  return all;
}

}  // namespace orrery::control
