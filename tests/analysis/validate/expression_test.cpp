#include "analysis/validate/expression.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <map>

#include "tests/scenarios/text/input_cases.hpp"

namespace orrery {
namespace expression_test {

using testing::HasSubstr;

const SourceMark kMark{"entries.yaml", 7, 15};

double value_of(const std::string& text, const std::map<std::string, double>& figures = {}) {
  return Expression(text, kMark).evaluate([&](const Expression::Reference& reference) {
    return figures.at(reference.run + ":" + reference.path);
  });
}
std::string error_in(const std::string& text) {
  return error_of([&] { Expression(text, kMark); });
}

TEST(Expression, binds_products_more_closely_than_sums_and_goes_from_left_to_right) {
  EXPECT_EQ(value_of("1 + 2 * 3"), 7);
  EXPECT_EQ(value_of("(1 + 2) * 3"), 9);
  EXPECT_EQ(value_of("10 - 4 - 3"), 3);
  EXPECT_EQ(value_of("16 / 4 / 2"), 2);
  EXPECT_EQ(value_of("2 - -3"), 5);
  EXPECT_EQ(value_of("--2 * -(1 + 1)"), -4);
  EXPECT_EQ(value_of("  7\t"), 7);
}

TEST(Expression, knows_numbers_with_points_and_exponents) {
  EXPECT_EQ(value_of("50e9"), 50e9);
  EXPECT_EQ(value_of(".5"), 0.5);
  EXPECT_EQ(value_of("1.5e-3"), 1.5e-3);
}

TEST(Expression, has_functions) {
  EXPECT_EQ(value_of("ratio(3, 2)"), 1.5);
  EXPECT_DOUBLE_EQ(value_of("change(80, 100)"), -20);
  EXPECT_EQ(value_of("min(3)"), 3);
  EXPECT_EQ(value_of("min(3, 1, 2) + max(3, 1, 2)"), 4);
  EXPECT_EQ(value_of("abs(1 - 3)"), 2);
  EXPECT_EQ(value_of("max(min(1, 2), abs(-3))"), 3);
}

TEST(Expression, reads_figures_of_runs) {
  const Expression metric("change(solar@7:jobs.0.write.p50, luna_2:jobs.w.read.p99_9) / 2", kMark);
  ASSERT_EQ(metric.references().size(), 2u);
  EXPECT_EQ(metric.references()[0].run, "solar@7");
  EXPECT_EQ(metric.references()[0].path, "jobs.0.write.p50");
  EXPECT_EQ(metric.references()[1].run, "luna_2");
  EXPECT_EQ(metric.references()[1].path, "jobs.w.read.p99_9");
  EXPECT_EQ(metric.mark(), kMark);
  EXPECT_EQ(value_of("a:x / b:x.y - a:x", {{"a:x", 6}, {"b:x.y", 3}}), -4);
}

TEST(Expression, passes_on_what_the_lookup_throws) {
  const Expression metric("a:x + 1", kMark);
  EXPECT_THROW(metric.evaluate([](const auto&) -> double { throw std::out_of_range("no figure"); }),
               std::out_of_range);
}

TEST(Expression, divides_by_zero_without_an_error) {
  EXPECT_TRUE(std::isinf(value_of("1 / 0")));
  EXPECT_TRUE(std::isnan(value_of("0 / 0")));
}

TEST(Expression, that_is_broken_is_broken_at_its_mark_and_character) {
  EXPECT_EQ(error_in(""),
            "entries.yaml:7:15: error: metric: expected a number, a function or run:path at "
            "character 1, found the end\n  hint: in: ");
  EXPECT_EQ(error_in("1 + * 2"),
            "entries.yaml:7:15: error: metric: expected a number, a function or run:path at "
            "character 5, found '* 2'\n  hint: in: 1 + * 2");
  EXPECT_THAT(error_in("1 2"), HasSubstr("expected an operator at character 3, found '2'"));
  EXPECT_THAT(error_in("(1 + 2"), HasSubstr("expected ')' at character 7, found the end"));
  EXPECT_THAT(error_in("1)"), HasSubstr("expected an operator at character 2"));
  EXPECT_THAT(error_in("luna"), HasSubstr("expected ':' and a path, or '(' and arguments"));
  EXPECT_THAT(error_in("luna:"), HasSubstr("expected a step of a path at character 6"));
  EXPECT_THAT(error_in("luna:a..b"), HasSubstr("expected a step of a path at character 8"));
  EXPECT_THAT(error_in("luna:a."), HasSubstr("expected a step of a path at character 8"));
  EXPECT_THAT(error_in("2x"), HasSubstr("expected a number at character 1"));
  EXPECT_THAT(error_in("1e999"), HasSubstr("expected a number at character 1"));
}

TEST(Expression, names_the_nearest_function) {
  EXPECT_THAT(error_in("raito(1, 2)"),
              HasSubstr("unknown function 'raito' (did you mean 'ratio'?)"));
}

TEST(Expression, counts_arguments) {
  EXPECT_THAT(error_in("1 + ratio(1)"), HasSubstr("ratio takes 2 arguments at character 5"));
  EXPECT_THAT(error_in("abs(1, 2)"), HasSubstr("abs takes 1 argument at character 1"));
  EXPECT_THAT(error_in("min()"), HasSubstr("expected a number"));
  std::string many = "max(1";
  for (int i = 0; i < 64; ++i) many += ", 1";
  EXPECT_THAT(error_in(many + ")"), HasSubstr("max takes 1 to 64 arguments at character 1"));
}

TEST(Expression, has_a_limit_to_its_depth) {
  const auto nested = [](int depth) {
    return std::string(static_cast<std::size_t>(depth), '(') + "1" +
           std::string(static_cast<std::size_t>(depth), ')');
  };
  EXPECT_EQ(value_of(nested(60)), 1);
  EXPECT_THAT(error_in(nested(100'000)), HasSubstr("too many parentheses"));
  std::string calls;
  for (int i = 0; i < 100'000; ++i) calls += "abs(";
  EXPECT_THAT(error_in(calls), HasSubstr("too many parentheses"));
  EXPECT_EQ(value_of(std::string(100'000, '-') + "1"), 1);
}

RC_GTEST_PROP(Expression, of_random_text_is_one_or_an_input_error_at_its_mark, ()) {
  const auto text =
      *rc::gen::container<std::string>(rc::gen::elementOf(std::string("12.e+-*/(),:ab_minx @")));
  try {
    Expression(text, kMark).evaluate([](const auto&) { return 1.0; });
  } catch (const InputError& error) {
    RC_ASSERT(error.mark() == kMark);
  }
}

}  // namespace expression_test
}  // namespace orrery
