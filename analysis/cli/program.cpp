#include "analysis/cli/program.hpp"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include "analysis/cli/commands.hpp"
#include "analysis/cli/help_formatter.hpp"
#include "analysis/failure.hpp"
#include "analysis/terminal/terminal.hpp"
#include "analysis/version.hpp"
#include "scenarios/text/nearest.hpp"

namespace orrery {

namespace {

// The command that was chosen, or the program itself.
const CLI::App& chosen_command(const CLI::App& program) {
  const auto chosen = program.get_subcommands();
  return chosen.empty() ? program : *chosen.front();
}

// The name that the first argument nobody expected was probably meant to be.
std::string nearest_argument(const CLI::App& program, const std::vector<std::string>& arguments) {
  const CLI::App& command = chosen_command(program);
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options())
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  if (&command == &program)
    for (const CLI::App* other : program.get_subcommands({})) names.push_back(other->get_name());
  for (const std::string& argument : arguments) {
    const std::string name = argument.substr(0, argument.find('='));
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    if (&command != &program && !name.starts_with("-")) continue;
    if (const auto near = nearest(name, names))
      return fmt::format("unknown argument '{}' (did you mean '{}'?)", name, *near);
    if (&command == &program && !name.starts_with("-")) return fmt::format("no command '{}'", name);
  }
  return {};
}

int bad_arguments(const CLI::App& program, const CLI::ParseError& error,
                  const std::vector<std::string>& arguments) {
  std::string message = nearest_argument(program, arguments);
  if (message.empty()) message = error.what();
  const CLI::App& command = chosen_command(program);
  const std::string name = &command == &program ? "orrery" : "orrery " + command.get_name();
  print_err(fmt::format("{}: error: {}\n  hint: {} --help\n", name, message, name));
  return kBadInput;
}

}  // namespace

int run_program(int argc, char** argv) {
  CLI::App program("Orrery: a discrete-event simulator of datacenter storage networks", "orrery");
  program.set_version_flag("--version", std::string("orrery ") + kProgramVersion,
                           "Print the version");
  program.set_help_flag("-h,--help", "Print this help");
  program.require_subcommand(1);
  program.formatter(help_formatter());  // of all commands, which are added below
  program.footer(
      "Examples:\n"
      "  orrery run first-light                   run a scenario of the library\n"
      "  orrery compare first-light               its variants side by side\n"
      "  orrery blast first-light                 what hurts most when it breaks\n"
      "  orrery fleet fleet-40-to-65              how full a cluster gets\n"
      "  orrery list                              models, profiles and scenarios there are\n"
      "  orrery list luna                         every parameter, with its source\n"
      "Exit codes: 0 fine, 1 a check failed, 2 bad input, 3 internal error");
  Action chosen;
  add_run(program, chosen);
  add_compare(program, chosen);
  add_blast(program, chosen);
  add_fleet(program, chosen);
  add_lint(program, chosen);
  add_list(program, chosen);
  add_schema(program, chosen);
  add_validate(program, chosen);

  if (argc == 1) {
    print_err(program.help());
    return kBadInput;
  }
  try {
    program.parse(argc, argv);
  } catch (const CLI::Success& asked) {
    std::ostringstream text;
    program.exit(asked, text, text);
    print_out(text.str());
    return kFine;
  } catch (const CLI::ParseError& error) {
    return bad_arguments(program, error, {argv + 1, argv + argc});
  }
  return chosen();
}

}  // namespace orrery
