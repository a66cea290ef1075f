// Numbers as people read them: three or four digits, the unit that fits, a dash where there is
// none.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace orrery {

inline constexpr const char* kNoFigure = "-";

using Bounds = std::pair<double, double>;

// 13.1 us, 1.78 ms; with an interval its half width: 13.1 ±0.2 us. Where that is no smaller than
// the value itself the value is no result but a guess, and is marked as one: ~13 us.
std::string time_text(double nanoseconds, const std::optional<Bounds>& interval = {});
// 16.0k, 1.25M.
std::string count_text(double value, const std::optional<Bounds>& interval = {});
// 65.5 MB/s.
std::string rate_text(double bytes_per_second);
// 65.5 KB.
std::string size_text(double bytes);
// 12.3 %, of a fraction.
std::string percent_text(double fraction);
// 1.46x, of a ratio.
std::string ratio_text(double ratio);
// A plain number with three or four significant digits.
std::string number_text(double value, const std::optional<Bounds>& interval = {});

// What the marks of intervals in a text mean, for the line below a table: those that occur in it.
std::string interval_legend(std::string_view text);

}  // namespace orrery
