// Labels of Kubernetes' objects, and what selectors and required node affinity say about them.
//
// Source: Kubernetes, component-helpers/scheduling/corev1/nodeaffinity.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace orrery::control {

using Labels = std::vector<std::pair<std::string, std::string>>;

// Labels that must be there with these values.
using Selector = Labels;

// The value of a label; nullptr if there is none.
const std::string* find_label(const Labels& labels, std::string_view key);

bool selects(const Selector& selector, const Labels& labels);

// One of `matchExpressions`, or of `matchFields`, which know the node's name alone.
struct LabelRule {
  enum class Is : std::uint8_t { in, not_in, there, not_there, greater, less };
  std::string key;
  Is is = Is::in;
  std::vector<std::string> values;
  bool is_about_name = false;
};

// A term holds if all of its rules do; one without rules holds nowhere.
using NodeTerm = std::vector<LabelRule>;

// Whether any term holds.
bool any_holds(std::span<const NodeTerm> terms, const Labels& labels, const std::string& node_name);
// What holds where both do; either without terms holds everywhere.
std::vector<NodeTerm> both_of(const std::vector<NodeTerm>& a, const std::vector<NodeTerm>& b);

}  // namespace orrery::control
