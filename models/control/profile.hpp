// The timers, limits and costs of a cluster's control plane: Kubernetes' own, and those that LiteIO
// adds.
#pragma once

#include "models/control/objects.hpp"
#include "sim/params.hpp"
#include "sim/units.hpp"

namespace orrery::control {

// API server, kube-scheduler, kubelets and the controllers of nodes and pods.
struct KubernetesProfile {
  // API server: a request takes a time between the two, a write waits for its turn to be committed
  // besides.
  Duration api_fastest{};
  Duration api_slowest{};
  Duration api_commit{};
  Duration watch_delay{};  // from a commit until those who watch know
  double client_qps = 0;   // of each client
  std::int64_t client_burst = 0;

  // kube-scheduler. A cycle takes cycle + what its kind adds + visited nodes * node_visit /
  // parallelism.
  Duration cycle{};
  Duration cycle_extended_resource{};  // more, with an extended resource among the requests
  Duration cycle_volumes{};            // more, with unbound claims that plug-ins look at
  Duration node_visit{};
  std::int64_t parallelism = 0;
  std::int64_t percentage_of_nodes = 0;  // 0: by the cluster's size
  Duration backoff_initial{};
  Duration backoff_max{};
  std::int64_t default_cpu = 0;  // millicores a pod without a request counts for in scores
  Bytes default_memory;
  double list_rate = 0;  // objects per second, when caches are filled before serving

  // Heartbeats and life cycle of nodes and pods.
  Duration lease_renew{};
  Duration monitor_period{};
  Duration monitor_grace{};
  Duration toleration{};               // not-ready and unreachable
  double eviction_rate = 0;            // nodes per second
  double secondary_eviction_rate = 0;  // while a zone is unhealthy
  double unhealthy_zone = 0;           // share of nodes
  std::int64_t large_zone = 0;         // up to that many nodes, an unhealthy zone evicts nothing
  Duration pod_start{};                // from volumes staged to running
  Duration stage_retry_first{};        // kubelet: volumes not ready
  Duration stage_retry_max{};
  Duration recreate{};  // a controller notices that a pod is gone
  static const Declarations& declarations();
};

// LiteIO: heartbeats and states of pools, volumes on their way, limits of its scheduler, migration;
// and what databases do.
struct LiteioProfile {
  Duration heartbeat{};
  Duration check_period{};
  Duration lost_after{};
  Duration offline_after{};
  Duration report_period{};  // agent: free size and conditions, if they changed
  double client_qps = 0;
  std::int64_t client_burst = 0;

  Duration decision{};  // volume scheduler: per volume
  Duration pool_visit{};
  Duration no_pool_retry{};
  Duration group_retry{};
  Duration group_wait_ready{};
  Duration snapshot_retry{};
  Duration deletion_requeue{};
  Duration forced_cleanup{};
  std::int64_t fast_retries = 0;  // of an agent's volume work, before
  Duration fast_retry{};          // first wait of those, doubling
  Duration slow_retry{};
  Duration create_volume{};
  Duration create_target{};
  Duration delete_volume{};
  Duration connect{};        // of a remote volume, NVMe over TCP
  Duration stage_sleep{};    // after it
  Duration unstage_sleep{};  // before disconnecting
  Duration make_filesystem{};

  Bytes lvstore_cluster;  // what pools give out, by their mode
  Bytes lvm_extent;
  Bytes unit_of(PoolMode mode) const {
    return mode == PoolMode::spdk_lvstore ? lvstore_cluster : lvm_extent;
  }

  std::int64_t max_remote_volumes = 0;
  std::int64_t max_sharing_nodes = 0;
  std::int64_t max_volumes_per_node = 0;
  double min_local_storage = 0;      // share of a pool that remote volumes leave alone
  std::int64_t position_bonus = 0;   // points
  std::int64_t fullness_points = 0;  // of a full pool

  double rebalance_above = 0;  // used share of a pool from which volumes are moved away; 0: never
  Duration rebalance_period{};
  BitRate node_network;  // of a node, each way
  BitRate copy_rate;     // of moving one volume or copying one replica
  Duration migration_poll{};
  Duration migration_first_poll{};
  Duration migration_sync_poll{};
  Duration migration_path_poll{};
  Duration migration_clean_poll{};

  std::int64_t ebs_replicas = 0;  // disks: ebs
  double ebs_full = 0;            // share of its disks that may be used

  Duration replica_lost_after{};  // a database gives a replica up and makes another
  double volume_fill = 0;         // share of a volume that is data
  static const Declarations& declarations();
};

}  // namespace orrery::control
