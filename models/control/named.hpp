// Registries: lists of entries that have a name, in the order in which they are shown.
#pragma once

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace orrery::control {

// The entry of that name; null if there is none.
template <class Entries>
auto find_named(const Entries& entries, std::string_view name) -> decltype(&*std::begin(entries)) {
  const auto found = std::find_if(std::begin(entries), std::end(entries),
                                  [&](const auto& entry) { return entry.name == name; });
  return found == std::end(entries) ? nullptr : &*found;
}

template <class Entries>
std::vector<std::string> names_in(const Entries& entries) {
  std::vector<std::string> names;
  for (const auto& entry : entries) names.emplace_back(entry.name);
  return names;
}

}  // namespace orrery::control
