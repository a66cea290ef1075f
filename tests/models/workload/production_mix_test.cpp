// The mix of sizes s22-production against the columns of SIGCOMM'22 Fig. 5.
#include <gtest/gtest.h>

#include "models/workload/block_sizes.hpp"

namespace orrery {
namespace production_mix_test {

// A column: sizes from..to KiB, percent of reads and of writes (facts/ebs.md 7.2).
struct Column {
  std::int64_t from, to;
  double reads, writes;
};
constexpr Column kColumns[] = {
    {1, 3, 0.3, 2.2},      {4, 4, 28.7, 39.5},   {8, 8, 6.2, 6.0},    {12, 12, 2.3, 3.5},
    {16, 16, 12.5, 6.4},   {20, 20, 1.9, 4.3},   {21, 31, 2.8, 2.4},  {32, 32, 1.5, 1.2},
    {33, 63, 4.9, 3.7},    {64, 64, 34.4, 28.2}, {65, 127, 1.5, 0.8}, {128, 128, 1.6, 0.7},
    {129, 1024, 1.5, 0.7},
};

TEST(ProductionMix, has_the_published_shares_by_count_in_every_column) {
  const BlockSizesText mix = parse_bssplit("s22-production");
  for (const Direction direction : {Direction::read, Direction::write}) {
    double total = 0;  // the figure's columns add up to 100.1 and 99.6
    for (const Column& c : kColumns) total += direction == Direction::read ? c.reads : c.writes;
    double counted = 0;
    for (const Column& c : kColumns) {
      double share = 0;
      for (const BlockSizes::Share& s : mix.of(direction).shares())
        if (s.size >= kibibytes(c.from) && s.size <= kibibytes(c.to)) share += s.share;
      const double published = direction == Direction::read ? c.reads : c.writes;
      EXPECT_NEAR(share * 100, published * 100 / total, 0.01)
          << name_of(direction) << " " << c.from << " to " << c.to << " KiB";
      counted += share;
    }
    EXPECT_NEAR(counted, 1, 1e-9) << "a size outside all columns";
  }
}

// V text of the figure: about 40 % of RPCs are of at most 4 KB.
TEST(ProductionMix, is_of_four_kib_or_less_about_as_often_as_the_text_says) {
  const BlockSizesText mix = parse_bssplit("s22-production");
  double small = 0;
  for (const BlockSizes::Share& s : mix.write.shares())
    if (s.size <= kibibytes(4)) small += s.share;
  EXPECT_NEAR(small, 0.40, 0.03);
}

}  // namespace production_mix_test
}  // namespace orrery
