// Overrides from the command line: --set path.to.key=value.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "scenarios/text/document.hpp"
#include "scenarios/text/nearest.hpp"
#include "scenarios/text/utf8.hpp"

namespace orrery {
namespace {

// The name of a list's item, if it has one.
std::string name_of(const TextNode& item) {
  const TextNode::Entry* name = item.is_map() ? item.entry("name") : nullptr;
  return name != nullptr && name->value.is_scalar() ? name->value.text : std::string{};
}

// An item of a list, by its number or its name.
TextNode& item_of(TextNode& list, std::string_view path, std::string_view step,
                  const SourceMark& mark) {
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(step.data(), step.data() + step.size(), index);
  if (error != std::errc{} || end != step.data() + step.size()) {
    std::vector<std::string> names;
    for (TextNode& item : list.items) {
      names.push_back(name_of(item));
      if (names.back() == step) return item;
    }
    std::erase(names, std::string{});
    if (names.empty())
      throw InputError(mark,
                       fmt::format("'{}' is a list: expected a number, got '{}'", path, step));
    throw unknown_name(mark, fmt::format("item of '{}'", path), std::string{step}, names);
  }
  if (index >= list.items.size())
    throw InputError(
        mark, fmt::format("'{}' has {} items, there is no item {}", path, list.items.size(), step),
        "items count from 0");
  return list.items[index];
}

TextNode& value_of(TextNode& map, std::string_view path, std::string_view step,
                   const SourceMark& mark) {
  if (map.is_null()) map = TextNode::map(mark);
  if (!map.is_map())
    throw InputError(mark, fmt::format("'{}' is {}, it has no key '{}'", path, describe(map), step),
                     "set at " + to_string(map.mark));
  if (TextNode::Entry* entry = map.entry(step)) return entry->value;
  map.entries.push_back({std::string{step}, mark, TextNode{}});
  map.entries.back().value.mark = mark;
  return map.entries.back().value;
}

TextNode parse_assigned(std::string_view text, const std::string& file, int column) {
  TextNode value = parse_document(text, file, column);
  const bool is_flow = !text.empty() && (text.front() == '[' || text.front() == '{');
  if ((value.is_map() || value.is_sequence()) && !is_flow)
    throw InputError(value.mark, fmt::format("expected a value, got {}", describe(value)),
                     "put quotes around text that holds ': ' or starts with '- ', '&' or '*'");
  return value;
}

}  // namespace

void apply_override(TextNode& root, std::string_view assignment) {
  const std::string file = fmt::format("--set {}", assignment);
  if (const auto defect = first_defect(assignment))
    throw InputError({"--set", 0, 0}, defect->message);
  if (assignment.find('\n') != std::string_view::npos)
    throw InputError({"--set", 0, 0}, "an override is one line");
  const std::size_t equals = assignment.find('=');
  if (equals == std::string_view::npos || equals == 0)
    throw InputError({file, 1, 1}, "expected path.to.key=value");
  const std::string_view path = assignment.substr(0, equals);
  const auto column_at = [&](std::size_t offset) {
    return static_cast<int>(count_characters(assignment.substr(0, offset))) + 1;
  };
  TextNode value = parse_assigned(assignment.substr(equals + 1), file, column_at(equals + 1));

  // A copy takes the steps, so that an override that fails leaves no half-made path behind.
  TextNode changed = root;
  TextNode* at = &changed;
  int depth = 0;
  for (std::size_t start = 0; start <= path.size();) {
    const std::size_t end = std::min(path.find('.', start), path.size());
    const std::string_view step = path.substr(start, end - start);
    const std::string_view parent = start == 0 ? "the scenario" : path.substr(0, start - 1);
    const SourceMark mark{file, 1, column_at(start)};
    if (step.empty() || ++depth > DocumentLimits::kDepth)
      throw InputError(mark, fmt::format("'{}' is no path of keys", path),
                       "write keys with one dot between them: path.to.key=value");
    at = at->is_sequence() ? &item_of(*at, parent, step, mark) : &value_of(*at, parent, step, mark);
    start = end + 1;
  }
  *at = std::move(value);
  root = std::move(changed);
}

}  // namespace orrery
