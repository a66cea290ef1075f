// Variants of one scenario side by side: the same rows for the table, compare.json and compare.csv.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "analysis/experiment/variants.hpp"
#include "analysis/terminal/figures.hpp"
#include "analysis/terminal/terminal.hpp"

namespace orrery {

// A variant that has run; without a summary it failed.
struct ComparedVariant {
  const Variant* variant;
  const nlohmann::ordered_json* summary;
};

enum class Unit {
  ios_per_second,
  bytes_per_second,
  bytes,
  nanoseconds,
  fraction,
  count,
  plain,
  text
};

inline constexpr std::string_view kBusiest = "busiest";  // the group of what binds

struct ComparisonRow {
  std::string
      group;  // "setting", "mix write", "mix write, mean per stage", "faults", "in use", kBusiest
  std::string metric;
  Unit unit;
  std::vector<std::optional<double>> values;  // one per variant
  std::vector<std::string> texts = {};        // the same of a row of texts; empty: none
  std::vector<std::optional<Bounds>> intervals;
  std::vector<bool> saturated;  // there is no value because the variant is overloaded

  // Against the first variant.
  std::optional<double> ratio(std::size_t variant) const;
};

std::vector<ComparisonRow> compare(const std::vector<ComparedVariant>& variants);

// Variants beside each other if the terminal is wide enough for all of them; else one line per variant.
std::string comparison_table(const LoadedScenario& base,
                             const std::vector<ComparedVariant>& variants,
                             const Terminal& terminal);

nlohmann::ordered_json comparison_json(const LoadedScenario& base,
                                       const std::vector<ComparedVariant>& variants);

// group, metric, unit, variant, value, ratio to the first variant.
std::string comparison_csv(const std::vector<ComparedVariant>& variants);

}  // namespace orrery
