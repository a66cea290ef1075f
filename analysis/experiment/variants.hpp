// The variants of a scenario that a comparison runs: every combination of the values of some keys.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "analysis/loading.hpp"

namespace orrery {

struct Axis {
  std::string key;
  std::vector<std::string> values;
  // As it was given with --vary, and where in it each value begins; empty if the scenario says it.
  std::string argument;
  std::vector<std::size_t> offsets;
};

struct Variant {
  std::string label;                                          // `luna`, `solar cores=2`
  std::vector<std::pair<std::string, std::string>> settings;  // key and value, outermost axis first
  Scenario scenario;
};

// "frontend.stack=luna,solar"; commas in brackets and braces do not separate. Throws InputError.
Axis parse_axis(const std::string& text);

// What the scenario itself says under `compare`.
std::vector<Axis> axes_of(const Scenario& scenario);

// All combinations, the last axis fastest; the scenario itself when there are no axes. Throws
// InputError, also when axes make just one variant or more than kMostVariants.
std::vector<Variant> load_variants(const LoadedScenario& base, const std::vector<Axis>& axes);
inline constexpr std::size_t kMostVariants = 1000;

// A value that speaks for itself (a word) is its own label; others carry the last part of their
// key.
std::string label_of(const std::vector<std::pair<std::string, std::string>>& settings);

// The label as a file name: letters, digits, '.', '_', '=' and '-', the first no '.', and not too
// many.
std::string file_name_of(const std::string& label);

// A file name for each variant, no two the same and none of `taken`, also where case makes no
// difference.
std::vector<std::string> file_names_of(const std::vector<Variant>& variants,
                                       const std::vector<std::string>& taken = {});

}  // namespace orrery
