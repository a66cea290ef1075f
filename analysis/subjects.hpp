// How a scenario is run and shown and which commands are for it, by what is simulated of its kind
// of system (SystemKind::subject).
//
// A new kind of system says which of them it is. A new subject is an entry in subjects.cpp.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/run/run_options.hpp"
#include "analysis/terminal/terminal.hpp"
#include "scenarios/scenario.hpp"

namespace orrery {

struct LoadedScenario;

struct SubjectEntry {
  Subject subject;
  // From the checked structure to the summary, and from that to what people read.
  nlohmann::ordered_json (*run)(const Scenario& scenario, const RunOptions& options);
  std::string (*table)(const Scenario& scenario, const nlohmann::ordered_json& summary,
                       const Terminal& terminal);
  // A command that means nothing for it.
  struct Refusal {
    std::string_view command;
    std::string_view message;  // {}: the kind of system
    std::string_view hint;     // what to do instead
  };
  std::vector<Refusal> refusals;
};

const SubjectEntry& subject_of(const Scenario& scenario);

// Throws InputError if the command is not for the scenario.
void require_command(std::string_view command, const LoadedScenario& loaded);

}  // namespace orrery
