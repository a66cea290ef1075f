// Declarations and parameters in words.
#pragma once

#include <string>

#include "scenarios/profiles.hpp"
#include "sim/params.hpp"

namespace orrery {

// "duration", "bytes", "count", or the accepted words: "auto | host | dpu".
std::string quantity_text(const Declaration& declaration);
// "1 to 1024", "more than 0 to 1", ">= 1MiB", or nothing.
std::string limits_text(const Declaration& declaration);
// The value used when the key is absent, "required" or "none".
std::string default_text(const Declaration& declaration);
std::string value_text(const Declaration& declaration, const Parameter& parameter);

}  // namespace orrery
