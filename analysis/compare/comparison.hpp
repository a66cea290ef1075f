// Variants of one scenario side by side: the same rows for the table, compare.json and compare.csv.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "analysis/compare/comparison_row.hpp"
#include "analysis/terminal/terminal.hpp"

namespace orrery {

// Whether the same I/Os arrive at the same times in all variants: open loops alike in everything,
// under the same seed. In a closed loop each I/O waits for an earlier one, so arrivals follow the
// system.
bool have_same_arrivals(const std::vector<ComparedVariant>& variants);

std::vector<ComparisonRow> compare(const std::vector<ComparedVariant>& variants);

// Variants beside each other if the terminal is wide enough for all of them, or for a few at a
// time; else a line per variant. Every row is there at any width.
std::string comparison_table(const LoadedScenario& base,
                             const std::vector<ComparedVariant>& variants,
                             const Terminal& terminal);

nlohmann::ordered_json comparison_json(const LoadedScenario& base,
                                       const std::vector<ComparedVariant>& variants);

// group, metric, unit, variant, value, ratio to the first variant.
std::string comparison_csv(const std::vector<ComparedVariant>& variants);

}  // namespace orrery
