// Where a storage agent runs: what its work costs there and what its data crosses. Expectations are
// sums of the profiles' values.
#include "models/ebs/agent_site.hpp"

#include <gtest/gtest.h>

#include "tests/models/ebs/rig.hpp"

namespace orrery {
namespace agent_site_test {

class AgentSiteTest : public testing::TestWithParam<Architecture> {
 protected:
  EbsRig rig_{options_for(GetParam())};
  const EbsProfile& profile() const { return rig_.options.profile; }
  bool offloaded() const { return find_stack(GetParam().stack)->traits.data_path_in_fpga; }
  AgentSite& site() { return rig_.agent().site(); }
};
INSTANTIATE_TEST_SUITE_P(Architectures, AgentSiteTest, testing::ValuesIn(architectures()),
                         [](const auto& info) { return name_of(info.param); });

TEST_P(AgentSiteTest, work_is_per_io_and_in_software_per_4_kib_block_too) {
  const EbsProfile& p = profile();
  for (const std::int64_t blocks : {0, 1, 16, 32})
    for (const bool encrypted : {false, true}) {
      const Duration per_block =
          p.agent_work_per_block + (encrypted ? p.encryption_per_block : Duration{});
      const Duration submit =
          offloaded() ? p.agent_submit_per_io
                      : p.agent_submit_per_io + p.agent_tables_per_io + per_block * blocks;
      const Duration complete =
          offloaded() ? p.agent_complete_per_io : p.agent_complete_per_io + per_block * blocks;
      Cpu& cpu = rig_.agent_cpu();
      EXPECT_EQ(site().submit_work(blocks, encrypted), cpu.time_for(submit));
      EXPECT_EQ(site().complete_work(blocks, encrypted), cpu.time_for(complete));
    }
}

TEST_P(AgentSiteTest, its_threads_poll_a_core_each_or_float_as_the_stack_does) {
  const auto& threads = site().threads();
  if (!find_stack(GetParam().stack)->traits.threads_poll) {
    ASSERT_EQ(threads.size(), 1u);
    EXPECT_TRUE(threads[0].is_floating());
    return;
  }
  ASSERT_EQ(threads.size(), rig_.agent_cpu().cores());
  for (std::size_t i = 0; i < threads.size(); ++i)
    EXPECT_EQ(&threads[i].core(), &rig_.agent_cpu().core(i)) << i;
}

TEST_P(AgentSiteTest, runs_on_the_cores_of_its_place_and_on_no_others) {
  rig_.alone(Direction::write, {}, kBlock);
  rig_.alone(Direction::read, {}, kBlock);
  EXPECT_GT(core_us(rig_.agent_cpu()), 0);
  if (GetParam().on_dpu) {
    EXPECT_EQ(core_us(rig_.compute().cpu()), 0);
  }
}

// Bytes over each link of the card for one I/O.
TEST_P(AgentSiteTest,
       data_crosses_the_internal_link_once_each_way_in_software_and_never_in_the_fpga) {
  if (!GetParam().on_dpu) {
    EXPECT_EQ(rig_.compute().dpu(), nullptr);
    return;
  }
  Dpu& dpu = *rig_.compute().dpu();
  Bytes written, read;
  for (const Bytes length : {kBlock, kibibytes(64), kibibytes(300)}) {
    rig_.alone(Direction::write, kibibytes(12), length);
    written += length;
    const Bytes both = written + read;
    const Bytes inside = offloaded() ? Bytes{} : both;
    EXPECT_EQ(rig_.crossed(dpu.host_pcie(), PcieWay::up), written);
    EXPECT_EQ(rig_.crossed(dpu.host_pcie(), PcieWay::down), read);
    EXPECT_EQ(rig_.crossed(dpu.internal_pcie(), PcieWay::up), inside);
    EXPECT_EQ(rig_.crossed(dpu.internal_pcie(), PcieWay::down), inside);

    rig_.alone(Direction::read, kibibytes(12), length);
    read += length;
    const Bytes then = offloaded() ? Bytes{} : written + read;
    EXPECT_EQ(rig_.crossed(dpu.host_pcie(), PcieWay::down), read);
    EXPECT_EQ(rig_.crossed(dpu.internal_pcie(), PcieWay::up), then);
    EXPECT_EQ(rig_.crossed(dpu.internal_pcie(), PcieWay::down), then);
  }
}

TEST_P(AgentSiteTest, encryption_costs_core_time_per_block_in_software_and_a_stage_in_the_fpga) {
  for (const Direction direction : {Direction::write, Direction::read}) {
    struct Cost {
      Duration latency;
      double core_us;
    };
    const auto cost = [&](bool encrypted) {
      EbsOptions options = options_for(GetParam());
      options.encrypted = encrypted;
      EbsRig rig(options);
      const Duration took = rig.alone(direction, {}, kibibytes(64)).took();
      return Cost{took, core_us(rig.agent_cpu())};
    };
    const Cost plain = cost(false), encrypted = cost(true);
    const Duration blocks = rig_.agent_cpu().time_for(profile().encryption_per_block * 16);
    const double more_core = encrypted.core_us - plain.core_us;
    const Duration more = encrypted.latency - plain.latency;
    if (offloaded()) {
      EXPECT_DOUBLE_EQ(more_core, 0);
      EXPECT_EQ(more, rig_.options.dpu.fpga_sec);
    } else {
      EXPECT_NEAR(more_core, to_microseconds(blocks), 1e-5);
      EXPECT_NEAR(to_microseconds(more), to_microseconds(blocks), 1e-5);
    }
  }
}

}  // namespace agent_site_test
}  // namespace orrery
