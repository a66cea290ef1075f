// Declarations as JSON Schema (draft 2020-12), for editors that complete and check YAML.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "sim/params.hpp"

namespace orrery {

// For the `$schema` key of a root schema.
inline constexpr const char* kJsonSchemaDialect = "https://json-schema.org/draft/2020-12/schema";

// The schema of a mapping that bind_mapping accepts: an object with one property per declaration,
// in their order, and no others. It has no `$schema` of its own, so that it can stand inside a
// larger schema.
nlohmann::ordered_json schema_of(const Declarations& declarations);

// The schema of one value.
nlohmann::ordered_json schema_of(const Declaration& declaration);

}  // namespace orrery
