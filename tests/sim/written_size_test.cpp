// Sizes as people write them.
#include "sim/written_size.hpp"

#include <gtest/gtest.h>

namespace orrery {
namespace written_size_test {

TEST(WrittenSize, has_the_unit_that_divides_it_and_leaves_the_fewest_digits) {
  EXPECT_EQ(written_size(Bytes{}), "0B");
  EXPECT_EQ(written_size(Bytes{1500}), "1500B");
  EXPECT_EQ(written_size(kibibytes(4)), "4KiB");
  EXPECT_EQ(written_size(gibibytes(100)), "100GiB");
  EXPECT_EQ(written_size(Bytes{2'000'000'000'000}), "2TB");
}

}  // namespace written_size_test
}  // namespace orrery
