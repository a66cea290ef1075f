#include "scenarios/systems/rpc/rpc_system.hpp"

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "models/ebs/rpc_target.hpp"
#include "models/net/registry.hpp"
#include "scenarios/hardware.hpp"
#include "scenarios/scenario.hpp"
#include "scenarios/source_port.hpp"
#include "scenarios/systems/agents.hpp"
#include "scenarios/systems/system_parts.hpp"
#include "scenarios/systems/unused_keys.hpp"
#include "scenarios/text/plural.hpp"

namespace orrery {

namespace {

void note_unused_in_rpc(UnusedKeys& keys, const Scenario& s) {
  keys.keys("compute", s.compute, {"guest"});
  keys.keys("storage", s.storage, {"ssd", "ssds_per_server"});
  keys.keys("volumes", s.volumes, {"iops_limit", "bandwidth_limit", "limit_burst", "encrypted"});
  note_unused_dpu(keys, s);
}

void resolve_rpc(const TextNode&, Scenario& s) {
  s.name_volumes("compute", s.compute.servers, "client", s.volumes.per_server, s.volumes.size);
}

std::vector<std::pair<std::string, std::string>> settings_of_rpc(const Scenario& s) {
  return {{"servers", fmt::format("RPCs, {} to {}", plural(s.compute.servers, "client"),
                                  plural(s.storage.servers, "server"))},
          {"stack", s.frontend.stack}};
}

// Clients on the compute servers, each with a thread and a connection of its own; the storage
// servers answer in turn.
class RpcParts final : public SystemParts {
 public:
  RpcParts(const Scenario& s, Hardware& hardware) {
    const StackEntry& entry = *find_stack(s.frontend.stack);
    stack_ = entry.make(s.profile(s.frontend_profile()));
    agent_site_ = s.agent_placement();
    const bool on_dpu = agent_site_ == "dpu";
    const auto seed = static_cast<std::uint64_t>(s.head.seed);
    auto thread_on = [&entry](Cpu& cpu, std::size_t number) {
      return entry.traits.threads_poll ? Thread::pinned(cpu, number) : Thread::floating(cpu);
    };
    AttachedNodes& clients = hardware.compute();
    AttachedNodes& servers = hardware.storage();
    const std::size_t count = servers.nodes.size();
    for (std::size_t c = 0; c < clients.nodes.size(); ++c)
      for (std::int64_t v = 0; v < s.volumes.per_server; ++v) {
        const std::size_t number = volumes_.size();
        const std::size_t to = number % count;
        Node& client = *clients.nodes[c];
        Node& server = *servers.nodes[to];
        Cpu& client_cpu = on_dpu ? client.dpu()->cpu() : client.cpu();
        const std::string& name = s.named_volumes[number].name;
        auto connection = stack_->connect(
            *hardware.frontend(),
            {&client, thread_on(client_cpu, static_cast<std::size_t>(v)), clients.frontend[c],
             on_dpu},
            {&server, thread_on(server.cpu(), number / count), servers.frontend[to]},
            source_port(seed, name, server.name()));
        volumes_.push_back(
            std::make_unique<RpcTarget>(name, s.volumes.size, std::move(connection)));
      }
  }
  ~RpcParts() override { volumes_.clear(); }

 private:
  std::unique_ptr<Stack> stack_;
};

}  // namespace

const SystemKind& rpc_system() {
  static const SystemKind kind = {
      .name = "rpc",
      .help = "messages between servers without storage",
      .has_network = true,
      .has_agents = true,
      .stands_alone = true,
      .check = check_agents,
      .note_unused = note_unused_in_rpc,
      .use_profiles = use_agent_profiles,
      .resolve = resolve_rpc,
      .settings = settings_of_rpc,
      .build = [](TaskScope&, const Scenario& scenario,
                  Hardware& hardware) -> std::unique_ptr<SystemParts> {
        return std::make_unique<RpcParts>(scenario, hardware);
      },
  };
  return kind;
}

}  // namespace orrery
