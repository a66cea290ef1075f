// Metrics: arithmetic over figures of named runs.
//
//   change(solar:jobs.0.write.components.SA.p50, luna:jobs.0.write.components.SA.p50)
//   cpu:resources.compute_cores_used * 50e9 / (8 * cpu:jobs.0.write.bw_bytes)
//
//   expression = term { ("+" | "-") term }
//   term       = factor { ("*" | "/") factor }
//   factor     = "-" factor | number | "(" expression ")" | function "(" expression { ","
//              expression } ")" | run ":" path
//
// A run's name and the steps of a path are letters, digits, '_' and '@'; steps are joined by dots
// (analysis/summary_view.hpp says what they may be).
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/text/input_error.hpp"

namespace orrery {

class Expression {
 public:
  struct Reference {
    std::string run;
    std::string path;
  };
  // The value of a reference; whatever it throws passes through evaluate().
  using Lookup = std::function<double(const Reference&)>;

  // Throws InputError at the mark with the place inside the text. Functions: ratio(a, b) = a / b,
  // change(a, b) = a against b in percent, min, max, abs.
  Expression(std::string text, SourceMark mark);

  double evaluate(const Lookup& lookup) const;

  const std::vector<Reference>& references() const { return references_; }
  const std::string& text() const { return text_; }
  const SourceMark& mark() const { return mark_; }

  // In the order of evaluation on a stack.
  struct Step {
    enum class Kind { number, reference, add, subtract, multiply, divide, negate, function } kind;
    double number = 0;
    std::size_t index = 0;      // of the reference or the function
    std::size_t arguments = 0;  // of the function
  };

 private:
  std::string text_;
  SourceMark mark_;
  std::vector<Step> steps_;
  std::vector<Reference> references_;
};

}  // namespace orrery
