// Decimal numbers as text, scaled without the rounding of floating point: 0.655us is 655000 ps, not
// 654999.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace orrery {

// A number at the front of a text: digits, optionally a fraction and an exponent, optionally a
// minus sign before them.
struct Decimal {
  std::string_view digits;  // the number as it was written
  std::string_view rest;    // what follows it

  static std::optional<Decimal> at_front(std::string_view text);

  bool is_integer() const { return digits.find_first_of(".eE") == std::string_view::npos; }

  // The nearest double; infinite when it is too large.
  double value() const;

  struct Scaled {
    std::int64_t value;  // rounded to the nearest integer
    bool exact;          // nothing was rounded away
  };
  // The number times a positive factor; nothing when the result does not fit.
  std::optional<Scaled> times(std::int64_t factor) const;
};

// count / unit as a decimal number, exactly; the unit must be a power of ten.
std::string exact_quotient(std::int64_t count, std::int64_t unit);

}  // namespace orrery
