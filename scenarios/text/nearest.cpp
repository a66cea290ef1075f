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

// A longer list is no help; of one, those few that take the fewest edits.
constexpr std::size_t kLongestList = 500;  // characters, some five lines
constexpr std::size_t kFew = 10;
constexpr std::size_t kFewCharacters = 300;
constexpr std::size_t kLongestListed = 100;  // of one name

std::vector<std::string> nearest_few(std::string_view name,
                                     const std::vector<std::string>& candidates) {
  std::vector<std::pair<std::size_t, const std::string*>> few;  // the nearest first
  const std::string wanted = lower_case(name);
  for (const std::string& candidate : candidates) {
    const std::size_t bound = few.size() < kFew ? std::string::npos - 1 : few.back().first;
    const std::size_t distance = edit_distance(wanted, lower_case(candidate), bound);
    const auto place =
        std::find_if(few.begin(), few.end(), [&](auto& other) { return distance < other.first; });
    if (place == few.end() && few.size() == kFew) continue;
    few.insert(place, {distance, &candidate});
    if (few.size() > kFew) few.pop_back();
  }
  std::vector<std::string> names;
  std::size_t characters = 0;
  for (const auto& [distance, candidate] : few) {
    std::string listed = shortened(*candidate, kLongestListed);
    characters += listed.size() + 2;
    if (names.empty() || characters <= kFewCharacters) names.push_back(std::move(listed));
  }
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

std::string names_hint(std::string_view name, const std::vector<std::string>& candidates) {
  if (candidates.empty()) return {};
  std::size_t characters = 0;
  for (const std::string& candidate : candidates) characters += candidate.size() + 2;
  if (characters <= kLongestList) return fmt::format("one of: {}", fmt::join(candidates, ", "));
  return fmt::format("the nearest of {}: {}", candidates.size(),
                     fmt::join(nearest_few(name.substr(0, kLongestName), candidates), ", "));
}

InputError unknown_name(SourceMark mark, std::string_view what, std::string_view name,
                        const std::vector<std::string>& candidates) {
  if (const auto meant = nearest(name, candidates))
    return {std::move(mark),
            fmt::format("unknown {} '{}' (did you mean '{}'?)", what, name, *meant)};
  return {std::move(mark), fmt::format("unknown {} '{}'", what, shortened(name, kLongestName)),
          names_hint(name, candidates)};
}

}  // namespace orrery
