// Nodes, storage classes and sources of demand: what they become, what is refused, and that they
// load again.
#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "tests/scenarios/systems/fleet/demand_cases.hpp"

namespace orrery {
namespace demand_sections_test {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string kUniform = "generator: uniform, pods: 2, cpu: 4, memory: 16GiB, disk: 100GiB";

TEST(DemandSections, make_nodes_of_shapes) {
  const auto loaded = demand_of(
      "nodes:\n"
      "  - {shape: compute, count: 2, cpu: 95.5, memory: 4TiB, taints: [db], labels: [zone=a, "
      "rack=]}\n"
      "  - {shape: storage, count: 1, cpu: 64, memory: 256GiB, disk: 20TB, pool_mode: kernel_lvm, "
      "unschedulable: true}\n");
  ASSERT_EQ(loaded.demand.nodes.size(), 3u);
  const control::NodeSpec& compute = loaded.demand.nodes[1];
  EXPECT_EQ(compute.name, "compute-1");
  EXPECT_EQ(compute.shape, "compute");
  EXPECT_EQ(compute.cpu_millis, 95'500);
  EXPECT_EQ(compute.memory, gibibytes(4096));
  EXPECT_EQ(compute.disk, Bytes{});
  EXPECT_THAT(compute.taints, ElementsAre(control::Taint{"db", ""}));
  EXPECT_EQ(*control::find_label(compute.labels, "zone"), "a");
  EXPECT_EQ(*control::find_label(compute.labels, "rack"), "");
  const control::NodeSpec& storage = loaded.demand.nodes[2];
  EXPECT_EQ(storage.disk, Bytes{20'000'000'000'000});
  EXPECT_EQ(storage.pool_mode, control::PoolMode::kernel_lvm);
  EXPECT_TRUE(storage.unschedulable);
  EXPECT_THAT(loaded.demand.pods, IsEmpty());
}

TEST(DemandSections, refuse_nodes_without_capacity_at_their_place) {
  const auto error = [](const std::string& change) {
    return demand_error("nodes:\n  - {shape: n, " + change + "}\n");
  };
  EXPECT_THAT(error("count: 0, cpu: 1, memory: 1GiB"),
              HasSubstr("/d/s.yaml:2:23: error: count: must be at least 1"));
  EXPECT_THAT(error("count: 1, cpu: 0, memory: 1GiB"), HasSubstr("cpu: must be at least 0.001"));
  EXPECT_THAT(error("count: 1, cpu: 1, memory: 0B"), HasSubstr("memory: must be at least 1B"));
  EXPECT_THAT(error("count: 1, cpu: 1, memroy: 1GiB"),
              HasSubstr("/d/s.yaml:2:34: error: unknown key 'memroy' (did you mean 'memory'?)"));
  EXPECT_THAT(error("count: 1, cpu: 1, memory: 1GiB, labels: [zone]"),
              HasSubstr("expected a label such as zone=a, got 'zone'"));
  EXPECT_THAT(error("count: 1, cpu: 1, memory: 1GiB}, {shape: n, count: 1, cpu: 1, memory: 1GiB"),
              HasSubstr("/d/s.yaml"));
  EXPECT_THAT(demand_error("nodes: []\n"), HasSubstr("a fleet needs nodes"));
  EXPECT_THAT(demand_error("demand: []\n"), HasSubstr("a fleet needs nodes"));
  EXPECT_THAT(demand_error("nodes: {shape: n}\n"), HasSubstr("nodes: expected a list"));
  EXPECT_THAT(demand_error("nodes:\n"
                           "  - {shape: n, count: 1, cpu: 1, memory: 1GiB}\n"
                           "  - {shape: n, count: 1, cpu: 1, memory: 1GiB}\n"),
              HasSubstr("/d/s.yaml:3:5: error: node 'n-0' is there already"));
  EXPECT_THAT(
      demand_error("nodes: [{shape: n, count: 100000, cpu: 1, memory: 1GiB, disk: 1PiB}]\n"),
      HasSubstr("more than can be added up"));
}

TEST(DemandSections, have_one_storage_class_without_advice_unless_told_otherwise) {
  const auto plain = demand_of(kTwoNodes);
  ASSERT_EQ(plain.demand.classes.size(), 1u);
  EXPECT_EQ(plain.demand.classes[0].name, "default");
  EXPECT_EQ(plain.demand.classes[0].position, control::PositionAdvice::none);
  const auto told = demand_of(kTwoNodes +
                              "storage_classes: [{name: near, position: MustLocal}, {name: any}]\n"
                              "demand: [{" +
                              kUniform + "}, {" + kUniform + ", storage_class: any}]\n");
  ASSERT_EQ(told.demand.classes.size(), 2u);
  EXPECT_EQ(told.demand.classes[0].position, control::PositionAdvice::must_local);
  ASSERT_EQ(told.demand.pods.size(), 4u);
  for (const control::PodSpec& pod : told.demand.pods)
    EXPECT_EQ(pod.claims[0].storage_class, pod.name.starts_with("uniform-2/") ? 1u : 0u);
}

TEST(DemandSections, refuse_storage_classes_that_are_not_there_or_there_twice) {
  EXPECT_THAT(demand_error(kTwoNodes + "storage_classes: [{name: local}]\ndemand: [{" + kUniform +
                           ", storage_class: lcoal}]\n"),
              HasSubstr("unknown storage class 'lcoal' (did you mean 'local'?)"));
  EXPECT_THAT(demand_error(kTwoNodes + "storage_classes: [{name: a}, {name: a}]\n"),
              HasSubstr("storage class 'a' is there twice"));
  EXPECT_THAT(demand_error(kTwoNodes + "storage_classes: [{name: a, position: mustlocal}]\n"),
              HasSubstr("did you mean 'MustLocal'?"));
}

TEST(DemandSections, refuse_keys_that_mean_nothing_for_their_source) {
  const auto error = [](const std::string& entry) {
    return demand_error(kTwoNodes + "demand:\n  - {" + entry + "}\n");
  };
  EXPECT_THAT(error("pods: 3"), HasSubstr("either a `generator` or a `file`"));
  EXPECT_THAT(error("generator: dlrm, file: a.csv"), HasSubstr("either"));
  EXPECT_THAT(error("file: a.csv"), HasSubstr("missing key 'format'"));
  EXPECT_THAT(error("generator: dlmr, pods: 1"), HasSubstr("did you mean 'dlrm'?"));
  EXPECT_THAT(error("generator: dlrm, pods: 1, cpu: 3"),
              HasSubstr("/d/s.yaml:3:32: error: 'cpu' means nothing for generator dlrm"));
  EXPECT_THAT(error("generator: uniform, pods: 1, memory: 1GiB"),
              HasSubstr("generator uniform needs 'cpu'"));
  EXPECT_THAT(error("generator: dlrm"), HasSubstr("missing key 'pods'"));
  EXPECT_THAT(error("generator: dlrm, pods: 1, over: 1d, per_hour: 3"), HasSubstr("only one of"));
  EXPECT_THAT(error("generator: dlrm, pods: 1, arrival: at_once, per_hour: 3"),
              HasSubstr("neither span nor rate"));
  EXPECT_THAT(error("generator: dlrm, pods: 1, lifetime: 8"),
              HasSubstr("/d/s.yaml:3:42: error: lifetime: expected a duration"));
  EXPECT_THAT(error("generator: dlrm, pods: 1, name: a/b"), HasSubstr("no '/'"));
  EXPECT_THAT(error("file: a.csv, format: azure-2020, node_cpu: 1, node_memory: 1GiB, node_disk: "
                    "1TB"),
              HasSubstr("needs 'types'"));
  EXPECT_THAT(error("generator: uniform, name: a, pods: 1, cpu: 1, memory: 1GiB}\n  - {generator: "
                    "dlrm, name: a, pods: 1"),
              HasSubstr("/d/s.yaml:4:5: error: pod 'a/a-0' is there already"));
}

TEST(DemandSections, name_the_nearest_file_where_one_is_missing) {
  EXPECT_THAT(demand_error(kTwoNodes + "demand:\n  - {file: t/pods.csv, format: huawei-east-1}\n",
                           {{"/d/t/pod.csv", ""}}),
              HasSubstr("/d/s.yaml:3:12: error: cannot read file '/d/t/pods.csv' (did you mean "
                        "'pod.csv'?)"));
}

TEST(DemandSections, find_files_named_on_the_command_line_from_where_the_program_was_called) {
  TextNode root = parse_document(kTwoNodes + "demand: [{file: other.csv, format: huawei-east-1}]\n",
                                 "/d/s.yaml");
  apply_override(root, "demand.0.file=t/h.csv");
  const Files files = {{"t/h.csv", "vmid,cpu,memory,time,type\n1,2,4,0,0\n"}};
  EXPECT_EQ(load_demand(root, reader_of(files), 1, seconds(1)).demand.pods.size(), 1u);
}

TEST(DemandSections, keep_the_digest_of_a_file_and_refuse_another_content) {
  Files files = {{"/d/h.csv", "vmid,cpu,memory,time,type\n1,2,4,0,0\n"}};
  const auto first =
      demand_of(kTwoNodes + "demand: [{file: h.csv, format: huawei-east-1}]\n", files);
  const TextNode* source = first.resolved.find("demand.0");
  ASSERT_NE(source, nullptr);
  EXPECT_EQ(source->entry("file")->value.text, "/d/h.csv");
  EXPECT_EQ(source->entry("digest")->value.text.size(), 16u);
  EXPECT_EQ(text_of(again(first, reader_of(files)).demand), text_of(first.demand));
  files["/d/h.csv"] += "2,2,4,9,0\n";
  EXPECT_THAT(error_of([&] { again(first, reader_of(files)); }), HasSubstr("has changed since"));
}

TEST(DemandSections, load_again_from_what_is_resolved_to_the_same_demand) {
  const std::string sources[] = {
      "{generator: dlrm, pods: 300, disk_scale: 3.7, volumes_per_pod: 3, lifetime: trace, "
      "replicas: 3, max_per_node: 2, app_size: 7}",
      "{generator: dlrm, per_hour: 2, lifetime: 8h, tolerations: [db], pool_selector: [tier=fast]}",
      "{generator: dlrm, arrival: deployments, pods: 200}",
      "{" + kUniform + ", per_second: 10, at: 3s, node_selector: [zone=a]}",
      "{" + kUniform + ", arrival: at_once, at: 1h}",
      "{file: gpu-v2025.csv, format: alibaba-gpu-v2025, role: CN, disk_scale: 30}",
      "{file: container_event.csv, format: alibaba-v2017, node_memory: 512GiB, node_disk: 4TB}",
      "{file: vm.csv, types: vmType.csv, format: azure-2020, node_cpu: 64, node_memory: 512GiB, "
      "node_disk: 8TB, time_scale: 0.5}",
      "{file: Huawei-East-1.csv, format: huawei-east-1, disk: 40GiB, name: hw}",
      "{file: cluster.yaml, format: kubernetes}"};
  std::string all;
  for (const std::string& source : sources) {
    const auto first = demand_of_samples(source);
    EXPECT_FALSE(first.demand.pods.empty()) << source;
    const auto second = again(first, disk_reader());
    EXPECT_EQ(text_of(second.demand), text_of(first.demand)) << source;
    EXPECT_EQ(second.resolved, first.resolved) << source;
    EXPECT_EQ(second.input.notes, first.input.notes) << source;
    all += (all.empty() ? "" : ", ") + source;
  }
  const auto together = demand_of_samples(all);
  EXPECT_EQ(together.input.broken, 0);
  EXPECT_EQ(text_of(again(together, disk_reader()).demand), text_of(together.demand));
  for (std::size_t i = 1; i < together.demand.pods.size(); ++i)
    ASSERT_LE(together.demand.pods[i - 1].created, together.demand.pods[i].created);
}

TEST(DemandSections, refuse_more_claims_than_fit_in_memory) {
  EXPECT_THAT(demand_error(kTwoNodes +
                           "demand: [{generator: uniform, pods: 20000, volumes_per_pod: 1024, cpu: "
                           "1, memory: 1GiB, disk: 1TiB}]\n"),
              HasSubstr("/d/s.yaml:2:61: error: more than 16777216 claims"));
}

TEST(DemandSections, let_pods_stay_forever_whose_end_the_clock_does_not_hold) {
  const auto loaded = demand_of(kTwoNodes +
                                "demand: [{generator: uniform, pods: 3, cpu: 1, memory: 1GiB, "
                                "arrival: at_once, at: 104d, lifetime: 104d}]\n");
  for (const control::PodSpec& pod : loaded.demand.pods) EXPECT_FALSE(pod.lifetime);
}

// Whatever stands in a file, the answer is a demand or an InputError.
void load_garbage(const std::string& text) {
  for (const char* source :
       {"{file: x, format: alibaba-gpu-v2025}",
        "{file: x, format: alibaba-v2017, node_memory: 1PiB, node_disk: 1PiB}",
        "{file: x, types: x, format: azure-2020, node_cpu: 1, node_memory: 1GiB, node_disk: 1TB}",
        "{file: x, format: huawei-east-1}", "{file: x, format: kubernetes}"}) {
    try {
      demand_of(kTwoNodes + "demand: [" + source + "]\n", {{"/d/x", text}});
    } catch (const InputError&) {}
  }
}

RC_GTEST_PROP(DemandSections, random_bytes_give_a_demand_or_an_input_error, ()) {
  load_garbage(*rc::gen::container<std::string>(rc::gen::arbitrary<char>()));
}

RC_GTEST_PROP(DemandSections, random_cells_give_a_demand_or_an_input_error, ()) {
  const std::vector<std::string> headers = {
      "instance_sn,role,app_name,cpu_request,memory_request,disk_request,max_instance_per_node,"
      "creation_time,deletion_time\n",
      "", "vmId,vmTypeId,starttime,endtime,machineId,core,memory,ssd\n",
      "vmid,cpu,memory,time,type\n"};
  std::string text = *rc::gen::elementOf(headers);
  const auto cell = rc::gen::elementOf(std::vector<std::string>{
      "", "0", "1", "2", "-1", "CN", "HN", "Create", "Remove", "1e400", "1e308", "1e18", "nan",
      "inf", "NULL", "\"", "\"a,b\"", "9223372036854775807", "0.5"});
  const std::size_t width =
      text.empty() ? 8 : static_cast<std::size_t>(std::count(text.begin(), text.end(), ',')) + 1;
  for (int rows = *rc::gen::inRange(0, 12); rows > 0; --rows)
    for (std::size_t i = 0; i < width; ++i) text += *cell + (i + 1 < width ? "," : "\n");
  load_garbage(text);
}

RC_GTEST_PROP(DemandSections, random_objects_give_a_demand_or_an_input_error, ()) {
  const auto word = rc::gen::elementOf(std::vector<std::string>{
      "Node", "Pod", "PersistentVolumeClaim", "StorageClass", "[]", "{}", "x", "1e30", "8Gi", "-1",
      "[{}]", "[{key: a}]", "{cpu: 3, memory: 1Gi}", "{requests: {storage: 1Gi}}", "true"});
  std::string text = "kind: List\nitems:\n";
  for (int objects = *rc::gen::inRange(0, 8); objects > 0; --objects)
    text += "- {kind: " + *word + ", metadata: {name: " + *word + ", labels: " + *word +
            "}, spec: {containers: " + *word + ", volumes: " + *word + ", nodeName: " + *word +
            ", resources: " + *word + ", overhead: " + *word + ", tolerations: " + *word +
            "}, status: {allocatable: " + *word + "}}\n";
  load_garbage(text);
}

}  // namespace demand_sections_test
}  // namespace orrery
