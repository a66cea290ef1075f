// The filter of pools that docs/extending.md builds.
#include "tests/docs/rack_apart.hpp"

#include <gtest/gtest.h>

#include <deque>

#include "models/control/liteio/volume_scheduler.hpp"

namespace orrery::control {
namespace rack_apart_test {

TEST(RackApart, a_volume_lies_in_another_rack_than_its_pod) {
  std::deque<NodeSpec> nodes;
  PoolTable table;
  for (const char* rack : {"a", "a", "b"}) {
    NodeSpec& node = nodes.emplace_back();
    node.name = "node-" + std::to_string(nodes.size());
    node.disk = gibibytes(100);
    node.labels = {{"rack", rack}};
    table.status[table.add(node)] = PoolStatus::ready;
  }
  const std::vector<std::string> filters{"basic"};
  const std::vector<std::string> priorities{"least_resource"};
  VolumeScheduler scheduler({}, filters, priorities, RandomStream(1, "liteio"));
  scheduler.add("rack_apart", std::make_unique<RackApart>());

  VolumeRequest request;
  request.host = 0;
  request.size = request.total = gibibytes(10);
  const Explanation explained = scheduler.explain(table, request);
  EXPECT_EQ(explained.decision.pool, 2u);
  EXPECT_EQ(explained.decision.message(), "Other: 2");
  EXPECT_EQ(explained.verdicts[1].filter, "rack_apart");

  request.host = 2;
  EXPECT_NE(scheduler.schedule(table, request).pool, 2u);
}

}  // namespace rack_apart_test
}  // namespace orrery::control
