#include "models/workload/job.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "models/workload/arrivals.hpp"
#include "models/workload/io_stream.hpp"
#include "models/workload/zipf.hpp"

namespace orrery {
namespace job_test {

JobSpec job(const std::string& rw = "randread") {
  JobSpec j;
  j.name = "job";
  j.rw = rw;
  return j;
}
std::string key_of_problem(const JobSpec& j) {
  const auto p = j.check();
  return p ? p->key : "";
}

TEST(JobSpec, defaults_are_fios) {
  const JobSpec j = job("rw");
  EXPECT_FALSE(j.check());
  EXPECT_TRUE(j.notes().empty());
  EXPECT_DOUBLE_EQ(j.read_share(), 0.5);
  EXPECT_EQ(j.sizes().read.mean_bytes(), 4096);
  EXPECT_FALSE(j.open_loop());
}

TEST(JobSpec, every_field_is_declared_with_a_default_but_the_name) {
  for (const Declaration& d : JobSpec::declarations().fields)
    EXPECT_EQ(d.fallback.has_value(), d.name != "name") << d.name;
  JobSpec filled;
  for (const Declaration& d : JobSpec::declarations().fields)
    if (d.name == "iodepth") d.set(&filled, Value{std::int64_t{32}});
  EXPECT_EQ(filled.iodepth, 32);
}

TEST(JobSpec, problems_name_the_key_that_causes_them) {
  JobSpec j = job();
  j.bs = "0";
  EXPECT_EQ(key_of_problem(j), "bs");
  j.bs = "4q";
  EXPECT_EQ(key_of_problem(j), "bs");
  j.bs = "4k";
  j.bssplit = "4k/100";
  EXPECT_EQ(key_of_problem(j), "bssplit");
  j.bs.reset();
  EXPECT_EQ(key_of_problem(j), "");
  for (const char* bad :
       {"4k/60:8k/60", "4k/x", "x/50", "0/100", "no-such-mix", "4k/10,8k/10,16k/10", "4k/0"}) {
    j.bssplit = bad;
    EXPECT_EQ(key_of_problem(j), "bssplit") << bad;
  }
  j = job();
  for (const char* bad : {"zipf:0", "zipf:-1", "zipf:inf", "zipf:nan", "zipf:101", "zipf:1e300",
                          "zipf:1.0000000001", "zipf:1", "zipf:x", "pareto:0.2", ""}) {
    j.random_distribution = bad;
    EXPECT_EQ(key_of_problem(j), "random_distribution") << bad;
  }
  j = job();
  j.size = Bytes{2048};
  EXPECT_EQ(key_of_problem(j), "size");
  j = job();
  j.runtime = Duration{};
  EXPECT_EQ(key_of_problem(j), "runtime");
  j = job();
  j.runtime = seconds(8e6);
  j.ramp_time = seconds(8e6);
  EXPECT_EQ(key_of_problem(j), "runtime");
}

TEST(JobSpec, an_io_is_no_larger_than_64_mib) {
  JobSpec j = job("read");
  j.bs = "64m";
  EXPECT_EQ(key_of_problem(j), "");
  j.bs = "65m";
  EXPECT_EQ(key_of_problem(j), "bs");
  j.bs = "4k,65m";  // a direction that the job does not have
  EXPECT_EQ(key_of_problem(j), "");
  j.bs.reset();
  j.bssplit = "4k/99:100g/1";
  EXPECT_EQ(key_of_problem(j), "bssplit");
}

TEST(JobSpec, block_devices_take_whole_sectors) {
  const auto key_of = [](const JobSpec& j) {
    const auto problem = j.check_sectors();
    return problem ? problem->key : "";
  };
  JobSpec j = job();
  for (const char* fine : {"512", "4k", "1536", "4k,100"}) {
    j.bs = fine;
    EXPECT_EQ(key_of(j), "") << fine;
  }
  for (const char* bad : {"1", "64", "513", "4097"}) {
    j.bs = bad;
    EXPECT_EQ(key_of(j), "bs") << bad;
    EXPECT_EQ(key_of_problem(j), "") << bad;  // a message may have any size
  }
  j.bs.reset();
  j.bssplit = "4k/50:1000/50";
  EXPECT_EQ(key_of(j), "bssplit");
  j.bssplit = "s22-production";
  EXPECT_EQ(key_of(j), "");
  j.offset = Bytes{100};
  EXPECT_EQ(key_of(j), "offset");
}

TEST(JobSpec, a_range_must_lie_on_the_volume) {
  JobSpec j = job();
  EXPECT_FALSE(j.check(mebibytes(1)));
  j.offset = mebibytes(1);
  EXPECT_EQ(j.check(mebibytes(1))->key, "offset");
  j.offset = kibibytes(512);
  j.size = kibibytes(513);
  EXPECT_EQ(j.check(mebibytes(1))->key, "size");
  j.size = kibibytes(512);
  EXPECT_FALSE(j.check(mebibytes(1)));
  j.size.reset();
  j.bs = "1m";
  EXPECT_TRUE(j.check(mebibytes(1)));
}

TEST(JobSpec, what_has_no_effect_is_noted) {
  JobSpec j = job("read");
  j.rwmixread = 70;
  j.random_distribution = "zipf:1.2";
  j.rate_process = "poisson";
  std::vector<std::string> keys;
  for (const auto& n : j.notes()) keys.push_back(n.key);
  EXPECT_EQ(keys, (std::vector<std::string>{"rwmixread", "random_distribution", "rate_process"}));
}

TEST(BlockSizes, texts_mean_what_they_mean_to_fio) {
  EXPECT_EQ(parse_size("4k"), kibibytes(4));
  EXPECT_EQ(parse_size("4K"), kibibytes(4));
  EXPECT_EQ(parse_size("4KiB"), kibibytes(4));
  EXPECT_EQ(parse_size("0.5k"), Bytes{512});
  EXPECT_EQ(parse_size("1m"), mebibytes(1));
  EXPECT_EQ(parse_size("512"), Bytes{512});
  for (const char* bad : {"", "k", "-4k", "4kk", "0.3", "1e3", "99999g", "nan"})
    EXPECT_FALSE(parse_size(bad)) << bad;

  const auto pair = parse_bs("4k,64k");
  EXPECT_EQ(pair.read.largest(), kibibytes(4));
  EXPECT_EQ(pair.write.largest(), kibibytes(64));
  EXPECT_EQ(parse_bs(",8k").read.largest(), kibibytes(4));
  EXPECT_EQ(parse_bs("8k").write.largest(), kibibytes(8));

  const auto split = parse_bssplit("4k/10:64k/50:32k/40");
  EXPECT_FALSE(split.error);
  EXPECT_NEAR(split.read.mean_bytes(), 1024 * (0.4 + 32 + 12.8), 1e-6);
  EXPECT_EQ(split.alignment[0], kibibytes(4));
  const auto blanks = parse_bssplit("4k/50:8k:16k/");
  EXPECT_DOUBLE_EQ(blanks.write.shares()[1].share, 0.25);
  EXPECT_DOUBLE_EQ(blanks.write.shares()[2].share, 0.25);
  const auto both = parse_bssplit("2k/50:4k/50,16k");
  EXPECT_NEAR(both.read.mean_bytes(), 3072, 1e-9);
  EXPECT_EQ(both.write.smallest(), kibibytes(16));
  const auto less = parse_bssplit("4k/10:8k/20");
  EXPECT_EQ(less.notes.size(), 1u);
  EXPECT_DOUBLE_EQ(less.read.shares()[1].share, 0.9);
}

TEST(BlockSizes, the_production_mix_has_the_published_means) {
  const auto mix = parse_bssplit("s22-production");
  ASSERT_FALSE(mix.error);
  // SIGCOMM'22 Fig. 5: 40.6 and 31.0 KB; ranges are represented by their multiples of 4 KiB, hence
  // 2 %.
  EXPECT_NEAR(mix.read.mean_bytes() / 1024, 40.6, 0.02 * 40.6);
  EXPECT_NEAR(mix.write.mean_bytes() / 1024, 31.0, 0.02 * 31.0);
  EXPECT_EQ(mix.read.largest(), mebibytes(1));
  EXPECT_EQ(mix.alignment[0], kBlock);
}

TEST(BlockSizes, drawn_sizes_are_within_their_binomial_intervals) {
  const auto mix = parse_bssplit("s22-production");
  RandomStream random(1, "sizes");
  constexpr int kDraws = 200'000;
  std::map<std::int64_t, int> seen;
  for (int i = 0; i < kDraws; ++i) ++seen[mix.write.draw(random).count()];
  EXPECT_EQ(seen.size(), mix.write.shares().size());
  for (const auto& s : mix.write.shares()) {
    const double sigma = std::sqrt(kDraws * s.share * (1 - s.share));
    EXPECT_NEAR(seen[s.size.count()], kDraws * s.share, 4.5 * sigma) << s.size.count();
  }
}

TEST(Zipf, zeta_is_the_sum_of_its_terms) {
  for (const double theta : {0.5, 0.99, 1.1, 2.0})
    for (const std::uint64_t n : {1u, 2u, 999u, 1000u, 1001u, 200'000u}) {
      long double sum = 0;
      for (std::uint64_t i = n; i >= 1; --i) sum += std::pow(static_cast<long double>(i), -theta);
      EXPECT_NEAR(Zipf::zeta(n, theta) / static_cast<double>(sum), 1, 1e-10) << n << " " << theta;
    }
}

TEST(Zipf, ranks_come_as_often_as_zipfs_law_says) {
  constexpr std::uint64_t kRange = 100'000;
  constexpr int kDraws = 1'000'000;
  for (const double theta : {0.6, 0.99, 1.2}) {
    const Zipf zipf(kRange, theta, 0);
    RandomStream random(2, "zipf");
    std::vector<int> seen(kRange);
    for (int i = 0; i < kDraws; ++i) ++seen[zipf.rank(random.uniform())];
    const double zeta = Zipf::zeta(kRange, theta);
    // The first two ranks are exact; the rest follows the approximation of Gray et al., a few
    // percent off near the head.
    for (const std::uint64_t rank : {0u, 1u}) {
      const double p = std::pow(static_cast<double>(rank + 1), -theta) / zeta;
      EXPECT_NEAR(seen[rank], kDraws * p, 4.5 * std::sqrt(kDraws * p)) << theta;
    }
    double top = 0;
    for (std::size_t i = 0; i < kRange / 100; ++i) top += seen[i];
    EXPECT_NEAR(top / kDraws, Zipf::zeta(kRange / 100, theta) / zeta, 0.02) << theta;
  }
}

TEST(Zipf, places_lie_in_the_range_and_the_hottest_moves_with_the_shift) {
  for (const std::uint64_t range : {1u, 2u, 3u, 1000u}) {
    const Zipf zipf(range, 1.1, 12345);
    RandomStream random(3, "places");
    for (int i = 0; i < 1000; ++i) ASSERT_LT(zipf.draw(random), range);
  }
  EXPECT_NE(Zipf(1000, 1.1, 1).place(0), Zipf(1000, 1.1, 2).place(0));
}

TEST(Zipf, every_item_of_the_range_has_one_rank) {
  std::vector<std::uint64_t> ranges = {1000, 16'384, 20'000, 65'535, 65'537, 99'991};
  for (std::uint64_t range = 1; range <= 200; ++range) ranges.push_back(range);
  for (const std::uint64_t range : ranges) {
    const Zipf zipf(range, 0.9, 12345);
    std::vector<bool> seen(range);
    for (std::uint64_t rank = 0; rank < range; ++rank) {
      const std::uint64_t item = zipf.place(rank);
      ASSERT_LT(item, range);
      ASSERT_FALSE(seen[item]) << range << " " << rank;
      seen[item] = true;
    }
  }
}

TEST(Zipf, a_power_of_two_is_scattered_as_fio_does) {
  const Zipf zipf(1 << 20, 0.9, 77);
  for (std::uint64_t rank = 0; rank < 1000; ++rank)
    EXPECT_EQ(zipf.place(rank), (rank * 0x61c8864680b583ebu % (1 << 20) + 77) % (1 << 20));
}

TEST(Arrivals, linear_arrivals_are_exact_multiples_of_the_interval) {
  JobSpec j = job();
  j.rate_iops = Iops{3};
  Arrivals arrivals(j, kStart, 1, "t");
  const TimePoint first = arrivals.next();
  EXPECT_LT(first - kStart, seconds(1.0 / 3));
  for (std::int64_t i = 1; i < 300'000; ++i) {
    const TimePoint t = arrivals.next();
    if (i % 3 == 0) {
      ASSERT_EQ(t - first, std::chrono::seconds(i / 3)) << i;
    }
  }
}

TEST(Arrivals, poisson_arrivals_have_exponential_distances) {
  JobSpec j = job();
  j.rate_iops = Iops{10'000};
  j.rate_process = "poisson";
  Arrivals arrivals(j, kStart, 1, "t");
  constexpr int kDraws = 200'000;
  double sum = 0, squares = 0;
  TimePoint last = kStart;
  for (int i = 0; i < kDraws; ++i) {
    const TimePoint t = arrivals.next();
    const double us = to_microseconds(t - last);
    sum += us;
    squares += us * us;
    last = t;
  }
  const double mean = sum / kDraws;
  EXPECT_NEAR(mean, 100, 4 * 100 / std::sqrt(kDraws));
  const double variance = squares / kDraws - mean * mean;
  EXPECT_NEAR(variance, 10'000, 4 * 10'000 * std::sqrt(8.0 / kDraws));  // kurtosis 9
}

TEST(Arrivals, a_rate_too_low_for_any_run_never_arrives) {
  JobSpec j = job();
  j.rate_iops = Iops{1e-12};
  for (const char* process : {"linear", "poisson"}) {
    j.rate_process = process;
    Arrivals arrivals(j, kStart, 1, "t");
    arrivals.next();
    EXPECT_EQ(arrivals.next(), kNever);
    EXPECT_EQ(arrivals.next(), kNever);
  }
}

TEST(IoStream, random_offsets_are_aligned_and_cover_the_range) {
  JobSpec j = job();
  j.bs = "8k";
  j.offset = kibibytes(64);
  j.size = kibibytes(128 + 4);  // the last half block is never reached
  IoStream stream(j, mebibytes(1), 1, "t");
  std::map<std::int64_t, int> seen;
  for (int i = 0; i < 16'000; ++i) {
    const Request r = stream.next(kStart);
    ASSERT_EQ((r.offset - kibibytes(64)) % kibibytes(8), Bytes{});
    ++seen[r.offset.count()];
  }
  EXPECT_EQ(seen.size(), 16u);
  for (const auto& [offset, n] : seen) EXPECT_NEAR(n, 1000, 4.5 * std::sqrt(1000 * 15 / 16.0));
}

TEST(IoStream, mixed_sizes_never_leave_the_range) {
  for (const char* where : {"random", "zipf:0.9"}) {
    JobSpec j = job("randrw");
    j.bssplit = "s22-production";
    j.random_distribution = where;
    j.offset = mebibytes(3);
    j.size = mebibytes(2);
    IoStream stream(j, mebibytes(8), 1, "t");
    for (int i = 0; i < 50'000; ++i) {
      const Request r = stream.next(kStart);
      ASSERT_GE(r.offset, mebibytes(3));
      ASSERT_LE(r.offset + r.length, mebibytes(5));
    }
  }
}

TEST(IoStream, the_share_of_reads_is_within_its_binomial_interval) {
  JobSpec j = job("randrw");
  j.rwmixread = 22;
  IoStream stream(j, mebibytes(8), 1, "t");
  constexpr int kDraws = 100'000;
  int reads = 0;
  for (int i = 0; i < kDraws; ++i) reads += stream.next(kStart).direction == Direction::read;
  EXPECT_NEAR(reads, 22'000, 4 * std::sqrt(kDraws * 0.22 * 0.78));
}

TEST(IoStream, sequential_jobs_advance_by_direction_and_start_over) {
  JobSpec j = job("rw");
  j.bs = "4k,8k";
  j.offset = kibibytes(16);
  j.size = kibibytes(32);
  IoStream stream(j, mebibytes(1), 1, "t");
  Bytes next[2] = {kibibytes(16), kibibytes(16)};
  for (int i = 0; i < 100; ++i) {
    const Request r = stream.next(kStart);
    Bytes& expected = next[static_cast<int>(r.direction)];
    ASSERT_EQ(r.offset, expected);
    expected += r.length;
    if (expected + r.length > kibibytes(48)) expected = kibibytes(16);
  }
}

}  // namespace job_test
}  // namespace orrery
