#include "scenarios/text/binder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "scenarios/text/nearest.hpp"
#include "scenarios/text/value_text.hpp"

namespace orrery {
namespace {

// The empty text stands for "not given" in fields that hold something else.
bool is_left_empty(const Value& value) {
  const auto* text = std::get_if<std::string>(&value);
  return text && text->empty();
}

std::vector<std::string> valid_keys(const Declarations& declarations,
                                    std::span<const std::string_view> also_allowed) {
  std::vector<std::string> names;
  for (const Declaration& field : declarations.fields) names.push_back(field.name);
  names.insert(names.end(), also_allowed.begin(), also_allowed.end());
  return names;
}

void bind_given(const TextNode& map, const Declarations& declarations, void* target,
                std::span<const std::string_view> also_allowed, const KeyRecorder& given) {
  for (const TextNode::Entry& entry : map.entries) {
    if (const Declaration* field = declarations.find(entry.key)) {
      field->set(target, parse_value(entry.value, *field));
      if (given) given(entry);
    } else if (std::find(also_allowed.begin(), also_allowed.end(), entry.key) ==
               also_allowed.end()) {
      throw unknown_name(entry.mark, "key", entry.key, valid_keys(declarations, also_allowed));
    }
  }
}

void bind_fallbacks(const TextNode& map, const Declarations& declarations, void* target) {
  std::vector<const Declaration*> missing;
  for (const Declaration& field : declarations.fields) {
    if (map.entry(field.name)) continue;
    if (!field.fallback) missing.push_back(&field);
    else if (!is_left_empty(*field.fallback)) field.set(target, *field.fallback);
    else if (field.quantity == Quantity::text && !is_left_empty(field.get(target)))
      field.set(target, *field.fallback);
  }
  if (missing.empty()) return;
  std::string names;
  for (const Declaration* field : missing)
    names += fmt::format("{}'{}' ({})", names.empty() ? "" : ", ", field->name, field->help);
  throw InputError(map.mark,
                   fmt::format("missing {} {}", missing.size() == 1 ? "key" : "keys", names));
}

}  // namespace

void bind_mapping(const TextNode& map, const Declarations& declarations, void* target,
                  std::span<const std::string_view> also_allowed, const KeyRecorder& given) {
  if (!map.is_map() && !map.is_null())
    throw InputError(map.mark, fmt::format("expected a mapping of keys, got {}", describe(map)));
  bind_given(map, declarations, target, also_allowed, given);
  bind_fallbacks(map, declarations, target);
}

TextNode resolved(const Declarations& declarations, const void* source) {
  TextNode map = TextNode::map();
  for (const Declaration& field : declarations.fields) {
    const Value value = field.get(source);
    const bool may_be_left_out =
        field.quantity != Quantity::text || (field.fallback && is_left_empty(*field.fallback));
    if (is_left_empty(value) && may_be_left_out) continue;
    map.entries.push_back({field.name, {}, value_node(field.quantity, value)});
  }
  return map;
}

}  // namespace orrery
