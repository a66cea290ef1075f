#include "scenarios/systems/agents.hpp"

#include "models/net/registry.hpp"
#include "scenarios/scenario.hpp"
#include "scenarios/systems/unused_keys.hpp"
#include "scenarios/used_profiles.hpp"

namespace orrery {

void check_agents(const TextNode& root, const Scenario& s) {
  if (find_stack(s.frontend.stack)->traits.data_path_in_fpga && s.frontend.agent == "host")
    throw InputError(
        place_of(root, "frontend", "agent"),
        "SOLAR's data path is in the DPU's FPGA: its agent cannot run on the host",
        "use agent: auto or dpu, or stack: solar_star for SOLAR's protocol in software");
  if (s.volumes.per_server < 1)
    throw InputError(place_of(root, "volumes", "per_server"),
                     "there are no volumes that a job could run on", "at least one per server");
}

void note_unused_dpu(UnusedKeys& keys, const Scenario& s) {
  if (s.agent_placement() == "host")
    keys.keys("compute", s.compute, {"dpu"}, "while the agent is on the host");
}

void use_agent_profiles(const TextNode& root, ProfileLibrary& library, Scenario& s) {
  UsedProfiles used(root, library, s);
  used.use(s.frontend_profile(), find_stack(s.frontend.stack)->profile, "frontend", "profile");
  if (s.agent_placement() == "dpu") used.use(s.compute.dpu, "dpu", "compute", "dpu");
}

}  // namespace orrery
