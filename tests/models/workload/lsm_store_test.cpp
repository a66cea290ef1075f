#include <gtest/gtest.h>
#include <malloc.h>

#include <cmath>

#include "tests/models/workload/application_rig.hpp"

namespace orrery {
namespace lsm_store_test {

const ApplicationResult::Operation& operation(const ApplicationResult& r,
                                              LsmStore::OperationKind k) {
  return r.operations[k];
}
double mean_us(const ApplicationResult::Operation& o) { return o.side().lat.mean_ns() / 1e3; }

// With a log write of L and work that is small against it, k closed-loop writers fall into step: a
// writer that has just committed is back while the next group is being written. So there are two
// groups in turn, of k/2 writers in the mean, each write takes L, and every put takes two of them,
// its own and the one it came into, but for one alone, who takes one.
TEST(LsmStore, group_commit_shares_the_logs_writes) {
  for (const std::int64_t writers : {1, 2, 8, 64}) {
    LsmProfile profile = lsm_profile();
    profile.write_buffer_size = mebibytes(64);  // no flush
    profile.log_write = Duration{};
    LsmRig rig(application("rocksdb", writers, 0), profile, microseconds(100));
    const ApplicationResult result = rig.run();
    const auto& update = operation(result, LsmStore::kUpdate);
    const double rounds = writers == 1 ? 1 : 2;
    EXPECT_NEAR(mean_us(update), 100 * rounds, 3) << writers;
    EXPECT_NEAR(update.side().iops.value, static_cast<double>(writers) / (rounds * 100e-6),
                0.03 * static_cast<double>(writers) / (rounds * 100e-6))
        << writers;
    const GroupCommitLog& log = rig.database->log();
    EXPECT_NEAR(static_cast<double>(log.records()) / static_cast<double>(log.groups()),
                static_cast<double>(writers) / rounds, 0.05 * static_cast<double>(writers))
        << writers;
    // Padded to blocks: 4 KiB hold four entries of 1 KB.
    const auto& io = result.of(IoKind::log);
    EXPECT_EQ(io.bytes % kBlock, Bytes{});
    EXPECT_NEAR(static_cast<double>(io.completed), 2000, 60);
  }
}

TEST(LsmStore, a_put_without_sync_does_not_wait_for_the_volume) {
  LsmProfile profile = lsm_profile();
  profile.sync = false;
  profile.write_buffer_size = mebibytes(64);
  LsmRig rig(application("rocksdb", 4, 0), profile, microseconds(100));
  const ApplicationResult result = rig.run();
  EXPECT_LT(mean_us(operation(result, LsmStore::kUpdate)), 2);
  EXPECT_GT(result.of(IoKind::log).bytes.count(), 0);
}

TEST(LsmStore, a_get_that_misses_reads_one_block_and_its_stages_add_up) {
  LsmRig rig(application("rocksdb", 1, 1), lsm_profile(), microseconds(80));
  const ApplicationResult result = rig.run();
  const auto& read = operation(result, LsmStore::kRead);
  EXPECT_EQ(result.block_hits, 0u);
  // Every get finds its block; 0.8 % of filters above err. There are three levels here, the last
  // one without a filter that matters.
  const double probes =
      static_cast<double>(result.block_lookups) / static_cast<double>(read.result.done);
  EXPECT_GT(probes, 1.0);
  EXPECT_LT(probes, 1.03);
  EXPECT_NEAR(mean_us(read), 1 + probes * 80.1, 0.5);
  EXPECT_NEAR(read.side().stages[stage::kSsd].service.mean_ns(), probes * 80e3, 400);
  EXPECT_GT(read.side().stages[stage::kApplication].service.mean_ns(), 1000);
}

TEST(LsmStore, a_cache_that_holds_all_reads_nothing) {
  LsmProfile profile = lsm_profile();
  profile.block_cache = gibibytes(1);
  ApplicationSpec spec = application("rocksdb", 4, 1);
  spec.keys = 10'000;
  LsmRig rig(spec, profile, microseconds(80));
  const ApplicationResult result = rig.run();
  EXPECT_GT(result.block_lookups, 100'000u);
  // Gets as many as four times the blocks have warmed it: exp(-8) of the blocks were left out.
  EXPECT_GT(static_cast<double>(result.block_hits),
            0.999 * static_cast<double>(result.block_lookups));
}

// Uniform gets over D bytes with a cache of c: the hit ratio is c / D.
TEST(LsmStore, uniform_gets_hit_by_the_caches_share_of_the_data) {
  LsmProfile profile = lsm_profile();
  ApplicationSpec spec = application("rocksdb", 8, 1);
  profile.block_cache = Bytes{spec.data().count() / 4};
  LsmRig rig(spec, profile, microseconds(20));
  const ApplicationResult result = rig.run();
  // Levels above the last add a ninth to the blocks.
  EXPECT_NEAR(static_cast<double>(result.block_hits) / static_cast<double>(result.block_lookups),
              0.25, 0.03);
}

// In the steady state what enters a level leaves it. With one compaction at a time a byte is
// written by the flush; with its share of level 1, L1, by the merge of the m bytes of level 0; with
// what it overlaps in L2 by its way from level 1, which shrinks from L1 + m to L1 meanwhile, less
// what was of the same keys (L2 / D); and what is left of it with its share of the last level, D,
// whose size stays as it is.
TEST(LsmStore, write_amplification_is_that_of_leveled_compaction) {
  LsmProfile profile = lsm_profile();
  profile.compaction_threads = 1;
  ApplicationSpec spec = application("rocksdb", 4, 0);
  spec.runtime = seconds(4);
  LsmRig rig(spec, profile, microseconds(50));
  const ApplicationResult result = rig.run();
  const LsmTree& tree = rig.database->tree();
  ASSERT_EQ(tree.levels(), 4u);  // 1.02 MB, 10.2 MB, 102 MB
  const double m = 4 * 256 * 1024.0;
  const double l1 = tree.target(1), l2 = tree.target(2), d = tree.target(3);
  const double expected =
      1 + (m + l1) / m + (1 + l2 * std::log((l1 + m) / l1) / m - l2 / d) + (1 - l2 / d) * d / l2;
  EXPECT_NEAR(result.write_amplification(), expected, 0.1 * expected);
  EXPECT_NEAR(tree.bytes(3), d, 0.01 * d);  // updates of what is there add nothing
  EXPECT_NEAR(static_cast<double>(result.of(IoKind::flush).bytes.count()),
              static_cast<double>(result.updated.count()), 512 * 1024);
}

TEST(LsmStore, writes_stop_while_the_flush_is_behind) {
  LsmProfile profile = lsm_profile();
  ApplicationSpec spec = application("rocksdb", 64, 0);
  LsmRig fast(spec, profile, microseconds(20));
  // One core that builds tables at 10 MB/s: updates cannot be faster.
  profile.merge_rate = megabytes_per_second(10);
  profile.level0_compaction_trigger = profile.level0_slowdown_trigger =
      profile.level0_stop_trigger = 1000;
  spec.runtime = seconds(1);
  LsmRig slow(spec, profile, microseconds(20));
  const ApplicationResult result = slow.run();
  EXPECT_EQ(fast.run().stalls, 0u);
  EXPECT_GT(result.stalls, 10u);
  EXPECT_GT(to_seconds(result.stalled), 0.9);
  EXPECT_NEAR(static_cast<double>(result.updated.count()), 10e6, 2e6);
  // Who waits says so.
  const auto& update = operation(result, LsmStore::kUpdate);
  EXPECT_GT(update.side().stages[stage::kApplication].wait.mean_ns(),
            0.9 * update.side().lat.mean_ns());
}

TEST(LsmStore, level_0_slows_writes_down_to_the_delayed_rate) {
  LsmProfile profile = lsm_profile();
  profile.level0_compaction_trigger = profile.level0_slowdown_trigger = 1;
  profile.level0_stop_trigger = 1000;
  profile.compaction_threads = 1;
  profile.merge_rate = megabytes_per_second(10);
  profile.delayed_write_rate = megabytes_per_second(4);
  ApplicationSpec spec = application("rocksdb", 64, 0);
  spec.runtime = seconds(1);
  spec.ramp_time = milliseconds(200);
  LsmRig rig(spec, profile, microseconds(20));
  const ApplicationResult result = rig.run();
  EXPECT_GT(to_seconds(result.slowed), 0.9);
  EXPECT_NEAR(static_cast<double>(result.updated.count()), 4e6, 0.5e6);
}

TEST(LsmStore, an_io_that_fails_makes_its_operation_fail) {
  LsmRig rig(application("rocksdb", 4, 0.5), lsm_profile(), microseconds(50));
  rig.volume.fails = true;
  const ApplicationResult result = rig.run();
  for (const auto& o : result.operations) {
    EXPECT_EQ(o.result.done, 0u) << o.name;
    EXPECT_GT(o.result.failed, 100u) << o.name;
  }
  EXPECT_EQ(result.updated, Bytes{});

  LsmRig at_once(application("rocksdb", 4, 0.5), lsm_profile(), microseconds(50));
  at_once.volume.fails_at_once = true;
  EXPECT_GT(at_once.run().operations[0].result.failed, 100u);
}

TEST(LsmStore, the_same_operations_arrive_whatever_serves_them) {
  const auto arrivals = [](Duration service, std::int64_t threads) {
    ApplicationSpec spec = application("rocksdb", threads, 0.5);
    spec.rate_ops = Iops{5000};
    LsmRig rig(spec, lsm_profile(), service);
    const ApplicationResult r = rig.run();
    return std::pair{r.operations[0].result.arrived, r.operations[1].result.arrived};
  };
  EXPECT_EQ(arrivals(microseconds(10), 64), arrivals(microseconds(500), 2));
}

TEST(LsmStore, runs_are_equal_to_the_picosecond) {
  const auto seen = [] {
    LsmRig rig(application("rocksdb", 8, 0.5), lsm_profile(), microseconds(50), 4);
    rig.volume.records = true;
    rig.run();
    return rig.volume.seen;
  };
  const auto first = seen();
  EXPECT_GT(first.size(), 1000u);
  EXPECT_EQ(first, seen());
}

// Frames come from the pool, caches and rings have their size: what is still taken are the bins of
// each batch's histogram.
TEST(LsmStore, nothing_is_allocated_per_operation) {
  LsmProfile profile = lsm_profile();
  profile.block_cache = mebibytes(16);
  LsmRig rig(application("rocksdb", 16, 0.5), profile, microseconds(5));
  rig.database->start();
  rig.calendar.run_until(kStart + milliseconds(100));
  const std::size_t before = mallinfo2().uordblks;
  rig.calendar.run_until(rig.recorder.end());
  EXPECT_LT(mallinfo2().uordblks, before + (1 << 20));
  rig.database->close();
  EXPECT_GT(rig.recorder.result(rig.calendar.now()).operations[0].result.done, 100'000u);
}

TEST(LsmStore, an_overloaded_open_loop_is_saturated_and_its_backlog_counts) {
  ApplicationSpec spec = application("rocksdb", 2, 0);
  spec.rate_ops = Iops{50'000};
  LsmRig rig(spec, lsm_profile(), microseconds(100));
  const ApplicationResult result = rig.run();
  const auto& update = operation(result, LsmStore::kUpdate);
  EXPECT_TRUE(update.result.saturated);
  EXPECT_EQ(update.result.arrived,
            update.result.done + static_cast<std::uint64_t>(update.result.in_flight));
}

}  // namespace lsm_store_test
}  // namespace orrery
