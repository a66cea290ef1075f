#include "analysis/cli/scenario_options.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <cstdint>
#include <limits>

namespace orrery {

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
      ->check(
          CLI::Range(std::int64_t{0}, std::numeric_limits<std::int64_t>::max()).description(""));
}

}  // namespace orrery
