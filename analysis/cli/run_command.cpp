#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <exception>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "analysis/cli/broken_checks_out.hpp"
#include "analysis/cli/commands.hpp"
#include "analysis/cli/scenario_options.hpp"
#include "analysis/experiment/run_directory.hpp"
#include "analysis/failure.hpp"
#include "analysis/run/run.hpp"
#include "analysis/subjects.hpp"
#include "analysis/terminal/progress.hpp"

namespace orrery {

namespace {

struct RunRequest {
  ScenarioRequest scenario;
  std::optional<std::string> directory;
  bool json = false;
  bool quiet = false;
};

int run(const RunRequest& request) {
  const LoadedScenario loaded = load(request.scenario);
  std::optional<RunDirectory> directory;
  if (request.directory) directory.emplace(*request.directory, loaded.scenario);

  nlohmann::ordered_json summary;
  {
    Progress progress(loaded.scenario.head.scenario, !request.quiet);
    RunOptions options;
    options.progress = [&progress](double fraction) { progress.update(fraction); };
    summary = run_scenario(loaded.scenario, options);
  }
  // A table that cannot be printed must not keep the files from being written, nor the reverse.
  std::exception_ptr unwritten;
  if (directory) try {
      directory->write(summary);
    } catch (const Failure&) {
      unwritten = std::current_exception();
    }
  if (request.json) {
    print_out(json_text(summary));
  } else if (!request.quiet) {
    const Terminal terminal = Terminal::of_stdout();
    print_out(subject_of(loaded.scenario).table(loaded.scenario, summary, terminal));
    if (directory && !unwritten) print_out(fmt::format("\nwritten to {}\n", directory->path()));
  }
  const bool is_broken = report_broken_checks(summary, "", request.json || request.quiet);
  if (unwritten) std::rethrow_exception(unwritten);
  return is_broken ? kCheckFailed : kFine;
}

}  // namespace

void add_run(CLI::App& program, Action& chosen) {
  auto request = std::make_shared<RunRequest>();
  CLI::App* command = program.add_subcommand("run", "Run one scenario and print what came out");
  add_scenario_options(*command, request->scenario);
  command->add_option("-o,--output", request->directory, "Write a run directory")->type_name("DIR");
  command->add_flag("--json", request->json, "Print the summary as JSON (fio's form)");
  command->add_flag("--quiet", request->quiet, "Print nothing but errors");
  command->footer(
      "Examples:\n"
      "  orrery run first-light\n"
      "  orrery run first-light --set frontend.stack=solar --seed 7 -o out/solar\n"
      "  orrery run my.yaml --json | jq '.jobs[0].write.lat_ns.percentile'");
  command->callback([request, &chosen] { chosen = [request] { return run(*request); }; });
}

}  // namespace orrery
