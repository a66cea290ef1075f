// What kubectl prints, as demand.
#include <gmock/gmock.h>

#include "scenarios/systems/fleet/kubernetes_quantity.hpp"
#include "tests/scenarios/systems/fleet/demand_cases.hpp"

namespace orrery {
namespace demand_kubernetes_test {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

const std::string kNode =
    "- {kind: Node, metadata: {name: n}, status: {allocatable: {cpu: 8, memory: 32Gi, "
    "sds/local-storage: 1Ti, pods: 110}}}\n";

LoadedDemand objects(const std::string& items) {
  return demand_of("demand: [{file: c.yaml, format: kubernetes}]\n",
                   {{"/d/c.yaml", "kind: List\nitems:\n" + kNode + items}});
}
std::string broken(const std::string& items) {
  const auto loaded = objects(items);
  EXPECT_EQ(loaded.input.broken, 1);
  for (const std::string& note : loaded.input.notes)
    if (note.starts_with("/d/c.yaml:4: ")) return note.substr(13);
  return {};
}

TEST(KubernetesQuantity, is_read_in_every_notation) {
  EXPECT_EQ(quantity_in_millis("104"), 104'000);
  EXPECT_EQ(quantity_in_millis("103500m"), 103'500);
  EXPECT_EQ(quantity_in_millis("0.5"), 500);
  EXPECT_EQ(quantity_in_millis("1500u"), 2);
  EXPECT_EQ(quantity_in_units("768Gi"), 768LL << 30);
  EXPECT_EQ(quantity_in_units("791234112Ki"), 791234112LL << 10);
  EXPECT_EQ(quantity_in_units("46080G"), 46'080'000'000'000);
  EXPECT_EQ(quantity_in_units("3840e9"), 3'840'000'000'000);
  EXPECT_EQ(quantity_in_units("1.5Gi"), 3LL << 29);
  EXPECT_EQ(quantity_in_units("128849018880m"), 128'849'019);
  EXPECT_EQ(quantity_in_units("1Pi"), 1LL << 50);
  for (const char* text : {"", "x", "-1", "1X", "1 Gi", "8Ei", "1e30", "Gi", "9223372036854775807"})
    EXPECT_EQ(quantity_in_units(text), std::nullopt) << text;
}

TEST(KubernetesYaml, becomes_nodes_classes_and_pods) {
  const std::string directory = "tests/data/traces";
  const auto loaded = load_demand(
      parse_document("demand: [{file: cluster.yaml, format: kubernetes}]\n", directory + "/s.yaml"),
      disk_reader(), 1, seconds(60));
  const control::Demand& demand = loaded.demand;
  ASSERT_EQ(demand.nodes.size(), 3u);
  const control::NodeSpec& a = demand.nodes[0];
  EXPECT_EQ(a.name, "node-a");
  EXPECT_EQ(a.shape, "storage");
  EXPECT_EQ(a.cpu_millis, 103'500);
  EXPECT_EQ(a.memory, Bytes{791234112LL << 10});
  EXPECT_EQ(a.disk, Bytes{46'080'000'000'000});
  EXPECT_EQ(a.pool_mode, control::PoolMode::spdk_lvstore);
  EXPECT_THAT(a.taints, ElementsAre(control::Taint{"dedicated", "database"}));
  EXPECT_EQ(a.max_pods, 110);
  EXPECT_EQ(demand.nodes[1].disk, Bytes{3'840'000'000'000});
  EXPECT_EQ(demand.nodes[1].pool_mode, control::PoolMode::kernel_lvm);
  EXPECT_TRUE(demand.nodes[1].unschedulable);
  EXPECT_EQ(demand.nodes[2].disk, Bytes{});

  ASSERT_EQ(demand.classes.size(), 2u);
  EXPECT_EQ(demand.classes[1].name, "lightpool");
  EXPECT_EQ(demand.classes[1].position, control::PositionAdvice::prefer_local);

  // Who runs comes first, then who waits, the oldest first.
  ASSERT_EQ(demand.pods.size(), 3u);
  const control::PodSpec& ob = demand.pods[0];
  EXPECT_EQ(ob.name, "ob/ob-0");
  EXPECT_EQ(ob.app, "oceanbase");
  EXPECT_EQ(ob.node, "node-a");
  EXPECT_EQ(ob.cpu_millis, 33'500);      // observer, exporter, and the sidecar
  EXPECT_EQ(ob.memory, gibibytes(128));  // the init container's moment
  EXPECT_EQ(ob.data_holder, "ob.meta.zone1");
  EXPECT_THAT(ob.pool_selector, ElementsAre(std::pair<std::string, std::string>("tier", "fast")));
  EXPECT_THAT(ob.tolerations, ElementsAre(control::Toleration{"dedicated", true, "",
                                                              control::TaintEffect::no_schedule}));
  ASSERT_EQ(ob.claims.size(), 1u);
  EXPECT_EQ(ob.claims[0].size, gibibytes(200));
  EXPECT_EQ(ob.claims[0].snapshot_reserved, gibibytes(1));
  EXPECT_EQ(ob.claims[0].storage_class, 1u);
  EXPECT_EQ(ob.claims[0].position, control::PositionAdvice::must_local);
  EXPECT_EQ(demand.pods[1].name, "web/web-early");
  EXPECT_EQ(demand.pods[1].app, "web-6d4cf56db6");
  const control::PodSpec& late = demand.pods[2];
  EXPECT_EQ(late.cpu_millis, 250);
  EXPECT_EQ(late.claims.at(0).size, Bytes{1'500'000'000});
  EXPECT_EQ(late.claims.at(0).storage_class, 1u);  // the cluster's default
  EXPECT_THAT(late.tolerations, ElementsAre(control::Toleration{}));
  EXPECT_EQ(*control::find_label(late.node_selector, "zone"), "a");

  EXPECT_EQ(loaded.input.broken, 0);
  const std::string file = directory + "/cluster.yaml: ";
  EXPECT_THAT(loaded.input.notes,
              UnorderedElementsAre(file + "nodes say nothing of a local disk and have no pool (1)",
                                   file + "PreferNoSchedule taints of nodes are ignored (1)",
                                   file + "nodes say nothing of how many pods they take: 110 (2)",
                                   file + "claims that no pod uses are left out (1)",
                                   file + "pods that have succeeded are left out (1)",
                                   file + "objects of kind Service are ignored (1)"));
}

TEST(KubernetesYaml, skips_and_counts_objects_that_cannot_be_used) {
  EXPECT_EQ(broken("- {kind: Pod, metadata: {name: p}, spec: {nodeName: m}}\n"),
            "Pod 'p': there is no node 'm'");
  EXPECT_EQ(broken("- {kind: Pod, metadata: {name: p}, spec: {containers: []}}\n"),
            "Pod 'p': creationTimestamp is no time: ''");
  EXPECT_EQ(broken("- {kind: Pod, metadata: {name: p}, spec: {nodeName: n, containers: "
                   "[{resources: {requests: {cpu: much}}}]}}\n"),
            "Pod 'p': cpu is no quantity: 'much'");
  EXPECT_EQ(broken("- {kind: Pod, spec: {nodeName: n}}\n"), "Pod '': it has no name");
  EXPECT_EQ(broken("- {kind: PersistentVolumeClaim, metadata: {name: c}, spec: {storageClassName: "
                   "s, resources: {requests: {storage: 1Gi}}}}\n"),
            "PersistentVolumeClaim 'c': there is no StorageClass 's'");
  EXPECT_EQ(broken("- {kind: PersistentVolumeClaim, metadata: {name: c}}\n"),
            "PersistentVolumeClaim 'c': storage is no quantity: ''");
  EXPECT_EQ(broken("- {kind: StorageClass, metadata: {name: s}, parameters: {positionAdvice: "
                   "Near}}\n"),
            "StorageClass 's': unknown position advice 'Near'");
  EXPECT_EQ(broken("- {kind: Node, metadata: {name: n}, status: {allocatable: {cpu: 8, memory: "
                   "1Gi}}}\n"),
            "Node 'n': node 'n' is there already");
  EXPECT_EQ(broken("- {kind: Node, metadata: {name: m}, status: {allocatable: {cpu: 0, memory: "
                   "1Gi}}}\n"),
            "Node 'm': it has no cpu or no memory to give");
}

TEST(KubernetesYaml, is_refused_where_it_is_no_output_of_kubectl) {
  const auto error = [](const std::string& text) {
    return demand_error("demand: [{file: c.yaml, format: kubernetes}]\n", {{"/d/c.yaml", text}});
  };
  EXPECT_THAT(error("nodes: 3\n"), HasSubstr("/d/c.yaml:1:1: error: expected what `kubectl get"));
  EXPECT_THAT(error(""), HasSubstr("there is no `kind`"));
  EXPECT_THAT(error("kind: List\n"), HasSubstr("a List without `items`"));
  EXPECT_THAT(error("kind: List\nitems: []\n"), HasSubstr("has no rows"));
  EXPECT_THAT(error("kind: [\n"), HasSubstr("invalid YAML"));
}

TEST(KubernetesYaml, may_hold_scripts_with_tabs_and_managed_fields) {
  const auto loaded = objects(
      "- kind: Pod\n"
      "  metadata:\n"
      "    name: p\n"
      "    managedFields:\n"
      "    - fieldsV1:\n"
      "        f:status:\n"
      "          f:conditions:\n"
      "            k:{\"type\":\"Ready\"}:\n"
      "              .: {}\n"
      "              f:lastProbeTime: {}\n"
      "  spec:\n"
      "    nodeName: n\n"
      "    containers:\n"
      "    - name: a\n"
      "      command:\n"
      "      - sh\n"
      "      - |\n"
      "        if true; then\n"
      "        \techo yes\n"
      "        fi\n"
      "      resources:\n"
      "        requests: {cpu: 1}\n");
  ASSERT_EQ(loaded.demand.pods.size(), 1u);
  EXPECT_EQ(loaded.demand.pods[0].cpu_millis, 1000);
}

TEST(KubernetesYaml, yields_to_the_scenarios_own_storage_classes) {
  const auto loaded = demand_of(
      "storage_classes: [{name: s, position: MustLocal}]\n"
      "demand: [{file: c.yaml, format: kubernetes}]\n",
      {{"/d/c.yaml", "kind: List\nitems:\n" + kNode +
                         "- {kind: StorageClass, metadata: {name: s}, parameters: "
                         "{positionAdvice: MustRemote}}\n"}});
  ASSERT_EQ(loaded.demand.classes.size(), 1u);
  EXPECT_EQ(loaded.demand.classes[0].position, control::PositionAdvice::must_local);
  EXPECT_THAT(loaded.input.notes,
              ElementsAre("/d/c.yaml:4: StorageClass 's' is there already; this one does not "
                          "count"));
}

// A cluster of a thousand nodes and five thousand pods: beyond what a file that a person writes may
// hold.
TEST(KubernetesYaml, may_be_larger_than_what_people_write) {
  std::string items;
  for (int i = 0; i < 20'000; ++i)
    items += fmt::format(
        "- kind: Pod\n  metadata: {{name: p{}, namespace: x}}\n  spec:\n    nodeName: n\n"
        "    containers: [{{name: a, resources: {{requests: {{cpu: 1m}}}}}}]\n",
        i);
  EXPECT_EQ(objects(items).demand.pods.size(), 20'000u);
}

}  // namespace demand_kubernetes_test
}  // namespace orrery
