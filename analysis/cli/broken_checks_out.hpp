// What every command says of broken checks where its tables do not: on standard error.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace orrery {

// Whether checks of a run are broken; which, is printed if that is wanted. `whose`: the variant, if
// there are several.
bool report_broken_checks(const nlohmann::ordered_json& summary, const std::string& whose,
                          bool is_wanted);

}  // namespace orrery
