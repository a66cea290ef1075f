// The network stacks by name. A new stack is one source file, one line in registry.cpp and one profile.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "models/net/connection.hpp"
#include "sim/params.hpp"

namespace orrery {

struct StackEntry {
  std::string_view name;
  std::string_view help;
  const Declarations& (*declarations)();  // of the profile it takes
  std::string_view profile;               // the profile used unless the scenario names another
  std::unique_ptr<Stack> (*make)(const Profile& profile);
};

std::span<const StackEntry> all_stacks();
// Null if there is none of that name.
const StackEntry* find_stack(std::string_view name);

}  // namespace orrery
