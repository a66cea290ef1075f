#include "scenarios/text/variant.hpp"

#include <fmt/format.h>

#include <string_view>
#include <utility>
#include <vector>

#include "scenarios/text/document.hpp"
#include "scenarios/text/nearest.hpp"

namespace orrery {

namespace {

bool is_about_variants(std::string_view assignment) {
  const std::string_view first = assignment.substr(0, assignment.find_first_of(".="));
  return first == "variant" || first == "variants";
}

}  // namespace

TextNode with_variant(const TextNode& document) {
  const TextNode::Entry* variants = document.entry("variants");
  const TextNode::Entry* chosen = document.entry("variant");
  if (variants != nullptr && !variants->value.is_map())
    throw InputError(
        variants->value.is_null() ? variants->mark : variants->value.mark,
        fmt::format("`variants` maps names to what differs, got {}", describe(variants->value)));
  if (chosen == nullptr) return document;
  const std::string name = chosen->value.is_scalar() ? chosen->value.text : std::string{};
  const TextNode::Entry* found = variants != nullptr ? variants->value.entry(name) : nullptr;
  if (found == nullptr) {
    std::vector<std::string> names;
    if (variants != nullptr)
      for (const TextNode::Entry& variant : variants->value.entries) names.push_back(variant.key);
    throw unknown_name(chosen->value.mark, "variant", name, names);
  }
  if (!found->value.is_map())
    throw InputError(found->value.is_null() ? found->mark : found->value.mark,
                     "a variant is a mapping of what differs");
  for (std::string_view key : {"include", "variant", "variants"})
    if (const TextNode::Entry* entry = found->value.entry(key))
      throw InputError(entry->mark, fmt::format("a variant has no `{}` of its own", key));
  TextNode top = found->value;
  TextNode below = document;
  std::erase_if(below.entries, [](const TextNode::Entry& entry) {
    return entry.key == "variant" || entry.key == "variants";
  });
  merge_below(top, std::move(below));
  top.mark = document.mark;
  return top;
}

TextNode overridden(const TextNode& document, std::span<const std::string> assignments) {
  TextNode text = document;
  for (const std::string& assignment : assignments)
    if (is_about_variants(assignment)) apply_override(text, assignment);
  text = with_variant(text);
  for (const std::string& assignment : assignments)
    if (!is_about_variants(assignment)) apply_override(text, assignment);
  return text;
}

}  // namespace orrery
