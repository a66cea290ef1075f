#include "scenarios/testbed.hpp"

#include <fmt/format.h>

#include "models/ebs/rpc_target.hpp"
#include "models/host/local_volume.hpp"
#include "models/net/fluid.hpp"
#include "models/net/registry.hpp"
#include "models/ssd/registry.hpp"
#include "scenarios/platform_of.hpp"
#include "sim/assert.hpp"

namespace orrery {

Testbed::Testbed(Calendar& calendar, TaskScope& scope, const Scenario& scenario,
                 Simulation* simulation)
    : calendar_(calendar),
      scenario_(scenario),
      seed_(static_cast<std::uint64_t>(scenario.head.seed)) {
  const std::string& system = scenario.head.system;
  if (system != "device")
    frontend_ = std::make_unique<Fabric>(
        calendar_, "frontend", bind<FabricProfile>(scenario.profile(scenario.frontend.fabric)),
        seed_, scenario.queues());
  if (frontend_) build_compute();
  build_storage();
  if (!scenario.head.is_fluid()) simulation = nullptr;
  else ORRERY_INVARIANT(simulation != nullptr, "testbed", "a fluid network without an engine");
  if (simulation != nullptr)
    frontend_->carry_as_flows(std::make_unique<FluidNetwork>(*simulation, *frontend_, ""));
  if (system == "rpc") build_rpc();
  if (system == "device") build_device();
  if (system == "ebs") {
    ebs_ =
        std::make_unique<EbsCluster>(scope, scenario, *frontend_, compute_, storage_, simulation);
    agent_site_ = ebs_->agent_site();
    volumes_ = ebs_->make_volumes();
  }
}

Testbed::~Testbed() = default;

void Testbed::build_compute() {
  const Scenario& s = scenario_;
  const auto profile = bind<NodeProfile>(s.profile(s.compute.node));
  for (std::int64_t i = 0; i < s.compute.servers; ++i) {
    auto node = std::make_unique<Node>(calendar_, fmt::format("compute-{}", i), profile);
    if (s.agent_placement() == "dpu") node->install_dpu(bind<DpuProfile>(s.profile(s.compute.dpu)));
    compute_.ports.push_back(frontend_->attach(
        *node, rack_for(static_cast<std::size_t>(i), s.compute.servers, s.compute.racks)));
    compute_.nodes.push_back(std::move(node));
  }
}

// Storage servers stand in racks after the compute servers'.
void Testbed::build_storage() {
  const Scenario& s = scenario_;
  const auto profile = bind<NodeProfile>(s.profile(s.storage.node));
  const bool with_ssds = s.head.system != "rpc";
  const SsdMaker make_ssd = with_ssds ? ssd_maker(s.profile(s.storage.ssd)) : SsdMaker{};
  for (std::int64_t i = 0; i < s.storage.servers; ++i) {
    auto node = std::make_unique<Node>(calendar_, fmt::format("storage-{}", i), profile);
    if (frontend_)
      storage_.ports.push_back(frontend_->attach(
          *node, static_cast<std::size_t>(s.compute.racks) +
                     rack_for(static_cast<std::size_t>(i), s.storage.servers, s.storage.racks)));
    if (with_ssds)
      for (std::int64_t d = 0; d < s.storage.ssds_per_server; ++d)
        node->insert_ssd(make_ssd(calendar_, fmt::format("{}/ssd-{}", node->name(), d), seed_));
    storage_.nodes.push_back(std::move(node));
  }
}

// Clients on the compute servers, each with a thread and a connection of its own; the storage servers answer in turn.
void Testbed::build_rpc() {
  const StackEntry& entry = *find_stack(scenario_.frontend.stack);
  rpc_stack_ = entry.make(scenario_.profile(scenario_.frontend_profile()));
  agent_site_ = scenario_.agent_placement();
  const bool on_dpu = agent_site_ == "dpu";
  auto thread_on = [&entry](Cpu& cpu, std::size_t number) {
    return entry.traits.threads_poll ? Thread::pinned(cpu, number) : Thread::floating(cpu);
  };
  const std::vector<std::string> names = scenario_.volume_names();
  for (std::size_t c = 0; c < compute_.nodes.size(); ++c)
    for (std::int64_t v = 0; v < scenario_.volumes.per_server; ++v) {
      const std::size_t number = volumes_.size();
      const std::size_t to = number % storage_.nodes.size();
      Node& client = *compute_.nodes[c];
      Node& server = *storage_.nodes[to];
      Cpu& client_cpu = on_dpu ? client.dpu()->cpu() : client.cpu();
      const std::string& name = names[number];
      auto connection = rpc_stack_->connect(
          *frontend_,
          {&client, thread_on(client_cpu, static_cast<std::size_t>(v)), compute_.ports[c], on_dpu},
          {&server, thread_on(server.cpu(), number / storage_.nodes.size()), storage_.ports[to]},
          source_port(seed_, name, server.name()));
      volumes_.push_back(
          std::make_unique<RpcTarget>(name, scenario_.volumes.size, std::move(connection)));
    }
}

void Testbed::build_device() {
  for (auto& node : storage_.nodes)
    for (auto& ssd : node->ssds()) volumes_.push_back(std::make_unique<LocalVolume>(*ssd));
}

std::vector<Fabric*> Testbed::fabrics() const {
  std::vector<Fabric*> all;
  if (frontend_) all.push_back(frontend_.get());
  if (ebs_) all.push_back(&ebs_->backend());
  return all;
}

std::vector<Port*> Testbed::links_of(const Node& node) const {
  std::vector<Port*> links;
  for (Fabric* fabric : fabrics()) fabric->collect_links(node, links);
  return links;
}

std::vector<Port*> Testbed::compute_links() const {
  std::vector<Port*> links;
  for (Fabric* fabric : fabrics())
    for (const auto& node : compute_.nodes) fabric->collect_links(*node, links);
  return links;
}

std::vector<Port*> Testbed::storage_links() const {
  std::vector<Port*> links;
  for (Fabric* fabric : fabrics())
    for (const auto& node : storage_.nodes) fabric->collect_links(*node, links);
  return links;
}

std::vector<Port*> Testbed::spine_links() const {
  std::vector<Port*> links;
  for (Fabric* fabric : fabrics()) fabric->collect_spine_links(links);
  return links;
}

}  // namespace orrery
