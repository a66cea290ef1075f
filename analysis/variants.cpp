#include "analysis/variants.hpp"

#include <fmt/format.h>

#include <cctype>
#include <set>

#include "scenarios/input_error.hpp"

namespace orrery {

namespace {

std::vector<std::string> split_values(std::string_view text) {
  std::vector<std::string> values(1);
  int depth = 0;
  for (char c : text) {
    if (c == '[' || c == '{') ++depth;
    if (c == ']' || c == '}') --depth;
    if (c == ',' && depth == 0) values.emplace_back();
    else values.back() += c;
  }
  // What is beside a comma is no part of a value.
  for (std::string& value : values) {
    value.erase(0, value.find_first_not_of(' '));
    value.erase(value.find_last_not_of(' ') + 1);
  }
  return values;
}

bool is_word(const std::string& value) {
  return !value.empty() && std::isalpha(static_cast<unsigned char>(value.front())) != 0 &&
         value != "true" && value != "false" && value != "yes" && value != "no";
}

// Where an axis, or one of its values, was written: under `compare` or as an argument.
SourceMark place_of(const LoadedScenario& base, const Axis& axis, const std::string& value) {
  const TextNode* compare = axis.is_argument ? nullptr : base.text.find("compare");
  const TextNode::Entry* entry = compare == nullptr ? nullptr : compare->entry(axis.key);
  if (entry == nullptr) return {fmt::format("--vary {}={}", axis.key, value), 0, 0};
  for (const TextNode& item : entry->value.items)
    if (item.text == value) return item.mark;
  return entry->mark;
}

// An error in one of the settings is one of the axis.
InputError error_of(const LoadedScenario& base, const std::vector<Axis>& axes,
                    const Variant& variant, const InputError& error) {
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const auto& [key, value] = variant.settings[i];
    if (error.mark().file == fmt::format("--set {}={}", key, value))
      return {place_of(base, axes[i], value), error.message(), error.hint()};
  }
  return {error.mark(), fmt::format("{} (in variant {})", error.message(), variant.label),
          error.hint()};
}

}  // namespace

Axis parse_axis(const std::string& text) {
  const SourceMark mark{fmt::format("--vary {}", text), 0, 0};
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0)
    throw InputError(mark, "expected path.to.key=value,value,...");
  Axis axis{text.substr(0, equals), split_values(text.substr(equals + 1)), true};
  std::set<std::string> seen;
  for (const std::string& value : axis.values) {
    if (value.empty()) throw InputError(mark, "a value is empty", "path.to.key=value,value,...");
    if (!seen.insert(value).second)
      throw InputError(mark, fmt::format("value '{}' is there twice", value));
  }
  return axis;
}

std::vector<Axis> axes_of(const Scenario& scenario) {
  std::vector<Axis> axes;
  for (const auto& [key, values] : scenario.compare) axes.push_back({key, values});
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
        throw InputError({fmt::format("--vary {}", axes[i].key), 0, 0}, "this key is varied twice");
  if (!axes.empty() && count == 1)
    throw InputError(place_of(base, axes[0], axes[0].values[0]),
                     fmt::format("nothing to compare: '{}' has one value", axes[0].key),
                     "give it two or more, separated by commas");
  std::vector<Variant> variants;
  for (std::size_t index = 0; index < count; ++index) {
    Variant variant;
    std::size_t rest = index;
    for (auto axis = axes.rbegin(); axis != axes.rend(); ++axis) {
      variant.settings.insert(variant.settings.begin(),
                              {axis->key, axis->values[rest % axis->values.size()]});
      rest /= axis->values.size();
    }
    variant.label = label_of(variant.settings);
    std::vector<std::string> assignments;
    for (const auto& [key, value] : variant.settings)
      assignments.push_back(fmt::format("{}={}", key, value));
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
  if (name.front() == '.') name.front() = '_';
  return name;
}

std::vector<std::string> file_names_of(const std::vector<Variant>& variants) {
  std::vector<std::string> names;
  std::set<std::string> taken;
  for (const Variant& variant : variants) {
    const std::string plain = file_name_of(variant.label);
    std::string name = plain;
    for (int i = 2; !taken.insert(name).second; ++i) name = fmt::format("{}-{}", plain, i);
    names.push_back(std::move(name));
  }
  return names;
}

}  // namespace orrery
