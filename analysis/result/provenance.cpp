#include "analysis/result/provenance.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "analysis/version.hpp"
#include "scenarios/profiles.hpp"
#include "scenarios/text/value_text.hpp"
#include "sim/random.hpp"

namespace orrery {

using Json = nlohmann::ordered_json;

namespace {

Json parameters_of(const Scenario& scenario) {
  Json all = Json::object();
  for (const auto& [name, profile] : scenario.profiles) {
    Json parameters = Json::object();
    for (const auto& [key, parameter] : profile.parameters) {
      const Declaration* declaration = model_catalogue().at(profile.model)->find(key);
      parameters[key] = {{"value", format_value(declaration->quantity, parameter.value)},
                         {"kind", source_kind_name(parameter.kind)},
                         {"source", parameter.source}};
      if (!parameter.role.empty()) parameters[key]["role"] = parameter.role;
    }
    all[name] = std::move(parameters);
  }
  return all;
}

}  // namespace

Json provenance_of(const Scenario& seeded, std::uint64_t events) {
  const std::string resolved = to_yaml(resolved_scenario(seeded));
  return {{"version", kProgramVersion},
          {"seed", static_cast<std::uint64_t>(seeded.head.seed)},
          {"scenario_hash", fmt::format("{:016x}", hash_of(0, resolved))},
          {"events", events},
          {"parameters", parameters_of(seeded)}};
}

void add_check(Json& checks, std::string name, const std::vector<std::string>& broken,
               std::string detail) {
  for (std::size_t i = 0; i < std::min<std::size_t>(broken.size(), 5); ++i)
    detail += (i == 0 ? ": " : ", ") + broken[i];
  checks.push_back(
      {{"name", std::move(name)}, {"ok", broken.empty()}, {"detail", std::move(detail)}});
}

}  // namespace orrery
