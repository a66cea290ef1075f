// RDMA over a lossless fabric: PFC pauses who sends too much, and nobody takes a pause for a loss.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/integration/cluster.hpp"

namespace orrery {
namespace lossless_test {

const std::string kRdmaIncast = R"(
scenario: rdma-incast
system: rpc
compute: {servers: 64, racks: 4}
storage: {servers: 1}
frontend: {stack: rdma}
volumes: {per_server: 4, size: 16GiB}
workload:
  - {name: w, rw: randwrite, bs: 64k, iodepth: 1, ramp_time: 30ms, runtime: 30ms}
)";

TEST(Lossless, an_incast_is_as_fast_with_four_times_the_connections_and_sends_nothing_twice) {
  // What two ports of 25 Gbit/s carry of 64 KiB messages in frames of the path MTU.
  constexpr double kFull = 93'000;
  for (const int per_server : {4, 16}) {
    SCOPED_TRACE(per_server);
    const Json summary =
        run(scenario_of(kRdmaIncast, {fmt::format("volumes.per_server={}", per_server)}));
    EXPECT_NEAR(figure(summary, "jobs.0.iops"), kFull, 0.03 * kFull);
    const Json& frontend = summary.at("network").at("frontend");
    EXPECT_EQ(figure(frontend, "packets_resent"), 0);
    EXPECT_EQ(figure(frontend, "timeouts"), 0);
    EXPECT_GT(figure(frontend, "pauses"), 0);
  }
}

}  // namespace lossless_test
}  // namespace orrery
