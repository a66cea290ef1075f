// Claims, classes and volumes of a dump: which of them cost a pool something, where their volumes
// lie, and whom they keep where.
#include <gmock/gmock.h>

#include <ctime>
#include <functional>

#include "tests/scenarios/systems/fleet/kubernetes_cases.hpp"

namespace orrery {
namespace kubernetes_claims_test {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string kCloudClass =
    "- {kind: StorageClass, metadata: {name: cloud}, provisioner: ebs.csi.aws.com}\n";
std::string volume(const std::string& name, const std::string& affinity) {
  return "- {kind: PersistentVolume, metadata: {name: " + name +
         "}, spec: {nodeAffinity: {required: {nodeSelectorTerms: [{matchExpressions: [" + affinity +
         "]}]}}}}\n";
}
std::string annotated(const std::string& name, const std::string& annotations,
                      const std::string& spec, const std::string& status) {
  return "- {kind: PersistentVolumeClaim, metadata: {name: " + name + ", annotations: {" +
         annotations + "}}, spec: {resources: {requests: {storage: 1Gi}}, " + spec +
         "}, status: {" + status + "}}\n";
}

TEST(KubernetesClaims, without_a_class_wait_for_a_default_that_is_not_there) {
  for (const std::string& other : {std::string{}, kLiteioClass, kCloudClass}) {
    const auto loaded =
        dump(kNode + other + claim("c", "accessModes: []") + pod("p", kOn + "c}}]"));
    EXPECT_FALSE(may_run_on(only_pod(loaded), "n"));
    EXPECT_THAT(only_pod(loaded).claims, IsEmpty());
    EXPECT_THAT(loaded.input.notes, Contains(HasSubstr(": claims name no class, and none is the")));
    EXPECT_EQ(loaded.input.broken, 0);
  }
}

TEST(KubernetesClaims, that_were_bound_without_a_class_are_of_another_provisioner) {
  const auto loaded = dump(kNode + kLiteioClass + claim("c", "volumeName: v", "phase: Bound") +
                           pod("p", kOn + "c}}]"));
  EXPECT_TRUE(may_run_on(only_pod(loaded), "n"));
  EXPECT_THAT(only_pod(loaded).claims, IsEmpty());
  EXPECT_THAT(loaded.input.notes, Contains(HasSubstr(": claims of other provisioners")));
  const auto ours =
      dump(kNode +
           annotated("c", "volume.kubernetes.io/storage-provisioner: antstor.csi.alipay.com",
                     "volumeName: v", "phase: Bound") +
           pod("p", "nodeName: n, " + kOn + "c}}]"));
  EXPECT_EQ(only_pod(ours).claims.size(), 1u);
}

TEST(KubernetesClaims, of_several_default_classes_have_the_newest) {
  const auto class_of = [](const std::string& name, int year) {
    return fmt::format(
        "- {{kind: StorageClass, metadata: {{name: {}, creationTimestamp: \"{}-01-01T00:00:00Z\", "
        "annotations: {{storageclass.kubernetes.io/is-default-class: \"true\"}}}}, provisioner: "
        "antstor.csi.alipay.com}}\n",
        name, year);
  };
  const auto loaded = dump(kNode + class_of("new", 2026) + class_of("old", 2020) +
                           claim("c", "accessModes: []") + pod("p", kOn + "c}}]"));
  EXPECT_EQ(loaded.demand.classes[only_pod(loaded).claims.at(0).storage_class].name, "new");
}

TEST(KubernetesClaims, that_are_bound_lie_where_their_volume_or_their_first_pod_says) {
  const auto loaded = dump(
      kNode +
      node("name: m, labels: {kubernetes.io/hostname: host-m}", "",
           "allocatable: {cpu: 8, memory: 1Gi, pods: 9}") +
      kLiteioClass + volume("pv", "{key: kubernetes.io/hostname, operator: In, values: [host-m]}") +
      annotated("a", "volume.kubernetes.io/selected-node: m", "storageClassName: lio",
                "phase: Bound") +
      annotated("b", "x: y", "storageClassName: lio, volumeName: pv", "phase: Bound") +
      annotated("c", "x: y", "storageClassName: lio", "phase: Bound") +
      annotated("d", "volume.kubernetes.io/selected-node: m", "storageClassName: lio",
                "phase: Pending") +
      pod("pa", kOn + "a}}]") + pod("pb", kOn + "b}}]") + pod("pc", kOn + "c}}]") +
      pod("pd", kOn + "d}}]"));
  auto pods = pods_of(loaded);
  EXPECT_EQ(pods["pa"]->claims.at(0).lies_on, "m");
  EXPECT_EQ(pods["pb"]->claims.at(0).lies_on, "m");
  EXPECT_EQ(pods["pc"]->claims.at(0).lies_on, "");
  EXPECT_EQ(pods["pd"]->claims.at(0).lies_on, "");
  EXPECT_THAT(loaded.input.notes, Contains(HasSubstr(": claims of pods that wait are bound, but")));
  EXPECT_THAT(loaded.input.notes, Contains(HasSubstr(": claims whose volume is to be made for")));
}

TEST(KubernetesClaims, of_other_provisioners_keep_their_pods_where_their_volumes_can_be_used) {
  const auto loaded =
      dump(kNode + kCloudClass + volume("pv", "{key: zone, operator: In, values: [a]}") +
           claim("here", "storageClassName: cloud, volumeName: pv", "phase: Bound") +
           claim("unknown", "storageClassName: cloud, volumeName: no", "phase: Bound") +
           pod("p", kOn + "here}}]") + pod("q", kOn + "unknown}}]"));
  auto pods = pods_of(loaded);
  EXPECT_TRUE(may_run_on(*pods["p"], "n", {{"zone", "a"}}));
  EXPECT_FALSE(may_run_on(*pods["p"], "n", {{"zone", "b"}}));
  EXPECT_TRUE(may_run_on(*pods["q"], "n"));
  EXPECT_THAT(loaded.input.notes,
              Contains(HasSubstr(": claims of pods that wait are bound to volumes that are not")));
}

TEST(KubernetesClaims, are_made_within_the_topologies_of_their_class) {
  for (const char* provisioner : {"ebs.csi.aws.com", "antstor.csi.alipay.com"}) {
    const auto loaded =
        dump(kNode + "- {kind: StorageClass, metadata: {name: s}, provisioner: " + provisioner +
             ", allowedTopologies: [{matchLabelExpressions: [{key: zone, values: [a, b]}]}]}\n" +
             claim("c", "storageClassName: s") + claim("d", "storageClassName: s", "phase: Bound") +
             pod("p", kOn + "c}}]") + pod("q", kOn + "d}}]"));
    auto pods = pods_of(loaded);
    EXPECT_TRUE(may_run_on(*pods["p"], "n", {{"zone", "b"}}));
    EXPECT_FALSE(may_run_on(*pods["p"], "n", {{"zone", "c"}}));
    EXPECT_TRUE(may_run_on(*pods["q"], "n", {{"zone", "c"}}));  // its volume is there
  }
}

TEST(KubernetesClaims, that_are_being_deleted_take_what_they_take_until_nobody_uses_them) {
  const std::string going =
      "- {kind: PersistentVolumeClaim, metadata: {name: c, deletionTimestamp: "
      "\"2026-01-01T00:00:00Z\"}, spec: {storageClassName: lio, resources: {requests: {storage: "
      "1Gi}}}, status: {phase: Bound}}\n";
  const auto loaded = dump(kNode + kLiteioClass + going + pod("a", "nodeName: n, " + kOn + "c}}]") +
                           pod("b", kOn + "c}}]"));
  auto pods = pods_of(loaded);
  EXPECT_EQ(pods["a"]->claims.size(), 1u);
  EXPECT_FALSE(may_run_on(*pods["b"], "n"));
}

TEST(KubernetesClaims, of_one_pod_are_of_one_whoever_provisions_them) {
  for (const std::string& of : {std::string{"cloud"}, std::string{"lio"}}) {
    const auto loaded = dump(
        kNode + kLiteioClass + kCloudClass +
        claim("c", "accessModes: [ReadWriteOncePod], storageClassName: " + of, "phase: Bound") +
        pod("a", kOn + "c}}]") + pod("b", kOn + "c}}]"));
    auto pods = pods_of(loaded);
    EXPECT_TRUE(may_run_on(*pods["a"], "n"));
    EXPECT_FALSE(may_run_on(*pods["b"], "n"));
  }
}

TEST(KubernetesClaims, that_are_shared_where_nothing_keeps_them_together_are_noted) {
  const auto loaded =
      dump(kNode + kLiteioClass + kCloudClass +
           claim("ours", "accessModes: [ReadWriteOnce], storageClassName: lio") +
           claim("theirs", "accessModes: [ReadWriteOnce], storageClassName: cloud") +
           pod("a", kOn + "ours}}]") + pod("b", kOn + "ours}}]") + pod("c", kOn + "theirs}}]") +
           pod("d", kOn + "theirs}}]"));
  EXPECT_THAT(loaded.input.notes,
              Contains(HasSubstr(": pods that share a ReadWriteOnce claim of")));
  EXPECT_THAT(loaded.input.notes,
              Contains(HasSubstr(": pods that share a ReadWriteOnce claim with one that waits")));
}

TEST(KubernetesClaims, are_made_from_templates_where_they_are_not_there) {
  const auto of = [](const std::string& storage_class) {
    return "volumes: [{name: s, ephemeral: {volumeClaimTemplate: {metadata: {labels: {x: y}}, "
           "spec: {storageClassName: " +
           storage_class + ", resources: {requests: {storage: 10Gi}}}}}}]";
  };
  const auto loaded = dump(kNode + kLiteioClass + pod("a", of("lio")) + pod("b", of("gone")) +
                           pod("c", "nodeName: n, " + of("lio")));
  auto pods = pods_of(loaded);
  ASSERT_EQ(pods["a"]->claims.size(), 1u);
  EXPECT_EQ(pods["a"]->claims[0].name, "a-s");
  EXPECT_EQ(pods["a"]->claims[0].size, gibibytes(10));
  EXPECT_TRUE(may_run_on(*pods["a"], "n"));
  EXPECT_FALSE(may_run_on(*pods["b"], "n"));
  EXPECT_EQ(pods["c"]->claims.size(), 1u);
  EXPECT_EQ(loaded.input.broken, 0);
  EXPECT_THAT(loaded.input.notes,
              Contains(HasSubstr(": claims of pods' own volumes cannot be made: there is no")));
}

// Processor time of reading one object with so many of something.
double seconds_to_read(const std::function<std::string(const std::string&)>& object,
                       const std::string& item, int count) {
  std::string items;
  for (int i = 0; i < count; ++i) items += fmt::format(fmt::runtime(item), i) + ", ";
  const std::string text = object(items);
  const std::clock_t start = std::clock();
  dump(text);
  return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

TEST(KubernetesObjects, are_read_in_the_time_of_their_length) {
  const std::string allocatable = "allocatable: {cpu: 8, memory: 1Gi, pods: 9}";
  const auto cases =
      std::vector<std::pair<std::function<std::string(const std::string&)>, std::string>>{
          {[&](const auto& all) {
             return node("name: n", "taints: [" + all + "]", allocatable) +
                    pod("p", "nodeName: n, tolerations: [" + all + "]");
           },
           "{{key: k{}, operator: Exists, effect: NoExecute}}"},
          {[&](const auto& all) { return kNode + pod("p", "volumes: [" + all + "]"); },
           "{{persistentVolumeClaim: {{claimName: c{}}}}}"},
          {[&](const auto& all) {
             return kNode + pod("p", "containers: [{resources: {requests: {" + all +
                                         "}, limits: {" + all + "}}}]");
           },
           "r/x{}: 1"},
          {[&](const auto& all) { return kNode + pod("p", "containers: [" + all + "]"); },
           "{{resources: {{requests: {{r/x{}: 1}}}}}}"},
          {[&](const auto& all) { return kNode + pod("p", "initContainers: [" + all + "]"); },
           "{{restartPolicy: Always, resources: {{requests: {{r/x{}: 1}}}}}}"},
          {[&](const auto& all) {
             return node("name: n, labels: {" + all + "}", "", allocatable) +
                    pod("p", "nodeSelector: {" + all + "}");
           },
           "l{}: v"},
          {[&](const auto& all) {
             return kNode + kDefaultClass +
                    annotated("c",
                              "obnvmf/pool-label-selector: '" + all.substr(0, all.size() - 2) + "'",
                              "accessModes: []", "phase: Pending") +
                    pod("p", kOn + "c}}]");
           },
           "k{}=v"},
      };
  for (const auto& [object, item] : cases) {
    const double once = seconds_to_read(object, item, 2500);
    EXPECT_LT(seconds_to_read(object, item, 20'000), 32 * once) << item;
  }
}

}  // namespace kubernetes_claims_test
}  // namespace orrery
