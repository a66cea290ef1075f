// What the tests of a cluster's dump share: objects as kubectl prints them, and what becomes of
// them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/scenarios/systems/fleet/demand_cases.hpp"

namespace orrery {

inline LoadedDemand dump(const std::string& items) {
  return demand_of("demand: [{file: c.yaml, format: kubernetes}]\n",
                   {{"/d/c.yaml", "kind: List\nitems:\n" + items}});
}

inline const std::string kNode =
    "- {kind: Node, metadata: {name: n}, status: {allocatable: {cpu: 8, memory: 32Gi, pods: 50, "
    "sds/local-storage: 1Ti}}}\n";

inline std::string node(const std::string& metadata, const std::string& spec,
                        const std::string& status) {
  return "- {kind: Node, metadata: {" + metadata + "}, spec: {" + spec + "}, status: {" + status +
         "}}\n";
}
inline std::string pod(const std::string& name, const std::string& spec,
                       const std::string& status = "phase: Pending",
                       const std::string& metadata = "") {
  return "- {kind: Pod, metadata: {name: " + name +
         ", creationTimestamp: \"2026-01-01T00:00:00Z\"" + metadata + "}, spec: {" + spec +
         "}, status: {" + status + "}}\n";
}
inline std::string claim(const std::string& name, const std::string& spec,
                         const std::string& status = "phase: Pending") {
  return "- {kind: PersistentVolumeClaim, metadata: {name: " + name +
         "}, spec: {resources: {requests: {storage: 1Gi}}, " + spec + "}, status: {" + status +
         "}}\n";
}
inline const std::string kOn = "volumes: [{persistentVolumeClaim: {claimName: ";

inline const control::PodSpec& only_pod(const LoadedDemand& loaded) {
  return loaded.demand.pods.at(0);
}
inline std::int64_t amount_of(const LoadedDemand& loaded,
                              const std::vector<control::ResourceAmount>& amounts,
                              const std::string& name) {
  for (const control::ResourceAmount& each : amounts)
    if (loaded.demand.resources[each.resource] == name) return each.amount;
  return 0;
}

// Pods by their names without a namespace.
inline std::map<std::string, const control::PodSpec*> pods_of(const LoadedDemand& loaded) {
  std::map<std::string, const control::PodSpec*> pods;
  for (const control::PodSpec& each : loaded.demand.pods)
    pods[each.name.substr(each.name.find('/') + 1)] = &each;
  return pods;
}
// Whether a node's name and labels are among those that a pod may run on, as far as it says.
inline bool may_run_on(const control::PodSpec& pod, const std::string& name,
                       const control::Labels& labels = {}) {
  return !pod.rules || pod.rules->affinity.empty() ||
         control::any_holds(pod.rules->affinity, labels, name);
}

inline const std::string kLiteioClass =
    "- {kind: StorageClass, metadata: {name: lio}, provisioner: antstor.csi.alipay.com}\n";
inline const std::string kDefaultClass =
    "- {kind: StorageClass, metadata: {name: usual, annotations: "
    "{storageclass.kubernetes.io/is-default-class: \"true\"}}, provisioner: "
    "antstor.csi.alipay.com}\n";

}  // namespace orrery
