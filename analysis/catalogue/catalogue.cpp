#include "analysis/catalogue/catalogue.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

#include "analysis/data_paths.hpp"
#include "analysis/loading.hpp"
#include "analysis/terminal/parameter_text.hpp"
#include "analysis/terminal/text_table.hpp"
#include "models/faults/fault.hpp"
#include "models/net/registry.hpp"
#include "scenarios/text/json_schema.hpp"
#include "scenarios/text/nearest.hpp"

namespace orrery {

namespace {

ProfileLibrary profile_library() {
  return {{profile_directory()}, disk_reader(), disk_lister(), model_catalogue()};
}

const Profile& profile_of(ProfileLibrary& library, const std::string& name) {
  return library.get(name, {"profiles/" + name, 0, 0});
}

std::string headed(const std::string& heading, const std::string& body, const Terminal& terminal) {
  return styled(wrapped(heading, terminal.width, 2), Style::bold, terminal) + "\n" + body;
}

std::vector<TextTable::Column> key_columns() {
  return {{"key"},
          {"value", Align::left, true},
          {"default"},
          {"limits"},
          {"meaning", Align::left, true}};
}

std::vector<std::vector<std::string>> key_rows(const Declarations& declarations) {
  std::vector<std::vector<std::string>> rows;
  for (const Declaration& d : declarations.fields)
    rows.push_back({d.name, quantity_text(d), default_text(d), limits_text(d), d.help});
  return rows;
}

std::vector<TextTable::Column> parameter_columns() {
  return {{"parameter"}, {"value"}, {"kind"}, {"role"}, {"source", Align::left, true}};
}

std::vector<std::vector<std::string>> parameter_rows(const Profile& profile) {
  std::vector<std::vector<std::string>> rows;
  const Declarations& declarations = *model_catalogue().at(profile.model);
  for (const auto& [name, parameter] : profile.parameters)
    if (const Declaration* d = declarations.find(name))
      rows.push_back({name, value_text(*d, parameter),
                      std::string(source_kind_name(parameter.kind)), parameter.role,
                      parameter.source});
  return rows;
}

std::string table_of(const std::vector<TextTable::Column>& columns,
                     const std::vector<std::vector<std::string>>& rows, const Terminal& terminal) {
  TextTable table(columns);
  for (const auto& row : rows) table.row({row.begin(), row.end()});
  return table.render(terminal);
}

std::string section_title(const SectionEntry& section) {
  if (section.name.empty()) return "top level of a scenario";
  return fmt::format("{}: {}", section.name,
                     section.is_list ? "list in a scenario" : "section of a scenario");
}

std::vector<TextTable::Column> fault_columns() {
  return {{"kind"}, {"strikes"}, {"keys"}, {"what happens", Align::left, true}};
}

// Keys in brackets may be left out.
std::vector<std::vector<std::string>> fault_rows() {
  std::vector<std::vector<std::string>> rows;
  for (const FaultKind& kind : fault_kinds()) {
    std::vector<std::string> strikes, keys;
    for (const Equipment::Kind one : kind.strikes) strikes.emplace_back(name_of(one));
    for (const std::string_view key : kind.needs) keys.emplace_back(key);
    for (const std::string_view key : kind.takes) keys.push_back(fmt::format("[{}]", key));
    rows.push_back({std::string(kind.name), fmt::format("{}", fmt::join(strikes, ", ")),
                    fmt::format("{}", fmt::join(keys, ", ")), std::string(kind.help)});
  }
  return rows;
}

std::string stack_help(const StackEntry& stack) {
  return fmt::format("stack {}: {}; profile {}\n", stack.name, stack.help, stack.profile);
}

// The scenario itself: what it says of itself and where its file is.
std::string scenario_text(const std::string& name, const Terminal& terminal) {
  const LoadedScenario loaded = load({name, {}, {}});
  const Scenario& scenario = loaded.scenario;
  std::string out =
      wrapped(scenario.head.title, terminal.width, 2) + "\nfile: " + loaded.path + "\n";
  for (const auto& [key, values] : scenario.compare)
    out +=
        wrapped(fmt::format("compares {}: {}", key, fmt::join(values, ", ")), terminal.width, 2) +
        "\n";
  std::vector<std::string> profiles;
  for (const auto& [profile, unused] : scenario.profiles) profiles.push_back(profile);
  return out + wrapped(fmt::format("profiles: {}", fmt::join(profiles, ", ")), terminal.width, 2) +
         "\n";
}

}  // namespace

std::string list_models(const Terminal& terminal) {
  ProfileLibrary library = profile_library();
  std::vector<std::vector<std::string>> rows;
  for (const auto& [name, declarations] : model_catalogue()) {
    std::vector<std::string> profiles;
    for (const std::string& profile : library.names())
      if (profile_of(library, profile).model == name) profiles.push_back(profile);
    rows.push_back({name, declarations->help, fmt::format("{}", fmt::join(profiles, ", "))});
  }
  return table_of({{"model"}, {"what it is", Align::left, true}, {"profiles", Align::left, true}},
                  rows, terminal);
}

std::string list_profiles(const Terminal& terminal) {
  ProfileLibrary library = profile_library();
  std::vector<std::vector<std::string>> rows;
  for (const std::string& name : library.names()) {
    const Profile& profile = profile_of(library, name);
    rows.push_back({name, profile.model, profile.title});
  }
  return table_of({{"profile"}, {"model"}, {"what it is", Align::left, true}}, rows, terminal);
}

std::string list_scenarios(const Terminal& terminal) {
  std::vector<std::vector<std::string>> rows;
  for (const std::string& name : library_names())
    rows.push_back({name, load({name, {}, {}}).scenario.head.title});
  return table_of({{"scenario"}, {"what it shows", Align::left, true}}, rows, terminal);
}

std::string list_overview(const Terminal& terminal) {
  std::vector<std::vector<std::string>> sections, stacks;
  for (const SectionEntry& section : scenario_sections())
    if (!section.name.empty()) sections.push_back({section.name, section.declarations->help});
  for (const OtherKey& key : other_scenario_keys()) sections.push_back({key.name, key.help});
  for (const StackEntry& stack : all_stacks())
    stacks.push_back({std::string(stack.name), std::string(stack.help)});
  return headed("scenarios", list_scenarios(terminal), terminal) + "\n" +
         headed("sections of a scenario",
                table_of({{"section"}, {"what it says", Align::left, true}}, sections, terminal),
                terminal) +
         "\n" +
         headed("network stacks",
                table_of({{"stack"}, {"what it is", Align::left, true}}, stacks, terminal),
                terminal) +
         "\n" + headed("models", list_models(terminal), terminal) + "\n" +
         headed("profiles", list_profiles(terminal), terminal) + "\n" +
         styled("orrery list NAME shows any of them with every key, default, limit and source",
                Style::dim, terminal) +
         "\n";
}

std::string list_name(const std::string& name, const Terminal& terminal) {
  std::string out;
  std::vector<std::string> names = {"models", "profiles", "scenarios"};
  auto add = [&](const std::string& heading, const std::string& body) {
    out += (out.empty() ? "" : "\n") + headed(heading, body, terminal);
  };
  for (const SectionEntry& section : scenario_sections()) {
    if (!section.name.empty()) names.push_back(section.name);
    if (section.name == name && !section.name.empty())
      add(section_title(section),
          wrapped(section.declarations->help, terminal.width, 2) + "\n" +
              table_of(key_columns(), key_rows(*section.declarations), terminal));
    if (section.name == name && section.declarations == &FaultSpec::declarations())
      add("kinds of faults", table_of(fault_columns(), fault_rows(), terminal));
  }
  for (const StackEntry& stack : all_stacks()) {
    names.emplace_back(stack.name);
    if (stack.name == name) out += (out.empty() ? "" : "\n") + stack_help(stack);
  }
  for (const auto& [model, declarations] : model_catalogue()) {
    names.push_back(model);
    if (model == name)
      add("model " + name + ": " + declarations->help,
          table_of(key_columns(), key_rows(*declarations), terminal));
  }
  ProfileLibrary library = profile_library();
  for (const std::string& profile : library.names()) {
    names.push_back(profile);
    if (profile != name) continue;
    const Profile& found = profile_of(library, name);
    add(fmt::format("profile {} of model {}: {}", name, found.model, found.title),
        table_of(parameter_columns(), parameter_rows(found), terminal));
  }
  for (const std::string& scenario : library_names()) {
    names.push_back(scenario);
    if (scenario == name) add("scenario " + name, scenario_text(name, terminal));
  }
  if (out.empty()) throw unknown_name({"orrery list", 0, 0}, "name", name, names);
  return out;
}

namespace {

std::string sentence(std::string text) {
  if (!text.empty()) text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  return text + ".";
}

}  // namespace

std::string reference_markdown() {
  std::string out =
      "# Scenario reference\n\n"
      "Every key of a scenario, every parameter of a model and every value of a profile, from the "
      "declarations that the "
      "program itself reads.\n\n"
      "Values carry their unit: durations `ps ns us ms s min h d`, bytes `B KiB MiB GiB KB MB GB` "
      "(and `4k` as fio writes "
      "it), rates `Gbps MB/s GiB/s` and the like, I/O rates `5000` or `20k`.\n";
  for (const SectionEntry& section : scenario_sections()) {
    out += fmt::format("\n## {}\n\n{}\n\n",
                       section.name.empty() ? "Top level" : fmt::format("`{}`", section.name),
                       sentence(section.declarations->help));
    std::vector<std::vector<std::string>> rows = key_rows(*section.declarations);
    if (section.name.empty()) {
      for (const SectionEntry& part : scenario_sections())
        if (!part.name.empty())
          rows.push_back({part.name, part.is_list ? "list" : "section",
                          part.name == "workload" ? "required without applications" : "", "",
                          part.declarations->help + "; see below"});
      for (const OtherKey& key : other_scenario_keys())
        rows.push_back({key.name, key.value, "none", "", key.help});
    }
    out += markdown_table(key_columns(), rows);
    if (section.declarations == &FaultSpec::declarations())
      out += "\n" + markdown_table(fault_columns(), fault_rows());
  }
  out += "\n## Network stacks\n\n";
  std::vector<std::vector<std::string>> stacks;
  for (const StackEntry& stack : all_stacks())
    stacks.push_back({fmt::format("`{}`", stack.name), std::string(stack.help),
                      fmt::format("`{}`", stack.profile)});
  out += markdown_table({{"stack"}, {"what it is"}, {"profile"}}, stacks);
  out += "\n## Scenarios of the library\n\n";
  std::vector<std::vector<std::string>> scenarios;
  for (const std::string& name : library_names())
    scenarios.push_back({fmt::format("`{}`", name), load({name, {}, {}}).scenario.head.title});
  out += markdown_table({{"scenario"}, {"what it shows"}}, scenarios);
  ProfileLibrary library = profile_library();
  for (const auto& [model, declarations] : model_catalogue()) {
    out += fmt::format("\n## Model `{}`\n\n{}\n\n", model, sentence(declarations->help));
    out += markdown_table(key_columns(), key_rows(*declarations));
    for (const std::string& name : library.names()) {
      const Profile& profile = profile_of(library, name);
      if (profile.model != model) continue;
      out += fmt::format("\n### Profile `{}`\n\n{}\n\n", name, sentence(profile.title));
      out += markdown_table(parameter_columns(), parameter_rows(profile));
    }
  }
  return out;
}

std::string scenario_schema_text() {
  using Json = nlohmann::ordered_json;
  const auto help_of = [](std::string_view name) {
    const auto& keys = other_scenario_keys();
    return std::find_if(keys.begin(), keys.end(),
                        [name](const OtherKey& key) { return key.name == name; })
        ->help;
  };
  Json schema;
  for (const SectionEntry& section : scenario_sections()) {
    Json part = schema_of(*section.declarations);
    if (section.name.empty()) {
      schema = {{"$schema", kJsonSchemaDialect}, {"title", "Orrery scenario"}};
      schema.update(part);
      // What an including file leaves out may stand in the included one.
      schema.erase("required");
    } else if (section.is_list) {
      schema["properties"][section.name] = {{"type", "array"}, {"minItems", 1}, {"items", part}};
    } else {
      part.erase("required");
      schema["properties"][section.name] = part;
    }
  }
  const Json value = {{"type", Json::array({"string", "number", "boolean"})}};
  schema["properties"]["compare"] = {
      {"type", "object"},
      {"description", help_of("compare")},
      {"additionalProperties", {{"type", "array"}, {"minItems", 1}, {"items", value}}}};
  schema["properties"]["include"] = {
      {"anyOf", Json::array({Json{{"type", "string"}},
                             Json{{"type", "array"}, {"items", {{"type", "string"}}}}})},
      {"description", help_of("include")}};
  schema["properties"]["variants"] = {{"type", "object"},
                                      {"description", help_of("variants")},
                                      {"additionalProperties", {{"type", "object"}}}};
  schema["properties"]["variant"] = {{"type", "string"}, {"description", help_of("variant")}};
  Json profiles = {
      {"type", "object"}, {"description", help_of("profiles")}, {"properties", Json::object()}};
  ProfileLibrary library = profile_library();
  for (const std::string& name : library.names()) {
    Json overrides = schema_of(*model_catalogue().at(profile_of(library, name).model));
    overrides.erase("required");
    profiles["properties"][name] = std::move(overrides);
  }
  schema["properties"]["profiles"] = std::move(profiles);
  return schema.dump(2) + "\n";
}

}  // namespace orrery
