#include "scenarios/systems/fleet/kubernetes_pod.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "scenarios/systems/fleet/demand_spec.hpp"
#include "scenarios/systems/fleet/kubernetes_object.hpp"

namespace orrery::kubectl {

namespace {

// What a pod needs at its worst moment, as the scheduler counts it.
struct Requests {
  std::int64_t cpu_millis = 0;
  Bytes memory;
  std::map<std::string, std::int64_t> others;

  void add(const std::string& name, const std::string& text) {
    if (name == "cpu") cpu_millis = cpu_of(text);
    else if (name == "memory") memory = bytes_of("memory", text);
    else if (name != "pods") others[name] = bytes_of(name, text).count();
  }
  static Requests of(const TextNode* map) {
    Requests all;
    for (const TextNode::Entry& entry : entries_of(map)) all.add(entry.key, entry.value.text);
    return all;
  }
  // Of `resources`: what is limited and not requested is requested up to its limit.
  static Requests of_resources(const TextNode* resources) {
    Requests all;
    const TextNode* const requests = child(resources, "requests");
    for (const TextNode::Entry& entry : entries_of(child(resources, "limits")))
      if (child(requests, entry.key) == nullptr) all.add(entry.key, entry.value.text);
    for (const TextNode::Entry& entry : entries_of(requests)) all.add(entry.key, entry.value.text);
    return all;
  }
  friend Requests operator+(const Requests& a, const Requests& b) {
    Requests sum{a.cpu_millis + b.cpu_millis, a.memory + b.memory, a.others};
    bool is_too_much = static_cast<double>(sum.cpu_millis) > demand_limits::kCores * 1000 ||
                       static_cast<double>(sum.memory.count()) > demand_limits::kBytes;
    for (const auto& [name, amount] : b.others)
      is_too_much |= static_cast<double>(sum.others[name] += amount) > demand_limits::kBytes;
    if (is_too_much) throw BrokenObject{"its containers ask for more than any machine has"};
    return sum;
  }
  friend Requests most(const Requests& a, const Requests& b) {
    Requests larger{std::max(a.cpu_millis, b.cpu_millis), std::max(a.memory, b.memory), a.others};
    for (const auto& [name, amount] : b.others)
      larger.others[name] = std::max(larger.others[name], amount);
    return larger;
  }
};

Requests requests_of(const TextNode& pod) {
  Requests sidecars, peak;
  for (const TextNode& container : items_of(child(&pod, "spec", "initContainers"))) {
    const bool is_sidecar = text_at(container, "restartPolicy") == "Always";
    const Requests own = Requests::of_resources(child(&container, "resources"));
    if (is_sidecar) sidecars = sidecars + own;
    peak = most(peak, is_sidecar ? sidecars : sidecars + own);
  }
  Requests running = sidecars;
  for (const TextNode& container : items_of(child(&pod, "spec", "containers")))
    running = running + Requests::of_resources(child(&container, "resources"));
  Requests all = most(peak, running);
  // What is said of the whole pod holds instead.
  const TextNode* const whole = child(&pod, "spec", "resources");
  for (const char* part : {"limits", "requests"})
    for (const TextNode::Entry& entry : entries_of(child(whole, part)))
      if (std::string_view{part} == "requests" || child(whole, "requests", entry.key) == nullptr)
        all.add(entry.key, entry.value.text);
  return all + Requests::of(child(&pod, "spec", "overhead"));
}

std::string app_of(const TextNode& object, const std::string& name) {
  for (const char* label : {"app", "app.kubernetes.io/name"})
    if (std::string app = text_at(object, "metadata", "labels", label); !app.empty()) return app;
  for (const TextNode& owner : items_of(child(&object, "metadata", "ownerReferences")))
    return text_at(owner, "name");
  return name;
}

std::vector<control::Toleration> tolerations_of(const TextNode& object) {
  std::vector<control::Toleration> all;
  for (const TextNode& each : items_of(child(&object, "spec", "tolerations"))) {
    const std::string is = text_at(each, "operator");
    const std::string effect = text_at(each, "effect");
    control::Toleration toleration;
    toleration.key = text_at(each, "key");
    toleration.exists = is == "Exists";
    toleration.value = text_at(each, "value");
    if (effect == "NoSchedule") toleration.effect = control::TaintEffect::no_schedule;
    else if (effect == "NoExecute") toleration.effect = control::TaintEffect::no_execute;
    // One of PreferNoSchedule keeps nobody off; one without a key is for all keys only if it
    // `Exists`; others are not known.
    if (!effect.empty() && !toleration.effect) continue;
    if (!toleration.exists && (toleration.key.empty() || !(is.empty() || is == "Equal"))) continue;
    all.push_back(std::move(toleration));
  }
  return all;
}

std::vector<control::NodeTerm> affinity_of(const TextNode& object) {
  const TextNode* const required = child(&object, "spec", "affinity", "nodeAffinity",
                                         "requiredDuringSchedulingIgnoredDuringExecution");
  std::vector<control::NodeTerm> terms;
  for (const TextNode& term : items_of(child(required, "nodeSelectorTerms")))
    terms.push_back(term_of(term));
  return terms;
}

// "host port TCP/80": one of each on every node.
std::vector<std::string> host_ports_of(const TextNode& object, File& file) {
  const bool is_on_host = text_at(object, "spec", "hostNetwork") == "true";
  std::vector<std::string> ports;
  bool has_address = false;
  const auto add_ports = [&](const TextNode& container) {
    for (const TextNode& port : items_of(child(&container, "ports"))) {
      std::string number = text_at(port, "hostPort");
      if (number.empty() && is_on_host) number = text_at(port, "containerPort");
      if (number.empty() || number == "0") continue;
      const std::string protocol = text_at(port, "protocol");
      const std::string address = text_at(port, "hostIP");
      has_address |= !address.empty() && address != "0.0.0.0";
      ports.push_back(fmt::format("host port {}/{}", protocol.empty() ? "TCP" : protocol, number));
    }
  };
  for (const TextNode& container : items_of(child(&object, "spec", "containers")))
    add_ports(container);
  for (const TextNode& container : items_of(child(&object, "spec", "initContainers")))
    if (text_at(container, "restartPolicy") == "Always") add_ports(container);
  if (has_address) file.count("addresses of pods' host ports are ignored");
  std::sort(ports.begin(), ports.end());
  ports.erase(std::unique(ports.begin(), ports.end()), ports.end());
  return ports;
}

// Rules that are not modelled.
void note_other_rules(const TextNode& object, File& file) {
  const auto note = [&](bool is_there, const char* what) {
    if (is_there) file.count(what);
  };
  const TextNode* const affinity = child(&object, "spec", "affinity");
  note(has(object, "spec", "affinity", "nodeAffinity",
           "preferredDuringSchedulingIgnoredDuringExecution"),
       "preferred node affinity of pods is ignored");
  note(affinity != nullptr && (has(*affinity, "podAffinity") || has(*affinity, "podAntiAffinity")),
       "affinity and anti-affinity between pods is ignored");
  note(has(object, "spec", "topologySpreadConstraints"),
       "topology spread constraints of pods are ignored");
  const std::string priority = text_at(object, "spec", "priority");
  note((!priority.empty() && priority != "0") ||
           (priority.empty() && has(object, "spec", "priorityClassName")),
       "pods with a priority: they stand in no other order, and nobody is preempted for them");
  note(has(object, "spec", "resourceClaims"), "resource claims (devices) of pods are ignored");
  const std::string scheduler = text_at(object, "spec", "schedulerName");
  if (!scheduler.empty() && scheduler != "default-scheduler")
    file.count(fmt::format("pods of the scheduler {}, for which kube-scheduler stands", scheduler));
  bool has_disk = false;
  for (const TextNode& volume : items_of(child(&object, "spec", "volumes")))
    for (const char* kind : {"csi", "awsElasticBlockStore", "azureDisk", "cinder", "fc", "iscsi",
                             "gcePersistentDisk", "rbd", "vsphereVolume"})
      has_disk |= child(&volume, kind) != nullptr;
  note(has_disk, "disks of pods without a claim are ignored");
}

std::vector<std::string> claim_names_of(const TextNode& object, const std::string& name) {
  std::vector<std::string> names;
  for (const TextNode& volume : items_of(child(&object, "spec", "volumes"))) {
    std::string claim = text_at(volume, "persistentVolumeClaim", "claimName");
    if (claim.empty() && child(&volume, "ephemeral", "volumeClaimTemplate") != nullptr)
      claim = name + "-" + text_at(volume, "name");
    if (!claim.empty() && std::find(names.begin(), names.end(), claim) == names.end())
      names.push_back(std::move(claim));
  }
  return names;
}

// The claims of a pod, as they bear on it.
struct Volumes {
  std::vector<Claim*> own;     // whose first user it is
  std::vector<Claim*> shared;  // another pod's already
  bool can_run = true;         // none is missing, nor can never be bound
  std::string node;            // where a shared one is in use that only one node may use
};

Volumes volumes_of(const TextNode& object, const std::string& name, Claims& claims) {
  Volumes all;
  for (const std::string& claim_name : claim_names_of(object, name)) {
    Claim* const claim = claims.find(namespace_of(object), claim_name);
    if (claim == nullptr || claim->kind == Claim::Kind::never_bound) {
      all.can_run = false;
      if (claim != nullptr) ++claim->users;
    } else if (claim->users == 0 || claim->kind == Claim::Kind::foreign) {
      all.own.push_back(claim);
    } else {
      all.shared.push_back(claim);
      if (claim->is_of_one_pod) all.can_run = false;
      if (claim->is_of_one_node) all.node = claim->node;
    }
  }
  return all;
}

void give_volumes(const Volumes& volumes, control::PodSpec& pod) {
  for (const Claim* claim : volumes.own) {
    if (claim->kind == Claim::Kind::foreign) continue;
    pod.claims.push_back(claim->spec);
    for (const auto& [key, value] : claim->pool_selector) {
      const std::string* other = control::find_label(pod.pool_selector, key);
      if (other != nullptr && *other != value)
        throw BrokenObject{"its claims select different pools"};
      if (other == nullptr) pod.pool_selector.emplace_back(key, value);
    }
    if (!claim->data_holder.empty()) pod.data_holder = claim->data_holder;
  }
}

}  // namespace

std::string left_out_because(const TextNode& object) {
  const std::string phase = text_at(object, "status", "phase");
  if (phase == "Succeeded") return "pods that have succeeded are left out";
  if (phase == "Failed") return "pods that have failed are left out";
  if (!text_at(object, "metadata", "deletionTimestamp").empty())
    return "pods that are being deleted are left out";
  if (has(object, "spec", "schedulingGates") && text_at(object, "spec", "nodeName").empty())
    return "pods with scheduling gates are left out";
  return {};
}

control::PodSpec pod_of(const TextNode& object, ResourceNames& resources, Claims& claims,
                        File& file) {
  const std::string name = name_of(object);
  control::PodSpec pod;
  pod.name = namespace_of(object) + "/" + name;
  pod.app = app_of(object, name);
  Requests requests = requests_of(object);
  pod.cpu_millis = requests.cpu_millis;
  pod.memory = requests.memory;
  pod.node = text_at(object, "spec", "nodeName");
  pod.node_selector = labels_in(child(&object, "spec", "nodeSelector"));
  pod.tolerations = tolerations_of(object);
  pod.data_holder = text_at(object, "metadata", "labels", "antstor.csi.alipay.com/data-holder");
  const bool is_running = !pod.node.empty();

  control::PodRules rules;
  rules.affinity = affinity_of(object);
  const Volumes volumes = volumes_of(object, name, claims);
  give_volumes(volumes, pod);
  if (!is_running && !volumes.can_run) rules.affinity = {{}};  // nowhere
  else if (!is_running && !volumes.node.empty()) {
    control::LabelRule there;
    there.values = {volumes.node};
    there.is_about_name = true;
    if (rules.affinity.empty()) rules.affinity.emplace_back();
    for (control::NodeTerm& term : rules.affinity) term.push_back(there);
  }
  if (requests.others.erase("sds/local-storage") > 0)
    file.count("pods that request sds/local-storage, which is counted by their claims");
  for (const std::string& port : host_ports_of(object, file)) requests.others[port] = 1;
  for (const auto& [what, amount] : requests.others) {
    if (amount == 0) continue;
    if (const auto number = resources.number_of(what)) rules.resources.push_back({*number, amount});
    else file.count("requests for resources beyond 128 kinds are ignored");
  }
  if (!rules.affinity.empty() || !rules.resources.empty())
    pod.rules = std::make_shared<const control::PodRules>(std::move(rules));

  note_other_rules(object, file);
  if (!volumes.can_run)
    file.count(is_running ? "pods that run although a claim of theirs is missing or unbound"
                          : "pods that never run for want of a claim");
  if (!volumes.shared.empty())
    file.count("pods that share a claim of another pod, where its volume counts");
  for (Claim* claim : volumes.own)
    if (claim->users++ == 0) claim->node = pod.node;
  for (Claim* claim : volumes.shared) ++claim->users;
  return pod;
}

}  // namespace orrery::kubectl
