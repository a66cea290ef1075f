// A node: what every server has, and what happens when it goes down.
#include "models/host/node.hpp"

#include <gmock/gmock.h>

#include <vector>

#include "sim/assert.hpp"
#include "tests/models/net/rig.hpp"

namespace orrery {
namespace node_test {

class NodeTest : public testing::Test {
 protected:
  explicit NodeTest(const NodeProfile& profile = shipped<NodeProfile>("storage-25g"))
      : node_(calendar_, "server", profile) {}
  void insert(int count) {
    const SsdMaker make = ssd_maker(shipped_profile("p4510-4tb"));
    for (int i = 0; i < count; ++i)
      node_.insert_ssd(make(calendar_, "server/ssd-" + std::to_string(i), 1));
  }
  void work_on(Cpu& cpu, std::vector<Served>& ends) { scope_.spawn(work(cpu, ends)); }
  Task<> work(Cpu& cpu, std::vector<Served>& ends) {
    const Thread thread = Thread::pinned(cpu, 0);
    Station::Use use = thread.core().use(microseconds(10), {}, kWorkPriority);
    const Served how = co_await use;
    ends.push_back(how);
  }

  Calendar calendar_;
  Node node_;
  TaskScope scope_;
};

TEST_F(NodeTest, takes_as_many_ssds_as_it_has_slots) {
  const auto slots = static_cast<int>(node_.profile().ssd_slots);
  insert(slots);
  EXPECT_EQ(node_.ssds().size(), static_cast<std::size_t>(slots));
  EXPECT_THROW(insert(1), InvariantError);
}

TEST_F(NodeTest, shows_the_stations_of_everything_in_it) {
  const std::size_t cores = node_.cpu().cores();
  std::vector<Station*> stations;
  node_.collect_stations(stations);
  EXPECT_EQ(stations.size(), cores);

  node_.install_dpu(shipped<DpuProfile>("ali-dpu"));
  insert(2);
  std::vector<Station*> dpu, ssd;
  node_.dpu()->collect_stations(dpu);
  node_.ssds()[0]->collect_stations(ssd);
  stations.clear();
  node_.collect_stations(stations);
  EXPECT_EQ(stations.size(), cores + dpu.size() + 2 * ssd.size());
}

TEST_F(NodeTest, that_goes_down_fails_what_runs_on_its_cores_and_its_dpus) {
  node_.install_dpu(shipped<DpuProfile>("ali-dpu"));
  std::vector<Served> host, dpu;
  for (int i = 0; i < 3; ++i) {
    work_on(node_.cpu(), host);
    work_on(node_.dpu()->cpu(), dpu);
  }
  calendar_.run_until(kStart + microseconds(10));
  EXPECT_THAT(host, testing::ElementsAre(Served::done));
  node_.set_up(false);
  for (const auto* ends : {&host, &dpu})
    EXPECT_THAT(*ends, testing::ElementsAre(Served::done, Served::failed, Served::failed));
  work_on(node_.cpu(), host);
  EXPECT_EQ(host.back(), Served::failed);

  node_.set_up(true);
  work_on(node_.cpu(), host);
  run_dry(calendar_);
  EXPECT_EQ(host.back(), Served::done);
}

TEST_F(NodeTest, tells_its_observers_of_every_change_once) {
  std::vector<bool> first, second;
  node_.observe([&first](Node& node) { first.push_back(node.up()); });
  node_.observe([&second](Node& node) { second.push_back(node.up()); });
  EXPECT_TRUE(node_.up());
  for (const bool up : {true, false, false, true, true}) node_.set_up(up);
  EXPECT_THAT(first, testing::ElementsAre(false, true));
  EXPECT_EQ(second, first);
}

TEST(NodeOnAFabric, has_the_nic_ports_of_its_profile_at_their_rate_and_loses_them_when_down) {
  NetRig rig;
  const NodeProfile& profile = rig.node(0).profile();
  std::vector<Port*> links;
  rig.fabric().collect_links(rig.node(0), links);
  ASSERT_EQ(links.size(), 2 * static_cast<std::size_t>(profile.nic_ports));  // both directions
  for (const Port* link : links) EXPECT_EQ(link->rate(), profile.nic_rate);

  rig.node(0).set_up(false);
  for (const Port* link : links) EXPECT_FALSE(link->up()) << link->name();
  std::vector<Port*> others;
  rig.fabric().collect_links(rig.node(1), others);
  for (const Port* link : others) EXPECT_TRUE(link->up()) << link->name();
  rig.node(0).set_up(true);
  for (const Port* link : links) EXPECT_TRUE(link->up()) << link->name();
}

TEST(NodeOnAFabric, copies_memory_at_one_cores_rate_and_its_own_slowness) {
  for (const double slowness : {0.5, 1.0, 3.0}) {
    NetOptions options;
    options.slowness = slowness;
    NetRig rig(options);
    for (const Bytes bytes : {Bytes{}, kBlock, mebibytes(1)})
      EXPECT_EQ(rig.endpoint(0).copy_time(bytes),
                scaled(bytes / rig.node(0).profile().memory_copy_rate, slowness));
  }
}

TEST(NodeOnAFabric, pays_dma_on_the_host_and_none_where_the_nic_is_on_the_card) {
  NetOptions options;
  options.client_on_dpu = true;
  NetRig rig(options);
  EXPECT_EQ(rig.endpoint(0).dma(), Duration{});
  EXPECT_EQ(rig.endpoint(1).dma(), rig.node(1).profile().nic_dma);
}

}  // namespace node_test
}  // namespace orrery
