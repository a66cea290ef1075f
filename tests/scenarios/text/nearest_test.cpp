#include "scenarios/text/nearest.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace orrery {
namespace nearest_test {

const std::vector<std::string> kKeys = {"bs", "rw", "iodepth", "numjobs", "rate_iops"};

TEST(Nearest, finds_the_name_behind_a_typing_error) {
  EXPECT_EQ(nearest("iodpeth", kKeys), "iodepth");
  EXPECT_EQ(nearest("IODepth", kKeys), "iodepth");
  EXPECT_EQ(nearest("numjob", kKeys), "numjobs");
  EXPECT_EQ(nearest("rateiops", kKeys), "rate_iops");
  EXPECT_EQ(nearest("b", kKeys), "bs");
}

TEST(Nearest, finds_nothing_for_a_name_of_another_kind) {
  EXPECT_EQ(nearest("bandwidth", kKeys), std::nullopt);
  EXPECT_EQ(nearest("x", kKeys), std::nullopt);
  EXPECT_EQ(nearest("", kKeys), std::nullopt);
  EXPECT_EQ(nearest("iodepth", {}), std::nullopt);
}

TEST(Nearest, counts_a_swap_of_neighbours_as_one_edit) {
  EXPECT_EQ(edit_distance("iodpeth", "iodepth", 3), 1u);
  EXPECT_EQ(edit_distance("kitten", "sitting", 5), 3u);
  EXPECT_EQ(edit_distance("", "abc", 5), 3u);
}

TEST(Nearest, stops_counting_beyond_the_bound) {
  EXPECT_EQ(edit_distance("aaaaaaaa", "bbbbbbbb", 2), 3u);
  EXPECT_EQ(edit_distance("a", "abcdefgh", 2), 3u);
}

RC_GTEST_PROP(Nearest, distance_is_symmetric_and_zero_only_for_equal_names, ()) {
  const auto word = rc::gen::container<std::string>(rc::gen::inRange('a', 'd'));
  const std::string a = *word, b = *word;
  const std::size_t distance = edit_distance(a, b, 1000);
  RC_ASSERT(distance == edit_distance(b, a, 1000));
  RC_ASSERT((distance == 0) == (a == b));
  RC_ASSERT(distance <= std::max(a.size(), b.size()));
  const std::size_t bound = *rc::gen::inRange<std::size_t>(0, 6);
  RC_ASSERT(edit_distance(a, b, bound) == std::min(distance, bound + 1));
}

TEST(Nearest, unknown_name_lists_what_exists_when_nothing_is_near) {
  EXPECT_STREQ(unknown_name({"a.yaml", 3, 5}, "key", "bandwidth", kKeys).what(),
               "a.yaml:3:5: error: unknown key 'bandwidth'\n"
               "  hint: one of: bs, rw, iodepth, numjobs, rate_iops");
  EXPECT_STREQ(unknown_name({"a.yaml", 3, 5}, "key", "iodpeth", kKeys).what(),
               "a.yaml:3:5: error: unknown key 'iodpeth' (did you mean 'iodepth'?)");
}

TEST(Nearest, unknown_name_lists_the_nearest_ten_of_many) {
  std::vector<std::string> many;
  for (int i = 10; i < 90; ++i) many.push_back("something-else-" + std::to_string(i));
  many.push_back("bandwith-of-a-port");
  const std::string text = unknown_name({"a.yaml", 3, 5}, "entry", "bandwidth", many).what();
  EXPECT_EQ(text.substr(0, text.find(", ")),
            "a.yaml:3:5: error: unknown entry 'bandwidth'\n"
            "  hint: the nearest of 81: bandwith-of-a-port");
  EXPECT_EQ(std::count(text.begin(), text.end(), ','), 9);
}

// Whatever is named: pods by the thousand, names of 250 characters, a name that is a text itself.
TEST(Nearest, no_hint_takes_more_than_a_few_lines) {
  for (const std::size_t count : {1u, 20u, 40u, 5'000u})
    for (const std::size_t length : {3u, 30u, 253u})
      for (const std::size_t wanted : {0u, 8u, 100'000u}) {
        std::vector<std::string> names;
        for (std::size_t i = 0; i < count; ++i) {
          names.push_back(std::to_string(i) + "-");
          names.back().resize(std::max(names.back().size(), length), 'n');
        }
        const std::string hint = names_hint(std::string(wanted, 'x'), names);
        EXPECT_LE(hint.size(), 550u) << count << " names of " << length;
        EXPECT_FALSE(hint.empty());
        EXPECT_TRUE(hint.starts_with("one of: ") ||
                    hint.starts_with("the nearest of " + std::to_string(count) + ": "))
            << hint;
      }
}

TEST(Nearest, of_equally_near_names_the_first_are_listed) {
  std::vector<std::string> names;
  for (int i = 100; i < 400; ++i) names.push_back("pod-" + std::to_string(i));
  EXPECT_EQ(names_hint("something", names),
            "the nearest of 300: pod-100, pod-101, pod-102, pod-103, pod-104, pod-105, pod-106, "
            "pod-107, pod-108, pod-109");
}

TEST(InputErrors, name_the_whole_file_when_there_is_no_line) {
  EXPECT_STREQ(InputError({"a.yaml", 0, 0}, "cannot be read").what(),
               "a.yaml: error: cannot be read");
}

}  // namespace nearest_test
}  // namespace orrery
