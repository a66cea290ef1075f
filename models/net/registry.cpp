#include "models/net/registry.hpp"

#include <array>

#include "models/net/kernel_tcp.hpp"
#include "models/net/luna.hpp"
#include "models/net/null_stack.hpp"
#include "models/net/rdma.hpp"
#include "models/net/solar.hpp"

namespace orrery {

namespace {

template <class S, class P>
std::unique_ptr<Stack> make(const Profile& profile) {
  return std::make_unique<S>(bind<P>(profile));
}
constexpr std::array kStacks = {
    StackEntry{"kernel_tcp",
               "Linux TCP on host cores",
               {.agent_on_dpu = false, .data_path_in_fpga = false, .threads_poll = false},
               &KernelTcpProfile::declarations,
               "kernel_tcp",
               &make<KernelTcp, KernelTcpProfile>},
    StackEntry{"luna",
               "LUNA: user-space TCP, run to completion",
               {.agent_on_dpu = false, .data_path_in_fpga = false, .threads_poll = true},
               &LunaProfile::declarations,
               "luna",
               &make<Luna, LunaProfile>},
    StackEntry{"solar",
               "SOLAR: one block one packet, data path in the FPGA",
               {.agent_on_dpu = true, .data_path_in_fpga = true, .threads_poll = true},
               &SolarProfile::declarations,
               "solar",
               &make<Solar, SolarProfile>},
    StackEntry{"solar_star",
               "SOLAR*: SOLAR's protocol with the data path in software",
               {.agent_on_dpu = true, .data_path_in_fpga = false, .threads_poll = true},
               &SolarProfile::declarations,
               "solar",
               &make<Solar, SolarProfile>},
    StackEntry{"rdma",
               "RDMA: RoCEv2, transport in the NIC",
               {.agent_on_dpu = false, .data_path_in_fpga = false, .threads_poll = true},
               &RdmaProfile::declarations,
               "rdma",
               &make<Rdma, RdmaProfile>},
    StackEntry{"wire",
               "no stack at all: what the wire alone takes",
               {.agent_on_dpu = false, .data_path_in_fpga = false, .threads_poll = true},
               &NullStackProfile::declarations,
               "wire",
               &make<NullStack, NullStackProfile>},
};

}  // namespace

std::span<const StackEntry> all_stacks() { return kStacks; }

const StackEntry* find_stack(std::string_view name) {
  for (const StackEntry& entry : kStacks)
    if (entry.name == name) return &entry;
  return nullptr;
}

}  // namespace orrery
