#include "scenarios/system.hpp"

#include <fmt/format.h>

#include "models/ebs/rpc_target.hpp"
#include "models/host/local_volume.hpp"
#include "models/net/fluid.hpp"
#include "models/net/registry.hpp"
#include "models/ssd/registry.hpp"
#include "scenarios/platform_of.hpp"
#include "sim/assert.hpp"

namespace orrery {

System::System(Calendar& calendar, TaskScope& scope, const Scenario& scenario)
    : calendar_(calendar),
      scenario_(scenario),
      seed_(static_cast<std::uint64_t>(scenario.head.seed)),
      room_(calendar, scenario) {
  const std::string& system = scenario.head.system;
  if (scenario.head.is_fluid())
    for (Fabric* fabric : room_.fabrics()) FluidNetwork::take_over(*fabric);
  if (system != "device" && system != "pool" && scenario.agent_placement() == "dpu") install_dpus();
  if (system != "rpc") insert_ssds();
  if (system == "rpc") build_rpc();
  if (system == "device") build_device();
  if (system == "pool") {
    pool_ = std::make_unique<PoolCluster>(scope, scenario, room_);
    volumes_ = pool_->make_volumes();
  }
  if (system == "ebs") {
    ebs_ = std::make_unique<EbsCluster>(scope, scenario, room_);
    agent_site_ = ebs_->agent_site();
    volumes_ = ebs_->make_volumes();
  }
}

System::~System() = default;

void System::install_dpus() {
  const auto profile = bind<DpuProfile>(scenario_.profile(scenario_.compute.dpu));
  for (const auto& node : compute_nodes()) node->install_dpu(profile);
}

void System::insert_ssds() {
  auto insert = [this](Node& node, std::int64_t count, const std::string& profile) {
    if (count == 0) return;
    const SsdMaker make_ssd = ssd_maker(scenario_.profile(profile));
    const std::vector<std::string> names = room_.ssds_of(node);
    for (std::int64_t i = 0; i < count; ++i)
      node.insert_ssd(make_ssd(calendar_, names[node.ssds().size()], seed_));
  };
  for (const auto& node : storage_nodes()) {
    insert(*node, scenario_.storage.ssds_per_server, scenario_.storage.ssd);
    if (scenario_.is_pool())
      insert(*node, scenario_.storage.capacity_ssds_per_server, scenario_.storage.capacity_ssd);
  }
  if (scenario_.is_pool())
    for (const auto& node : compute_nodes())
      insert(*node, scenario_.compute.ssds_per_server, scenario_.compute.ssd);
}

// Clients on the compute servers, each with a thread and a connection of its own; the storage servers answer in turn.
void System::build_rpc() {
  const StackEntry& entry = *find_stack(scenario_.frontend.stack);
  rpc_stack_ = entry.make(scenario_.profile(scenario_.frontend_profile()));
  agent_site_ = scenario_.agent_placement();
  const bool on_dpu = agent_site_ == "dpu";
  auto thread_on = [&entry](Cpu& cpu, std::size_t number) {
    return entry.traits.threads_poll ? Thread::pinned(cpu, number) : Thread::floating(cpu);
  };
  const std::vector<std::string> names = scenario_.volume_names();
  for (std::size_t c = 0; c < compute_nodes().size(); ++c)
    for (std::int64_t v = 0; v < scenario_.volumes.per_server; ++v) {
      const std::size_t number = volumes_.size();
      const std::size_t to = number % storage_nodes().size();
      Node& client = *compute_nodes()[c];
      Node& server = *storage_nodes()[to];
      Cpu& client_cpu = on_dpu ? client.dpu()->cpu() : client.cpu();
      const std::string& name = names[number];
      auto connection =
          rpc_stack_->connect(*room_.frontend(),
                              {&client, thread_on(client_cpu, static_cast<std::size_t>(v)),
                               room_.compute().frontend[c], on_dpu},
                              {&server, thread_on(server.cpu(), number / storage_nodes().size()),
                               room_.storage().frontend[to]},
                              source_port(seed_, name, server.name()));
      volumes_.push_back(
          std::make_unique<RpcTarget>(name, scenario_.volumes.size, std::move(connection)));
    }
}

void System::build_device() {
  for (auto& node : storage_nodes())
    for (auto& ssd : node->ssds()) volumes_.push_back(std::make_unique<LocalVolume>(*ssd));
}

std::vector<Port*> System::links_of(const Node& node) const {
  std::vector<Port*> links;
  for (Fabric* fabric : fabrics()) fabric->collect_links(node, links);
  return links;
}

std::vector<Port*> System::compute_links() const {
  std::vector<Port*> links;
  for (Fabric* fabric : fabrics())
    for (const auto& node : compute_nodes()) fabric->collect_links(*node, links);
  return links;
}

std::vector<Port*> System::storage_links() const {
  std::vector<Port*> links;
  for (Fabric* fabric : fabrics())
    for (const auto& node : storage_nodes()) fabric->collect_links(*node, links);
  return links;
}

std::vector<Port*> System::spine_links() const {
  std::vector<Port*> links;
  for (Fabric* fabric : fabrics()) fabric->collect_spine_links(links);
  return links;
}

}  // namespace orrery
