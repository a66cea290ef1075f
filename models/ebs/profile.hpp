// What EBS software costs, per I/O and per 4 KiB block, at the speed of the reference host.
//
// Storage agent: one decomposition fits LUNA, SOLAR* and SOLAR on a DPU core (SIGCOMM'22 Fig. 14):
// work per I/O that always stays on a core, table work per I/O and block work that an FPGA data
// path takes over. Block and chunk server: FAST'24 Fig. 11a.
#pragma once

#include "sim/params.hpp"
#include "sim/units.hpp"

namespace orrery {

struct EbsProfile {
  Duration agent_submit_per_io{};
  Duration agent_complete_per_io{};
  Duration agent_tables_per_io{};
  Duration agent_work_per_block{};
  Duration encryption_per_block{};
  Duration block_server_write{};
  Duration block_server_read{};
  Duration chunk_server_write{};
  Duration chunk_server_read{};
  std::int64_t queue_pairs = 0;
  std::int64_t block_server_threads = 0;
  std::int64_t chunk_server_threads = 0;
  Duration poll_interval{};
  Bytes segment;
  Bytes sector;
  Bytes largest_rpc;
  Duration rpc_timeout{};
  Duration retry_delay{};
  Duration io_timeout{};
  Duration segment_takeover{};
  static const Declarations& declarations();
};

}  // namespace orrery
