#include "scenarios/systems/fleet/kubernetes_pod.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <set>
#include <string_view>
#include <utility>

#include "scenarios/systems/fleet/demand_spec.hpp"
#include "scenarios/systems/fleet/kubernetes_object.hpp"

namespace orrery::kubectl {

namespace {

// What is requested of a node.
struct Requests {
  std::int64_t cpu_millis = 0;
  Bytes memory;
  std::map<std::string, std::int64_t> others;

  void set(const std::string& name, const TextNode& value) {
    if (name == "cpu") cpu_millis = cpu_of(amount_in(value));
    else if (name == "memory") memory = bytes_of("memory", amount_in(value));
    else if (name != "pods")
      others[shown("the name of a resource", name)] = bytes_of(name, amount_in(value)).count();
  }
  // Of `resources`: what is limited and not requested is requested up to its limit.
  void set_all(const TextNode* resources) {
    std::set<std::string_view> requested;
    for (const TextNode::Entry& entry : entries_of(child(resources, "requests"))) {
      requested.insert(entry.key);
      set(entry.key, entry.value);
    }
    for (const TextNode::Entry& entry : entries_of(child(resources, "limits")))
      if (!requested.contains(entry.key)) set(entry.key, entry.value);
  }
  static Requests of_resources(const TextNode* resources) {
    Requests all;
    all.set_all(resources);
    return all;
  }

  void add(const Requests& more) {
    cpu_millis += more.cpu_millis;
    memory += more.memory;
    bool is_too_much = static_cast<double>(cpu_millis) > demand_limits::kCores * 1000 ||
                       static_cast<double>(memory.count()) > demand_limits::kBytes;
    for (const auto& [name, amount] : more.others)
      is_too_much |= static_cast<double>(others[name] += amount) > demand_limits::kBytes;
    if (is_too_much) throw BrokenObject{"its containers ask for more than any machine has"};
  }
  // The larger one of what it was and two together, of all that the first of them asks for.
  void raise(const Requests& first, const Requests& second) {
    cpu_millis = std::max(cpu_millis, first.cpu_millis + second.cpu_millis);
    memory = std::max(memory, first.memory + second.memory);
    for (const auto& [name, amount] : first.others) {
      const auto other = second.others.find(name);
      std::int64_t& most = others[name];
      most = std::max(most, amount + (other == second.others.end() ? 0 : other->second));
    }
  }
};

// What a pod needs at its worst moment, as the scheduler counts it: sidecars from their start on,
// init containers one after the other beside them, then all containers.
Requests requests_of(const TextNode& pod) {
  Requests sidecars, peak;
  for (const TextNode& container : items_of(child(&pod, "spec", "initContainers"))) {
    const bool is_sidecar = text_at(container, "restartPolicy") == "Always";
    const Requests own = Requests::of_resources(child(&container, "resources"));
    if (is_sidecar) sidecars.add(own);
    else peak.raise(own, sidecars);
  }
  // Sidecars only become more, and stay: what they ask for alone is in what runs.
  Requests running = std::move(sidecars);
  for (const TextNode& container : items_of(child(&pod, "spec", "containers")))
    running.add(Requests::of_resources(child(&container, "resources")));
  running.raise(peak, {});
  // What is said of the whole pod holds instead.
  running.set_all(child(&pod, "spec", "resources"));
  Requests overhead;
  for (const TextNode::Entry& entry : entries_of(child(&pod, "spec", "overhead")))
    overhead.set(entry.key, entry.value);
  running.add(overhead);
  return running;
}

std::string app_of(const TextNode& object, const std::string& name) {
  for (const char* label : {"app", "app.kubernetes.io/name"})
    if (std::string app = text_at(object, "metadata", "labels", label); !app.empty()) return app;
  for (const TextNode& owner : items_of(child(&object, "metadata", "ownerReferences")))
    return text_at(owner, "name");
  return name;
}

// A pod's tolerations, and what of them has no end or is not known.
struct Tolerations {
  std::vector<control::Toleration> all;
  bool outlasts_loss = false;
  bool has_other_end = false;    // than the usual one on a node that is lost
  bool has_unknown_end = false;  // on another node, which has none here
  bool has_unknown_operator = false;
};

// How long a lost node's pods stay where nobody says otherwise: what the admission plug-in
// DefaultTolerationSeconds gives them.
constexpr std::string_view kUsualEnd = "300";

Tolerations tolerations_of(const TextNode& object) {
  Tolerations read;
  bool is_decided = false;
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
    if (!toleration.exists && (toleration.key.empty() || !(is.empty() || is == "Equal"))) {
      read.has_unknown_operator |= !is.empty() && is != "Equal";
      continue;
    }
    const std::string end = text_at(each, "tolerationSeconds");
    const bool is_of_loss = toleration.key == "node.kubernetes.io/unreachable" ||
                            toleration.key == "node.kubernetes.io/not-ready";
    // The first one that is for a taint says how long.
    if (!is_decided && control::tolerates_loss({&toleration, 1})) {
      is_decided = true;
      read.outlasts_loss = end.empty();
    }
    read.has_other_end |=
        (is_of_loss || toleration.key.empty()) && !end.empty() && end != kUsualEnd;
    read.has_unknown_end |= !is_of_loss && !end.empty();
    read.all.push_back(std::move(toleration));
  }
  return read;
}

std::vector<control::NodeTerm> affinity_of(const TextNode& object) {
  return terms_of(child(&object, "spec", "affinity", "nodeAffinity",
                        "requiredDuringSchedulingIgnoredDuringExecution"));
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
      ports.push_back(
          shown("a host port",
                fmt::format("host port {}/{}", protocol.empty() ? "TCP" : protocol, number)));
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

// What a pod says of a claim: its name, and what it is made from if it is the pod's own.
struct NamedClaim {
  std::string name;
  const TextNode* claim_template = nullptr;
};

std::vector<NamedClaim> claim_names_of(const TextNode& object, const std::string& name) {
  std::vector<NamedClaim> claims;
  std::set<std::string> seen;
  for (const TextNode& volume : items_of(child(&object, "spec", "volumes"))) {
    NamedClaim claim{text_at(volume, "persistentVolumeClaim", "claimName")};
    if (claim.name.empty()) {
      claim.claim_template = child(&volume, "ephemeral", "volumeClaimTemplate");
      if (claim.claim_template != nullptr) claim.name = name + "-" + text_at(volume, "name");
    }
    if (!claim.name.empty() && seen.insert(claim.name).second) claims.push_back(std::move(claim));
  }
  return claims;
}

// The claims of a pod, as they bear on it.
struct Volumes {
  std::vector<Claim*> own;               // whose first user it is
  std::vector<Claim*> shared;            // another pod's already
  std::vector<control::NodeTerm> terms;  // where all of them can be used; none: anywhere
  bool can_run = true;                   // none is missing, nor can never be bound
};

// Too many combinations are none that anybody wrote.
std::vector<control::NodeTerm> joint_terms(const std::vector<control::NodeTerm>& a,
                                           const std::vector<control::NodeTerm>& b) {
  constexpr std::size_t kMost = 4096;
  if (a.size() > 1 && b.size() > 1 && a.size() * b.size() > kMost)
    throw BrokenObject{"its claims and its affinity allow too many combinations of nodes"};
  return control::both_of(a, b);
}

// What is said of a shared claim, where it holds.
void share(const Claim& claim, bool is_running, Volumes& all, File& file) {
  if (claim.is_of_one_pod) all.can_run = false;
  if (is_running || claim.is_of_one_pod || !claim.is_of_one_node) return;
  if (claim.kind == Claim::Kind::foreign)
    file.count("pods that share a ReadWriteOnce claim of another provisioner, on any node here");
  else if (claim.node.empty())
    file.count("pods that share a ReadWriteOnce claim with one that waits, on any node here");
  else all.terms = joint_terms(all.terms, {term_of_name(claim.node)});
}

Volumes volumes_of(const TextNode& object, const std::string& name, Claims& claims, File& file) {
  Volumes all;
  const std::string space = namespace_of(object);
  const bool is_running = !text_at(object, "spec", "nodeName").empty();
  for (const NamedClaim& named : claim_names_of(object, name)) {
    Claim* claim = claims.find(space, named.name);
    if (claim == nullptr && named.claim_template != nullptr)
      claim = claims.made_from(*named.claim_template, space, named.name,
                               is_running ? "Bound" : "Pending", file);
    if (claim == nullptr || claim->kind == Claim::Kind::never_bound ||
        (claim->is_going && !is_running)) {
      all.can_run = false;
      if (claim != nullptr) ++claim->users;
      continue;
    }
    all.terms = joint_terms(all.terms, claim->terms);
    if (claim->users == 0) all.own.push_back(claim);
    else all.shared.push_back(claim);
    if (claim->users > 0) share(*claim, is_running, all, file);
    if (!claim->lies_somewhere || is_running || claim->users > 0) continue;
    file.count(claim->kind == Claim::Kind::foreign
                   ? "claims of pods that wait are bound to volumes that are not here (pv): they "
                     "can be used anywhere"
                   : "claims of pods that wait are bound, but not said where: their volumes are "
                     "placed anew");
  }
  return all;
}

// Limits of nodes that a claim's volume counts towards, as far as any node has them.
void count_attachments(const Volumes& volumes, const ResourceNames& resources, Requests& requests,
                       File& file) {
  if (!resources.has_limits()) return;
  struct Alias {
    std::string_view provisioner, limit;
  };
  static constexpr std::array kAliases = {
      Alias{"kubernetes.io/aws-ebs", "aws-ebs"},       Alias{"ebs.csi.aws.com", "aws-ebs"},
      Alias{"kubernetes.io/gce-pd", "gce-pd"},         Alias{"pd.csi.storage.gke.io", "gce-pd"},
      Alias{"kubernetes.io/azure-disk", "azure-disk"}, Alias{"disk.csi.azure.com", "azure-disk"},
      Alias{"kubernetes.io/cinder", "cinder"},         Alias{"cinder.csi.openstack.org", "cinder"},
  };
  for (const Claim* claim : volumes.own) {
    if (claim->provisioner.empty())
      file.count("claims of provisioners that are not known, which no limit of nodes counts");
    std::vector<std::string> limits{fmt::format("{}csi-{}", kAttachable, claim->provisioner)};
    for (const Alias& alias : kAliases)
      if (alias.provisioner == claim->provisioner)
        limits.push_back(fmt::format("{}{}", kAttachable, alias.limit));
    for (const std::string& limit : limits)
      if (resources.knows(limit)) ++requests.others[limit];
  }
}

void give_volumes(const Volumes& volumes, control::PodSpec& pod) {
  std::map<std::string, std::string> selected;
  for (const Claim* claim : volumes.own) {
    if (claim->kind == Claim::Kind::foreign) continue;
    pod.claims.push_back(claim->spec);
    for (const auto& [key, value] : claim->pool_selector) {
      const auto [other, is_new] = selected.emplace(key, value);
      if (other->second != value) throw BrokenObject{"its claims select different pools"};
      if (is_new) pod.pool_selector.emplace_back(key, value);
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
  Tolerations tolerations = tolerations_of(object);
  pod.tolerations = std::move(tolerations.all);
  pod.outlasts_loss = tolerations.outlasts_loss;
  pod.data_holder = text_at(object, "metadata", "labels", "antstor.csi.alipay.com/data-holder");
  const bool is_running = !pod.node.empty();

  control::PodRules rules;
  const Volumes volumes = volumes_of(object, name, claims, file);
  rules.affinity = joint_terms(affinity_of(object), volumes.terms);
  give_volumes(volumes, pod);
  if (!is_running && !volumes.can_run) rules.affinity = {{}};  // nowhere
  count_attachments(volumes, resources, requests, file);
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
  if (tolerations.has_other_end)
    file.count("pods that stay on a lost node for a time of their own: the profile's counts");
  if (tolerations.has_unknown_end)
    file.count("pods that tolerate a NoExecute taint for a time: nobody evicts them after it");
  if (tolerations.has_unknown_operator)
    file.count("pods with tolerations of an operator that is not known, which tolerate nothing");
  if (!volumes.can_run)
    file.count(is_running ? "pods that run although a claim of theirs is missing or unbound"
                          : "pods that never run for want of a claim");
  if (std::any_of(volumes.shared.begin(), volumes.shared.end(),
                  [](const Claim* claim) { return claim->kind == Claim::Kind::liteio; }))
    file.count("pods that share a claim of another pod, where its volume counts");
  for (Claim* claim : volumes.own)
    if (claim->users++ == 0) claim->node = pod.node;
  for (Claim* claim : volumes.shared) ++claim->users;
  return pod;
}

}  // namespace orrery::kubectl
