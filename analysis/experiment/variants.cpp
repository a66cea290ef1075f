#include "analysis/experiment/variants.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <set>

#include "scenarios/text/document.hpp"
#include "scenarios/text/input_error.hpp"
#include "scenarios/text/utf8.hpp"

namespace orrery {

namespace {

// The values of an argument from `start` on, each with its place. What is beside a comma is no part
// of a value.
void split_values(const std::string& text, std::size_t start, Axis& axis) {
  int depth = 0;
  for (std::size_t at = start; at <= text.size(); ++at) {
    const char c = at < text.size() ? text[at] : ',';
    if (c == '[' || c == '{') ++depth;
    if (c == ']' || c == '}') --depth;
    if (at < text.size() && (c != ',' || depth != 0)) continue;
    std::size_t end = at;
    while (start < end && text[start] == ' ') ++start;
    while (end > start && text[end - 1] == ' ') --end;
    axis.values.push_back(text.substr(start, end - start));
    axis.offsets.push_back(start);
    start = at + 1;
  }
}

bool is_word(const std::string& value) {
  return !value.empty() && std::isalpha(static_cast<unsigned char>(value.front())) != 0 &&
         value != "true" && value != "false" && value != "yes" && value != "no";
}

int characters(std::string_view text) { return static_cast<int>(count_characters(text)); }

// The place in an argument, which counts from 1 in characters.
SourceMark argument_mark(const std::string& argument, std::size_t offset = 0) {
  return {fmt::format("--vary {}", argument), 1, characters(argument.substr(0, offset)) + 1};
}

// Where a value of an axis was written: under `compare` or in an argument.
SourceMark place_of(const LoadedScenario& base, const Axis& axis, const std::string& value) {
  if (!axis.argument.empty()) {
    const auto at = std::find(axis.values.begin(), axis.values.end(), value);
    return argument_mark(axis.argument,
                         axis.offsets[static_cast<std::size_t>(at - axis.values.begin())]);
  }
  const TextNode* compare = base.text.find("compare");
  const TextNode::Entry* entry = compare == nullptr ? nullptr : compare->entry(axis.key);
  if (entry == nullptr) return {fmt::format("--vary {}={}", axis.key, value), 0, 0};
  for (const TextNode& item : entry->value.items)
    if (item.text == value) return item.mark;
  return entry->mark;
}

// A value of a file is the text that it is there; one of an argument is read as --set reads it.
std::string assignment_of(const Axis& axis, const std::string& value) {
  if (!axis.argument.empty()) return fmt::format("{}={}", axis.key, value);
  TextNode text = TextNode::scalar(value);
  text.quoted = true;
  std::string quoted = to_yaml(text);
  quoted.pop_back();
  return fmt::format("{}={}", axis.key, quoted);
}

// An error in one of the settings is one of the axis, at the same character of its key or value.
InputError error_of(const LoadedScenario& base, const std::vector<Axis>& axes,
                    const Variant& variant, const InputError& error) {
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const auto& [key, value] = variant.settings[i];
    if (error.mark().file != of_override(assignment_of(axes[i], value))) continue;
    SourceMark mark = place_of(base, axes[i], value);
    const int in_value = error.mark().column - characters(key) - 2;
    if (!axes[i].argument.empty())
      mark.column = in_value < 0 ? std::max(error.mark().column, 1) : mark.column + in_value;
    return {mark, error.message(), error.hint()};
  }
  return {error.mark(), fmt::format("{} (in variant {})", error.message(), variant.label),
          error.hint()};
}

}  // namespace

Axis parse_axis(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0)
    throw InputError(argument_mark(text), "expected path.to.key=value,value,...");
  Axis axis{text.substr(0, equals), {}, text, {}};
  split_values(text, equals + 1, axis);
  std::set<std::string> seen;
  for (std::size_t i = 0; i < axis.values.size(); ++i) {
    const SourceMark mark = argument_mark(text, axis.offsets[i]);
    if (axis.values[i].empty())
      throw InputError(mark, "a value is empty", "path.to.key=value,value,...");
    if (!seen.insert(axis.values[i]).second)
      throw InputError(mark, fmt::format("value '{}' is there twice", axis.values[i]));
  }
  return axis;
}

std::vector<Axis> axes_of(const Scenario& scenario) {
  std::vector<Axis> axes;
  for (const auto& [key, values] : scenario.compare) axes.push_back({key, values, {}, {}});
  return axes;
}

std::vector<Variant> load_variants(const LoadedScenario& base, const std::vector<Axis>& axes) {
  std::size_t count = 1;
  for (const Axis& axis : axes) {
    count *= axis.values.size();
    if (count > kMostVariants)
      throw InputError({base.path, 0, 0},
                       fmt::format("more than {} variants to compare", kMostVariants));
  }
  for (std::size_t i = 0; i < axes.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (axes[i].key == axes[j].key)
        throw InputError(argument_mark(axes[i].argument), "this key is varied twice");
  for (const Axis& axis : axes)
    if (axis.key.substr(0, axis.key.find('.')) == "compare")
      throw InputError(axis.argument.empty() ? place_of(base, axis, axis.values[0])
                                             : argument_mark(axis.argument),
                       "what is compared cannot be varied");
  if (!axes.empty() && count == 1)
    throw InputError(place_of(base, axes[0], axes[0].values[0]),
                     fmt::format("nothing to compare: '{}' has one value", axes[0].key),
                     "give it two or more, separated by commas");
  std::vector<Variant> variants;
  std::set<std::string> labels;
  for (std::size_t index = 0; index < count; ++index) {
    Variant variant;
    std::size_t rest = index;
    for (auto axis = axes.rbegin(); axis != axes.rend(); ++axis) {
      variant.settings.insert(variant.settings.begin(),
                              {axis->key, axis->values[rest % axis->values.size()]});
      rest /= axis->values.size();
    }
    const std::string label = label_of(variant.settings);
    variant.label = label;
    for (int i = 2; !labels.insert(variant.label).second; ++i)
      variant.label = fmt::format("{}-{}", label, i);
    std::vector<std::string> assignments;
    for (std::size_t i = 0; i < axes.size(); ++i)
      assignments.push_back(assignment_of(axes[i], variant.settings[i].second));
    try {
      variant.scenario = with_settings(base, assignments);
    } catch (const InputError& error) {
      throw error_of(base, axes, variant, error);
    }
    variants.push_back(std::move(variant));
  }
  return variants;
}

std::string label_of(const std::vector<std::pair<std::string, std::string>>& settings) {
  std::string label;
  for (const auto& [key, value] : settings) {
    if (!label.empty()) label += ' ';
    label += is_word(value) ? value : fmt::format("{}={}", key.substr(key.rfind('.') + 1), value);
  }
  return label.empty() ? "as it is" : label;
}

std::string file_name_of(const std::string& label) {
  std::string name;
  for (char c : label) {
    const bool is_plain = std::isalnum(static_cast<unsigned char>(c)) != 0 ||
                          std::string_view("._=-").find(c) != std::string_view::npos;
    name += is_plain ? c : '_';
  }
  // File systems take 255 characters; a number may follow, and what a file is called while it is
  // written.
  constexpr std::size_t kMostCharacters = 200;
  name.resize(std::min(name.size(), kMostCharacters));
  if (name.empty() || name.front() == '.') name.replace(0, 1, "_");
  return name;
}

std::vector<std::string> file_names_of(const std::vector<Variant>& variants,
                                       const std::vector<std::string>& taken) {
  const auto without_case = [](std::string name) {
    for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return name;
  };
  std::vector<std::string> names;
  std::set<std::string> all;
  for (const std::string& name : taken) all.insert(without_case(name));
  for (const Variant& variant : variants) {
    const std::string plain = file_name_of(variant.label);
    std::string name = plain;
    for (int i = 2; !all.insert(without_case(name)).second; ++i)
      name = fmt::format("{}-{}", plain, i);
    names.push_back(std::move(name));
  }
  return names;
}

}  // namespace orrery
