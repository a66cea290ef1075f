#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <exception>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "analysis/cli/commands.hpp"
#include "analysis/data_paths.hpp"
#include "analysis/experiment/files_out.hpp"
#include "analysis/experiment/run_directory.hpp"
#include "analysis/failure.hpp"
#include "analysis/terminal/figures.hpp"
#include "analysis/terminal/terminal.hpp"
#include "analysis/validate/validation.hpp"
#include "scenarios/text/nearest.hpp"

namespace orrery {

namespace {

namespace fs = std::filesystem;

struct ValidateRequest {
  std::optional<std::string> file;
  std::vector<std::string> only;
  int processes = 0;
  bool json = false;
  bool quiet = false;
  bool fresh = false;
};

std::vector<ValidationEntry> wanted_entries(const ValidateRequest& request) {
  std::vector<ValidationEntry> all = load_validation(validation_directory());
  if (request.only.empty()) return all;
  std::vector<std::string> ids;
  for (const ValidationEntry& entry : all) ids.push_back(entry.id);
  std::vector<ValidationEntry> wanted;
  for (const ValidationEntry& entry : all)
    for (const std::string& glob : request.only)
      if (matches(glob, entry.id)) {
        wanted.push_back(entry);
        break;
      }
  for (const std::string& glob : request.only)
    if (std::none_of(ids.begin(), ids.end(),
                     [&](const std::string& id) { return matches(glob, id); }))
      throw unknown_name({"--only " + glob, 0, 0}, "entry", glob, ids);
  return wanted;
}

int validate_all(const ValidateRequest& request) {
  const std::vector<ValidationEntry> entries = wanted_entries(request);
  if (request.file) ensure_file_writable(*request.file);
  const Validation validation = validate(entries, request.processes, !request.quiet,
                                         RunCache(user_cache_directory(), !request.fresh));
  for (const std::string& failure : validation.failures)
    print_err(fmt::format("orrery validate: error: {}\n", failure));
  // A table that cannot be printed must not keep the file from being written, nor the reverse.
  std::exception_ptr unwritten;
  if (request.file) try {
      const bool wants_json = fs::path(*request.file).extension() == ".json";
      write_file(*request.file, wants_json ? json_text(validation_json(validation))
                                           : validation_markdown(validation));
    } catch (const Failure&) {
      unwritten = std::current_exception();
    }
  if (request.json) print_out(json_text(validation_json(validation)));
  else if (!request.quiet) print_out(validation_table(validation, Terminal::of_stdout()));
  if (request.json || request.quiet)
    for (const ValidationResult& result : validation.results) {
      if (!result.trouble.empty())
        print_err(fmt::format("check broken in {}: {}\n", result.entry.id, result.trouble));
      else if (result.verdict() == "off")
        print_err(fmt::format("{} is off: published {}, simulated {}\n", result.entry.id,
                              number_text(result.entry.value),
                              number_text(result.simulated->mean)));
    }
  if (unwritten) std::rethrow_exception(unwritten);
  if (!validation.failures.empty()) return kInternalError;
  return validation.is_fine() ? kFine : kCheckFailed;
}

}  // namespace

void add_validate(CLI::App& program, Action& chosen) {
  auto request = std::make_shared<ValidateRequest>();
  CLI::App* command =
      program.add_subcommand("validate", "Simulate published figures and say how far off they are");
  command
      ->add_option("-o,--output", request->file,
                   "Write a report, in Markdown (or JSON if so named)")
      ->type_name("FILE.md");
  command->add_option("--only", request->only, "Entries whose id matches, for example 'rpc-*'")
      ->type_name("GLOB")
      ->expected(1)
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command
      ->add_option("-j,--processes", request->processes,
                   "Runs at the same time (default: one per core)")
      ->type_name("N")
      ->check(CLI::Range(1, 1024));
  command->add_flag("--fresh", request->fresh,
                    "Run everything again, without the results that this program has kept");
  command->add_flag("--json", request->json, "Print a JSON list");
  command->add_flag("--quiet", request->quiet, "Print nothing but errors");
  command->footer(
      "Examples:\n"
      "  orrery validate\n"
      "  orrery validate --only 'rpc-*' --json\n"
      "Exit code 1: a calibrated or derived figure is off. Predictions (VAL) may miss.");
  command->callback([request, &chosen] { chosen = [request] { return validate_all(*request); }; });
}

}  // namespace orrery
