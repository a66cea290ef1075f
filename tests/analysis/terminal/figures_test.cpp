#include "analysis/terminal/figures.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <limits>

namespace orrery {
namespace figures_test {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
const double kNan = std::nan("");

TEST(TimeText, has_three_digits_and_the_unit_that_fits) {
  EXPECT_EQ(time_text(0), "0.00 us");
  EXPECT_EQ(time_text(20), "0.02 us");
  EXPECT_EQ(time_text(1'234), "1.23 us");
  EXPECT_EQ(time_text(13'089), "13.1 us");
  EXPECT_EQ(time_text(138'400), "138 us");
  EXPECT_EQ(time_text(1'782'000), "1.78 ms");
  EXPECT_EQ(time_text(2.5e9), "2.50 s");
  EXPECT_EQ(time_text(3.6e12), "3600 s");
  EXPECT_EQ(time_text(-1'234), "-1.23 us");
}

TEST(TimeText, changes_its_unit_before_it_would_show_a_thousand_of_the_smaller) {
  EXPECT_EQ(time_text(999'400), "999 us");
  EXPECT_EQ(time_text(999'600), "1.00 ms");
  EXPECT_EQ(time_text(9'994), "9.99 us");
  EXPECT_EQ(time_text(9'996), "10.0 us");
  EXPECT_EQ(time_text(99'960), "100 us");
}

TEST(SizeText, has_the_unit_that_fits) {
  EXPECT_EQ(size_text(0), "0.00 B");
  EXPECT_EQ(size_text(65'500), "65.5 KB");
  EXPECT_EQ(size_text(4'194'304), "4.19 MB");
  EXPECT_EQ(size_text(kNan), kNoFigure);
}

TEST(TimeText, gives_an_interval_as_half_its_width_in_the_same_unit) {
  EXPECT_EQ(time_text(13'100, Bounds{12'900, 13'300}), "13.1 ±0.2 us");
  EXPECT_EQ(time_text(1'782'000, Bounds{1'700'000, 1'864'000}), "1.78 ±0.08 ms");
  EXPECT_EQ(time_text(138'000, Bounds{138'000, 138'000}), "138 ±0 us");
}

TEST(TimeText, says_when_an_interval_is_too_narrow_to_show) {
  EXPECT_EQ(time_text(138'000, Bounds{137'900, 138'100}), "138 ±<1 us");
  EXPECT_EQ(time_text(66'600, Bounds{66'599, 66'601}), "66.6 ±<0.1 us");
}

TEST(TimeText, is_a_guess_where_the_interval_is_no_narrower_than_twice_the_value) {
  EXPECT_EQ(time_text(4'860'000, Bounds{-2'620'000, 12'340'000}), "~4.9 ms");
  EXPECT_EQ(time_text(100'000, Bounds{0, 200'000}), "~100 us");
  EXPECT_EQ(time_text(100'000, Bounds{1'000, 199'000}), "100 ±99 us");
  EXPECT_EQ(time_text(0, Bounds{0, 0}), "0.00 ±0.00 us");
  EXPECT_EQ(count_text(8'400, Bounds{0, 20'000}), "~8400");
  EXPECT_EQ(count_text(16'000, Bounds{-1'000, 33'000}), "~16k");
  EXPECT_EQ(number_text(-0.5, Bounds{-2, 1}), "~-0.50");
}

TEST(IntervalLegend, explains_the_marks_there_are) {
  EXPECT_EQ(interval_legend("13.1 us"), "");
  EXPECT_EQ(interval_legend("13.1 ±0.2 us"), "± half a 95 % confidence interval");
  EXPECT_EQ(interval_legend("~13 us").find("~ a guess"), 0U);
  EXPECT_NE(interval_legend("13.1 ±0.2 us  ~13 us").find("; ~ a guess"), std::string::npos);
}

TEST(CountText, counts_in_thousands_from_ten_thousand_on) {
  EXPECT_EQ(count_text(0), "0.00");
  EXPECT_EQ(count_text(7.25), "7.25");
  EXPECT_EQ(count_text(385.5), "386");
  EXPECT_EQ(count_text(9'990), "9990");
  EXPECT_EQ(count_text(16'000), "16.0k");
  EXPECT_EQ(count_text(999'900), "1.00M");
  EXPECT_EQ(count_text(1'250'000), "1.25M");
  EXPECT_EQ(count_text(3e9), "3.00G");
  EXPECT_EQ(count_text(16'000, Bounds{15'700, 16'300}), "16.0k ±0.3k");
  EXPECT_EQ(count_text(500, Bounds{400, 600}), "500 ±100");
}

TEST(RateText, is_in_decimal_bytes) {
  EXPECT_EQ(rate_text(0), "0.00 B/s");
  EXPECT_EQ(rate_text(65'536'000), "65.5 MB/s");
  EXPECT_EQ(rate_text(1'500), "1.50 KB/s");
  EXPECT_EQ(rate_text(3.2e9), "3.20 GB/s");
}

TEST(PercentText, is_of_a_fraction) {
  EXPECT_EQ(percent_text(0), "0.0 %");
  EXPECT_EQ(percent_text(0.1234), "12.3 %");
  EXPECT_EQ(percent_text(0.9994), "99.9 %");
  EXPECT_EQ(percent_text(0.9996), "100 %");
  EXPECT_EQ(percent_text(1.5), "150 %");
}

TEST(RatioText, ends_in_x) {
  EXPECT_EQ(ratio_text(1.456), "1.46x");
  EXPECT_EQ(ratio_text(0.25), "0.25x");
  EXPECT_EQ(ratio_text(123.4), "123x");
}

TEST(NumberText, keeps_small_numbers_apart_from_zero) {
  EXPECT_EQ(number_text(0), "0.00");
  EXPECT_EQ(number_text(0.0499), "0.0499");
  EXPECT_EQ(number_text(1e-9), "1e-09");
  EXPECT_EQ(number_text(13.1), "13.1");
  EXPECT_EQ(number_text(2923), "2923");
}

TEST(Figures, are_a_dash_where_there_is_no_number) {
  for (const double none : {kNan, kInfinity, -kInfinity})
    for (const std::string& text : {time_text(none), count_text(none), rate_text(none),
                                    percent_text(none), ratio_text(none), number_text(none)})
      EXPECT_EQ(text, kNoFigure);
}

TEST(Figures, have_no_negative_zero) {
  for (const std::string& text : {time_text(-1e-3), count_text(-1e-3), rate_text(-1e-3),
                                  percent_text(-1e-6), ratio_text(-1e-3)})
    EXPECT_EQ(text.find('-'), std::string::npos) << text;
}

RC_GTEST_PROP(Figures, are_within_half_of_their_last_digit, ()) {
  const double value = std::pow(10.0, *rc::gen::inRange(-200, 1200) / 100.0);
  const std::string text = time_text(value);
  const std::size_t space = text.find(' ');
  RC_ASSERT(space != std::string::npos);
  const std::string unit = text.substr(space + 1);
  const double size = unit == "us" ? 1e3 : unit == "ms" ? 1e6 : 1e9;
  const std::size_t point = text.find('.');
  const double digit = point >= space ? 1 : std::pow(10.0, -static_cast<double>(space - point - 1));
  RC_ASSERT(std::abs(std::stod(text) - value / size) <= 0.5001 * digit);
  RC_ASSERT(space <= 5u);
}

}  // namespace figures_test
}  // namespace orrery
