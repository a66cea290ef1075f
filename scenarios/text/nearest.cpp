#include "scenarios/text/nearest.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "scenarios/text/utf8.hpp"

namespace orrery {
namespace {

std::string lower_case(std::string_view text) {
  std::string lower{text};
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return lower;
}

// A third of the letters may be wrong, but never more than four, and always one.
std::size_t tolerated_errors(std::string_view name) {
  return std::clamp<std::size_t>((name.size() + 1) / 3, 1, 4);
}

// Nobody mistypes a longer one.
constexpr std::size_t kLongestName = 200;

// More names than that are no help; of so many, those ten that take the fewest edits.
constexpr std::size_t kMostListed = 40;

std::vector<std::string> nearest_first(std::string_view name,
                                       const std::vector<std::string>& candidates) {
  std::vector<std::pair<std::size_t, std::string>> all;
  const std::string wanted = lower_case(name);
  for (const std::string& candidate : candidates)
    all.emplace_back(edit_distance(wanted, lower_case(candidate), std::string::npos - 1),
                     candidate);
  std::stable_sort(all.begin(), all.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string> names;
  for (const auto& [distance, candidate] : all)
    if (names.size() < 10) names.push_back(candidate);
  return names;
}

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t bound) {
  if (std::max(a.size(), b.size()) - std::min(a.size(), b.size()) > bound) return bound + 1;

  // Three rows of the usual table; the one before the previous is needed for swaps.
  std::vector<std::size_t> before(b.size() + 1), previous(b.size() + 1), current(b.size() + 1);
  std::iota(previous.begin(), previous.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    current[0] = i;
    std::size_t best_of_row = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      current[j] = std::min({replaced, previous[j] + 1, current[j - 1] + 1});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        current[j] = std::min(current[j], before[j - 2] + 1);
      best_of_row = std::min(best_of_row, current[j]);
    }
    if (best_of_row > bound) return bound + 1;
    std::swap(before, previous);
    std::swap(previous, current);
  }
  return std::min(previous[b.size()], bound + 1);
}

std::optional<std::string> nearest(std::string_view name,
                                   const std::vector<std::string>& candidates) {
  if (name.size() > kLongestName) return std::nullopt;
  const std::string wanted = lower_case(name);
  std::size_t best = tolerated_errors(name) + 1;
  const std::string* found = nullptr;
  for (const std::string& candidate : candidates) {
    // What is there under this very name, and still is not right, is no help.
    if (candidate == name) continue;
    const std::size_t distance = edit_distance(wanted, lower_case(candidate), best - 1);
    // A name of one or two letters is not "near" another one that shares no letter with it.
    if (distance < best && distance < std::max(name.size(), candidate.size())) {
      best = distance;
      found = &candidate;
    }
    if (best == 0) break;
  }
  if (!found) return std::nullopt;
  return *found;
}

InputError unknown_name(SourceMark mark, std::string_view what, std::string_view name,
                        const std::vector<std::string>& candidates) {
  if (const auto meant = nearest(name, candidates))
    return {std::move(mark),
            fmt::format("unknown {} '{}' (did you mean '{}'?)", what, name, *meant)};
  std::string hint;
  if (candidates.size() > kMostListed && name.size() <= kLongestName)
    hint = fmt::format("the nearest of {}: {}", candidates.size(),
                       fmt::join(nearest_first(name, candidates), ", "));
  else if (!candidates.empty() && candidates.size() <= kMostListed)
    hint = fmt::format("one of: {}", fmt::join(candidates, ", "));
  return {std::move(mark), fmt::format("unknown {} '{}'", what, shortened(name, kLongestName)),
          std::move(hint)};
}

}  // namespace orrery
