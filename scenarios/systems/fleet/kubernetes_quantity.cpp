#include "scenarios/systems/fleet/kubernetes_quantity.hpp"

#include <algorithm>
#include <limits>

#include "scenarios/text/decimal.hpp"

namespace orrery {

namespace {

struct Suffix {
  std::string_view name;
  std::int64_t factor;
  std::int64_t divisor = 1;
};

constexpr Suffix kSuffixes[] = {
    {"", 1},
    {"m", 1, 1000},
    {"u", 1, 1'000'000},
    {"n", 1, 1'000'000'000},
    {"k", 1000},
    {"M", 1'000'000},
    {"G", 1'000'000'000},
    {"T", 1'000'000'000'000},
    {"P", 1'000'000'000'000'000},
    {"Ki", 1LL << 10},
    {"Mi", 1LL << 20},
    {"Gi", 1LL << 30},
    {"Ti", 1LL << 40},
    {"Pi", 1LL << 50},
};

}  // namespace

std::optional<std::int64_t> quantity_in_millis(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  const auto number = Decimal::at_front(text);
  if (!number || text.starts_with('-')) return std::nullopt;
  for (const Suffix& suffix : kSuffixes) {
    if (suffix.name != number->rest) continue;
    const std::int64_t limit = std::numeric_limits<std::int64_t>::max() / 1000;
    if (suffix.factor > limit) return std::nullopt;
    if (suffix.divisor == 1) {
      const auto scaled = number->times(suffix.factor * 1000);
      if (!scaled) return std::nullopt;
      return scaled->value;
    }
    // Thousandths stay as they are; what is finer is rounded up from whole ones of its own.
    const auto scaled = number->times(1);
    if (!scaled || scaled->value == std::numeric_limits<std::int64_t>::max()) return std::nullopt;
    const std::int64_t per_milli = suffix.divisor / 1000;
    return scaled->value / per_milli + (scaled->value % per_milli > 0 ? 1 : 0);
  }
  return std::nullopt;
}

std::optional<std::int64_t> quantity_in_units(std::string_view text) {
  const auto millis = quantity_in_millis(text);
  if (!millis) return std::nullopt;
  return *millis / 1000 + (*millis % 1000 > 0 ? 1 : 0);
}

}  // namespace orrery
