#include "analysis/cli/scenario_options.hpp"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <charconv>
#include <cstdint>
#include <limits>
#include <string>
#include <system_error>

namespace orrery {

namespace {

// CLI11 takes what is too large for the largest there is.
std::string seed_problem(const std::string& text) {
  std::int64_t seed = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, seed);
  if (error == std::errc{} && stop == end && seed >= 0) return {};
  return fmt::format("expected an integer from 0 to {}, got '{}'",
                     std::numeric_limits<std::int64_t>::max(), text);
}

}  // namespace

void add_scenario_options(CLI::App& command, ScenarioRequest& request) {
  command.add_option("FILE", request.file, "A scenario file, or the name of one in the library")
      ->required();
  command
      .add_option("--set", request.set,
                  "Change a key: --set frontend.stack=solar, --set workload.0.iodepth=32")
      ->type_name("KEY=VALUE")
      ->expected(1)
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command.add_option("--seed", request.seed, "Seed of all random streams")
      ->type_name("N")
      ->check(seed_problem);
}

}  // namespace orrery
