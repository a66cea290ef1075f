// Declarations of parameters: what a structure can be told, in which unit, within which limits.
//
// A declaration is made once, next to the structure it fills, and feeds everything that must agree
// with it: the YAML parser, `orrery list`, `orrery schema`, the scenario reference and the resolved
// scenario in a run directory.
//
//   struct LunaProfile {
//     Bytes window;
//     static const Declarations& declarations();
//   };
//   const Declarations& LunaProfile::declarations() {
//     static const Declarations all = Declare<LunaProfile>("LUNA: TCP in user space")
//         .field("window", &LunaProfile::window, "bytes in flight per connection", at_least(1))
//         .build();
//     return all;
//   }
//
// This header knows no YAML. Declarations are values without ownership of what they fill; `set`
// throws nothing: a value has been checked against quantity, limits and choices before it arrives.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "sim/units.hpp"

namespace orrery {

// What a value measures; decides which units are accepted and how it is printed.
enum class Quantity { flag, count, ratio, duration, bytes, bit_rate, iops, text, text_list };

using Value = std::variant<bool, std::int64_t, double, Duration, Bytes, BitRate, Iops, std::string,
                           std::vector<std::string>>;

// Limits of a numeric value, in the quantity's base unit (seconds, bytes, bits per second, 1/s, or
// the plain number).
struct Limits {
  std::optional<double> min;
  std::optional<double> max;
  bool min_is_open = false;  // value must be > min, not >= min
};
inline Limits at_least(double min) { return {min, std::nullopt, false}; }
inline Limits more_than(double min) { return {min, std::nullopt, true}; }
inline Limits between(double min, double max) { return {min, max, false}; }
// Any length of simulated time that fits the clock, zero included.
inline Limits any_duration() { return {0.0, 9.0e6, false}; }
// Within these a run ends, whatever else is set: of the longest several fit the clock in a row, and
// of the shortest that come again and again there are not too many.
inline Limits any_latency() { return between(0, 1); }  // or work, of one I/O or a part of it
inline Limits any_span() { return between(0, 1e6); }   // of a step of an operation or a recovery
inline Limits any_timeout() { return between(1e-5, 1e6); }  // or interval
inline Limits any_rate() { return between(1e6, 1e15); }

struct Declaration {
  std::string name;
  Quantity quantity = Quantity::text;
  std::string help;
  Limits limits;
  std::vector<std::string> choices;  // for text: the accepted words, empty for free text
  std::optional<Value> fallback;     // without one the key must be given
  std::function<void(void*, const Value&)> set;
  std::function<Value(const void*)> get;
};

struct Declarations {
  std::string help;
  std::vector<Declaration> fields;
  const Declaration* find(std::string_view name) const {
    for (const auto& f : fields)
      if (f.name == name) return &f;
    return nullptr;
  }
};

namespace param_detail {
template <class T>
constexpr Quantity quantity_of() {
  if constexpr (std::is_same_v<T, bool>) return Quantity::flag;
  else if constexpr (std::is_same_v<T, double>) return Quantity::ratio;
  else if constexpr (std::is_integral_v<T>) return Quantity::count;
  else if constexpr (std::is_same_v<T, Duration>) return Quantity::duration;
  else if constexpr (std::is_same_v<T, Bytes>) return Quantity::bytes;
  else if constexpr (std::is_same_v<T, BitRate>) return Quantity::bit_rate;
  else if constexpr (std::is_same_v<T, Iops>) return Quantity::iops;
  else if constexpr (std::is_same_v<T, std::vector<std::string>>) return Quantity::text_list;
  else return Quantity::text;
}
template <class T>
using Stored =
    std::conditional_t<std::is_integral_v<T> && !std::is_same_v<T, bool>, std::int64_t, T>;
template <class T>
struct unwrap {
  using type = T;
  static constexpr bool optional = false;
};
template <class T>
struct unwrap<std::optional<T>> {
  using type = T;
  static constexpr bool optional = true;
};
}  // namespace param_detail

// Builds the declarations of one structure. A field of type std::optional<T> may be left out and
// then stays empty.
template <class S>
class Declare {
 public:
  explicit Declare(std::string help) { all_.help = std::move(help); }

  // `Owner` is S or a base of it.
  template <class T, class Owner>
  Declare& field(std::string name, T Owner::*member, std::string help, Limits limits = {}) {
    using U = typename param_detail::unwrap<T>::type;
    Declaration d;
    d.name = std::move(name);
    d.quantity = param_detail::quantity_of<U>();
    d.help = std::move(help);
    d.limits = limits;
    // What a narrower integer cannot hold is refused by its limits and never cut off.
    if constexpr (std::is_integral_v<U> && !std::is_same_v<U, bool> &&
                  (sizeof(U) < sizeof(std::int64_t) || std::is_unsigned_v<U>)) {
      using Held = std::numeric_limits<U>;
      if (!d.limits.min) d.limits.min = static_cast<double>(Held::min());
      if (!d.limits.max && sizeof(U) < sizeof(std::int64_t))
        d.limits.max = static_cast<double>(Held::max());
    }
    d.set = [member](void* to, const Value& v) {
      static_cast<S*>(to)->*member = static_cast<U>(std::get<param_detail::Stored<U>>(v));
    };
    d.get = [member](const void* from) -> Value {
      const T& held = static_cast<const S*>(from)->*member;
      if constexpr (param_detail::unwrap<T>::optional)
        return held ? Value{param_detail::Stored<U>(*held)} : Value{std::string{}};
      else return Value{param_detail::Stored<U>(held)};
    };
    all_.fields.push_back(std::move(d));
    optional_ = param_detail::unwrap<T>::optional;
    if (optional_) all_.fields.back().fallback = Value{std::string{}};  // "not given"
    return *this;
  }

  // Default of the field declared last; the value must have the field's stored type.
  Declare& otherwise(Value value) {
    all_.fields.back().fallback = std::move(value);
    return *this;
  }
  // Accepted words of the text field declared last.
  Declare& one_of(std::vector<std::string> words) {
    all_.fields.back().choices = std::move(words);
    return *this;
  }
  Declarations build() { return std::move(all_); }

 private:
  Declarations all_;
  bool optional_ = false;
};

// Where a parameter's value comes from.
enum class SourceKind { measured, datasheet, paper, assumed, scenario };

// One resolved parameter of a profile.
struct Parameter {
  Value value;
  std::string source;
  SourceKind kind = SourceKind::assumed;
  std::string role;  // what validation may make of the source: CAL, derived, or nothing
};

// A profile as it reaches a model: a name, the model it parametrises and every declared parameter's
// value.
struct Profile {
  std::string name;
  std::string model;
  std::string title;
  std::vector<std::pair<std::string, Parameter>> parameters;
};

// Fills a structure from a profile that has been checked against its declarations.
template <class S>
S bind(const Profile& profile) {
  S out{};
  const Declarations& all = S::declarations();
  for (const auto& [name, parameter] : profile.parameters)
    if (const Declaration* d = all.find(name)) d->set(&out, parameter.value);
  return out;
}

}  // namespace orrery
