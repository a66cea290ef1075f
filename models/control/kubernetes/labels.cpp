// Rules about labels.
#include "models/control/kubernetes/labels.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace orrery::control {

namespace {

std::optional<std::int64_t> whole_number(const std::string& text) {
  std::int64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || at != end) return std::nullopt;
  return value;
}

}  // namespace

const std::string* find_label(const Labels& labels, std::string_view key) {
  for (const auto& [name, value] : labels)
    if (name == key) return &value;
  return nullptr;
}

bool selects(const Selector& selector, const Labels& labels) {
  return std::all_of(selector.begin(), selector.end(), [&](const auto& wanted) {
    const std::string* const value = find_label(labels, wanted.first);
    return value != nullptr && *value == wanted.second;
  });
}

bool holds(const LabelRule& rule, const Labels& labels, const std::string& node_name) {
  using Is = LabelRule::Is;
  const std::string* const value = rule.is_about_name ? &node_name : find_label(labels, rule.key);
  const bool is_listed = value != nullptr && std::find(rule.values.begin(), rule.values.end(),
                                                       *value) != rule.values.end();
  switch (rule.is) {
    case Is::in: return is_listed;
    case Is::not_in: return !is_listed;
    case Is::there: return value != nullptr;
    case Is::not_there: return value == nullptr;
    default: break;
  }
  if (value == nullptr || rule.values.size() != 1) return false;
  const auto has = whole_number(*value);
  const auto limit = whole_number(rule.values.front());
  if (!has || !limit) return false;
  return rule.is == Is::greater ? *has > *limit : *has < *limit;
}

bool any_holds(std::span<const NodeTerm> terms, const Labels& labels,
               const std::string& node_name) {
  return std::any_of(terms.begin(), terms.end(), [&](const NodeTerm& term) {
    return !term.empty() && std::all_of(term.begin(), term.end(), [&](const LabelRule& rule) {
      return holds(rule, labels, node_name);
    });
  });
}

}  // namespace orrery::control
