#include "analysis/cli/broken_checks_out.hpp"

#include <fmt/format.h>

#include "analysis/result/summary_view.hpp"
#include "analysis/terminal/terminal.hpp"

namespace orrery {

bool report_broken_checks(const nlohmann::ordered_json& summary, const std::string& whose,
                          bool is_wanted) {
  const auto broken = broken_checks(summary);
  if (is_wanted)
    for (const std::string& line : broken)
      print_err(fmt::format("check broken{}: {}\n", whose.empty() ? "" : " in " + whose, line));
  return !broken.empty();
}

}  // namespace orrery
