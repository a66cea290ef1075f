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

// Labels by key: one after the other where there are few, in their order where there are many.
class LabelTable {
 public:
  explicit LabelTable(const Labels& labels) : labels_(labels) {
    constexpr std::size_t kFew = 64;
    if (labels.size() <= kFew) return;
    for (const auto& label : labels) sorted_.push_back(&label);
    std::stable_sort(sorted_.begin(), sorted_.end(),
                     [](const auto* a, const auto* b) { return a->first < b->first; });
  }
  const std::string* find(std::string_view key) const {
    if (sorted_.empty()) return find_label(labels_, key);
    const auto found =
        std::lower_bound(sorted_.begin(), sorted_.end(), key,
                         [](const auto* label, std::string_view k) { return label->first < k; });
    return found == sorted_.end() || (*found)->first != key ? nullptr : &(*found)->second;
  }

 private:
  const Labels& labels_;
  std::vector<const Labels::value_type*> sorted_;
};

bool holds(const LabelRule& rule, const LabelTable& labels, const std::string& node_name) {
  using Is = LabelRule::Is;
  const std::string* const value = rule.is_about_name ? &node_name : labels.find(rule.key);
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

}  // namespace

const std::string* find_label(const Labels& labels, std::string_view key) {
  for (const auto& [name, value] : labels)
    if (name == key) return &value;
  return nullptr;
}

bool selects(const Selector& selector, const Labels& labels) {
  if (selector.empty()) return true;
  const LabelTable table(labels);
  return std::all_of(selector.begin(), selector.end(), [&](const auto& wanted) {
    const std::string* const value = table.find(wanted.first);
    return value != nullptr && *value == wanted.second;
  });
}

bool any_holds(std::span<const NodeTerm> terms, const Labels& labels,
               const std::string& node_name) {
  const LabelTable table(labels);
  return std::any_of(terms.begin(), terms.end(), [&](const NodeTerm& term) {
    return !term.empty() && std::all_of(term.begin(), term.end(), [&](const LabelRule& rule) {
      return holds(rule, table, node_name);
    });
  });
}

std::vector<NodeTerm> both_of(const std::vector<NodeTerm>& a, const std::vector<NodeTerm>& b) {
  if (a.empty()) return b;
  if (b.empty()) return a;
  std::vector<NodeTerm> all;
  for (const NodeTerm& one : a)
    for (const NodeTerm& other : b) {
      if (one.empty() || other.empty()) continue;
      NodeTerm& joint = all.emplace_back(one);
      joint.insert(joint.end(), other.begin(), other.end());
    }
  if (all.empty()) all.emplace_back();
  return all;
}

}  // namespace orrery::control
