#include "scenarios/system.hpp"

#include "models/net/fluid.hpp"
#include "models/ssd/registry.hpp"
#include "scenarios/platform_of.hpp"
#include "scenarios/systems/system_kind.hpp"
#include "sim/assert.hpp"

namespace orrery {

System::System(Calendar& calendar, TaskScope& scope, const Scenario& scenario)
    : calendar_(calendar),
      scenario_(scenario),
      seed_(static_cast<std::uint64_t>(scenario.head.seed)),
      room_(calendar, scenario) {
  const SystemKind& kind = *scenario.kind;
  if (scenario.is_fluid())
    for (Fabric* fabric : room_.fabrics()) FluidNetwork::take_over(*fabric);
  if (kind.has_agents && scenario.agent_placement() == "dpu") install_dpus();
  if (kind.has_ssds) insert_ssds();
  parts_ = kind.build(scope, scenario, room_);
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
    if (scenario_.kind->has_engines)
      insert(*node, scenario_.storage.capacity_ssds_per_server, scenario_.storage.capacity_ssd);
  }
  if (scenario_.kind->has_engines)
    for (const auto& node : compute_nodes())
      insert(*node, scenario_.compute.ssds_per_server, scenario_.compute.ssd);
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

Cpu* host_cpu_of(System& system, const Scenario& scenario, const std::string& volume) {
  if (scenario.has_guest()) return nullptr;
  const std::string host = volume.substr(0, volume.find('/'));
  for (const auto* nodes : {&system.compute_nodes(), &system.storage_nodes()})
    for (const auto& node : *nodes)
      if (node->name() == host) return &node->cpu();
  return nullptr;
}

}  // namespace orrery
