#include <gtest/gtest.h>

#include "tests/models/workload/application_rig.hpp"

namespace orrery {
namespace oltp_store_test {

double mean_us(const ApplicationResult& r, OltpStore::OperationKind k) {
  return r.operations[k].side().lat.mean_ns() / 1e3;
}
double wait_us(const ApplicationResult& r, OltpStore::OperationKind k) {
  return r.operations[k].side().stages[stage::kApplication].wait.mean_ns() / 1e3;
}

TEST(OltpStore, a_transaction_is_its_statements_and_its_commit) {
  ApplicationSpec spec = application("oceanbase", 1, 0.5);
  spec.statements = 8;
  OltpRig rig(spec, oltp_profile(), microseconds(50));
  const ApplicationResult result = rig.run();
  // No caches: every statement reads a block, but for rows in the memtable (0..4 MiB of 102 MB).
  EXPECT_NEAR(mean_us(result, OltpStore::kRead), 5 + 51, 2.5);
  EXPECT_NEAR(mean_us(result, OltpStore::kUpdate), 5 + 51 + 1, 2.5);
  EXPECT_NEAR(mean_us(result, OltpStore::kCommit), 1 + 1 + 50, 0.1);
  EXPECT_NEAR(mean_us(result, OltpStore::kTransaction),
              4 * (mean_us(result, OltpStore::kRead) + mean_us(result, OltpStore::kUpdate)) +
                  mean_us(result, OltpStore::kCommit),
              5);
  EXPECT_NEAR(static_cast<double>(result.operations[OltpStore::kRead].result.done +
                                  result.operations[OltpStore::kUpdate].result.done),
              8.0 * static_cast<double>(result.operations[OltpStore::kTransaction].result.done), 8);
}

TEST(OltpStore, transactions_that_only_read_write_no_log) {
  OltpRig rig(application("oceanbase", 4, 1), oltp_profile(), microseconds(50));
  const ApplicationResult result = rig.run();
  EXPECT_GT(result.operations[OltpStore::kTransaction].result.done, 100u);
  EXPECT_EQ(result.operations[OltpStore::kCommit].result.arrived, 0u);
  EXPECT_EQ(result.of(IoKind::log).completed, 0u);
  EXPECT_EQ(result.write_amplification(), 0);
}

TEST(OltpStore, commits_of_a_group_share_one_write) {
  ApplicationSpec spec = application("oceanbase", 64, 0);
  spec.statements = 1;
  OltpProfile profile = oltp_profile();
  profile.row_cache = gibibytes(1);
  spec.keys = 10'000;
  OltpRig rig(spec, profile, microseconds(100));
  const ApplicationResult result = rig.run();
  EXPECT_GT(rig.database->log().records(), 20 * rig.database->log().groups());
  EXPECT_GT(wait_us(result, OltpStore::kCommit), 50);  // for the group before
}

TEST(OltpStore, the_row_cache_comes_before_the_block_cache) {
  ApplicationSpec spec = application("oceanbase", 8, 1);
  spec.keys = 20'000;
  OltpProfile profile = oltp_profile();
  profile.row_cache = profile.row_of(spec) * (spec.keys / 4);
  profile.block_cache = gibibytes(1);
  OltpRig rig(spec, profile, microseconds(50));
  const ApplicationResult result = rig.run();
  EXPECT_NEAR(static_cast<double>(result.row_hits) / static_cast<double>(result.row_lookups), 0.25,
              0.02);
  EXPECT_EQ(result.block_lookups, result.row_lookups - result.row_hits);
  EXPECT_GT(static_cast<double>(result.block_hits),
            0.99 * static_cast<double>(result.block_lookups));
}

TEST(OltpStore, memtables_are_dumped_and_dumps_compacted) {
  ApplicationSpec spec = application("oceanbase", 4, 0);
  spec.runtime = seconds(1);
  OltpProfile profile = oltp_profile();
  OltpRig rig(spec, profile, microseconds(50));
  const ApplicationResult result = rig.run();
  EXPECT_GT(rig.database->minor_sstables(), 5u);
  EXPECT_LE(rig.database->mini_sstables(), 4u);
  // A byte is written by the dump and by the minor compaction, with what rows have around them
  // (1124 of 1024 bytes).
  EXPECT_NEAR(result.write_amplification(), 2 * 1124.0 / 1024, 0.15);

  profile.major_compact_trigger = 20;
  OltpRig with_major(spec, profile, microseconds(50));
  const ApplicationResult more = with_major.run();
  EXPECT_GT(more.write_amplification(), 1.7 * result.write_amplification());
  EXPECT_GT(more.of(IoKind::compaction_read).bytes, result.of(IoKind::compaction_read).bytes);
  // Background work is bounded.
  const Bytes moved =
      more.of(IoKind::compaction_read).bytes + more.of(IoKind::compaction_write).bytes;
  EXPECT_LT(static_cast<double>(moved.count()), 1.02e9);
}

TEST(OltpStore, updates_wait_while_the_memstore_is_full) {
  OltpProfile profile = oltp_profile();
  profile.merge_rate = megabytes_per_second(20);  // dumps are slower than updates
  ApplicationSpec spec = application("oceanbase", 64, 0);
  spec.runtime = seconds(1);
  OltpRig rig(spec, profile, microseconds(20));
  const ApplicationResult result = rig.run();
  EXPECT_GT(result.stalls, 3u);
  EXPECT_GT(to_seconds(result.stalled), 0.5);
  EXPECT_GT(wait_us(result, OltpStore::kUpdate), 100);
}

TEST(OltpStore, an_io_that_fails_makes_statement_and_transaction_fail) {
  OltpRig rig(application("oceanbase", 4, 0.5), oltp_profile(), microseconds(50));
  rig.volume.fails = true;
  const ApplicationResult result = rig.run();
  EXPECT_EQ(result.operations[OltpStore::kTransaction].result.done, 0u);
  EXPECT_GT(result.operations[OltpStore::kTransaction].result.failed, 100u);
  EXPECT_EQ(result.operations[OltpStore::kCommit].result.arrived, 0u);
}

TEST(OltpStore, work_is_done_on_the_hosts_cores) {
  Calendar calendar;
  ApplicationSpec spec = application("oceanbase", 16, 1);
  spec.keys = 10'000;
  OltpProfile profile = oltp_profile();
  profile.row_cache = gibibytes(1);
  FakeVolume volume(calendar, microseconds(50), gibibytes(4));
  Cpu cpu(calendar, "host", 2, 1.0);
  ApplicationRecorder recorder(spec, OltpStore::operations(), kStart);
  OltpStore store({calendar, volume, &cpu, 1, 0}, spec, profile, recorder);
  store.start();
  calendar.run_until(recorder.end());
  store.close();
  const ApplicationResult result = recorder.result(calendar.now());
  // Two cores that serve sixteen clients: 5 us per statement, eight of them waiting for each.
  EXPECT_NEAR(result.operations[OltpStore::kRead].side().iops.value, 2 / 5e-6, 0.02 * 2 / 5e-6);
  EXPECT_NEAR(result.operations[OltpStore::kRead].side().lat.mean_ns(), 8 * 5e3, 1e3);
}

TEST(OltpStore, runs_are_equal_to_the_picosecond) {
  const auto seen = [] {
    OltpRig rig(application("oceanbase", 8, 0.5), oltp_profile(), microseconds(50), 4);
    rig.volume.records = true;
    rig.run();
    return rig.volume.seen;
  };
  const auto first = seen();
  EXPECT_GT(first.size(), 1000u);
  EXPECT_EQ(first, seen());
}

}  // namespace oltp_store_test
}  // namespace orrery
