// The DPU: its cores, and the FPGA pipeline stage by stage. Expectations are sums of the profile's
// values.
#include "models/host/dpu.hpp"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <vector>

#include "tests/models/net/rig.hpp"

namespace orrery {
namespace dpu_test {

enum class Way { out, in };

struct Passed {
  TimePoint at{};
  Ledger ledger;
};

class DpuRig {
 public:
  explicit DpuRig(const DpuProfile& of = shipped<DpuProfile>("ali-dpu"))
      : profile(of), dpu(calendar, "dpu", of) {}

  void pass(Way way, Bytes bytes, bool encrypted = false) {
    scope.spawn(passing(way, bytes, encrypted));
  }
  void admit() { scope.spawn(admitting()); }
  Duration took() {
    const TimePoint start = calendar.now();
    run_dry(calendar);
    return calendar.now() - start;
  }
  Station& station(const std::string& name) {
    std::vector<Station*> all;
    dpu.collect_stations(all);
    for (Station* s : all)
      if (s->name() == "dpu/" + name) return *s;
    throw std::out_of_range(name);
  }
  double busy_us(const std::string& name) {
    return static_cast<double>(station(name).books().snapshot(calendar.now()).busy) * 1e-6;
  }
  // What the stages after the data's entry add, whatever its length.
  Duration fixed(Way way, bool encrypted) const {
    return (way == Way::out ? profile.fpga_pktgen : profile.fpga_addr_table) + profile.fpga_crc +
           profile.fpga_dma + (encrypted ? profile.fpga_sec : Duration{});
  }
  Duration host_pcie(Bytes bytes) const { return bytes / profile.host_pcie_goodput; }
  Duration line(Bytes bytes) const { return bytes / profile.fpga_line_rate; }

  DpuProfile profile;
  Calendar calendar;
  Dpu dpu;
  std::vector<Passed> passed;
  TaskScope scope;

 private:
  Task<> passing(Way way, Bytes bytes, bool encrypted) {
    Ledger ledger(calendar.now());
    Task<> pass = way == Way::out ? dpu.fpga().egress(bytes, encrypted, ledger)
                                  : dpu.fpga().ingress(bytes, encrypted, ledger);
    co_await pass;
    EXPECT_EQ(ledger.total(), calendar.now() - ledger.start());
    passed.push_back({calendar.now(), ledger});
  }
  Task<> admitting() {
    Ledger ledger(calendar.now());
    Task<> admission = dpu.fpga().admit(ledger);
    co_await admission;
    passed.push_back({calendar.now(), ledger});
  }
};

TEST(Dpu, has_six_cores_slower_than_the_reference_hosts) {
  DpuRig rig;
  EXPECT_EQ(rig.dpu.cpu().cores(), 6u);  // SIGCOMM'22 section 4.2
  EXPECT_GT(rig.profile.slowness, 1);
  EXPECT_EQ(rig.dpu.cpu().time_for(microseconds(1)), scaled(microseconds(1), rig.profile.slowness));
}

TEST(Fpga, a_command_passes_the_qos_and_block_table_stages) {
  DpuRig rig;
  rig.admit();
  const Duration stages = rig.profile.fpga_qos + rig.profile.fpga_block_table;
  EXPECT_EQ(rig.took(), stages);
  EXPECT_EQ(rig.passed[0].ledger.served(stage::kAgent), stages);
}

TEST(Fpga, commands_do_not_wait_for_each_other) {
  DpuRig rig;
  for (int i = 0; i < 100; ++i) rig.admit();
  EXPECT_EQ(rig.took(), rig.profile.fpga_qos + rig.profile.fpga_block_table);
}

TEST(Fpga, a_lone_transfer_takes_its_crossing_its_line_time_and_every_stage_once) {
  for (const Way way : {Way::out, Way::in})
    for (const bool encrypted : {false, true})
      for (const Bytes bytes : {Bytes{512}, kBlock, kibibytes(64)}) {
        DpuRig rig;
        rig.pass(way, bytes, encrypted);
        EXPECT_EQ(rig.took(), rig.host_pcie(bytes) + rig.line(bytes) + rig.fixed(way, encrypted));
        const Ledger& ledger = rig.passed[0].ledger;
        EXPECT_EQ(ledger.served(stage::kPcie), rig.host_pcie(bytes));
        EXPECT_EQ(ledger.served(stage::kAgent), rig.line(bytes) + rig.fixed(way, encrypted));
        EXPECT_EQ(ledger.waited(stage::kPcie) + ledger.waited(stage::kAgent), Duration{});
      }
}

// A tandem of two queues before stages that hold nobody up: n blocks pass in one block's time and n
// - 1 of the slower queue's.
RC_GTEST_PROP(Fpga, blocks_are_pipelined_at_the_rate_of_the_slower_of_link_and_line, ()) {
  DpuProfile profile = shipped<DpuProfile>("ali-dpu");
  profile.host_pcie_goodput = gigabits_per_second(*rc::gen::inRange(10, 200));
  profile.fpga_line_rate = gigabits_per_second(*rc::gen::inRange(10, 200));
  const Way way = *rc::gen::element(Way::out, Way::in);
  const int blocks = *rc::gen::inRange(1, 64);
  DpuRig rig(profile);
  for (int i = 0; i < blocks; ++i) rig.pass(way, kBlock);
  const Duration link = rig.host_pcie(kBlock), line = rig.line(kBlock);
  // On the way in the fixed stages stand between the two queues, on the way out behind both.
  RC_ASSERT(rig.took() ==
            link + line + rig.fixed(way, false) + std::max(link, line) * (blocks - 1));
  RC_ASSERT(rig.passed.size() == static_cast<std::size_t>(blocks));
}

TEST(Fpga, encryption_adds_its_stage_to_latency_and_takes_nothing_from_the_rate) {
  const auto took = [](bool encrypted, int blocks) {
    DpuRig rig;
    for (int i = 0; i < blocks; ++i) rig.pass(Way::out, kBlock, encrypted);
    return rig.took();
  };
  const Duration sec = shipped<DpuProfile>("ali-dpu").fpga_sec;
  EXPECT_EQ(took(true, 1) - took(false, 1), sec);
  EXPECT_EQ(took(true, 100) - took(false, 100), sec);
}

TEST(Fpga, its_directions_do_not_wait_for_each_other) {
  DpuRig out, in, both;
  for (int i = 0; i < 50; ++i) {
    out.pass(Way::out, kBlock);
    in.pass(Way::in, kBlock);
    both.pass(Way::out, kBlock);
    both.pass(Way::in, kBlock);
  }
  EXPECT_EQ(both.took(), std::max(out.took(), in.took()));
}

TEST(Fpga, data_that_stays_in_it_crosses_the_host_link_once_and_the_internal_one_never) {
  DpuRig rig;
  for (const Way way : {Way::out, Way::in})
    for (int i = 0; i < 10; ++i) rig.pass(way, kibibytes(64));
  rig.took();
  const double one_way = to_microseconds(rig.host_pcie(kibibytes(64))) * 10;
  EXPECT_DOUBLE_EQ(rig.busy_us("host_pcie/up"), one_way);
  EXPECT_DOUBLE_EQ(rig.busy_us("host_pcie/down"), one_way);
  EXPECT_EQ(rig.busy_us("internal_pcie/up"), 0);
  EXPECT_EQ(rig.busy_us("internal_pcie/down"), 0);
}

TEST(Fpga, its_profile_takes_both_ports_of_the_nic) {
  const auto node = shipped<NodeProfile>("compute-25g");
  const auto dpu = shipped<DpuProfile>("ali-dpu");
  EXPECT_EQ(dpu.fpga_line_rate.bits_per_second(),
            node.nic_rate.bits_per_second() * static_cast<double>(node.nic_ports));
  EXPECT_LT(dpu.internal_pcie_goodput, gigabits_per_second(100));  // SIGCOMM'22: "far less than"
}

}  // namespace dpu_test
}  // namespace orrery
