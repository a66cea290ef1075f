// What kinds of systems with storage agents or clients behind a network stack have in common: where
// these run.
#pragma once

#include "scenarios/profiles.hpp"
#include "scenarios/text/text_node.hpp"

namespace orrery {

class UnusedKeys;
struct Scenario;

// An agent where its stack can run, and at least one volume. Throws InputError.
void check_agents(const TextNode& root, const Scenario& scenario);
void note_unused_dpu(UnusedKeys& keys, const Scenario& scenario);
// Of the frontend's stack and of a DPU that agents run on.
void use_agent_profiles(const TextNode& root, ProfileLibrary& library, Scenario& scenario);

}  // namespace orrery
