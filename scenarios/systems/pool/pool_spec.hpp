// What a scenario of system `pool` says of its pools: which profiles its engines and hosts have,
// how volumes are attached, who may share.
//
//   pool: {path: zero_copy, remote_path: remote_tcp, remote_volumes: 1}
#pragma once

#include <cstdint>
#include <string>

#include "models/pool/pool_choice.hpp"
#include "sim/params.hpp"

namespace orrery {

struct PoolSection {
  std::string engine;
  std::string initiator;
  std::string operations;
  std::string tcp;
  std::string rdma;
  std::string tier;
  std::string path;
  std::string remote_path;
  std::int64_t remote_volumes = 0;
  std::int64_t max_remote_volumes = 0;
  std::int64_t max_sharing_nodes = 0;
  static const Declarations& declarations();
};

SharingLimits sharing_limits(const PoolSection& pool);

}  // namespace orrery
