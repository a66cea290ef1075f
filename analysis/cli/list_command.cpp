#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>
#include <string>

#include "analysis/catalogue/catalogue.hpp"
#include "analysis/cli/commands.hpp"
#include "analysis/failure.hpp"

namespace orrery {

namespace {

struct ListRequest {
  std::string name;
  bool markdown = false;
};

std::string listed(const ListRequest& request) {
  const Terminal terminal = Terminal::of_stdout();
  if (request.markdown) return reference_markdown();
  if (request.name.empty()) return list_overview(terminal);
  if (request.name == "models") return list_models(terminal);
  if (request.name == "profiles") return list_profiles(terminal);
  if (request.name == "scenarios") return list_scenarios(terminal);
  return list_name(request.name, terminal);
}

}  // namespace

void add_list(CLI::App& program, Action& chosen) {
  auto request = std::make_shared<ListRequest>();
  CLI::App* command =
      program.add_subcommand("list", "Show what there is, every parameter with its source");
  command->add_option(
      "NAME", request->name,
      "models, profiles, scenarios, or the name of a section, model, stack, profile or scenario");
  command->add_flag("--markdown", request->markdown, "The whole scenario reference as Markdown")
      ->excludes("NAME");
  command->footer(
      "Examples:\n"
      "  orrery list scenarios\n"
      "  orrery list workload      keys of a job\n"
      "  orrery list luna          the stack's parameters, values and sources");
  command->callback([request, &chosen] {
    chosen = [request] {
      print_out(listed(*request));
      return static_cast<int>(kFine);
    };
  });
}

void add_schema(CLI::App& program, Action& chosen) {
  CLI::App* command =
      program.add_subcommand("schema", "Print the JSON Schema of a scenario, for editors");
  command->footer("Example:\n  orrery schema > orrery.schema.json");
  command->callback([&chosen] {
    chosen = [] {
      print_out(scenario_schema_text());
      return static_cast<int>(kFine);
    };
  });
}

}  // namespace orrery
