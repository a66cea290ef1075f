// What is compared, and one figure of all variants.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/experiment/variants.hpp"
#include "analysis/terminal/figures.hpp"

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
// The metric of the row below a stage that tells how much of it is waiting.
inline constexpr std::string_view kOfItWaiting = "  of it waiting";

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
  std::optional<double> ratio(std::size_t variant) const {
    if (!values[0] || !values[variant] || *values[0] == 0) return std::nullopt;
    return *values[variant] / *values[0];
  }
};

}  // namespace orrery
