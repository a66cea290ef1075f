#include "models/pool/profile.hpp"

namespace orrery {

const Declarations& EngineProfile::declarations() {
  using P = EngineProfile;
  static const Declarations all =
      Declare<P>("storage engine of a pool's node: polling reactors and their volumes")
          .field("reactors", &P::reactors, "polling cores, shared by all volumes of the node",
                 between(1, 256))
          .field("shared_memory_hop", &P::shared_memory_hop,
                 "from an entry written into a queue in shared memory until its poller sees it",
                 any_latency())
          .field("zero_copy_command", &P::zero_copy_command,
                 "reactor time: take a command from shared memory, translate it, ring the doorbell",
                 any_latency())
          .field("zero_copy_completion", &P::zero_copy_completion,
                 "reactor time: poll the SSD's completion, post it into shared memory",
                 any_latency())
          .field("vhost_command", &P::vhost_command,
                 "reactor time: take a command from a guest's virtqueue and submit it",
                 any_latency())
          .field("vhost_completion", &P::vhost_completion,
                 "reactor time: poll the completion, put it into the virtqueue, signal the guest",
                 any_latency())
          .field("tcp_receive", &P::tcp_receive,
                 "reactor time per NVMe/TCP PDU received, without copying its data", any_latency())
          .field("tcp_send", &P::tcp_send,
                 "reactor time per NVMe/TCP PDU sent, without copying its data", any_latency())
          .field("rdma_receive", &P::rdma_receive, "reactor time per NVMe/RDMA command received",
                 any_latency())
          .field("rdma_send", &P::rdma_send, "reactor time per NVMe/RDMA completion sent",
                 any_latency())
          .field("unit_work", &P::unit_work,
                 "reactor time per further buffer of io_unit of a fabric command", any_latency())
          .field("copy_rate", &P::copy_rate,
                 "rate at which a reactor copies between its buffers and sockets", any_rate())
          .field("in_capsule", &P::in_capsule,
                 "NVMe over fabrics: largest write whose data comes with the command",
                 between(0, 1 << 26))
          .field("io_unit", &P::io_unit, "NVMe over fabrics: size of the target's buffers",
                 between(512, 1 << 26))
          .field("max_transfer", &P::max_transfer,
                 "NVMe over fabrics: largest command; larger I/Os are split",
                 between(4096, 1 << 26))
          .field("cluster", &P::cluster, "unit of allocation and of copy-on-write",
                 between(4096, 1 << 30))
          .field("strip", &P::strip, "of striped volumes: contiguous bytes on one SSD",
                 between(4096, 1 << 30))
          .field("snapshot_limit", &P::snapshot_limit, "snapshots in a chain", between(0, 1024))
          .build();
  return all;
}

const Declarations& InitiatorProfile::declarations() {
  using P = InitiatorProfile;
  static const Declarations all =
      Declare<P>("initiator: block layer and NVMe driver of a pool's host")
          .field("submit", &P::submit,
                 "core time of a submission: system call, block layer, driver", any_latency())
          .field("complete", &P::complete,
                 "core time of a completion: driver, block layer, return to the application",
                 any_latency())
          .field("interrupt", &P::interrupt, "from a completion to its handler running",
                 any_latency())
          .field("idle_after", &P::idle_after, "how long a core has nothing to do until it sleeps",
                 any_span())
          .field("idle_exit", &P::idle_exit, "time that a sleeping core takes to wake",
                 any_latency())
          .field("zero_copy_submit", &P::zero_copy_submit,
                 "core time on top of `submit`: I/O addresses into the command, shared memory",
                 any_latency())
          .field("zero_copy_complete", &P::zero_copy_complete,
                 "core time on top of `complete`: notification by the engine", any_latency())
          .field("guest_submit", &P::guest_submit,
                 "vhost: core time of the guest's virtio driver on top of `submit`", any_latency())
          .field("guest_interrupt", &P::guest_interrupt,
                 "vhost: time of an interrupt into the guest on top of `interrupt`", any_latency())
          .field("tcp_send", &P::tcp_send,
                 "core time per NVMe/TCP PDU sent, without copying its data", any_latency())
          .field("tcp_receive", &P::tcp_receive,
                 "core time per NVMe/TCP PDU received, softirq included, without copying its data",
                 any_latency())
          .field("tcp_request", &P::tcp_request, "core time of the NVMe/TCP driver per command",
                 any_latency())
          .field("tcp_wake", &P::tcp_wake, "from softirq to the queue's I/O thread running",
                 any_latency())
          .field("tcp_wait", &P::tcp_wait,
                 "time per command over TCP that neither cores nor wake-ups explain", any_latency())
          .field("interrupt_moderation", &P::interrupt_moderation,
                 "time the NIC holds an interrupt back", any_latency())
          .field("rdma_send", &P::rdma_send, "core time of the NVMe/RDMA driver per submission",
                 any_latency())
          .field("rdma_receive", &P::rdma_receive,
                 "core time of the NVMe/RDMA driver per completion", any_latency())
          .field("queue_pairs", &P::queue_pairs,
                 "I/O queues of a volume over fabrics, each with a connection of its own",
                 between(1, 128))
          .field("queue_depth", &P::queue_depth, "commands outstanding per queue",
                 between(1, 65536))
          .field("keep_alive", &P::keep_alive,
                 "interval of keep-alives, and how long one may be without an answer",
                 any_timeout())
          .field("reconnect_delay", &P::reconnect_delay,
                 "from a lost connection to the next attempt to connect", any_timeout())
          .field("ctrl_loss_timeout", &P::ctrl_loss_timeout,
                 "from a lost connection until the volume is given up and its I/Os fail",
                 any_timeout())
          .field("connect_time", &P::connect_time,
                 "work of connecting: admin queue, I/O queues, identify", any_span())
          .build();
  return all;
}

const Declarations& NvmeTcpProfile::declarations() {
  Declare<NvmeTcpProfile> fields("NVMe/TCP on the wire");
  static const Declarations all =
      declare_tcp(fields)
          .field("overlay_header", &NvmeTcpProfile::overlay_header,
                 "encapsulation of the pods' overlay network, per frame", between(0, 256))
          .build();
  return all;
}

const Declarations& OperationsProfile::declarations() {
  using P = OperationsProfile;
  static const Declarations all =
      Declare<P>("operations on a pool: hot upgrade, hot migration")
          .field("upgrade_start", &P::upgrade_start,
                 "upgrade: a process with the new program is forked and loaded; I/O goes on",
                 any_span())
          .field("upgrade_exit", &P::upgrade_exit,
                 "upgrade: the old process closes its subsystems and exits", any_span())
          .field("upgrade_notice", &P::upgrade_notice,
                 "upgrade: interval at which the new process looks whether the old one is gone",
                 any_span())
          .field("upgrade_restore", &P::upgrade_restore,
                 "upgrade: the new process takes over devices and reactors", any_span())
          .field("upgrade_restore_volume", &P::upgrade_restore_volume,
                 "upgrade: and restores each volume's subsystem", any_span())
          .field("upgrade_retry", &P::upgrade_retry,
                 "upgrade with new connections: interval of attempts of a host that knows of it",
                 any_timeout())
          .field("migration_region", &P::migration_region, "migration: bytes per dirty bit",
                 between(512, 1 << 30))
          .field("migration_unit", &P::migration_unit, "migration: bytes per copy",
                 between(4096, 1 << 26))
          .field("migration_depth", &P::migration_depth, "migration: copies under way at once",
                 between(1, 4096))
          .field("migration_limit", &P::migration_limit, "migration: bandwidth of copying",
                 between(1e6, 1e15))
          .field("last_round", &P::last_round,
                 "migration: I/O is held for the last round once it takes no longer than this",
                 any_timeout())
          .field("migration_rounds", &P::migration_rounds,
                 "migration: rounds after which it is given up", between(1, 1000))
          .field("migration_create", &P::migration_create,
                 "migration: from the request until the destination volume is ready", any_span())
          .field("migration_connect", &P::migration_connect,
                 "migration: until source engine and host are connected to it", any_span())
          .field("migration_switch", &P::migration_switch,
                 "migration: from the last copy until the host uses the new path, I/O held",
                 any_span())
          .field("migration_cleanup", &P::migration_cleanup,
                 "migration: from then until the source volume is gone", any_span())
          .build();
  return all;
}

}  // namespace orrery
