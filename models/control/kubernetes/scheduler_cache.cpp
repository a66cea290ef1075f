// What pods take of nodes, as the scheduler believes.
#include "models/control/kubernetes/scheduler_cache.hpp"

#include <algorithm>

namespace orrery::control {

void SchedulerCache::fill(const Cluster& of, const std::vector<std::string>& names) {
  cluster = &of;
  resource_names = &names;
  const std::size_t n = of.nodes.size();
  resources.assign(names.size(), std::vector<std::int64_t>(n));
  resources_requested = resources;
  for (NodeId id = 0; id < n; ++id) {
    const NodeRecord& node = of.nodes[id];
    cpu.push_back(node.spec->cpu_millis);
    memory.push_back(node.spec->memory.count());
    local.push_back(of.pools.local_storage(id));
    unschedulable.push_back(node.is_cordoned() ? 1 : 0);
    tainted.push_back(node.spec->taints.empty() ? 0 : 1);
    lost.push_back(node.ready ? 0 : 1);
    max_pods.push_back(node.spec->max_pods);
    for (const ResourceAmount& each : node.spec->resources)
      resources[each.resource][id] = each.amount;
  }
  for (auto* column :
       {&cpu_requested, &memory_requested, &local_requested, &cpu_scored, &memory_scored, &pods})
    column->resize(n);
  attached.resize(n);
  apps.resize(n);
}

void SchedulerCache::book(const NodeQuestion& q, NodeId node, int sign) {
  cpu_requested[node] += sign * q.cpu;
  memory_requested[node] += sign * q.memory;
  local_requested[node] += sign * q.local;
  cpu_scored[node] += sign * q.cpu_scored;
  memory_scored[node] += sign * q.memory_scored;
  attached[node] += sign * q.volumes;
  pods[node] += sign;
  for (const ResourceAmount& each : q.resources)
    resources_requested[each.resource][node] += sign * each.amount;
  if (q.pod->spec->max_per_node == 0) return;
  auto& of_node = apps[node];
  const auto found = std::find_if(of_node.begin(), of_node.end(),
                                  [&](const auto& app) { return app.first == q.pod->app; });
  if (found == of_node.end()) {
    of_node.emplace_back(q.pod->app, 1);
  } else if ((found->second += sign) == 0) {
    *found = of_node.back();
    of_node.pop_back();
  }
}

}  // namespace orrery::control
