#include "models/volume/contents.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include "sim/random.hpp"

namespace orrery {
namespace contents_test {

TEST(Contents, nothing_was_written_at_first) {
  const Contents contents(mebibytes(5));
  EXPECT_EQ(contents.read(mebibytes(3)), 0u);
  EXPECT_EQ(contents.copy(Bytes{}, mebibytes(5)), std::vector<std::uint64_t>(1280));
}

TEST(Contents, a_write_counts_for_all_of_every_block_it_touches) {
  Contents contents(mebibytes(1));
  contents.write(Bytes{4000}, Bytes{200}, 7);
  EXPECT_EQ(contents.read(Bytes{}), 7u);
  EXPECT_EQ(contents.read(Bytes{8191}), 7u);
  EXPECT_EQ(contents.read(Bytes{8192}), 0u);
}

TEST(Contents, what_was_cut_off_is_forgotten) {
  Contents contents(mebibytes(4));
  contents.write(Bytes{}, mebibytes(4), 1);
  contents.resize(kibibytes(100));
  contents.resize(mebibytes(4));
  EXPECT_EQ(contents.read(kibibytes(96)), 1u);
  EXPECT_EQ(contents.read(kibibytes(100)), 0u);
  EXPECT_EQ(contents.read(mebibytes(3)), 0u);
}

RC_GTEST_PROP(Contents, a_copy_pasted_elsewhere_holds_what_every_block_held, ()) {
  const std::int64_t blocks = *rc::gen::inRange(1, 2000);
  Contents contents(kBlock * blocks);
  std::map<std::int64_t, std::uint64_t> model;
  for (std::uint64_t stamp = 1; stamp < 20; ++stamp) {
    const std::int64_t first = *rc::gen::inRange<std::int64_t>(0, blocks);
    const std::int64_t count = *rc::gen::inRange<std::int64_t>(0, blocks - first + 1);
    contents.write(kBlock * first, kBlock * count, stamp);
    for (std::int64_t b = first; b < first + count; ++b) model[b] = stamp;
  }
  const Contents taken = contents;
  contents.write(Bytes{}, contents.size(), 99);
  const std::int64_t first = *rc::gen::inRange<std::int64_t>(0, blocks);
  const std::int64_t count = *rc::gen::inRange<std::int64_t>(0, blocks - first + 1);
  Contents moved(contents.size());
  moved.paste(kBlock * first, taken.copy(kBlock * first, kBlock * count));
  for (std::int64_t b = 0; b < blocks; ++b) {
    RC_ASSERT(taken.read(kBlock * b) == model[b]);
    RC_ASSERT(moved.read(kBlock * b) == (b >= first && b < first + count ? model[b] : 0));
  }
}

TEST(DirtyMap, counts_each_region_once_and_the_last_one_as_long_as_it_is) {
  DirtyMap map(kibibytes(250), kibibytes(64));
  map.mark(kibibytes(10), kibibytes(4));
  map.mark(kibibytes(20), kibibytes(4));
  EXPECT_EQ(map.count(), 1);
  EXPECT_EQ(map.bytes(), kibibytes(64));
  map.mark(kibibytes(127), kibibytes(2));
  EXPECT_EQ(map.count(), 3);
  map.mark(kibibytes(246), kibibytes(4));
  EXPECT_EQ(map.count(), 4);
  EXPECT_EQ(map.bytes(), kibibytes(250));
  map.clear();
  EXPECT_EQ(map.count(), 0);
  EXPECT_EQ(map.bytes(), Bytes{});
}

TEST(DirtyMap, a_round_takes_what_is_there_and_later_writes_are_for_the_next) {
  DirtyMap map(mebibytes(1), kibibytes(64));
  map.mark(Bytes{}, kibibytes(128));
  const DirtyMap round = map.take();
  EXPECT_EQ(map.count(), 0);
  map.mark(kibibytes(512), kibibytes(4));
  EXPECT_EQ(round.count(), 2);
  EXPECT_FALSE(round.is_dirty(kibibytes(512)));
  EXPECT_TRUE(map.is_dirty(kibibytes(512)));
}

RC_GTEST_PROP(DirtyMap, its_runs_are_the_regions_that_were_written, ()) {
  const Bytes region = kibibytes(4);
  const Bytes size{*rc::gen::inRange<std::int64_t>(1, 4096 * 300)};
  DirtyMap map(size, region);
  std::set<std::int64_t> model;
  const int writes = *rc::gen::inRange(0, 30);
  for (int i = 0; i < writes; ++i) {
    const Bytes offset{*rc::gen::inRange<std::int64_t>(0, size.count())};
    const Bytes length{*rc::gen::inRange<std::int64_t>(1, size.count() - offset.count() + 1)};
    const Bytes part{std::min(length.count(), *rc::gen::inRange<std::int64_t>(1, 40'000))};
    map.mark(offset, part);
    for (std::int64_t r = offset / region; r <= (offset + part - Bytes{1}) / region; ++r)
      model.insert(r);
  }
  RC_ASSERT(map.count() == std::ssize(model));
  std::set<std::int64_t> in_runs;
  Bytes sum;
  Bytes last_end{-1};
  for (auto run = map.next(Bytes{}); run; run = map.next(run->end())) {
    RC_ASSERT(run->length > Bytes{});
    RC_ASSERT(run->offset > last_end);  // neighbours would be one run
    RC_ASSERT(run->end() <= size);
    for (Bytes at = run->offset; at < run->end(); at += region) in_runs.insert(at / region);
    sum += run->length;
    last_end = run->end();
  }
  RC_ASSERT(in_runs == model);
  RC_ASSERT(sum == map.bytes());
}

// V (1 - exp(-L t / n)) for writes at a rate L over n regions.
TEST(DirtyMap, uniform_writes_dirty_what_theory_says) {
  const Bytes region = kibibytes(64);
  const std::int64_t regions = 50'000;
  DirtyMap map(region * regions, region);
  RandomStream random(1, "dirty");
  std::int64_t written = 0;
  for (const double per_region : {0.1, 0.5, 1.0, 2.0, 4.0}) {
    for (; written < static_cast<std::int64_t>(per_region * regions); ++written)
      map.mark(region * static_cast<std::int64_t>(random.below(regions)), kBlock);
    const double theory = static_cast<double>(map.size().count()) * (1 - std::exp(-per_region));
    EXPECT_NEAR(static_cast<double>(map.bytes().count()) / theory, 1, 0.02) << per_region;
  }
}

}  // namespace contents_test
}  // namespace orrery
