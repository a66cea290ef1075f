#include "scenarios/text/json_schema.hpp"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <variant>

#include "scenarios/text/value_text.hpp"

namespace orrery {
namespace {

using Json = nlohmann::ordered_json;

Json text_schema(const Declaration& declaration) {
  Json schema = {{"type", "string"}};
  if (!declaration.choices.empty()) schema["enum"] = declaration.choices;
  return schema;
}

Json number_of(double limit) {
  const bool is_whole = std::abs(limit) < 1e15 && std::trunc(limit) == limit;
  return is_whole ? Json(static_cast<std::int64_t>(limit)) : Json(limit);
}

void add_limits(Json& schema, const Limits& limits) {
  if (limits.min)
    schema[limits.min_is_open ? "exclusiveMinimum" : "minimum"] = number_of(*limits.min);
  if (limits.max) schema["maximum"] = number_of(*limits.max);
}

// The type and the form of the value, without what is said about it.
Json form_of(const Declaration& declaration) {
  const Json pattern = {{"type", "string"}, {"pattern", value_pattern(declaration.quantity)}};
  switch (declaration.quantity) {
    case Quantity::flag: return {{"enum", {true, false, "yes", "no"}}};
    case Quantity::count: {
      Json schema = {{"type", "integer"}};
      add_limits(schema, declaration.limits);
      return schema;
    }
    case Quantity::ratio:
    case Quantity::iops: {
      Json number = {{"type", "number"}};
      add_limits(number, declaration.limits);
      return {{"anyOf", Json::array({number, pattern})}};
    }
    case Quantity::duration:
    case Quantity::bytes:
    case Quantity::bit_rate: return pattern;
    case Quantity::text: return text_schema(declaration);
    case Quantity::text_list: break;
  }
  const Json item = text_schema(declaration);
  return {{"anyOf", Json::array({item, {{"type", "array"}, {"items", item}}})}};
}

Json default_of(Quantity quantity, const Value& value) {
  switch (quantity) {
    case Quantity::flag: return std::get<bool>(value);
    case Quantity::count: return std::get<std::int64_t>(value);
    case Quantity::ratio: return std::get<double>(value);
    case Quantity::text_list: return std::get<std::vector<std::string>>(value);
    default: return format_value(quantity, value);
  }
}

}  // namespace

Json schema_of(const Declaration& declaration) {
  Json schema = form_of(declaration);
  schema["description"] = declaration.help;
  if (declaration.fallback) {
    const auto* text = std::get_if<std::string>(&*declaration.fallback);
    const bool is_left_empty = text && text->empty();
    if (!is_left_empty) schema["default"] = default_of(declaration.quantity, *declaration.fallback);
  }
  return schema;
}

Json schema_of(const Declarations& declarations) {
  Json properties = Json::object();
  Json required = Json::array();
  for (const Declaration& field : declarations.fields) {
    properties[field.name] = schema_of(field);
    if (!field.fallback) required.push_back(field.name);
  }
  Json schema = {{"type", "object"}, {"description", declarations.help}};
  schema["properties"] = std::move(properties);
  if (!required.empty()) schema["required"] = std::move(required);
  schema["additionalProperties"] = false;
  return schema;
}

}  // namespace orrery
