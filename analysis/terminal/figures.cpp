#include "analysis/terminal/figures.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>

namespace orrery {

namespace {

// As many decimals as leave three digits, four from 1000 on.
int decimals_of(double value) {
  const double size = std::abs(value);
  if (size >= 99.95) return 0;
  if (size >= 9.995) return 1;
  return 2;
}

std::string fixed(double value, int decimals) {
  const std::string text = fmt::format("{:.{}f}", value, decimals);
  return text.find_first_not_of("-0.") == std::string::npos
             ? (decimals == 0 ? "0" : text.substr(text[0] == '-'))
             : text;
}

struct Scale {
  double size;
  const char* unit;
};

template <std::size_t N>
const Scale& scale_for(double value, const std::array<Scale, N>& scales) {
  for (const Scale& scale : scales)
    if (std::abs(value) >= 0.9995 * scale.size) return scale;
  return scales.back();
}

// An interval that reaches from nothing, or from below it, to twice the value.
bool is_guess(double value, const std::optional<Bounds>& interval) {
  if (!interval) return false;
  const double half = (interval->second - interval->first) / 2;
  return half > 0 && half >= std::abs(value);
}

std::string guess(double value) { return "~" + fixed(value, std::max(0, decimals_of(value) - 1)); }

// The half width with as many decimals as the value, one more where it would vanish.
std::string half_width(double value, const Bounds& interval, double size) {
  const double half = (interval.second - interval.first) / 2 / size;
  int decimals = decimals_of(value);
  if (half > 0 && half < 0.5 * std::pow(10.0, -decimals))
    return fmt::format(" ±<{:.{}f}", std::pow(10.0, -decimals), decimals);
  return fmt::format(" ±{}", fixed(half, decimals));
}

}  // namespace

std::string time_text(double nanoseconds, const std::optional<Bounds>& interval) {
  static constexpr std::array<Scale, 3> kScales = {{{1e9, "s"}, {1e6, "ms"}, {1e3, "us"}}};
  if (!std::isfinite(nanoseconds)) return kNoFigure;
  const Scale& scale = scale_for(nanoseconds, kScales);
  const double value = nanoseconds / scale.size;
  if (is_guess(nanoseconds, interval)) return guess(value) + " " + scale.unit;
  std::string text = fixed(value, decimals_of(value));
  if (interval) text += half_width(value, *interval, scale.size);
  return text + " " + scale.unit;
}

std::string count_text(double count, const std::optional<Bounds>& interval) {
  static constexpr std::array<Scale, 4> kScales = {{{1e9, "G"}, {1e6, "M"}, {1e4, "k"}, {1, ""}}};
  if (!std::isfinite(count)) return kNoFigure;
  const Scale& scale = scale_for(count, kScales);
  const double size = scale.unit == std::string_view("k") ? 1e3 : scale.size;
  const double value = count / size;
  if (is_guess(count, interval)) return guess(value) + scale.unit;
  const int decimals = scale.size == 1 && value >= 100 ? 0 : decimals_of(value);
  std::string text = fixed(value, decimals) + scale.unit;
  if (interval) text += half_width(value, *interval, size) + scale.unit;
  return text;
}

std::string rate_text(double bytes_per_second) {
  static constexpr std::array<Scale, 4> kScales = {
      {{1e9, "GB/s"}, {1e6, "MB/s"}, {1e3, "KB/s"}, {1, "B/s"}}};
  if (!std::isfinite(bytes_per_second)) return kNoFigure;
  const Scale& scale = scale_for(bytes_per_second, kScales);
  const double value = bytes_per_second / scale.size;
  return fmt::format("{} {}", fixed(value, decimals_of(value)), scale.unit);
}

std::string size_text(double bytes) {
  const std::string rate = rate_text(bytes);
  return rate == kNoFigure ? rate : rate.substr(0, rate.size() - 2);
}

std::string percent_text(double fraction) {
  if (!std::isfinite(fraction)) return kNoFigure;
  return fixed(100 * fraction, std::abs(fraction) >= 0.9995 ? 0 : 1) + " %";
}

std::string ratio_text(double ratio) {
  if (!std::isfinite(ratio)) return kNoFigure;
  return fixed(ratio, decimals_of(ratio)) + "x";
}

std::string number_text(double value, const std::optional<Bounds>& interval) {
  if (!std::isfinite(value)) return kNoFigure;
  if (is_guess(value, interval)) return "~" + number_text(value);
  std::string text = value != 0 && std::abs(value) < 0.1 ? fmt::format("{:.3g}", value)
                                                         : fixed(value, decimals_of(value));
  if (interval) text += half_width(value, *interval, 1);
  return text;
}

std::string interval_legend(std::string_view text) {
  std::string out;
  if (text.find(" ±") != text.npos) out = "± half a 95 % confidence interval";
  if (text.find('~') != text.npos)
    out +=
        (out.empty() ? "" : "; ") +
        std::string("~ a guess: the 95 % confidence interval is no narrower than twice the value");
  return out;
}

}  // namespace orrery
