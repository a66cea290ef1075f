#include "scenarios/systems/fleet/kubernetes_object.hpp"

#include <fmt/format.h>

#include <utility>

#include "scenarios/systems/fleet/demand_spec.hpp"
#include "scenarios/systems/fleet/kubernetes_quantity.hpp"
#include "scenarios/text/utf8.hpp"

namespace orrery::kubectl {

const TextNode* child(const TextNode* node, std::string_view key) {
  const TextNode::Entry* const entry = node == nullptr ? nullptr : node->entry(key);
  return entry == nullptr ? nullptr : &entry->value;
}

const std::vector<TextNode>& items_of(const TextNode* list) {
  static const std::vector<TextNode> kNone;
  return list == nullptr ? kNone : list->items;
}

const std::vector<TextNode::Entry>& entries_of(const TextNode* map) {
  static const std::vector<TextNode::Entry> kNone;
  return map == nullptr ? kNone : map->entries;
}

std::vector<std::string> texts_in(const TextNode* list) {
  std::vector<std::string> texts;
  for (const TextNode& item : items_of(list)) texts.push_back(item.text);
  return texts;
}

control::Labels labels_in(const TextNode* map) {
  control::Labels labels;
  for (const TextNode::Entry& entry : entries_of(map))
    labels.emplace_back(entry.key, entry.value.is_scalar() ? entry.value.text : std::string{});
  return labels;
}

std::string shown(std::string_view what, std::string text) {
  if (printable(text) != text)
    throw BrokenObject{fmt::format("{} cannot be printed: '{}'", what, text)};
  return text;
}

std::string name_of(const TextNode& object) {
  std::string name = text_at(object, "metadata", "name");
  if (name.empty()) throw BrokenObject{"it has no name"};
  return shown("its name", std::move(name));
}

std::string namespace_of(const TextNode& object) {
  std::string name = text_at(object, "metadata", "namespace");
  return name.empty() ? "default" : shown("its namespace", std::move(name));
}

std::string annotation(const TextNode& object, std::string_view key) {
  return text_at(object, "metadata", "annotations", key);
}

std::string amount_in(const TextNode& value) { return value.is_null() ? "0" : value.text; }

std::string amount_at(const TextNode& map, std::string_view name) {
  const TextNode* const found = child(&map, name);
  return found == nullptr ? std::string{} : amount_in(*found);
}

std::int64_t cpu_of(const std::string& text) {
  const auto millis = quantity_in_millis(text);
  if (!millis) throw BrokenObject{fmt::format("cpu is no quantity: '{}'", text)};
  if (static_cast<double>(*millis) > demand_limits::kCores * 1000)
    throw BrokenObject{fmt::format("cpu is beyond any machine: {}", text)};
  return *millis;
}

Bytes bytes_of(std::string_view what, const std::string& text) {
  const auto bytes = quantity_in_units(text);
  if (!bytes) throw BrokenObject{fmt::format("{} is no quantity: '{}'", what, text)};
  if (static_cast<double>(*bytes) > demand_limits::kBytes)
    throw BrokenObject{fmt::format("{} is beyond any machine: {}", what, text)};
  return Bytes{*bytes};
}

control::PositionAdvice advice_of(const std::string& text) {
  const auto advice = control::position_from(text);
  if (!advice) throw BrokenObject{fmt::format("unknown position advice '{}'", text)};
  return *advice;
}

control::NodeTerm term_of(const TextNode& term) {
  using Is = control::LabelRule::Is;
  control::NodeTerm rules;
  for (const char* part : {"matchExpressions", "matchFields"})
    for (const TextNode& each : items_of(child(&term, part))) {
      control::LabelRule rule;
      rule.key = text_at(each, "key");
      rule.values = texts_in(child(&each, "values"));
      rule.is_about_name = std::string_view{part} == "matchFields";
      if (rule.is_about_name && rule.key != "metadata.name")
        throw BrokenObject{fmt::format("node affinity by the field '{}'", rule.key)};
      const std::string is = text_at(each, "operator");
      if (is == "In") rule.is = Is::in;
      else if (is == "NotIn") rule.is = Is::not_in;
      else if (is == "Exists") rule.is = Is::there;
      else if (is == "DoesNotExist") rule.is = Is::not_there;
      else if (is == "Gt") rule.is = Is::greater;
      else if (is == "Lt") rule.is = Is::less;
      else throw BrokenObject{fmt::format("node affinity has no operator '{}'", is)};
      rules.push_back(std::move(rule));
    }
  return rules;
}

std::vector<control::NodeTerm> terms_of(const TextNode* selector) {
  std::vector<control::NodeTerm> terms;
  if (selector == nullptr || !selector->is_map()) return terms;
  for (const TextNode& term : items_of(child(selector, "nodeSelectorTerms")))
    terms.push_back(term_of(term));
  if (terms.empty()) terms.emplace_back();
  return terms;
}

control::NodeTerm term_of_name(const std::string& node) {
  control::LabelRule rule;
  rule.values = {node};
  rule.is_about_name = true;
  return {std::move(rule)};
}

}  // namespace orrery::kubectl
