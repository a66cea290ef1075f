#include "scenarios/text/value_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <regex>

#include "scenarios/text/document.hpp"
#include "tests/scenarios/text/input_cases.hpp"

namespace orrery {
namespace value_text_test {

Declaration declared(Quantity quantity, Limits limits = {}) {
  Declaration d;
  d.name = "x";
  d.quantity = quantity;
  d.limits = limits;
  if (!limits.max) d.limits.max = 1e300;  // what a text says, not what means anything
  return d;
}
Value read(Quantity quantity, const std::string& text, Limits limits = {}) {
  return parse_value(TextNode::scalar(text, {"a.yaml", 2, 5}), declared(quantity, limits));
}
Duration duration(const std::string& text) {
  return std::get<Duration>(read(Quantity::duration, text));
}
std::int64_t bytes(const std::string& text) {
  return std::get<Bytes>(read(Quantity::bytes, text)).count();
}
double rate(const std::string& text) {
  return std::get<BitRate>(read(Quantity::bit_rate, text)).bits_per_second();
}
double iops(const std::string& text) {
  return std::get<Iops>(read(Quantity::iops, text)).per_second();
}
std::string error_for(Quantity quantity, const std::string& text, Limits limits = {}) {
  const std::string what = error_of([&] { read(quantity, text, limits); });
  const std::string place = "a.yaml:2:5: error: x: ";
  EXPECT_EQ(what.substr(0, place.size()), place);
  return what.substr(std::min(place.size(), what.size()));
}
std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

TEST(ValueText, reads_durations_exactly) {
  EXPECT_EQ(duration("0.655us"), Duration{655'000});
  EXPECT_EQ(duration("95us"), Duration{95'000'000});
  EXPECT_EQ(duration("95 us"), Duration{95'000'000});
  EXPECT_EQ(duration("1ps"), Duration{1});
  EXPECT_EQ(duration("9007199254740993ps"), Duration{9007199254740993});
  EXPECT_EQ(duration("1.000000000001s"), Duration{1'000'000'000'001});
  EXPECT_EQ(duration("2min"), Duration{120'000'000'000'000});
  EXPECT_EQ(duration("1.5h"), Duration{5'400'000'000'000'000});
  EXPECT_EQ(duration("106d"), Duration{9'158'400'000'000'000'000});
  EXPECT_EQ(duration("1e-3s"), Duration{1'000'000'000});
}

TEST(ValueText, reads_bytes_in_binary_decimal_and_fio_units) {
  EXPECT_EQ(bytes("0B"), 0);
  EXPECT_EQ(bytes("4KiB"), 4096);
  EXPECT_EQ(bytes("4k"), 4096);
  EXPECT_EQ(bytes("1m"), 1 << 20);
  EXPECT_EQ(bytes("1.5KiB"), 1536);
  EXPECT_EQ(bytes("4KB"), 4000);
  EXPECT_EQ(bytes("3.84TB"), 3'840'000'000'000);
  EXPECT_EQ(bytes("2PiB"), std::int64_t{2} << 50);
}

TEST(ValueText, reads_rates_in_bits_and_bytes) {
  EXPECT_EQ(rate("25Gbps"), 25e9);
  EXPECT_EQ(rate("3166MB/s"), 3166e6 * 8);
  EXPECT_EQ(rate("1MiB/s"), 8.0 * (1 << 20));
  EXPECT_EQ(iops("5000"), 5000);
  EXPECT_EQ(iops("20k"), 20'000);
  EXPECT_EQ(iops("1.5MIOPS"), 1.5e6);
  EXPECT_EQ(iops("300 IOPS"), 300);
}

TEST(ValueText, reads_ratios_counts_flags_and_texts) {
  EXPECT_EQ(std::get<double>(read(Quantity::ratio, "25%")), 0.25);
  EXPECT_EQ(std::get<double>(read(Quantity::ratio, "1e-6")), 1e-6);
  EXPECT_EQ(std::get<double>(read(Quantity::ratio, "-2.5")), -2.5);
  EXPECT_EQ(std::get<std::int64_t>(read(Quantity::count, "-7")), -7);
  EXPECT_TRUE(std::get<bool>(read(Quantity::flag, "yes")));
  EXPECT_FALSE(std::get<bool>(read(Quantity::flag, "false")));
  EXPECT_EQ(std::get<std::string>(read(Quantity::text, "a b")), "a b");
  const std::vector<std::string> one{"a"}, two{"a", "b"};
  EXPECT_EQ(std::get<std::vector<std::string>>(read(Quantity::text_list, "a")), one);
  EXPECT_EQ(parse_value(parse_document("[a, b]", ""), declared(Quantity::text_list)), Value{two});
}

TEST(ValueText, refuses_a_missing_unit_with_an_example) {
  EXPECT_EQ(error_for(Quantity::duration, "95"),
            "expected a duration such as 95us, got '95'\n"
            "  hint: a unit is missing: ps, ns, us, ms, s, min, h, d");
  EXPECT_EQ(first_line(error_for(Quantity::bytes, "4096")),
            "expected a size such as 4KiB, got '4096'");
  EXPECT_EQ(first_line(error_for(Quantity::bit_rate, "25")),
            "expected a rate such as 25Gbps or 3GB/s, got '25'");
}

TEST(ValueText, refuses_an_unknown_unit_with_the_nearest_or_all) {
  EXPECT_EQ(error_for(Quantity::duration, "95usec"),
            "unknown unit 'usec' in '95usec' (did you mean 'us'?)");
  EXPECT_EQ(error_for(Quantity::duration, "95w"),
            "expected a duration such as 95us, got '95w'\n"
            "  hint: units: ps, ns, us, ms, s, min, h, d");
  EXPECT_EQ(error_for(Quantity::bit_rate, "25gbps"),
            "unknown unit 'gbps' in '25gbps' (did you mean 'Gbps'?)");
  EXPECT_EQ(error_for(Quantity::bytes, "4K"), "unknown unit 'K' in '4K' (did you mean 'k'?)");
}

TEST(ValueText, names_the_unit_that_is_meant_and_none_of_another_size) {
  struct {
    Quantity quantity;
    std::string given, meant;
  } const cases[] = {
      {Quantity::bit_rate, "10Gbit/s", "Gbps"}, {Quantity::bit_rate, "10Gb/s", "Gbps"},
      {Quantity::bit_rate, "10mbit/s", "Mbps"}, {Quantity::bit_rate, "10bit/s", "bps"},
      {Quantity::bit_rate, "10GBps", "GB/s"},   {Quantity::bit_rate, "10kB/s", "KB/s"},
      {Quantity::duration, "5m", "min"},        {Quantity::duration, "5msec", "ms"},
      {Quantity::duration, "5\xC2\xB5s", "us"}, {Quantity::duration, "5hours", "h"},
      {Quantity::bytes, "4kB", "KB"},           {Quantity::bytes, "4gb", "GB"},
      {Quantity::iops, "4kiops", "kIOPS"}};
  for (const auto& one : cases)
    EXPECT_THAT(error_for(one.quantity, one.given),
                testing::EndsWith("(did you mean '" + one.meant + "'?)"));
  const std::pair<Quantity, const char*> others[] = {
      {Quantity::bit_rate, "10gb/s"}, {Quantity::bit_rate, "3Gib/s"}, {Quantity::bit_rate, "10G"},
      {Quantity::duration, "5M"},     {Quantity::duration, "5Ms"},    {Quantity::bytes, "5Mb"},
      {Quantity::bytes, "5b"},        {Quantity::bytes, "1PB"},       {Quantity::bytes, "1EiB"},
      {Quantity::iops, "5m"},         {Quantity::iops, "5G"}};
  for (const auto& [quantity, given] : others)
    EXPECT_THAT(error_for(quantity, given), testing::HasSubstr("\n  hint: units: ")) << given;
}

TEST(ValueText, refuses_what_is_no_number) {
  for (const Quantity quantity : {Quantity::duration, Quantity::bytes, Quantity::bit_rate,
                                  Quantity::iops, Quantity::ratio, Quantity::count})
    for (const char* text : {"", "nan", "inf", "-inf", "us", ".5us", "5.us", "+5us", "--5us",
                             " 5us", "0x10", "1_000", "1,5s", "- 5"})
      EXPECT_THROW(read(quantity, text), InputError) << text;
  EXPECT_EQ(error_for(Quantity::duration, "nan"), "expected a duration such as 95us, got 'nan'");
}

TEST(ValueText, refuses_counts_that_are_not_written_out) {
  for (const char* text : {"1e6", "10k", "1.0", "10 "})
    EXPECT_EQ(error_for(Quantity::count, text),
              std::string("expected an integer such as 32, got '") + text +
                  "'\n  hint: integers are written out, without unit, point or exponent: 1000000");
  EXPECT_EQ(error_for(Quantity::count, "9223372036854775808"),
            "'9223372036854775808' is too large");
  EXPECT_EQ(std::get<std::int64_t>(read(Quantity::count, "9223372036854775807")), INT64_MAX);
}

TEST(ValueText, refuses_what_the_clock_cannot_hold) {
  EXPECT_EQ(error_for(Quantity::duration, "107d"),
            "'107d' is longer than the clock can hold (106 days)");
  EXPECT_EQ(error_for(Quantity::duration, "1e300s"),
            "'1e300s' is longer than the clock can hold (106 days)");
  EXPECT_EQ(error_for(Quantity::duration, "99999999999999999999999999d"),
            "'99999999999999999999999999d' is longer than the clock can hold (106 days)");
  EXPECT_EQ(error_for(Quantity::duration, "0.4ps"),
            "'0.4ps' is shorter than the clock's tick of 1ps");
}

TEST(ValueText, refuses_sizes_and_rates_out_of_range) {
  EXPECT_EQ(error_for(Quantity::bytes, "0.3KiB"), "'0.3KiB' is not a whole number of bytes");
  EXPECT_EQ(error_for(Quantity::bytes, "9000PiB"), "'9000PiB' is too large");
  EXPECT_EQ(error_for(Quantity::bit_rate, "1e300Tbps"), "'1e300Tbps' is too large");
  EXPECT_EQ(error_for(Quantity::ratio, "1e999"), "'1e999' is too large");
  EXPECT_EQ(std::get<double>(read(Quantity::ratio, "1e-999")), 0.0);
}

TEST(ValueText, refuses_values_outside_their_limits_naming_the_limit) {
  EXPECT_EQ(error_for(Quantity::count, "0", at_least(1)), "must be at least 1, got '0'");
  EXPECT_EQ(error_for(Quantity::ratio, "150%", between(0, 1)), "must be at most 1, got '150%'");
  EXPECT_EQ(error_for(Quantity::ratio, "0", more_than(0)), "must be more than 0, got '0'");
  EXPECT_EQ(error_for(Quantity::bytes, "1B", at_least(512)), "must be at least 512B, got '1B'");
  EXPECT_EQ(error_for(Quantity::duration, "0.5us", at_least(1e-6)),
            "must be at least 1us, got '0.5us'");
  EXPECT_EQ(duration("1us"), std::get<Duration>(read(Quantity::duration, "1us", at_least(1e-6))));
  EXPECT_EQ(error_for(Quantity::bit_rate, "1bps", at_least(1e9)),
            "must be at least 1Gbps, got '1bps'");
}

TEST(ValueText, refuses_negative_durations_sizes_and_rates_unless_they_are_allowed) {
  EXPECT_EQ(error_for(Quantity::duration, "-1us"), "must be at least 0s, got '-1us'");
  EXPECT_EQ(error_for(Quantity::bytes, "-1B"), "must be at least 0B, got '-1B'");
  EXPECT_EQ(error_for(Quantity::iops, "-1"), "must be at least 0, got '-1'");
  EXPECT_EQ(std::get<Duration>(read(Quantity::duration, "-1us", at_least(-1))),
            Duration{-1'000'000});
}

TEST(ValueText, refuses_lists_and_mappings_where_a_value_belongs) {
  const auto error = [](std::string_view text, Quantity quantity) {
    return error_of([&] { parse_value(parse_document(text, "a.yaml"), declared(quantity)); });
  };
  EXPECT_EQ(error("[95us]", Quantity::duration),
            "a.yaml:1:1: error: x: expected a duration such as 95us, got a list");
  EXPECT_EQ(error("{a: b}", Quantity::text), "a.yaml:1:1: error: x: expected text, got a mapping");
  EXPECT_EQ(error("", Quantity::flag), "a.yaml:1:1: error: x: expected true or false, got nothing");
  EXPECT_EQ(error("[a, [b]]", Quantity::text_list),
            "a.yaml:1:5: error: x: expected text or a list of texts, got a list");
}

TEST(ValueText, shortens_long_texts_in_messages_at_a_whole_character) {
  const std::string text = std::string(59, 'a') + "\xC3\xA9" + std::string(50, 'b');
  EXPECT_EQ(error_for(Quantity::flag, text),
            "expected true or false, got '" + std::string(59, 'a') + "...'");
}

TEST(ValueText, is_written_in_the_unit_people_would_use) {
  const auto d = [](std::int64_t n) { return format_value(Quantity::duration, Duration{n}); };
  EXPECT_EQ(d(0), "0s");
  EXPECT_EQ(d(655'000), "655ns");
  EXPECT_EQ(d(8'300'000), "8.3us");
  EXPECT_EQ(d(1'500'000'000'000), "1.5s");
  EXPECT_EQ(d(90'000'000'000'000), "90s");
  EXPECT_EQ(d(120'000'000'000'000), "2min");
  EXPECT_EQ(d(86'400'000'000'000'000), "1d");
  EXPECT_EQ(d(-1'500'000), "-1.5us");
  const auto b = [](std::int64_t n) { return format_value(Quantity::bytes, Bytes{n}); };
  EXPECT_EQ(b(0), "0B");
  EXPECT_EQ(b(512), "512B");
  EXPECT_EQ(b(4096), "4KiB");
  EXPECT_EQ(b(9000), "9KB");
  EXPECT_EQ(b(3'840'000'000'000), "3840GB");
  EXPECT_EQ(format_value(Quantity::bit_rate, gigabits_per_second(25)), "25Gbps");
  EXPECT_EQ(format_value(Quantity::bit_rate, megabytes_per_second(3166)), "25.328Gbps");
  EXPECT_EQ(format_value(Quantity::iops, Iops{20'000}), "20k");
  EXPECT_EQ(format_value(Quantity::iops, Iops{0}), "0");
  EXPECT_EQ(format_value(Quantity::ratio, 0.1), "0.1");
  EXPECT_EQ(format_value(Quantity::text_list, std::vector<std::string>{"a", "b: c"}),
            "[a, \"b: c\"]");
}

// What is written reads back, and the pattern of the schema accepts it.
void check_round_trip(Quantity quantity, const Value& value) {
  const std::string text = format_value(quantity, value);
  Limits limits;
  limits.min = -1e300;
  RC_ASSERT(read(quantity, text, limits) == value);
  const std::string pattern = value_pattern(quantity);
  if (!pattern.empty()) RC_ASSERT(std::regex_match(text, std::regex(pattern)));
}

RC_GTEST_PROP(ValueText, durations_survive_a_round_trip, ()) {
  constexpr std::int64_t kLongest = 9'158'400'000'000'000'000;
  const std::int64_t magnitude = *rc::gen::inRange<std::int64_t>(-kLongest, kLongest);
  const int shift = *rc::gen::inRange(0, 60);
  check_round_trip(Quantity::duration, Duration{magnitude >> shift});
}

RC_GTEST_PROP(ValueText, sizes_survive_a_round_trip, ()) {
  const auto number = *rc::gen::inRange<std::int64_t>(-(1LL << 62), 1LL << 62);
  check_round_trip(Quantity::bytes, Bytes{number >> *rc::gen::inRange(0, 62)});
  check_round_trip(Quantity::bytes, Bytes{*rc::gen::inRange<std::int64_t>(0, 4096) << 30});
  check_round_trip(Quantity::bytes,
                   Bytes{*rc::gen::inRange<std::int64_t>(0, 4096) * 1'000'000'000});
}

RC_GTEST_PROP(ValueText, numbers_survive_a_round_trip, ()) {
  const double fraction = *rc::gen::arbitrary<double>();
  RC_PRE(std::isfinite(fraction));
  const double scaled = std::ldexp(fraction, *rc::gen::inRange(-60, 60));
  RC_PRE(std::isfinite(scaled));
  check_round_trip(Quantity::ratio, scaled);
  check_round_trip(Quantity::bit_rate, BitRate{scaled});
  check_round_trip(Quantity::iops, Iops{scaled});
  const double whole = std::round(*rc::gen::inRange(0, 1'000'000) * 1e6);
  check_round_trip(Quantity::bit_rate, BitRate{whole});
  check_round_trip(Quantity::iops, Iops{whole});
  check_round_trip(Quantity::count, *rc::gen::arbitrary<std::int64_t>());
}

RC_GTEST_PROP(ValueText, reads_any_text_or_refuses_it, ()) {
  const std::string alphabet = "0123456789.-eE kKmMgGtTPiBbps/%nudh";
  const auto text = *rc::gen::container<std::string>(rc::gen::elementOf(alphabet));
  for (const Quantity quantity :
       {Quantity::duration, Quantity::bytes, Quantity::bit_rate, Quantity::iops, Quantity::ratio}) {
    const bool in_pattern = std::regex_match(text, std::regex(value_pattern(quantity)));
    try {
      read(quantity, text);
      RC_ASSERT(in_pattern);
    } catch (const InputError&) {}
  }
}

}  // namespace value_text_test
}  // namespace orrery
