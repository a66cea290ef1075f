// Every key that anything declares, with values that nobody means: each is taken, within its
// limits, or refused in one message at its place. What is declared tomorrow is tried as well.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <variant>
#include <vector>

#include "scenarios/scenario.hpp"
#include "scenarios/text/value_text.hpp"
#include "tests/scenarios/text/input_cases.hpp"

namespace orrery {
namespace declared_limits_test {

struct Declared {
  std::string name;  // "section storage", "model luna"
  const Declarations* keys;
};

std::vector<Declared> everything() {
  std::vector<Declared> all;
  for (const SectionEntry& section : scenario_sections())
    all.push_back({"section " + section.name, section.declarations});
  for (const auto& [name, declarations] : model_catalogue())
    all.push_back({"model " + name, declarations});
  return all;
}

bool is_number(Quantity quantity) {
  return quantity != Quantity::flag && quantity != Quantity::text &&
         quantity != Quantity::text_list;
}

const char* unit_of(Quantity quantity) {
  switch (quantity) {
    case Quantity::duration: return "s";
    case Quantity::bytes: return "B";
    case Quantity::bit_rate: return "bps";
    default: return "";
  }
}

// In the quantity's base unit.
double number_in(const Value& value) {
  return std::visit(
      [](const auto& held) -> double {
        using T = std::decay_t<decltype(held)>;
        if constexpr (std::is_same_v<T, Duration>) return to_seconds(held);
        else if constexpr (std::is_same_v<T, Bytes>) return static_cast<double>(held.count());
        else if constexpr (std::is_same_v<T, BitRate>) return held.bits_per_second();
        else if constexpr (std::is_same_v<T, Iops>) return held.per_second();
        else if constexpr (std::is_arithmetic_v<T>) return static_cast<double>(held);
        else return std::numeric_limits<double>::quiet_NaN();
      },
      value);
}

bool is_within(double value, const Declaration& key) {
  const Limits limits = limits_of(key);
  return std::isfinite(value) &&
         (limits.min_is_open ? value > *limits.min : value >= *limits.min) && value <= *limits.max;
}

const SourceMark kPlace{"f.yaml", 3, 7};

// The value, or nothing where it was refused as it should be.
std::optional<Value> taken(const std::string& text, const Declaration& key) {
  try {
    return parse_value(TextNode::scalar(text, kPlace), key);
  } catch (const InputError& error) {
    const std::string told = error.what();
    EXPECT_TRUE(told.starts_with("f.yaml:3:7: error: ")) << told;
    EXPECT_NE(told.find(key.name), std::string::npos) << told;
    EXPECT_LE(std::count(told.begin(), told.end(), '\n'), 1) << told;  // a hint
    return std::nullopt;
  }
}

TEST(DeclaredLimits, hold_whatever_a_key_is_given) {
  std::size_t tried = 0;
  for (const Declared& declared : everything())
    for (const Declaration& key : declared.keys->fields) {
      if (!is_number(key.quantity)) continue;
      SCOPED_TRACE(declared.name + ": " + key.name);
      for (const double value : {0.0, -1.0, 1e18, -1e18, 1e300}) {
        const auto held = taken(fmt::format("{}{}", value, unit_of(key.quantity)), key);
        if (!is_within(value, key)) {
          EXPECT_FALSE(held) << value;
        } else if (held) {
          EXPECT_TRUE(is_within(number_in(*held), key)) << value;
        }
        ++tried;
      }
      for (const char* text : {"nan", ".nan", "inf", "-inf", "1e400", "-0x1", "--1", "1e", "1,000"})
        EXPECT_FALSE(taken(std::string(text) + unit_of(key.quantity), key)) << text;
    }
  EXPECT_GT(tried, 2'000u);
}

TEST(DeclaredLimits, are_themselves_taken_and_what_lies_beyond_them_is_not) {
  for (const Declared& declared : everything())
    for (const Declaration& key : declared.keys->fields) {
      if (!is_number(key.quantity)) continue;
      SCOPED_TRACE(declared.name + ": " + key.name);
      const auto text = [&](double value) {
        return key.quantity == Quantity::duration
                   ? fmt::format("{:.12f}s", value)
                   : fmt::format("{:.17g}{}", value, unit_of(key.quantity));
      };
      const Limits limits = limits_of(key);
      EXPECT_EQ(taken(text(*limits.min), key).has_value(), !limits.min_is_open);
      if (*limits.min > 0) {
        EXPECT_FALSE(taken(text(*limits.min / 2), key)) << *limits.min;
      }
      // Of a limit at the end of what the type holds there is nothing beyond to be written.
      if (*limits.max < 9e18) {
        EXPECT_TRUE(taken(text(*limits.max), key)) << *limits.max;
        EXPECT_FALSE(taken(text(*limits.max * 2), key)) << *limits.max;
      }
    }
}

TEST(DeclaredLimits, are_there_for_every_number) {
  for (const Declared& declared : everything())
    for (const Declaration& key : declared.keys->fields) {
      if (!is_number(key.quantity)) continue;
      const Limits limits = limits_of(key);
      EXPECT_TRUE(limits.min && limits.max) << declared.name << ": " << key.name;
      // What is added and multiplied while it is reckoned with stays within 64 bits.
      if (key.quantity == Quantity::bytes) {
        EXPECT_LE(*limits.max, 0x1p55) << declared.name << ": " << key.name;
      }
    }
}

TEST(DeclaredLimits, of_a_default_are_its_own) {
  for (const Declared& declared : everything())
    for (const Declaration& key : declared.keys->fields) {
      if (!is_number(key.quantity) || !key.fallback ||
          std::holds_alternative<std::string>(*key.fallback))
        continue;
      EXPECT_TRUE(is_within(number_in(*key.fallback), key)) << declared.name << ": " << key.name;
    }
}

TEST(DeclaredLimits, of_words_are_the_words_that_are_listed) {
  for (const Declared& declared : everything())
    for (const Declaration& key : declared.keys->fields) {
      if (key.quantity != Quantity::text || key.choices.empty()) continue;
      SCOPED_TRACE(declared.name + ": " + key.name);
      for (const std::string& word : key.choices) EXPECT_TRUE(taken(word, key)) << word;
      EXPECT_FALSE(taken("no such word", key));
    }
}

}  // namespace declared_limits_test
}  // namespace orrery
