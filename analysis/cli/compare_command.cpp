#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "analysis/cli/broken_checks_out.hpp"
#include "analysis/cli/commands.hpp"
#include "analysis/cli/scenario_options.hpp"
#include "analysis/compare/comparison.hpp"
#include "analysis/experiment/files_out.hpp"
#include "analysis/experiment/held_results.hpp"
#include "analysis/experiment/run_directory.hpp"
#include "analysis/experiment/variant_runs.hpp"
#include "analysis/failure.hpp"
#include "analysis/subjects.hpp"

namespace orrery {

namespace {

using Json = nlohmann::ordered_json;

struct CompareRequest {
  ScenarioRequest scenario;
  std::vector<std::string> vary;
  std::optional<std::string> directory;
  int processes = 0;
  bool json = false;
  bool quiet = false;
};

std::vector<Axis> wanted_axes(const CompareRequest& request, const LoadedScenario& base) {
  std::vector<Axis> axes;
  for (const std::string& text : request.vary) axes.push_back(parse_axis(text));
  if (axes.empty()) axes = axes_of(base.scenario);
  if (axes.empty())
    throw InputError({base.path, 0, 0}, "nothing to compare: the scenario has no `compare` section",
                     "say what to vary, for example --vary frontend.stack=kernel_tcp,luna,solar");
  return axes;
}

int compare_variants(const CompareRequest& request) {
  const LoadedScenario base = load(request.scenario);
  require_command("compare", base);
  const std::vector<Variant> variants = load_variants(base, wanted_axes(request, base));
  if (request.directory)
    check_held(*request.directory, {"orrery compare", "compare.json", "variants", {"compare.csv"}},
               base.scenario.head.scenario);
  VariantRuns runs = run_variants(base.scenario.head.scenario, variants,
                                  {.directory = request.directory,
                                   .files = {"compare.json", "compare.csv"},
                                   .processes = request.processes,
                                   .shows_progress = !request.quiet});
  const std::vector<Json>& summaries = runs.summaries;
  std::vector<std::string>& failures = runs.failures;

  std::vector<ComparedVariant> compared;
  for (std::size_t i = 0; i < variants.size(); ++i)
    if (!summaries[i].is_null()) compared.push_back({&variants[i], &summaries[i]});
  if (request.directory) try {
      write_files(*request.directory, {{"compare.json", json_text(comparison_json(base, compared))},
                                       {"compare.csv", comparison_csv(compared)}});
    } catch (const Failure& failure) {
      failures.emplace_back(failure.what());
    }
  if (request.json) print_out(json_text(comparison_json(base, compared)));
  else if (!request.quiet) print_out(comparison_table(base, compared, Terminal::of_stdout()));
  if (request.directory && failures.empty() && !request.json && !request.quiet)
    print_out(fmt::format("\nwritten to {}\n", *request.directory));

  bool is_broken = false;
  for (const ComparedVariant& variant : compared)
    is_broken |= report_broken_checks(*variant.summary, variant.variant->label,
                                      request.json || request.quiet);
  for (const std::string& failure : failures)
    print_err(fmt::format("orrery compare: error: {}\n", failure));
  if (!failures.empty()) return kInternalError;
  return is_broken ? kCheckFailed : kFine;
}

}  // namespace

void add_compare(CLI::App& program, Action& chosen) {
  auto request = std::make_shared<CompareRequest>();
  CLI::App* command =
      program.add_subcommand("compare", "Run variants of a scenario and put them side by side");
  add_scenario_options(*command, request->scenario);
  command
      ->add_option("--vary", request->vary,
                   "Values to compare; several of these give every combination (default: the "
                   "scenario's `compare`)")
      ->type_name("KEY=A,B,...")
      ->expected(1)
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command
      ->add_option("-o,--output", request->directory,
                   "Write a run directory per variant, compare.json and compare.csv")
      ->type_name("DIR");
  command
      ->add_option("-j,--processes", request->processes,
                   "Runs at the same time (default: one per core)")
      ->type_name("N")
      ->check(CLI::Range(1, 1024));
  command->add_flag("--json", request->json, "Print everything as JSON");
  command->add_flag("--quiet", request->quiet, "Print nothing but errors");
  command->footer(
      "Examples:\n"
      "  orrery compare first-light\n"
      "  orrery compare ebs-4k-write-light --vary frontend.stack=luna,solar\n"
      "  orrery compare dpu-4k-read --vary frontend.stack=luna,solar --vary "
      "profiles.ali-dpu.cores=1,2 -o out");
  command->callback(
      [request, &chosen] { chosen = [request] { return compare_variants(*request); }; });
}

}  // namespace orrery
