// A small EBS for tests: one compute server, four storage servers in racks of their own.
#pragma once

#include <array>
#include <string>

#include "tests/integration/runs.hpp"

namespace orrery {

// Threads look all the time unless a test says otherwise, so that what an I/O takes alone is a sum.
inline const std::string kCluster = R"(
scenario: cluster
system: ebs
compute: {servers: 1, guest: none}
storage: {servers: 4, racks: 4, ssds_per_server: 4}
frontend: {stack: luna}
backend: {stack: rdma}
volumes: {per_server: 2, size: 64GiB}
workload:
  - {name: job, rw: randwrite, bs: 4k, iodepth: 1, ramp_time: 2ms, runtime: 20ms}
profiles:
  ebs2: {poll_interval: 0us}
)";

inline const std::string kRpc = R"(
scenario: rpc
system: rpc
compute: {servers: 1}
storage: {servers: 1}
frontend: {stack: luna, agent: host}
workload:
  - {name: job, rw: randwrite, bs: 4k, iodepth: 1, ramp_time: 1ms, runtime: 10ms}
)";

// Stacks that carry EBS.
inline const std::array<std::string, 5> kFrontends = {"kernel_tcp", "luna", "rdma", "solar_star",
                                                      "solar"};

template <class S>
S profile_in(const Scenario& scenario, const std::string& name) {
  return bind<S>(scenario.profile(name));
}

}  // namespace orrery
