// What every command says of broken checks where its tables do not: on standard error.
#pragma once

#include <fmt/format.h>

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "analysis/result/summary_view.hpp"
#include "analysis/terminal/terminal.hpp"

namespace orrery {

// Whether checks of a run are broken; which, is printed if that is wanted. `whose`: the variant, if
// there are several.
inline bool report_broken_checks(const nlohmann::ordered_json& summary, const std::string& whose,
                                 bool is_wanted) {
  const auto broken = broken_checks(summary);
  if (is_wanted)
    for (const std::string& line : broken)
      print_err(fmt::format("check broken{}: {}\n", whose.empty() ? "" : " in " + whose, line));
  return !broken.empty();
}

}  // namespace orrery
