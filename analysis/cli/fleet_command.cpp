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
#include "analysis/experiment/run_directory.hpp"
#include "analysis/experiment/variant_runs.hpp"
#include "analysis/failure.hpp"
#include "analysis/fleet/fleet_io.hpp"
#include "analysis/fleet/fleet_run.hpp"
#include "analysis/fleet/fleet_table.hpp"
#include "analysis/subjects.hpp"
#include "analysis/terminal/progress.hpp"
#include "models/control/fleet/policies.hpp"
#include "models/control/named.hpp"
#include "scenarios/systems/fleet/fleet_spec.hpp"
#include "scenarios/text/nearest.hpp"

namespace orrery {

namespace {

using Json = nlohmann::ordered_json;

// "local_only, lightpool or ebs"
template <class Entries>
std::string listed(const Entries& entries, std::string_view last) {
  std::string text;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (i > 0) text += i + 1 < entries.size() ? ", " : fmt::format(" {} ", last);
    text += entries[i].name;
  }
  return text;
}

struct FleetRequest {
  ScenarioRequest scenario;
  std::vector<std::string> vary;
  std::optional<std::string> disks;
  std::optional<std::string> policy;
  std::optional<std::string> directory;
  std::optional<std::string> explain;
  bool wants_io = false;
  FleetIoPlan io;
  int processes = 0;
  bool json = false;
  bool quiet = false;
};

LoadedScenario load_fleet_scenario(const FleetRequest& request) {
  ScenarioRequest scenario = request.scenario;
  if (request.disks) scenario.set.push_back("fleet.disks=" + *request.disks);
  if (request.policy) scenario.set.push_back("fleet.policy=" + *request.policy);
  LoadedScenario loaded = load(scenario);
  require_command("fleet", loaded);
  return loaded;
}

// What is compared: what was asked for, what the scenario says, or every kind of disks.
std::vector<Variant> wanted_variants(const FleetRequest& request, const LoadedScenario& base) {
  std::vector<Axis> axes;
  for (const std::string& text : request.vary) axes.push_back(parse_axis(text));
  if (axes.empty() && !request.explain) {
    for (Axis& axis : axes_of(base.scenario)) {
      if ((axis.key == "fleet.disks" && request.disks) ||
          (axis.key == "fleet.policy" && request.policy))
        continue;
      axes.push_back(std::move(axis));
    }
    if (axes.empty() && !request.disks)
      axes.push_back({"fleet.disks", control::names_in(control::all_disks()), {}, {}});
  }
  return load_variants(base, axes);
}

void check_pod(const LoadedScenario& loaded, const std::string& name) {
  std::vector<std::string> names;
  for (const control::PodSpec& pod : loaded.scenario.fleet->demand.pods) {
    if (pod.name == name) return;
    names.push_back(pod.name);
  }
  throw unknown_name({"--explain", 0, 0}, "pod", name, names);
}

int explain_pod(const FleetRequest& request, const LoadedScenario& loaded) {
  const std::string pod =
      request.explain->starts_with("pod/") ? request.explain->substr(4) : *request.explain;
  if (pod.empty())
    throw InputError({"--explain", 0, 0}, "a pod's name is needed",
                     "for example: --explain pod/default/db-7");
  check_pod(loaded, pod);
  FleetQuestions questions;
  questions.explain = pod;
  Json summary;
  {
    Progress progress(loaded.scenario.head.scenario, !request.quiet);
    RunOptions options;
    options.progress = [&progress](double fraction) { progress.update(fraction); };
    summary = run_fleet(loaded.scenario, options, questions);
  }
  if (request.json) {
    print_out(json_text(summary["explanation"]));
  } else if (!summary["explanation"]["found"].get<bool>()) {
    print_out(fmt::format("{} was never scheduled in this run\n", pod));
  } else {
    print_out(explanation_text(summary, pod, Terminal::of_stdout()));
  }
  // The explanation is no table of checks.
  return report_broken_checks(summary, "", true) ? kCheckFailed : kFine;
}

int hand_to_io(const FleetRequest& request, const LoadedScenario& loaded) {
  FleetIoPlan plan = request.io;
  plan.directory = request.directory;
  Json result;
  {
    Progress progress(loaded.scenario.head.scenario, !request.quiet);
    result = run_fleet_io(loaded, plan, [&](double fraction) { progress.update(fraction); });
  }
  if (request.json) print_out(json_text(result));
  else if (!request.quiet) print_out(fleet_io_text(result, Terminal::of_stdout()));
  if (request.directory && !request.json && !request.quiet)
    print_out(fmt::format("\nwritten to {}/io.yaml\n", *request.directory));
  const bool is_broken = report_broken_checks(result, "", request.json || request.quiet);
  return is_broken ? kCheckFailed : kFine;
}

// --io and what belongs to it.
void add_io_options(CLI::App& command, FleetIoPlan& plan) {
  CLI::Option* io = command
                        .add_option_function<std::string>(
                            "--io", [&plan](const std::string& at) { plan.at = at; },
                            "Simulate the I/O of the volumes as they lie at this time of the fleet "
                            "(default: its end)")
                        ->type_name("[TIME]")
                        ->expected(0, 1)
                        ->excludes("--vary")
                        ->excludes("--explain");
  command.add_option("--io-nodes", plan.nodes, "Nodes of the sample (default: 8)")
      ->type_name("N")
      ->check(CLI::Range(2, 64))
      ->needs(io);
  command.add_option("--io-iops", plan.load.iops, "I/Os per second and volume (default: 2000)")
      ->type_name("N")
      ->check(CLI::Range(1, 1'000'000))
      ->needs(io);
  command
      .add_option("--io-read", plan.load.read_percent, "Share of reads in per cent (default: 70)")
      ->type_name("PERCENT")
      ->check(CLI::Range(0, 100))
      ->needs(io);
}

int run_fleets(const FleetRequest& request) {
  const LoadedScenario base = load_fleet_scenario(request);
  if (request.wants_io) return hand_to_io(request, base);
  if (request.explain) return explain_pod(request, base);
  const std::vector<Variant> variants = wanted_variants(request, base);
  const VariantRuns runs = run_variants(base.scenario.head.scenario, variants,
                                        {.directory = request.directory,
                                         .processes = request.processes,
                                         .shows_progress = !request.quiet});
  std::vector<FleetColumn> columns;
  Json all = Json::object();
  bool is_broken = false;
  for (std::size_t i = 0; i < variants.size(); ++i) {
    if (runs.summaries[i].is_null()) continue;
    columns.push_back({variants[i].label, &runs.summaries[i]});
    all[variants[i].label.empty() ? "fleet" : variants[i].label] = runs.summaries[i];
    is_broken |=
        report_broken_checks(runs.summaries[i], variants[i].label, request.json || request.quiet);
  }
  if (request.json) print_out(json_text(all));
  else if (!request.quiet) print_out(fleet_table(base.scenario, columns, Terminal::of_stdout()));
  if (request.directory && runs.failures.empty() && !request.json && !request.quiet)
    print_out(fmt::format("\nwritten to {}\n", *request.directory));
  for (const std::string& failure : runs.failures)
    print_err(fmt::format("orrery fleet: error: {}\n", failure));
  if (!runs.failures.empty()) return kInternalError;
  return is_broken ? kCheckFailed : kFine;
}

}  // namespace

void add_fleet(CLI::App& program, Action& chosen) {
  auto request = std::make_shared<FleetRequest>();
  CLI::App* command = program.add_subcommand("fleet",
                                             "Simulate the control plane of a cluster over weeks: "
                                             "how full it gets, what waits, what failures affect");
  add_scenario_options(*command, request->scenario);
  command
      ->add_option("--vary", request->vary,
                   "Values to compare; several of these give every combination (default: the "
                   "scenario's `compare`, else " +
                       listed(control::all_disks(), "and") + ")")
      ->type_name("KEY=A,B,...")
      ->expected(1)
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command->add_option("--disks", request->disks, listed(control::all_disks(), "or"))
      ->type_name("KIND");
  command->add_option("--policy", request->policy, listed(control::all_policies(), "or"))
      ->type_name("POLICY");
  command
      ->add_option("--explain", request->explain,
                   "How a pod was scheduled: every filter's verdict and every score")
      ->type_name("pod/NAME")
      ->excludes("--vary");
  add_io_options(*command, request->io);
  command->add_option("-o,--output", request->directory, "Write a run directory per variant")
      ->type_name("DIR")
      ->excludes("--explain");
  command
      ->add_option("-j,--processes", request->processes,
                   "Runs at the same time (default: one per core)")
      ->type_name("N")
      ->check(CLI::Range(1, 1024));
  command->add_flag("--json", request->json, "Print everything as JSON");
  command->add_flag("--quiet", request->quiet, "Print nothing but errors");
  command->footer(
      "Examples:\n"
      "  orrery fleet fleet-40-to-65\n"
      "  orrery fleet fleet-40-to-65 --disks lightpool --vary "
      "profiles.liteio-control.max_remote_volumes=1,3,10\n"
      "  orrery fleet my-cluster.yaml --disks lightpool --explain pod/default/db-7\n"
      "  orrery fleet my-cluster.yaml --io 7d -o out");
  command->callback([request, command, &chosen] {
    request->wants_io = command->count("--io") > 0;
    chosen = [request] { return run_fleets(*request); };
  });
}

}  // namespace orrery
