#include "analysis/terminal/parameter_text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "scenarios/text/value_text.hpp"

namespace orrery {

namespace {

std::string_view quantity_name(Quantity quantity) {
  switch (quantity) {
    case Quantity::flag: return "true | false";
    case Quantity::count: return "count";
    case Quantity::ratio: return "number";
    case Quantity::duration: return "duration";
    case Quantity::bytes: return "bytes";
    case Quantity::bit_rate: return "bit rate";
    case Quantity::iops: return "IOPS";
    case Quantity::text: return "text";
    case Quantity::text_list: break;
  }
  return "list of texts";
}

std::string limit_text(Quantity quantity, double limit) {
  switch (quantity) {
    case Quantity::duration: return format_value(quantity, Value{seconds(limit)});
    case Quantity::bytes: return format_value(quantity, Value{Bytes{unit_detail::rounded(limit)}});
    case Quantity::bit_rate: return format_value(quantity, Value{BitRate{limit}});
    case Quantity::iops: return format_value(quantity, Value{Iops{limit}});
    default: break;
  }
  // Written out: 0.000001 instead of 1e-06.
  std::string text = fmt::format("{:.12f}", limit);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

// What only a machine word's width forbids is no limit anybody asks for.
bool is_machine_limit(const Declaration& declaration, double limit) {
  return declaration.quantity == Quantity::count &&
         (limit >= 2147483647.0 || limit <= -2147483647.0);
}

bool is_left_empty(const Value& value) {
  const auto* text = std::get_if<std::string>(&value);
  return text != nullptr && text->empty();
}

}  // namespace

std::string quantity_text(const Declaration& declaration) {
  if (!declaration.choices.empty()) return fmt::format("{}", fmt::join(declaration.choices, " | "));
  return std::string(quantity_name(declaration.quantity));
}

std::string limits_text(const Declaration& declaration) {
  const Limits& limits = declaration.limits;
  const bool has_min = limits.min && !is_machine_limit(declaration, *limits.min);
  const bool has_max = limits.max && !is_machine_limit(declaration, *limits.max) &&
                       !(declaration.quantity == Quantity::duration && *limits.max >= 9.0e6);
  const std::string min = has_min ? limit_text(declaration.quantity, *limits.min) : "";
  const std::string max = has_max ? limit_text(declaration.quantity, *limits.max) : "";
  if (has_min && has_max)
    return fmt::format("{} to {}", limits.min_is_open ? "more than " + min : min, max);
  if (has_min) return fmt::format("{} {}", limits.min_is_open ? ">" : ">=", min);
  if (has_max) return "<= " + max;
  return {};
}

std::string default_text(const Declaration& declaration) {
  if (!declaration.fallback) return "required";
  if (is_left_empty(*declaration.fallback)) return "none";
  return format_value(declaration.quantity, *declaration.fallback);
}

std::string value_text(const Declaration& declaration, const Parameter& parameter) {
  if (is_left_empty(parameter.value)) return "none";
  return format_value(declaration.quantity, parameter.value);
}

}  // namespace orrery
