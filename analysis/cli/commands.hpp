// The subcommands of `orrery`. Each adds itself to the command line and says what to do when it was
// chosen.
#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace orrery {

// What the chosen command does; its value is the exit code.
using Action = std::function<int()>;

void add_run(CLI::App& program, Action& chosen);
void add_compare(CLI::App& program, Action& chosen);
void add_blast(CLI::App& program, Action& chosen);
void add_fleet(CLI::App& program, Action& chosen);
void add_lint(CLI::App& program, Action& chosen);
void add_list(CLI::App& program, Action& chosen);
void add_schema(CLI::App& program, Action& chosen);
void add_validate(CLI::App& program, Action& chosen);

}  // namespace orrery
