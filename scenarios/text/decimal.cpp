#include "scenarios/text/decimal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

namespace orrery {
namespace {

__extension__ using Wide = __int128;

std::size_t skip_digits(std::string_view text, std::size_t from) {
  return std::min(text.find_first_not_of("0123456789", from), text.size());
}

std::optional<Decimal::Scaled> rounded(double value) {
  constexpr double kLimit = 9.2e18;
  if (!(std::abs(value) < kLimit)) return std::nullopt;
  const double whole = std::round(value);
  return Decimal::Scaled{static_cast<std::int64_t>(whole), whole == value};
}

}  // namespace

std::optional<Decimal> Decimal::at_front(std::string_view text) {
  const std::size_t first = text.substr(0, 1) == "-" ? 1 : 0;
  std::size_t end = skip_digits(text, first);
  if (end == first) return std::nullopt;
  if (end < text.size() && text[end] == '.') {
    const std::size_t fraction = skip_digits(text, end + 1);
    if (fraction == end + 1) return std::nullopt;
    end = fraction;
  }
  if (end < text.size() && (text[end] == 'e' || text[end] == 'E')) {
    std::size_t exponent = end + 1;
    if (exponent < text.size() && (text[exponent] == '+' || text[exponent] == '-')) ++exponent;
    const std::size_t after = skip_digits(text, exponent);
    if (after > exponent) end = after;
  }
  return Decimal{text.substr(0, end), text.substr(end)};
}

double Decimal::value() const {
  double number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc::result_out_of_range) return number;
  // Too large or too small for a double; which of the two is in the sign of the decimal exponent.
  const bool is_small = digits.find("e-") != std::string_view::npos ||
                        digits.find("E-") != std::string_view::npos ||
                        digits.substr(digits.front() == '-' ? 1 : 0, 2) == "0.";
  return is_small ? 0.0 : std::numeric_limits<double>::infinity();
}

std::optional<Decimal::Scaled> Decimal::times(std::int64_t factor) const {
  constexpr std::size_t kExactDigits = 19;  // 10^19 * 2^63 still fits 128 bits
  const std::size_t point = std::min(digits.find('.'), digits.size());
  const std::size_t count = static_cast<std::size_t>(
      std::count_if(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; }));
  if (count > kExactDigits || digits.find_first_of("eE") != std::string_view::npos)
    return rounded(value() * static_cast<double>(factor));

  Wide number = 0;
  Wide denominator = 1;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (digits[i] < '0' || digits[i] > '9') continue;
    number = number * 10 + (digits[i] - '0');
    if (i > point) denominator *= 10;
  }
  number *= factor;
  const Wide whole = (number + denominator / 2) / denominator;
  if (whole > std::numeric_limits<std::int64_t>::max()) return std::nullopt;
  const auto result = static_cast<std::int64_t>(whole);
  return Scaled{digits.front() == '-' ? -result : result, number % denominator == 0};
}

std::string exact_quotient(std::int64_t count, std::int64_t unit) {
  std::string text = fmt::format("{}{}", count < 0 ? "-" : "", std::abs(count / unit));
  const std::int64_t remainder = std::abs(count % unit);
  if (remainder == 0) return text;
  const std::size_t places = fmt::formatted_size("{}", unit) - 1;
  std::string fraction = fmt::format("{:0{}}", remainder, places);
  fraction.erase(fraction.find_last_not_of('0') + 1);
  return text + "." + fraction;
}

}  // namespace orrery
