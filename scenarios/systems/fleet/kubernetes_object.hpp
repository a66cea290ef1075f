// One object of what kubectl prints, and how its fields are read.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "models/control/objects.hpp"
#include "scenarios/text/text_node.hpp"
#include "sim/units.hpp"

namespace orrery::kubectl {

// Why an object cannot be used; caught where objects are gone through (kubernetes_yaml.cpp).
struct BrokenObject {
  std::string reason;
};

// Keys from the node down, none of them taken apart at its dots; nullptr if there is nothing.
const TextNode* child(const TextNode* node, std::string_view key);
template <class... Keys>
const TextNode* child(const TextNode* node, std::string_view key, Keys... below) {
  return child(child(node, key), below...);
}

// The scalar there; empty if there is none.
template <class... Keys>
std::string text_at(const TextNode& node, Keys... keys) {
  const TextNode* const found = child(&node, std::string_view{keys}...);
  return found != nullptr && found->is_scalar() ? found->text : std::string{};
}

// Whether there is anything but nothing and empty lists and maps.
template <class... Keys>
bool has(const TextNode& node, Keys... keys) {
  const TextNode* const found = child(&node, std::string_view{keys}...);
  return found != nullptr &&
         (found->is_scalar() || !found->items.empty() || !found->entries.empty());
}

const std::vector<TextNode>& items_of(const TextNode* list);
const std::vector<TextNode::Entry>& entries_of(const TextNode* map);
std::vector<std::string> texts_in(const TextNode* list);
control::Labels labels_in(const TextNode* map);

// A text that tables and messages show. Throws BrokenObject for one that they cannot.
std::string shown(std::string_view what, std::string text);
std::string name_of(const TextNode& object);  // throws BrokenObject if it has none
std::string namespace_of(const TextNode& object);
std::string annotation(const TextNode& object, std::string_view key);

// Quantities, within what any machine has; one that is null is nothing. Throw BrokenObject.
std::string amount_in(const TextNode& value);
std::string amount_at(const TextNode& map, std::string_view name);
std::int64_t cpu_of(const std::string& text);
Bytes bytes_of(std::string_view what, const std::string& text);
control::PositionAdvice advice_of(const std::string& text);

// Rules of one node affinity term, `matchExpressions` and `matchFields`. Throws BrokenObject.
control::NodeTerm term_of(const TextNode& term);
// Those of `nodeSelectorTerms`, one of which has to hold. Without any, none does; where there is no
// selector at all there are no terms.
std::vector<control::NodeTerm> terms_of(const TextNode* selector);
control::NodeTerm term_of_name(const std::string& node);

}  // namespace orrery::kubectl
