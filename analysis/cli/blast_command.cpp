#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>
#include <vector>

#include "analysis/blast/blast.hpp"
#include "analysis/blast/blast_journal.hpp"
#include "analysis/cli/commands.hpp"
#include "analysis/cli/scenario_options.hpp"
#include "analysis/experiment/files_out.hpp"
#include "analysis/experiment/held_results.hpp"
#include "analysis/experiment/run_directory.hpp"
#include "analysis/failure.hpp"
#include "analysis/result/summary_view.hpp"
#include "analysis/subjects.hpp"
#include "analysis/terminal/figures.hpp"
#include "analysis/terminal/progress.hpp"
#include "scenarios/text/value_text.hpp"

namespace orrery {

namespace {

using Json = nlohmann::ordered_json;

struct BlastRequest {
  ScenarioRequest scenario;
  std::optional<std::string> at, lasts;
  BlastPlan plan;
  std::optional<std::string> directory;
  std::size_t top = 20;
  int processes = 0;
  bool dry_run = false;
  bool json = false;
  bool quiet = false;
};

// As the same key of a fault is read.
std::optional<Duration> time_in(const std::optional<std::string>& text, const char* key) {
  if (!text) return {};
  const TextNode node = TextNode::scalar(*text, {fmt::format("--{} {}", key, *text), 1, 1});
  return std::get<Duration>(parse_value(node, *FaultSpec::declarations().find(key)));
}

std::string duration_text(Duration time) { return time_text(to_seconds(time) * 1e9); }

// What is going to be done, before it takes its time.
std::string announcement(const Scenario& scenario, const BlastPlan& plan, std::size_t cases,
                         std::size_t done, int processes) {
  const std::size_t at_once = processes > 0 ? static_cast<std::size_t>(processes)
                                            : std::max(1U, std::thread::hardware_concurrency());
  std::string out = fmt::format(
      "{}: {} {}, from {} on {}, in runs of {}; {} at a time{}", scenario.head.scenario, cases,
      (plan.pairs > 0 ? "double failure" : "failure") + std::string(cases == 1 ? "" : "s"),
      duration_text(plan.at.value_or(default_begin(scenario))),
      plan.lasts ? "for " + duration_text(*plan.lasts) : "for good",
      duration_text(end_of(scenario)), at_once,
      done > 0 ? fmt::format("; {} are done already", done) : "");
  out = wrapped(out, Terminal::of_stdout().width, 2) + "\n";
  if (plan.pairs > static_cast<std::int64_t>(cases)) out += "there are no more pairs than these\n";
  return out;
}

int list_cases(const BlastRequest& request, const Scenario& scenario, const BlastPlan& plan,
               const std::vector<BlastCase>& cases) {
  if (request.json) {
    Json all = Json::array();
    for (const BlastCase& one : cases) all.push_back(one.name());
    print_out(json_text(all));
    return kFine;
  }
  if (request.quiet) return kFine;
  std::string out;
  for (const BlastCase& one : cases) out += one.name() + "\n";
  print_out(announcement(scenario, plan, cases.size(), 0, request.processes) + out);
  return kFine;
}

int blast(const BlastRequest& request) {
  BlastPlan plan = request.plan;
  plan.at = time_in(request.at, "at");
  plan.lasts = time_in(request.lasts, "for");
  const LoadedScenario loaded = load(request.scenario);
  require_command("blast", loaded);
  const Scenario scenario = with_faults(loaded.scenario, {});
  const std::vector<BlastCase> cases = blast_cases(scenario, plan);
  if (request.dry_run) return list_cases(request, scenario, plan, cases);

  std::optional<BlastJournal> journal;
  if (request.directory) {
    check_held(*request.directory, {"orrery blast", "blast.json", "failures", {"blast.csv"}},
               scenario.head.scenario);
    journal.emplace(*request.directory, scenario);
  }
  std::vector<Json> rows(cases.size());
  std::vector<std::string> ids(cases.size());
  std::vector<std::size_t> numbers;  // of those left to run
  std::vector<BlastCase> left;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    if (journal) {
      ids[i] = run_id_of(with_faults(scenario, cases[i].faults));
      if (const Json* row = journal->find(ids[i])) {
        rows[i] = *row;
        continue;
      }
    }
    numbers.push_back(i);
    left.push_back(cases[i]);
  }
  if (!request.json && !request.quiet) {
    std::string out =
        announcement(scenario, plan, cases.size(), cases.size() - left.size(), request.processes);
    if (journal && journal->of_other_versions() > 0)
      out += fmt::format("{} results in {} are of another version of the program and not used\n",
                         journal->of_other_versions(), *request.directory);
    if (journal && journal->unreadable() > 0)
      out += fmt::format("{} lines of {}/done.jsonl are spoilt and not used\n",
                         journal->unreadable(), *request.directory);
    print_out(out + "\n");
  }

  std::vector<std::string> failures;
  {
    Progress progress(scenario.head.scenario, !request.quiet);
    BlastOutcome outcome = run_cases(
        scenario, left, request.processes, [&](double fraction) { progress.update(fraction); },
        [&](std::size_t i, const Json& row) {
          rows[numbers[i]] = row;
          if (journal) journal->add(ids[numbers[i]], row);
        });
    failures = std::move(outcome.failures);
  }
  std::erase_if(rows, [](const Json& row) { return row.is_null(); });
  rows = ranked(std::move(rows));

  if (request.directory) try {
      write_files(*request.directory,
                  {{"blast.csv", blast_csv(rows)},
                   {"blast.json", json_text(blast_json(scenario, plan, rows))}});
    } catch (const Failure& failure) {
      failures.emplace_back(failure.what());
    }
  if (request.json) print_out(json_text(blast_json(scenario, plan, rows)));
  else if (!request.quiet)
    print_out(blast_table(scenario, plan, rows, request.top, Terminal::of_stdout()));
  if (request.directory && failures.empty() && !request.json && !request.quiet)
    print_out(fmt::format("\nwritten to {}\n", *request.directory));

  bool is_broken = false;
  for (const Json& row : rows)
    for (const Json& line : row.value("broken_checks", Json::array())) {
      is_broken = true;
      print_err(fmt::format("check broken after {} {}: {}\n", text_at(row, "kind"),
                            text_at(row, "component"),
                            line.is_string() ? line.get<std::string>() : line.dump()));
    }
  for (const std::string& failure : failures)
    print_err(fmt::format("orrery blast: error: {}\n", failure));
  if (!failures.empty()) return kInternalError;
  return is_broken ? kCheckFailed : kFine;
}

std::string footer() {
  std::string text = "What is tried, each in a run of its own (* only when --kinds names it):\n";
  for (const BlastKind& kind : blast_kinds())
    text += fmt::format("  {:<18}{}{}\n", kind.fault, kind.how, kind.is_default ? "" : " *");
  return text +
         "Compute servers are left out: their own volumes would fail with them.\n"
         "A blast that was interrupted goes on when it is called again with the same -o DIR: what "
         "is "
         "done stands in DIR/done.jsonl.\n"
         "Examples:\n"
         "  orrery blast first-light --kinds link_down,switch_down\n"
         "  orrery blast first-light --set workload.mix.runtime=3s -o out\n"
         "  orrery blast failures-table2 --among 'frontend/*' --pairs 50";
}

}  // namespace

void add_blast(CLI::App& program, Action& chosen) {
  auto request = std::make_shared<BlastRequest>();
  CLI::App* command = program.add_subcommand(
      "blast", "Let every component of a scenario fail in turn and rank what that does");
  add_scenario_options(*command, request->scenario);
  command->add_option("--kinds", request->plan.kinds, "Only failures of these kinds (listed below)")
      ->type_name("KIND,...")
      ->delimiter(',')
      ->expected(1)
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command->add_option("--among", request->plan.among, "Only components whose names match")
      ->type_name("PATTERN");
  command
      ->add_option("--at", request->at,
                   "When they fail (default: at the end of the longest ramp, or after a fifth of "
                   "the run)")
      ->type_name("TIME");
  command->add_option("--for", request->lasts, "For how long (default: for good)")
      ->type_name("TIME");
  command
      ->add_option("--pairs", request->plan.pairs,
                   "Double failures instead of single ones, this many of them, drawn from the seed")
      ->type_name("N")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1'000'000}));
  command->add_option("--top", request->top, "Rows of the table (default: 20)")
      ->type_name("N")
      ->check(CLI::Range(1, 1'000'000));
  command
      ->add_option("-o,--output", request->directory,
                   "Write blast.csv and blast.json, and go on from what is done there")
      ->type_name("DIR");
  command
      ->add_option("-j,--processes", request->processes,
                   "Runs at the same time (default: one per core)")
      ->type_name("N")
      ->check(CLI::Range(1, 1024));
  command->add_flag("--dry-run", request->dry_run, "List the failures and run none")
      ->excludes("--output");
  command->add_flag("--json", request->json, "Print everything as JSON");
  command->add_flag("--quiet", request->quiet, "Print nothing but errors");
  command->footer(footer());
  command->callback([request, &chosen] { chosen = [request] { return blast(*request); }; });
}

}  // namespace orrery
