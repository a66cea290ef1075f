// Every rule of a dump that schedules is applied, or said.
#include <gmock/gmock.h>

#include "tests/scenarios/systems/fleet/kubernetes_cases.hpp"

namespace orrery::kubernetes_rules_test {
namespace kubernetes_rules_test {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

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
      dump(kNode + kDefaultClass + claim("many", "accessModes: [ReadWriteMany]") +
           claim("once", "accessModes: [ReadWriteOnce]") +
           claim("alone", "accessModes: [ReadWriteOncePod]") + pod("a", kOn + "many}}]") +
           pod("b", kOn + "many}}]") + pod("c", "nodeName: n, " + kOn + "once}}]") +
           pod("d", kOn + "once}}]") + pod("e", kOn + "alone}}]") + pod("f", kOn + "alone}}]"));
  auto pods = pods_of(loaded);
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
       {"/d/rest.yaml", "---\n" + kNode.substr(2) + "---\nkind: List\nitems:\n" + kDefaultClass +
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
      {kNode + kDefaultClass + claim("c", "accessModes: [ReadWriteMany]") + pod("p", on("c")) +
           pod("q", on("c")),
       "pods that share a claim of another pod, where its volume counts (1)"},
      {node("name: n", "taints: [{key: k, effect: NoExecute}]",
            "allocatable: {cpu: 8, memory: 32Gi, pods: 9}") +
           pod("p", "nodeName: n"),
       "pods that run in spite of a NoExecute taint: nobody evicts them (1)"},
      {kNode + "- {metadata: {name: x}}\n", "objects without a kind are left out (1)"},
      {kNode + storage_class("provisioner: ebs.csi.aws.com"),
       "storage classes of other provisioners, whose claims take nothing of the pools (1)"},
      {kNode + storage_class(ours + ", volumeBindingMode: Immediate"),
       "storage classes of Immediate binding, whose volumes come with their pods here (1)"},
      {kNode + storage_class(ours) + storage_class(ours),
       "StorageClass 's' is there already; this one does not count"},
      {kNode + kDefaultClass + claim("c", "storageClassName: gone, volumeName: v", "phase: Bound") +
           pod("p", on("c")),
       "claims of storage classes that are not here: taken for other provisioners' (1)"},
      {kNode + kDefaultClass + claim("c", "accessModes: []", "phase: Lost") + pod("p", on("c")),
       "claims are lost or being deleted: pods that wait for them never run (1)"},
      {kNode + kDefaultClass + claim("c", "selector: {matchLabels: {a: b}}") + pod("p", on("c")),
       "selectors of volumes in claims are ignored (1)"},
      {kNode + kDefaultClass + claim("c", "dataSource: {kind: VolumeSnapshot}") + pod("p", on("c")),
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
      {kDefaultClass + picks("c", "tier=a") + picks("d", "tier=b") +
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

TEST(KubernetesRules, who_tolerates_a_lost_node_without_an_end_stays_there) {
  const auto loaded =
      dump(kNode + pod("always", "tolerations: [{operator: Exists}]") +
           pod("daemon",
               "tolerations: [{key: node.kubernetes.io/unreachable, operator: Exists, effect: "
               "NoExecute}]") +
           pod("usual",
               "tolerations: [{key: node.kubernetes.io/unreachable, operator: Exists, effect: "
               "NoExecute, tolerationSeconds: 300}]") +
           pod("first",
               "tolerations: [{key: node.kubernetes.io/unreachable, operator: Exists, effect: "
               "NoExecute, tolerationSeconds: 5}, {operator: Exists}]") +
           pod("other",
               "tolerations: [{key: maint, operator: Exists, effect: NoExecute, "
               "tolerationSeconds: 60}, {key: d, operator: Gt, value: 3}]"));
  auto pods = pods_of(loaded);
  EXPECT_TRUE(pods["always"]->outlasts_loss);
  EXPECT_TRUE(pods["daemon"]->outlasts_loss);
  for (const char* name : {"usual", "first", "other"}) EXPECT_FALSE(pods[name]->outlasts_loss);
  EXPECT_THAT(loaded.input.notes,
              Contains(HasSubstr(": pods that stay on a lost node for a time")));
  EXPECT_THAT(loaded.input.notes,
              Contains(HasSubstr(": pods that tolerate a NoExecute taint for")));
  EXPECT_THAT(loaded.input.notes, Contains(HasSubstr(": pods with tolerations of an operator")));
}

TEST(KubernetesRules, a_taint_of_no_execute_is_noted_behind_any_other_one) {
  const auto loaded =
      dump(node("name: n", "taints: [{key: a, effect: NoSchedule}, {key: b, effect: NoExecute}]",
                "allocatable: {cpu: 8, memory: 1Gi, pods: 9}") +
           node("name: m", "taints: [{key: node.kubernetes.io/unreachable, effect: NoExecute}]",
                "allocatable: {cpu: 8, memory: 1Gi, pods: 9}, conditions: [{type: Ready, status: "
                "Unknown}]") +
           pod("p", "nodeName: n") + pod("q", "nodeName: m"));
  EXPECT_THAT(loaded.input.notes, Contains(HasSubstr(": pods that run in spite of a NoExecute")));
}

TEST(KubernetesRules, a_term_that_holds_nowhere_holds_nowhere_with_other_rules_either) {
  const std::string affinity =
      "affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: "
      "{nodeSelectorTerms: [{}]}}}";
  const auto loaded =
      dump(kNode + kDefaultClass + claim("c", "accessModes: [ReadWriteOnce]", "phase: Bound") +
           pod("a", "nodeName: n, " + kOn + "c}}]") + pod("b", affinity + ", " + kOn + "c}}]") +
           pod("d", affinity));
  auto pods = pods_of(loaded);
  EXPECT_FALSE(may_run_on(*pods["b"], "n"));
  EXPECT_FALSE(may_run_on(*pods["d"], "n"));
}

TEST(KubernetesRules, what_nodes_attach_at_most_is_a_limit_of_those_that_say_so) {
  const auto loaded =
      dump(kNode +
           node("name: m", "",
                "allocatable: {cpu: 8, memory: 1Gi, pods: 9, attachable-volumes-aws-ebs: "
                "1, attachable-volumes-csi-x.y: 0}") +
           "- {kind: StorageClass, metadata: {name: gp2}, provisioner: kubernetes.io/aws-ebs}\n"
           "- {kind: StorageClass, metadata: {name: own}, provisioner: x.y}\n" +
           claim("a", "storageClassName: gp2") + claim("b", "storageClassName: gp2") +
           claim("c", "storageClassName: own") +
           pod("p",
               "volumes: [{persistentVolumeClaim: {claimName: a}}, {persistentVolumeClaim: "
               "{claimName: b}}]") +
           pod("q", kOn + "c}}]"));
  const std::string ebs = "attachable-volumes-aws-ebs", own = "attachable-volumes-csi-x.y";
  const auto& nodes = loaded.demand.nodes;
  EXPECT_GT(amount_of(loaded, nodes[0].resources, ebs), 1 << 20);
  EXPECT_EQ(amount_of(loaded, nodes[1].resources, ebs), 1);
  EXPECT_EQ(nodes[1].resources.size(), 2u);
  EXPECT_EQ(amount_of(loaded, nodes[1].resources, own), 0);
  EXPECT_EQ(amount_of(loaded, pods_of(loaded)["p"]->rules->resources, ebs), 2);
  EXPECT_EQ(amount_of(loaded, pods_of(loaded)["q"]->rules->resources, own), 1);
}

TEST(KubernetesRules, what_is_null_is_as_if_it_were_not_there_and_an_amount_nothing) {
  const auto loaded = dump(
      node("name: n", "", "allocatable: null, capacity: {cpu: 8, memory: 32Gi, pods: 110}") +
      node("name: m", "taints: null", "allocatable: {}, capacity: {cpu: 8, memory: 32Gi}") +
      pod("a",
          "nodeName: null, nodeSelector: null, tolerations: null, affinity: null, volumes: "
          "null, overhead: null, initContainers: null, containers: [{resources: null}]") +
      pod("b",
          "containers: [{resources: {requests: {cpu: null, memory: 1Gi}, limits: {cpu: 3}}}]"));
  EXPECT_EQ(loaded.input.broken, 0);
  ASSERT_EQ(loaded.demand.nodes.size(), 2u);
  EXPECT_EQ(loaded.demand.nodes[1].cpu_millis, 8000);
  EXPECT_EQ(pods_of(loaded)["a"]->cpu_millis, 0);
  EXPECT_EQ(pods_of(loaded)["b"]->cpu_millis, 0);
  EXPECT_EQ(pods_of(loaded)["b"]->memory, gibibytes(1));
}

TEST(KubernetesRules, a_node_whose_pods_ask_for_more_than_it_has_is_noted) {
  const std::string six = ", containers: [{resources: {requests: {cpu: 6}}}]";
  const auto loaded = dump(kNode + pod("a", "nodeName: n" + six) + pod("b", "nodeName: n" + six));
  EXPECT_THAT(loaded.input.notes, Contains(HasSubstr(": nodes whose pods ask for more CPU")));
}

TEST(KubernetesRules, init_containers_and_sidecars_are_counted_at_their_worst_moment) {
  const auto container = [](int cpu, bool is_sidecar) {
    return fmt::format("{{resources: {{requests: {{cpu: {}, x.y/z: {}}}}}{}}}", cpu, cpu,
                       is_sidecar ? ", restartPolicy: Always" : "");
  };
  const auto cpus = [&](const std::string& init, const std::string& main) {
    const auto loaded =
        dump(kNode + pod("p", "initContainers: [" + init + "], containers: [" + main + "]"));
    const control::PodSpec& spec = only_pod(loaded);
    EXPECT_EQ(amount_of(loaded, spec.rules->resources, "x.y/z") * 1000, spec.cpu_millis);
    return spec.cpu_millis / 1000;
  };
  EXPECT_EQ(cpus(container(5, false), container(1, false)), 5);
  EXPECT_EQ(cpus(container(5, false) + "," + container(2, true), container(1, false)), 5);
  EXPECT_EQ(cpus(container(2, true) + "," + container(5, false), container(1, false)), 7);
  EXPECT_EQ(cpus(container(2, true) + "," + container(1, false), container(4, false)), 6);
}

TEST(KubernetesRules, texts_that_nobody_prints_may_hold_anything) {
  const auto loaded = dump(kNode +
                           pod("p", "containers: [{args: [\"\\u001b[0m\"]}]", "phase: Pending",
                               ", annotations: {x: \"\\ufeffhi\"}") +
                           pod("\"q\\u001b\"", "containers: []") +
                           "- {kind: \"Odd\\u0007\", metadata: {name: o}}\n");
  ASSERT_EQ(loaded.demand.pods.size(), 1u);
  EXPECT_EQ(loaded.demand.pods[0].name, "default/p");
  EXPECT_EQ(loaded.input.broken, 1);
  EXPECT_THAT(loaded.input.notes, Contains(HasSubstr("its name cannot be printed: 'q\\u001b'")));
  EXPECT_THAT(loaded.input.notes, Contains(HasSubstr("objects of kind Odd\\u0007 are")));
  const auto raw = dump(kNode + pod("p", "containers: []", "phase: Pending",
                                    ", annotations: {x: \"\xef\xbb\xbf\x7f\"}"));
  EXPECT_EQ(raw.demand.pods.size(), 1u);
  EXPECT_THAT(demand_error("demand: [{file: c.yaml, format: kubernetes}]\n",
                           {{"/d/c.yaml", "kind: List\nitems: [\x01]\n"}}),
              HasSubstr("control character U+0001"));
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

// Beyond some length taints, tolerations and labels are looked up in another way.
TEST(Taints, are_tolerated_alike_whether_they_are_few_or_many) {
  using control::TaintEffect;
  std::vector<control::Toleration> some{{"a", true, "", {}},
                                        {"b", false, "x", TaintEffect::no_schedule},
                                        {"", true, "", TaintEffect::no_execute}};
  std::vector<control::Toleration> many = some;
  for (int i = 0; i < 2000; ++i) many.push_back({fmt::format("k{}", i), false, "v", {}});
  for (const char* key : {"a", "b", "c"})
    for (const char* value : {"", "x"})
      for (const TaintEffect effect : {TaintEffect::no_schedule, TaintEffect::no_execute}) {
        const std::vector<control::Taint> taints{{key, value, effect}};
        EXPECT_EQ(control::untolerated(taints, some) == nullptr,
                  control::untolerated(taints, many) == nullptr)
            << key << value;
      }
}

TEST(NodeLabels, are_found_alike_whether_they_are_few_or_many) {
  control::Labels few{{"zone", "a"}, {"zone", "b"}, {"size", "7"}};
  control::Labels many;
  for (int i = 0; i < 200; ++i) many.emplace_back(fmt::format("l{}", 200 - i), "v");
  many.insert(many.end(), few.begin(), few.end());
  for (const auto& labels : {few, many}) {
    EXPECT_TRUE(control::selects({{"zone", "a"}, {"size", "7"}}, labels));
    EXPECT_FALSE(control::selects({{"zone", "b"}}, labels));
    EXPECT_FALSE(control::selects({{"none", ""}}, labels));
    control::LabelRule rule{"size", control::LabelRule::Is::greater, {"6"}, false};
    EXPECT_TRUE(control::any_holds(std::vector<control::NodeTerm>{{rule}}, labels, "n"));
  }
}

}  // namespace kubernetes_rules_test
}  // namespace orrery::kubernetes_rules_test
