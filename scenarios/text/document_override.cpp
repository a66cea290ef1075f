// Overrides from the command line: --set path.to.key=value.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <utility>
#include <vector>

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

// The longest of some names that a path starts with, or its part before the first dot.
template <class Names>
std::string_view longest_step(std::string_view path, const Names& names) {
  std::string_view step = path.substr(0, path.find('.'));
  for (const std::string& name : names)
    if (name.size() > step.size() && path.starts_with(name) &&
        (path.size() == name.size() || path[name.size()] == '.'))
      step = path.substr(0, name.size());
  return step;
}

std::string_view item_step(const TextNode& list, std::string_view path) {
  std::vector<std::string> names;
  for (const TextNode& item : list.items) names.push_back(name_of(item));
  return longest_step(path, names);
}

std::string_view key_step(const TextNode& map, std::string_view path) {
  std::vector<std::string> names;
  for (const TextNode::Entry& entry : map.entries) names.push_back(entry.key);
  return longest_step(path, names);
}

// The first step of what remains of a path, at a node under `parent`.
std::string_view next_step(const TextNode& at, std::string_view parent, std::string_view rest,
                           const TextNode& value) {
  if (at.is_sequence()) return item_step(at, rest);
  // Names under these keys hold dots; a variant has them as the document does.
  if (parent.starts_with("variants.")) {
    const std::size_t inner = parent.rfind('.');
    if (inner > std::string_view{"variants"}.size()) parent = parent.substr(inner + 1);
  }
  if (parent == "compare") return rest;
  if (parent == "profiles") {
    const std::size_t last = rest.rfind('.');
    return value.is_map() || last == std::string_view::npos ? rest : rest.substr(0, last);
  }
  return key_step(at, rest);
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
    throw InputError(mark,
                     fmt::format("'{}' has {} item{}, there is no item {}", path, list.items.size(),
                                 list.items.size() == 1 ? "" : "s", step),
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

// Lists, mappings and text in quotes are read as YAML, and so is what YAML takes for no value;
// anything else is the text that it is, whatever YAML would make of a '#', a ': ' or a '*' in it.
TextNode parse_assigned(std::string_view text, const std::string& file, int column) {
  constexpr std::string_view kSpace = " \t";
  const std::size_t first = std::min(text.find_first_not_of(kSpace), text.size());
  const std::string_view trimmed = text.substr(first, text.find_last_not_of(kSpace) + 1 - first);
  constexpr std::string_view kNothing[] = {"", "~", "null", "Null", "NULL"};
  const bool is_yaml =
      std::find(std::begin(kNothing), std::end(kNothing), trimmed) != std::end(kNothing) ||
      std::string_view("[{\"'").find(trimmed.front()) != std::string_view::npos;
  const int start = column + static_cast<int>(first);
  if (!is_yaml) return TextNode::scalar(std::string(trimmed), {file, 1, start});
  TextNode value = parse_document(text, file, column);
  // In brackets, what ends the line as a comment takes the closing one with it.
  const auto has_comment = [&] {
    try {
      parse_document(fmt::format("[{}]", text), file, column);
      return false;
    } catch (const InputError&) {
      return true;
    }
  };
  if (text.find('#') != std::string_view::npos && has_comment())
    throw InputError({file, 1, start}, "a comment after the value",
                     "put quotes around the whole of a text that holds ' #'");
  return value;
}

}  // namespace

std::string of_override(std::string_view assignment) {
  constexpr std::size_t kLongest = 200;
  return "--set " + shortened(assignment, kLongest);
}

void apply_override(TextNode& root, std::string_view assignment) {
  const std::string file = of_override(assignment);
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

  if (path.substr(0, path.find('.')) == "include")
    throw InputError({file, 1, 1}, "files are included before anything is set",
                     "name the file under `include` in a scenario file");
  // A copy takes the steps, so that an override that fails leaves no half-made path behind.
  TextNode changed = root;
  TextNode* at = &changed;
  int depth = 0;
  for (std::size_t start = 0; start <= path.size();) {
    const std::string_view parent = start == 0 ? "the scenario" : path.substr(0, start - 1);
    const std::string_view step = next_step(*at, parent, path.substr(start), value);
    const SourceMark mark{file, 1, column_at(start)};
    if (step.empty() || ++depth > DocumentLimits::kDepth)
      throw InputError(mark, fmt::format("'{}' is no path of keys", path),
                       "write keys with one dot between them: path.to.key=value");
    at = at->is_sequence() ? &item_of(*at, parent, step, mark) : &value_of(*at, parent, step, mark);
    start += step.size() + 1;
  }
  *at = std::move(value);
  root = std::move(changed);
}

}  // namespace orrery
