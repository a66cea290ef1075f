// What a pool's software costs: the engine's reactors, the hosts' initiators, NVMe over fabrics,
// and the operations on volumes.
//
// Core times are those of the hosts in the profile's source; a node's `slowness` scales them. Waits
// occupy nobody's core.
#pragma once

#include <string>

#include "models/net/transport/tcp_shape.hpp"
#include "sim/params.hpp"
#include "sim/units.hpp"

namespace orrery {

// The storage engine of a node, and the volumes in its pool.
struct EngineProfile {
  std::int64_t reactors = 0;  // cores that poll, shared by all volumes of the node

  Duration
      // Wait: from a queue in shared memory being written until its poller sees it.
      shared_memory_hop{};
  Duration zero_copy_command{};  // reactor: take a command, translate it, ring the SSD's doorbell
  Duration zero_copy_completion{};  // reactor: poll the completion, post it
  Duration vhost_command{};
  Duration vhost_completion{};
  Duration tcp_receive{};  // reactor, per PDU and without its data
  Duration tcp_send{};
  Duration rdma_receive{};
  Duration rdma_send{};
  Duration unit_work{};  // reactor, per buffer of io_unit after the first
  BitRate copy_rate;     // of a reactor, between its buffers and sockets

  Bytes in_capsule;  // largest write whose data comes with the command
  Bytes io_unit;
  Bytes max_transfer;  // largest command of NVMe over fabrics

  Bytes cluster;
  Bytes strip;
  std::int64_t snapshot_limit = 0;  // snapshots in a chain
  static const Declarations& declarations();
};

// The kernel of a host, as far as an I/O notices it.
struct InitiatorProfile {
  Duration submit{};     // core: system call, block layer, driver
  Duration complete{};   // core: driver, block layer, return to the application
  Duration interrupt{};  // wait: from a completion to its handler
  Duration idle_after{};
  Duration idle_exit{};  // wait: of a core that has slept for longer than idle_after

  Duration zero_copy_submit{};    // core: on top of `submit`
  Duration zero_copy_complete{};  // core: on top of `complete`
  Duration guest_submit{};        // core: virtio driver of a guest, on top of `submit`
  Duration guest_interrupt{};     // wait: an interrupt into a guest, on top of `interrupt`

  Duration tcp_send{};              // core: per PDU and without its data
  Duration tcp_receive{};           // core: per PDU and without its data, softirq included
  Duration tcp_request{};           // core: per command, the driver's own bookkeeping
  Duration tcp_wake{};              // wait: from softirq to the I/O thread of the queue running
  Duration tcp_wait{};              // wait: per command, what neither cores nor wake-ups explain
  Duration interrupt_moderation{};  // wait: the NIC holds an interrupt back
  Duration rdma_send{};
  Duration rdma_receive{};

  std::int64_t queue_pairs = 0;  // I/O queues of a volume, each with a connection of its own
  std::int64_t queue_depth = 0;  // commands outstanding per queue
  Duration keep_alive{};
  Duration reconnect_delay{};
  Duration ctrl_loss_timeout{};
  Duration connect_time{};  // admin queue, I/O queues, identify
  static const Declarations& declarations();
};

// NVMe/TCP on the wire.
struct NvmeTcpProfile : TcpProfile {
  Bytes overlay_header;  // encapsulation of the pods' network, per frame
  static const Declarations& declarations();
};

// Hot upgrade and hot migration.
struct OperationsProfile {
  Duration upgrade_start{};           // new process forked and loaded; the old one serves
  Duration upgrade_exit{};            // the old process closes its subsystems and exits
  Duration upgrade_notice{};          // the new one looks for that this often
  Duration upgrade_restore{};         // the new one's devices and reactors
  Duration upgrade_restore_volume{};  // and per volume
  Duration upgrade_retry{};  // mode reconnect: a host that knows of upgrades tries this often

  Bytes migration_region;             // of the dirty bitmap
  Bytes migration_unit;               // of a copy
  std::int64_t migration_depth = 0;   // copies under way at once
  BitRate migration_limit;            // bandwidth of copying
  Duration last_round{};              // I/O is held once what is left takes no longer than this
  std::int64_t migration_rounds = 0;  // after that many without an end it is given up
  Duration
      migration_create{};  // control plane: from the request until the destination volume is there
  Duration migration_connect{};  // until source and host are connected to it
  Duration migration_switch{};   // I/O held: from the last copy until the host uses the new path
  Duration migration_cleanup{};  // until the source volume is gone
  static const Declarations& declarations();
};

}  // namespace orrery
