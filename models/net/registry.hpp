// The network stacks by name. A new stack is one source file, one line in registry.cpp and one
// profile.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "models/net/connection.hpp"
#include "sim/params.hpp"

namespace orrery {

// What whoever composes servers has to know of a stack.
struct StackTraits {
  bool agent_on_dpu;       // where a storage agent runs when its placement is left to the stack
  bool data_path_in_fpga;  // tables, CRC, encryption and DMA of that agent are in the DPU's FPGA
  bool
      // Threads are pinned and look at their queues themselves; else they sleep and are woken.
      threads_poll;
};

struct StackEntry {
  std::string_view name;
  std::string_view help;
  StackTraits traits;
  const Declarations& (*declarations)();  // of the profile it takes
  std::string_view profile;               // the profile used unless the scenario names another
  std::unique_ptr<Stack> (*make)(const Profile& profile);
};

std::span<const StackEntry> all_stacks();
// Null if there is none of that name.
const StackEntry* find_stack(std::string_view name);

}  // namespace orrery
