#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>
#include <string>
#include <vector>

#include "analysis/cli/commands.hpp"
#include "analysis/failure.hpp"
#include "analysis/lint.hpp"
#include "analysis/terminal/terminal.hpp"
#include "scenarios/text/input_error.hpp"

namespace orrery {

namespace {

int lint_all(const std::vector<std::string>& files) {
  bool is_any_bad = false;
  for (const std::string& file : files) {
    try {
      const LintResult result = lint(file);
      for (const std::string& note : result.notes) print_out(note + "\n");
      print_out(fmt::format("{}: {}\n", result.file, result.finding));
    } catch (const InputError& error) {
      print_err(fmt::format("{}\n", error.what()));
      is_any_bad = true;
    }
  }
  return is_any_bad ? kBadInput : kFine;
}

}  // namespace

void add_lint(CLI::App& program, Action& chosen) {
  auto files = std::make_shared<std::vector<std::string>>();
  CLI::App* command =
      program.add_subcommand("lint", "Check scenarios, profiles and validation files");
  command->add_option("FILE", *files, "Files, or names of scenarios in the library")->required();
  command->footer("Example:\n  orrery lint my.yaml profiles/*.yaml");
  command->callback([files, &chosen] { chosen = [files] { return lint_all(*files); }; });
}

}  // namespace orrery
