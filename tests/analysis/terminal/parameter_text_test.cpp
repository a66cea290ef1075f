#include "analysis/terminal/parameter_text.hpp"

#include <gtest/gtest.h>

#include "tests/scenarios/text/input_cases.hpp"

namespace orrery {
namespace parameter_text_test {

// Limits of every form beside those of a job.
struct Limited {
  std::int64_t between_two = 0;
  double above_up_to = 0;
  double above = 0;
  std::optional<double> share;
  int machine_word = 0;
  Bytes bytes;
  double tiny = 0;
  Duration at_most_a_day{};
  std::string word;
  std::optional<std::string> none;
  static const Declarations& declarations() {
    static const Declarations all =
        Declare<Limited>("limits")
            .field("between_two", &Limited::between_two, "", between(1, 1024))
            .field("above_up_to", &Limited::above_up_to, "", Limits{0, 1, true})
            .field("above", &Limited::above, "", more_than(0))
            .field("share", &Limited::share, "", Limits{std::nullopt, 0.5, false})
            .field("machine_word", &Limited::machine_word, "")
            .field("bytes", &Limited::bytes, "", at_least(1 << 20))
            .field("at_most_a_day", &Limited::at_most_a_day, "", between(0.001, 86400))
            .field("tiny", &Limited::tiny, "", between(1e-6, 3.6e9))
            .field("word", &Limited::word, "")
            .otherwise(std::string{})
            .field("none", &Limited::none, "")
            .build();
    return all;
  }
};

const Declaration& limited(const char* name) { return *Limited::declarations().find(name); }
const Declaration& job(const char* name) { return *Job::declarations().find(name); }

TEST(QuantityText, names_the_quantity_or_the_words_that_are_taken) {
  EXPECT_EQ(quantity_text(job("rw")), "read | write | randread | randwrite");
  EXPECT_EQ(quantity_text(job("bs")), "bytes");
  EXPECT_EQ(quantity_text(job("iodepth")), "count");
  EXPECT_EQ(quantity_text(job("share")), "number");
  EXPECT_EQ(quantity_text(job("runtime")), "duration");
  EXPECT_EQ(quantity_text(job("note")), "text");
  EXPECT_EQ(quantity_text(job("rate")), "bit rate");
  EXPECT_EQ(quantity_text(job("rate_iops")), "IOPS");
  EXPECT_EQ(quantity_text(job("direct")), "true | false");
  EXPECT_EQ(quantity_text(job("targets")), "list of texts");
}

TEST(LimitsText, has_the_unit_of_the_quantity) {
  EXPECT_EQ(limits_text(job("bs")), ">= 512B");
  EXPECT_EQ(limits_text(limited("bytes")), ">= 1MiB");
  EXPECT_EQ(limits_text(limited("at_most_a_day")), "1ms to 1d");
  EXPECT_EQ(limits_text(limited("between_two")), "1 to 1024");
  EXPECT_EQ(limits_text(limited("tiny")), "0.000001 to 3600000000");
}

TEST(LimitsText, says_whether_a_limit_itself_is_allowed) {
  EXPECT_EQ(limits_text(job("iodepth")), ">= 1");
  EXPECT_EQ(limits_text(job("share")), "0 to 1");
  EXPECT_EQ(limits_text(limited("between_two")), "1 to 1024");
  EXPECT_EQ(limits_text(limited("above_up_to")), "more than 0 to 1");
  EXPECT_EQ(limits_text(limited("above")), "> 0");
  EXPECT_EQ(limits_text(limited("share")), "<= 0.5");
}

TEST(LimitsText, is_empty_where_only_the_machine_sets_a_limit) {
  EXPECT_EQ(limits_text(limited("machine_word")), "");
  EXPECT_EQ(limits_text(job("rate")), "");
  EXPECT_EQ(limits_text(job("runtime")), ">= 0s");
}

TEST(DefaultText, is_what_an_absent_key_means) {
  EXPECT_EQ(default_text(job("rw")), "required");
  EXPECT_EQ(default_text(job("runtime")), "none");
  EXPECT_EQ(default_text(limited("word")), "none");
  EXPECT_EQ(default_text(limited("none")), "none");
  EXPECT_EQ(default_text(job("iodepth")), "1");
  EXPECT_EQ(default_text(job("rate")), "25Gbps");
  EXPECT_EQ(default_text(job("rate_iops")), "20k");
  EXPECT_EQ(default_text(job("direct")), "true");
}

TEST(ValueText, is_written_as_a_profile_would) {
  EXPECT_EQ(value_text(job("bs"), {Value{Bytes{65536}}, "", SourceKind::paper, ""}), "64KiB");
  EXPECT_EQ(value_text(job("runtime"), {Value{microseconds(655)}, "", SourceKind::paper, ""}),
            "655us");
  EXPECT_EQ(value_text(job("runtime"), {Value{std::string{}}, "", SourceKind::paper, ""}), "none");
}

}  // namespace parameter_text_test
}  // namespace orrery
