// What a pod requests, with defaults for scores.
#include "models/control/kubernetes/node_question.hpp"

namespace orrery::control {

NodeQuestion question_of(const FleetContext& context, const PodRecord& pod) {
  const KubernetesProfile& kube = context.kube;
  NodeQuestion question;
  question.pod = &pod;
  question.cpu = pod.spec->cpu_millis;
  question.memory = pod.spec->memory.count();
  question.cpu_scored = question.cpu > 0 ? question.cpu : kube.default_cpu;
  question.memory_scored = question.memory > 0 ? question.memory : kube.default_memory.count();
  if (pod.spec->rules) question.resources = pod.spec->rules->resources;
  if (!context.disks.is_pooled) return question;
  question.volumes = static_cast<std::int32_t>(pod.volumes.size());
  if (context.policy.publishes_local_storage) question.local = pod.must_local.count();
  return question;
}

}  // namespace orrery::control
