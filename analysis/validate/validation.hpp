// Predictions for published figures, each with an interval over seeds and a verdict.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "analysis/experiment/run_cache.hpp"
#include "analysis/terminal/figures.hpp"
#include "analysis/terminal/terminal.hpp"
#include "analysis/validate/validation_entry.hpp"

namespace orrery {

struct Predicted {
  double mean = 0;
  std::optional<Bounds> interval;  // 95 %, Student's t over seeds; none from a single run
};

struct ValidationResult {
  ValidationEntry entry;
  std::optional<Predicted> simulated;  // none when a run failed
  std::vector<std::optional<Predicted>> parts;
  std::string trouble;  // why there is no prediction, or which invariant a run broke

  std::optional<double> ratio() const;
  // VAL: hit or miss; CAL and derived: ok or off; without a prediction: failed.
  std::string verdict() const;
};

struct Validation {
  std::vector<ValidationResult> results;
  std::vector<std::string> failures;  // runs that failed, one line each
  // CAL and derived figures must be met, and no run may break an invariant; a VAL figure may be
  // missed.
  bool is_fine() const;
};

// Runs what the entries need, each distinct run once per seed in a process of its own, several at a
// time; what the cache has is not run.
Validation validate(const std::vector<ValidationEntry>& entries, int at_most_processes,
                    bool shows_progress, const RunCache& cache);

// Student's t interval of a mean.
Predicted predicted_from(const std::vector<double>& samples);

std::string validation_table(const Validation& validation, const Terminal& terminal);
std::string validation_markdown(const Validation& validation);
nlohmann::ordered_json validation_json(const Validation& validation);

}  // namespace orrery
