#include "models/ebs/profile.hpp"

namespace orrery {

const Declarations& EbsProfile::declarations() {
  static const Declarations all =
      Declare<EbsProfile>("EBS: core time of storage agent, block server and chunk server")
          .field("agent_submit_per_io", &EbsProfile::agent_submit_per_io,
                 "storage agent, per I/O on its way out: poll, RPC, path", any_latency())
          .field("agent_complete_per_io", &EbsProfile::agent_complete_per_io,
                 "storage agent, per I/O on its way back: status, doorbell", any_latency())
          .field("agent_tables_per_io", &EbsProfile::agent_tables_per_io,
                 "storage agent, per I/O: QoS and segment table in software", any_latency())
          .field("agent_work_per_block", &EbsProfile::agent_work_per_block,
                 "storage agent, per 4 KiB block in software: CRC, placement", any_latency())
          .field("encryption_per_block", &EbsProfile::encryption_per_block,
                 "storage agent, per 4 KiB block in software, if the volume is encrypted",
                 any_latency())
          .field("block_server_write", &EbsProfile::block_server_write,
                 "block server, per write RPC", any_latency())
          .field("block_server_read", &EbsProfile::block_server_read, "block server, per read RPC",
                 any_latency())
          .field("chunk_server_write", &EbsProfile::chunk_server_write,
                 "chunk server, per replica write", any_latency())
          .field("chunk_server_read", &EbsProfile::chunk_server_read, "chunk server, per read",
                 any_latency())
          .field("queue_pairs", &EbsProfile::queue_pairs,
                 "NVMe queue pairs of a volume, each served by one thread of the agent",
                 between(1, 1024))
          .field("block_server_threads", &EbsProfile::block_server_threads,
                 "polling threads of a block server, each with its share of the segments",
                 between(1, 1024))
          .field("chunk_server_threads", &EbsProfile::chunk_server_threads,
                 "polling threads of a chunk server, on the cores after the block server's",
                 between(1, 1024))
          .field("poll_interval", &EbsProfile::poll_interval,
                 "how often a polling thread of a block or chunk server looks at its NIC",
                 any_latency())
          .field("segment", &EbsProfile::segment, "address range served by one block server",
                 between(1 << 20, 0x1p50))
          .field("sector", &EbsProfile::sector, "an RPC never crosses a boundary of this size",
                 between(4096, 0x1p40))
          .field("largest_rpc", &EbsProfile::largest_rpc, "an RPC carries at most this much",
                 between(4096, 1 << 26))
          .field("rpc_timeout", &EbsProfile::rpc_timeout,
                 "silence of a block server with RPCs outstanding after which the agent closes the "
                 "connection and makes a new one",
                 any_timeout())
          .field("retry_delay", &EbsProfile::retry_delay,
                 "wait before an RPC that failed is sent again", any_timeout())
          .field("io_timeout", &EbsProfile::io_timeout,
                 "age from which an I/O is not tried again but fails", any_timeout())
          .field("segment_takeover", &EbsProfile::segment_takeover,
                 "time until the segments of a dead block server are served by others",
                 any_timeout())
          .build();
  return all;
}

}  // namespace orrery
