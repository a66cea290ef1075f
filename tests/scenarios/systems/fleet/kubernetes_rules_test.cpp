// Every rule of a dump that schedules is applied, or said.
#include <gmock/gmock.h>

#include "tests/scenarios/systems/fleet/demand_cases.hpp"

namespace orrery::kubernetes_rules_test {
namespace kubernetes_rules_test {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

LoadedDemand dump(const std::string& items) {
  return demand_of("demand: [{file: c.yaml, format: kubernetes}]\n",
                   {{"/d/c.yaml", "kind: List\nitems:\n" + items}});
}

const std::string kNode =
    "- {kind: Node, metadata: {name: n}, status: {allocatable: {cpu: 8, memory: 32Gi, pods: 50, "
    "sds/local-storage: 1Ti}}}\n";

std::string node(const std::string& metadata, const std::string& spec, const std::string& status) {
  return "- {kind: Node, metadata: {" + metadata + "}, spec: {" + spec + "}, status: {" + status +
         "}}\n";
}
std::string pod(const std::string& name, const std::string& spec,
                const std::string& status = "phase: Pending", const std::string& metadata = "") {
  return "- {kind: Pod, metadata: {name: " + name +
         ", creationTimestamp: \"2026-01-01T00:00:00Z\"" + metadata + "}, spec: {" + spec +
         "}, status: {" + status + "}}\n";
}
std::string claim(const std::string& name, const std::string& spec,
                  const std::string& status = "phase: Pending") {
  return "- {kind: PersistentVolumeClaim, metadata: {name: " + name +
         "}, spec: {resources: {requests: {storage: 1Gi}}, " + spec + "}, status: {" + status +
         "}}\n";
}
const std::string kOn = "volumes: [{persistentVolumeClaim: {claimName: ";

const control::PodSpec& only_pod(const LoadedDemand& loaded) { return loaded.demand.pods.at(0); }
std::int64_t amount_of(const LoadedDemand& loaded,
                       const std::vector<control::ResourceAmount>& amounts,
                       const std::string& name) {
  for (const control::ResourceAmount& each : amounts)
    if (loaded.demand.resources[each.resource] == name) return each.amount;
  return 0;
}

TEST(KubernetesRules, nodes_take_as_many_pods_as_they_say_and_110_otherwise) {
  const auto loaded =
      dump(kNode + node("name: m", "", "capacity: {cpu: 8, memory: 32Gi, nvidia.com/gpu: 8}"));
  EXPECT_EQ(loaded.demand.nodes[0].max_pods, 50);
  EXPECT_EQ(loaded.demand.nodes[1].max_pods, 110);
  EXPECT_EQ(amount_of(loaded, loaded.demand.nodes[1].resources, "nvidia.com/gpu"), 8);
  EXPECT_THAT(loaded.input.notes, Contains(HasSubstr("nodes say nothing of how many pods")));
}

TEST(KubernetesRules, whatever_else_is_given_out_is_requested_by_name) {
  const auto loaded =
      dump(kNode +
           pod("p",
               "overhead: {memory: 1Gi}, containers: [{resources: {requests: {nvidia.com/gpu: 1, "
               "hugepages-2Mi: 64Mi, ephemeral-storage: 2Gi}, limits: {nvidia.com/gpu: 2, cpu: 3, "
               "example.com/dongle: 1}}}], initContainers: [{resources: {requests: "
               "{ephemeral-storage: 5Gi}}}]"));
  const control::PodSpec& spec = only_pod(loaded);
  EXPECT_EQ(spec.cpu_millis, 3000);  // its limit, since it requests none
  EXPECT_EQ(spec.memory, gibibytes(1));
  EXPECT_EQ(amount_of(loaded, spec.rules->resources, "nvidia.com/gpu"), 1);
  EXPECT_EQ(amount_of(loaded, spec.rules->resources, "hugepages-2Mi"), 64 << 20);
  EXPECT_EQ(amount_of(loaded, spec.rules->resources, "ephemeral-storage"), 5LL << 30);
  EXPECT_EQ(amount_of(loaded, spec.rules->resources, "example.com/dongle"), 1);
}

TEST(KubernetesRules, taints_and_tolerations_have_values_and_effects) {
  using control::TaintEffect;
  const auto loaded = dump(
      node("name: n",
           "taints: [{key: a, value: x, effect: NoSchedule}, {key: b, effect: NoExecute}, {key: c, "
           "effect: PreferNoSchedule}]",
           "allocatable: {cpu: 8, memory: 1Gi, pods: 9}") +
      pod("p",
          "tolerations: [{key: a, value: x}, {key: b, operator: Exists, effect: NoExecute, "
          "tolerationSeconds: 300}, {operator: Exists, effect: NoSchedule}, {key: c, effect: "
          "PreferNoSchedule}, {key: d, operator: Gt, value: 3}]"));
  EXPECT_THAT(
      loaded.demand.nodes[0].taints,
      ElementsAre(control::Taint{"a", "x"}, control::Taint{"b", "", TaintEffect::no_execute}));
  EXPECT_THAT(only_pod(loaded).tolerations,
              ElementsAre(control::Toleration{"a", false, "x", {}},
                          control::Toleration{"b", true, "", TaintEffect::no_execute},
                          control::Toleration{"", true, "", TaintEffect::no_schedule}));
  EXPECT_THAT(loaded.input.notes, Contains(HasSubstr("PreferNoSchedule taints of nodes")));
}

TEST(KubernetesRules, a_node_that_is_not_ready_is_lost_and_tainted) {
  const auto loaded = dump(node("name: n", "",
                                "allocatable: {cpu: 8, memory: 1Gi, pods: 9}, conditions: [{type: "
                                "Ready, status: Unknown}, {type: DiskPressure, status: \"True\"}, "
                                "{type: MemoryPressure, status: \"False\"}]"));
  EXPECT_TRUE(loaded.demand.nodes[0].is_lost);
  EXPECT_THAT(loaded.demand.nodes[0].taints,
              ElementsAre(control::Taint{"node.kubernetes.io/unreachable", ""},
                          control::Taint{"node.kubernetes.io/disk-pressure", ""}));
}

TEST(KubernetesRules, required_node_affinity_is_read_and_the_rest_is_noted) {
  const auto loaded = dump(
      kNode +
      pod("p",
          "priority: 5, schedulerName: volcano, topologySpreadConstraints: [{maxSkew: 1}], "
          "affinity: {podAntiAffinity: {x: y}, nodeAffinity: "
          "{preferredDuringSchedulingIgnoredDuringExecution: [{weight: 1}], "
          "requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: "
          "[{matchExpressions: [{key: zone, operator: In, values: [a, b]}, {key: old, operator: "
          "DoesNotExist}]}, {matchFields: [{key: metadata.name, operator: In, values: [n]}]}]}}}"));
  const auto& terms = only_pod(loaded).rules->affinity;
  ASSERT_EQ(terms.size(), 2u);
  EXPECT_TRUE(control::any_holds(terms, {{"zone", "b"}}, "m"));
  EXPECT_FALSE(control::any_holds(terms, {{"zone", "b"}, {"old", ""}}, "m"));
  EXPECT_TRUE(control::any_holds(terms, {{"zone", "c"}}, "n"));
  for (const char* what : {"preferred node affinity", "anti-affinity", "topology spread",
                           "a priority", "the scheduler volcano"})
    EXPECT_THAT(loaded.input.notes, Contains(HasSubstr(what)));
}

TEST(KubernetesRules, a_host_port_is_there_once_on_every_node) {
  const auto loaded =
      dump(kNode + pod("p", "containers: [{ports: [{containerPort: 80, hostPort: 8080}]}]") +
           pod("q",
               "hostNetwork: true, containers: [{ports: [{containerPort: 53, protocol: "
               "UDP}]}]"));
  EXPECT_THAT(loaded.demand.resources, ElementsAre("host port TCP/8080", "host port UDP/53"));
  EXPECT_EQ(amount_of(loaded, loaded.demand.nodes[0].resources, "host port TCP/8080"), 1);
  EXPECT_EQ(amount_of(loaded, loaded.demand.pods[1].rules->resources, "host port UDP/53"), 1);
}

TEST(KubernetesRules, claims_of_other_provisioners_take_nothing_of_the_pools) {
  const auto loaded = dump(
      kNode +
      "- {kind: StorageClass, metadata: {name: ours}, provisioner: "
      "antstor.csi.alipay.com}\n"
      "- {kind: StorageClass, metadata: {name: cloud, annotations: "
      "{storageclass.kubernetes.io/is-default-class: \"true\"}}, provisioner: x.y}\n" +
      claim("a", "storageClassName: ours") + claim("b", "storageClassName: cloud") +
      claim("c", "volumeMode: Filesystem") + claim("d", "storageClassName: gone", "phase: Bound") +
      pod("p",
          "volumes: [{persistentVolumeClaim: {claimName: a}}, {persistentVolumeClaim: "
          "{claimName: b}}, {persistentVolumeClaim: {claimName: c}}, "
          "{persistentVolumeClaim: {claimName: d}}]"));
  ASSERT_EQ(only_pod(loaded).claims.size(), 1u);
  EXPECT_EQ(only_pod(loaded).claims[0].name, "a");
  EXPECT_EQ(only_pod(loaded).rules, nullptr);
  EXPECT_THAT(loaded.input.notes, Contains(HasSubstr("claims of other provisioners")));
  EXPECT_THAT(loaded.input.notes, Contains(HasSubstr("claims of storage classes that are not")));
  EXPECT_EQ(loaded.input.broken, 0);
}

TEST(KubernetesRules, a_pod_runs_nowhere_if_a_claim_of_it_can_never_be_bound) {
  const auto loaded = dump(
      kNode + claim("c", "storageClassName: gone") + claim("l", "volumeName: v", "phase: Lost") +
      pod("missing", kOn + "none}}]") + pod("unbound", kOn + "c}}]") + pod("lost", kOn + "l}}]") +
      pod("runs", "nodeName: n, " + kOn + "none}}]"));
  ASSERT_EQ(loaded.demand.pods.size(), 4u);
  EXPECT_EQ(loaded.demand.pods[0].name, "default/runs");
  EXPECT_EQ(loaded.demand.pods[0].rules, nullptr);
  for (int i = 1; i < 4; ++i)
    EXPECT_FALSE(control::any_holds(loaded.demand.pods[i].rules->affinity, {}, "n"));
  EXPECT_THAT(loaded.input.notes, Contains(HasSubstr("pods that never run for want of a claim")));
  EXPECT_EQ(loaded.input.broken, 1);  // the claim without a class
}

TEST(KubernetesRules, a_claim_may_be_shared_and_its_volume_counts_once) {
  const auto loaded =
      dump(kNode + claim("many", "accessModes: [ReadWriteMany]") +
           claim("once", "accessModes: [ReadWriteOnce]") +
           claim("alone", "accessModes: [ReadWriteOncePod]") + pod("a", kOn + "many}}]") +
           pod("b", kOn + "many}}]") + pod("c", "nodeName: n, " + kOn + "once}}]") +
           pod("d", kOn + "once}}]") + pod("e", kOn + "alone}}]") + pod("f", kOn + "alone}}]"));
  std::map<std::string, const control::PodSpec*> pods;
  for (const control::PodSpec& each : loaded.demand.pods) pods[each.name.substr(8)] = &each;
  EXPECT_EQ(pods["a"]->claims.size(), 1u);
  EXPECT_THAT(pods["b"]->claims, IsEmpty());
  EXPECT_EQ(pods["b"]->rules, nullptr);
  // A volume of one node keeps who shares it there.
  EXPECT_EQ(pods["c"]->claims.size(), 1u);
  EXPECT_TRUE(control::any_holds(pods["d"]->rules->affinity, {}, "n"));
  EXPECT_FALSE(control::any_holds(pods["d"]->rules->affinity, {}, "m"));
  EXPECT_FALSE(control::any_holds(pods["f"]->rules->affinity, {}, "n"));
  EXPECT_THAT(loaded.input.notes, Contains(HasSubstr("pods that share a claim")));
}

TEST(KubernetesRules, pods_that_are_finished_going_or_held_back_are_left_out) {
  const auto loaded = dump(
      kNode + pod("a", "", "phase: Failed") + pod("b", "", "phase: Succeeded") +
      pod("c", "nodeName: n", "phase: Running", ", deletionTimestamp: \"2026-01-01T00:00:00Z\"") +
      pod("d", "schedulingGates: [{name: quota}]") + pod("e", "containers: []"));
  ASSERT_EQ(loaded.demand.pods.size(), 1u);
  EXPECT_EQ(loaded.demand.pods[0].name, "default/e");
  for (const char* what : {"failed", "succeeded", "being deleted", "scheduling gates"})
    EXPECT_THAT(loaded.input.notes, Contains(HasSubstr(what)));
}

TEST(KubernetesRules, documents_lists_and_files_make_one_cluster) {
  const std::string pods =
      "# pods\nkind: PodList\nitems:\n- {metadata: {name: p}, spec: {nodeName: n}}\n---\n---\n"
      "kind: Pod\nmetadata: {name: q, creationTimestamp: \"2026-01-01T00:00:00Z\"}\nspec: {" +
      kOn + "c}}]}\n";
  const auto loaded = demand_of(
      "demand: [{file: pods.yaml, format: kubernetes}, {file: rest.yaml, format: kubernetes}]\n",
      {{"/d/pods.yaml", pods},
       {"/d/rest.yaml", "---\n" + kNode.substr(2) + "---\nkind: List\nitems:\n" +
                            claim("c", "accessModes: [ReadWriteOnce]")}});
  ASSERT_EQ(loaded.demand.pods.size(), 2u);
  EXPECT_EQ(loaded.demand.pods[1].claims.size(), 1u);
  EXPECT_EQ(loaded.input.broken, 0);
}

TEST(KubernetesRules, a_mistake_in_a_later_document_has_its_own_line) {
  EXPECT_THAT(demand_error("demand: [{file: c.yaml, format: kubernetes}]\n",
                           {{"/d/c.yaml", "kind: List\nitems: []\n---\nkind: [\n"}}),
              HasSubstr("/d/c.yaml:"));
  const auto loaded =
      demand_of("demand: [{file: c.yaml, format: kubernetes}]\n",
                {{"/d/c.yaml", kNode.substr(2) + "---\nkind: Pod\nmetadata: {}\n"}});
  EXPECT_THAT(loaded.input.notes, Contains(HasSubstr("/d/c.yaml:3: Pod '': it has no name")));
}

// What is left out, or taken otherwise than a cluster would, and how often.
struct Said {
  std::string items;
  std::string note;
};
std::string on(const std::string& claim_name) { return kOn + claim_name + "}}]"; }
std::string storage_class(const std::string& rest) {
  return "- {kind: StorageClass, metadata: {name: s}, " + rest + "}\n";
}
const std::string kWaits = "containers: []";

TEST(KubernetesRules, whatever_is_left_out_is_counted) {
  std::string many;
  for (int i = 0; i < 130; ++i) many += fmt::format("example.com/thing{}: 1, ", i);
  const std::string ours = "provisioner: antstor.csi.alipay.com";
  const std::vector<Said> cases = {
      {node("name: n", "",
            "allocatable: {cpu: 8, memory: 32Gi, pods: 9}, conditions: [{type: Ready, status: "
            "\"False\"}]"),
       "nodes are not ready: what is bound to them does not run (1)"},
      {node("name: n", "", "allocatable: {" + many + "cpu: 8, memory: 32Gi}"),
       "resources of nodes beyond 128 kinds are ignored (2)"},
      {kNode + pod("p", "containers: [{resources: {requests: {" + many + "cpu: 1}}}]"),
       "requests for resources beyond 128 kinds are ignored (2)"},
      {kNode + pod("p", "containers: [{ports: [{hostPort: 80, hostIP: 10.0.0.1}]}]"),
       "addresses of pods' host ports are ignored (1)"},
      {kNode + pod("p",
                   "affinity: {nodeAffinity: {preferredDuringSchedulingIgnoredDuringExecution: "
                   "[{weight: 1}]}}"),
       "preferred node affinity of pods is ignored (1)"},
      {kNode + pod("p", "affinity: {podAffinity: {x: y}}"),
       "affinity and anti-affinity between pods is ignored (1)"},
      {kNode + pod("p", "topologySpreadConstraints: [{maxSkew: 1}]"),
       "topology spread constraints of pods are ignored (1)"},
      {kNode + pod("p", "priorityClassName: high") + pod("q", "priority: 0, priorityClassName: x"),
       "pods with a priority: they stand in no other order, and nobody is preempted for them (1)"},
      {kNode + pod("p", "resourceClaims: [{name: gpu}]"),
       "resource claims (devices) of pods are ignored (1)"},
      {kNode + pod("p", "schedulerName: volcano") + pod("q", "schedulerName: default-scheduler"),
       "pods of the scheduler volcano, for which kube-scheduler stands (1)"},
      {kNode + pod("p", "volumes: [{rbd: {image: x}}]"),
       "disks of pods without a claim are ignored (1)"},
      {kNode + pod("p", kWaits, "phase: Failed"), "pods that have failed are left out (1)"},
      {kNode + pod("p", kWaits, "phase: Pending", ", deletionTimestamp: x"),
       "pods that are being deleted are left out (1)"},
      {kNode + pod("p", "schedulingGates: [{name: quota}]"),
       "pods with scheduling gates are left out (1)"},
      {kNode + pod("p", "containers: [{resources: {requests: {sds/local-storage: 1Gi}}}]"),
       "pods that request sds/local-storage, which is counted by their claims (1)"},
      {kNode + pod("p", "nodeName: n, " + on("nowhere")),
       "pods that run although a claim of theirs is missing or unbound (1)"},
      {kNode + claim("c", "accessModes: [ReadWriteMany]") + pod("p", on("c")) + pod("q", on("c")),
       "pods that share a claim of another pod, where its volume counts (1)"},
      {node("name: n", "taints: [{key: k, effect: NoExecute}]",
            "allocatable: {cpu: 8, memory: 32Gi, pods: 9}") +
           pod("p", "nodeName: n"),
       "pods that run in spite of a NoExecute taint: nobody evicts them (1)"},
      {kNode + "- {metadata: {name: x}}\n", "objects without a kind are left out (1)"},
      {kNode + storage_class("provisioner: ebs.csi.aws.com"),
       "storage classes of other provisioners, whose claims take nothing of the pools (1)"},
      {kNode + storage_class(ours + ", allowedTopologies: [{}]"),
       "allowedTopologies of storage classes are ignored (1)"},
      {kNode + storage_class(ours + ", volumeBindingMode: Immediate"),
       "storage classes of Immediate binding, whose volumes come with their pods here (1)"},
      {kNode + storage_class(ours) + storage_class(ours),
       "StorageClass 's' is there already; this one does not count"},
      {kNode + claim("c", "storageClassName: gone, volumeName: v", "phase: Bound") +
           pod("p", on("c")),
       "claims of storage classes that are not here: taken for other provisioners' (1)"},
      {kNode + claim("c", "accessModes: []", "phase: Lost") + pod("p", on("c")),
       "claims are lost or being deleted: pods that wait for them never run (1)"},
      {kNode + claim("c", "selector: {matchLabels: {a: b}}") + pod("p", on("c")),
       "selectors of volumes in claims are ignored (1)"},
      {kNode + claim("c", "dataSource: {kind: VolumeSnapshot}") + pod("p", on("c")),
       "claims that are filled from another volume or a snapshot: they begin empty (1)"},
      {kNode +
           "- {kind: PersistentVolumeClaim, metadata: {name: c, annotations: "
           "{obnvmf/node-label-selector: a=b}}, spec: {resources: {requests: {storage: 1Gi}}}}\n",
       "obnvmf/node-label-selector of claims is ignored (1)"},
  };
  for (const Said& each : cases)
    EXPECT_THAT(dump(each.items).input.notes, Contains(testing::EndsWith(": " + each.note)))
        << each.items;
}

// Of the objects that follow a node that can be used.
TEST(KubernetesRules, whatever_cannot_be_used_says_why) {
  const std::string there =
      "affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: "
      "{nodeSelectorTerms: [{";
  const auto picks = [](const std::string& name, const std::string& pool) {
    return "- {kind: PersistentVolumeClaim, metadata: {name: " + name +
           ", annotations: {obnvmf/pool-label-selector: " + pool +
           "}}, spec: {resources: {requests: {storage: 1Gi}}}}\n";
  };
  const std::vector<Said> cases = {
      {node("name: m, labels: {custom.k8s.alipay.com/nvmf-pool-mode: Zfs}", "",
            "allocatable: {cpu: 8, memory: 32Gi}"),
       "Node 'm': unknown pool mode 'Zfs'"},
      {node("name: m, labels: {obnvmf/local-storage-bytes: some}", "",
            "allocatable: {cpu: 8, memory: 32Gi}"),
       "Node 'm': local storage is no quantity: 'some'"},
      {node("name: m", "", "allocatable: {cpu: 2000000, memory: 32Gi}"),
       "Node 'm': cpu is beyond any machine: 2000000"},
      {node("name: m", "", "allocatable: {cpu: 8, memory: 2Pi}"),
       "Node 'm': memory is beyond any machine: 2Pi"},
      {pod("p",
           "containers: [{resources: {requests: {cpu: 600000}}}, {resources: {requests: {cpu: "
           "600000}}}]"),
       "Pod 'p': its containers ask for more than any machine has"},
      {pod("p", there + "matchFields: [{key: spec.x, operator: In, values: [a]}]}]}}}"),
       "Pod 'p': node affinity by the field 'spec.x'"},
      {pod("p", there + "matchExpressions: [{key: a, operator: Near, values: [b]}]}]}}}"),
       "Pod 'p': node affinity has no operator 'Near'"},
      {claim("c", "accessModes: []") + claim("c", "accessModes: []"),
       "PersistentVolumeClaim 'c': a claim of this name is there already"},
      {"- {kind: PersistentVolumeClaim, metadata: {name: c}, spec: {resources: {requests: "
       "{storage: 0}}}}\n",
       "PersistentVolumeClaim 'c': it asks for no storage"},
      {picks("c", "tier=a") + picks("d", "tier=b") +
           pod("p",
               "volumes: [{persistentVolumeClaim: {claimName: c}}, {persistentVolumeClaim: "
               "{claimName: d}}]"),
       "Pod 'p': its claims select different pools"},
  };
  for (const Said& each : cases) {
    const auto loaded = dump(kNode + each.items);
    EXPECT_THAT(loaded.input.notes, Contains(testing::EndsWith(": " + each.note))) << each.items;
    EXPECT_EQ(loaded.input.broken, 1) << each.items;
  }
}

TEST(Taints, are_written_as_kubectl_writes_them) {
  const auto taint = control::taint_from("dedicated=db:NoExecute");
  ASSERT_TRUE(taint);
  EXPECT_EQ(*taint, (control::Taint{"dedicated", "db", control::TaintEffect::no_execute}));
  EXPECT_EQ(control::taint_from("a:Never"), std::nullopt);
  EXPECT_EQ(control::taint_from(""), std::nullopt);
  const std::vector<control::Taint> taints{*taint};
  EXPECT_EQ(control::untolerated(taints, std::vector{*control::toleration_from("dedicated")}),
            nullptr);
  EXPECT_NE(control::untolerated(taints, std::vector{*control::toleration_from("dedicated=web")}),
            nullptr);
  EXPECT_NE(
      control::untolerated(taints, std::vector{*control::toleration_from("dedicated:NoSchedule")}),
      nullptr);
}

}  // namespace kubernetes_rules_test
}  // namespace orrery::kubernetes_rules_test
