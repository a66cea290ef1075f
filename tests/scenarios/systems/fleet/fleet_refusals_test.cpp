// What a fleet cannot be, said once, at its place, with a hint where one helps; and what its dumps
// hold that is left out or taken otherwise, counted.
#include <gmock/gmock.h>

#include "scenarios/profiles.hpp"
#include "scenarios/scenario.hpp"
#include "tests/scenarios/systems/fleet/demand_cases.hpp"

namespace orrery {
namespace fleet_refusals_test {

using testing::ElementsAre;
using testing::HasSubstr;

// A text with a ^ before the place of its mistake.
struct Case {
  std::string text;
  std::string message;  // with its hint, if it has one
  Files files = {};
};

std::string place_of_mark(const std::string& text) {
  const std::string before = text.substr(0, text.find('^'));
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const auto column = before.size() - (before.rfind('\n') + 1) + 1;
  return fmt::format("/d/s.yaml:{}:{}: error: ", line, column);
}
std::string without_mark(std::string text) { return text.erase(text.find('^'), 1); }

const std::string kPods = "generator: uniform, cpu: 1, memory: 1GiB, ";

std::string nodes(const std::string& entry) { return "nodes:\n  - " + entry + "\n"; }
std::string demand(const std::string& entry) { return kTwoNodes + "demand:\n  - " + entry + "\n"; }

TEST(FleetRefusals, of_nodes_and_demand_are_at_their_place) {
  const std::string trace = "vmid,cpu,memory,time,type\n1,2,4,0,0\n";
  const std::vector<Case> cases = {
      {nodes("{shape: ^'', count: 1, cpu: 1, memory: 1GiB}"), "shape: a name is needed"},
      {nodes("{shape: n, count: 1, cpu: 1, memory: 1GiB, taints: ^[db:Never]}"),
       "'db:Never' is no taint\n  hint: for example: dedicated, dedicated=db, dedicated:NoExecute"},
      {nodes("{shape: n, count: 1, cpu: 1, memory: 1GiB, labels: ^[a=1, a=2]}"),
       "label 'a' is given twice"},
      {"nodes: ^3\n", "nodes: expected a list, got '3'"},
      {kTwoNodes + "demand: ^{generator: dlrm}\n", "demand: expected a list, got a mapping"},
      {kTwoNodes + "storage_classes:\n  - ^{name: ''}\n", "name: a storage class needs a name"},
      {demand("{" + kPods + "pods: 1, tolerations: ^[db:Never]}"),
       "'db:Never' is no toleration\n"
       "  hint: for example: dedicated, dedicated=db, dedicated:NoExecute"},
      {demand("{" + kPods + "pods: 1, node_selector: ^[zone]}"),
       "expected a label such as zone=a, got 'zone'"},
      {demand("{" + kPods + "pods: 1, name: ^a/b}"), "name: a namespace has no '/'"},
      {demand("{" + kPods + "pods: 1, arrival: at_once, over: ^1h}"),
       "pods that come at once have neither span nor rate"},
      {demand("{" + kPods + "pods: 1, arrival: at_once, per_second: ^1}"),
       "pods that come at once have neither span nor rate"},
      {demand("{" + kPods + "pods: 1, lifetime: ^soon}"),
       "lifetime: expected a duration such as 95us, got 'soon'\n  hint: or `forever`, or `trace`"},
      {demand("^{" + kPods + "arrival: at_once}"),
       "missing key 'pods' (how many, where no rate is given)"},
      {demand("^{" + kPods + "pods: 1, over: 1h, per_hour: 2}"),
       "only one of `over`, `per_hour` and `per_second` can hold"},
      {demand("^{pods: 1}"), "a source of demand is either a `generator` or a `file`"},
      {demand("^{generator: uniform, file: x}"),
       "a source of demand is either a `generator` or a `file`"},
      {demand("^{generator: uniform, pods: 1, cpu: 1}"),
       "generator uniform needs 'memory' (uniform: memory of a pod)"},
      {demand("^{generator: uniform, cpu: 1000000, memory: 1PiB, pods: 5000}"),
       "all pods together ask for more than can be added up (4 EiB)"},
      {nodes("^{shape: n, count: 5000, cpu: 1, memory: 1PiB}"),
       "all nodes together have more than can be added up (4 EiB)"},
      {demand("{file: ^t.csv, format: huawei-east-1}"), "cannot read file '/d/t.csv'"},
      {demand("{file: t.csv, format: huawei-east-1, digest: ^'00'}"),
       fmt::format("file '/d/t.csv' has changed since: its digest is {:016x}\n"
                   "  hint: leave `digest` out to take it as it is now",
                   hash_of(0, trace)),
       {{"/d/t.csv", trace}}},
      {demand("{file: t.csv, format: azure-2020, types: ^'', node_cpu: 1, node_memory: 1GiB, "
              "node_disk: 1TB}"),
       "types: a file name is needed",
       {{"/d/t.csv", trace}}},
  };
  for (const Case& each : cases)
    EXPECT_EQ(demand_error(without_mark(each.text), each.files),
              place_of_mark(each.text) + each.message)
        << each.text;
}

TEST(FleetRefusals, name_the_keys_that_a_source_has) {
  const std::string error =
      demand_error(without_mark(demand("{file: a.csv, format: huawei-east-1, ^pods: 3}")));
  EXPECT_THAT(error, HasSubstr("error: 'pods' means nothing for a file of format huawei-east-1\n"
                               "  hint: its keys: "));
  EXPECT_THAT(demand_error(demand("{file: a.csv}")),
              HasSubstr("error: missing key 'format' (what the file is)\n  hint: one of: "));
}

TEST(FleetRefusals, of_files_name_the_file) {
  EXPECT_EQ(demand_error(demand("{file: t.csv, format: huawei-east-1}"),
                         {{"/d/t.csv", "vmid,cpu,memory,time,type\n"}}),
            "/d/t.csv: error: this file has no rows");
  EXPECT_EQ(demand_error(demand("{file: t.csv, format: huawei-east-1}"),
                         {{"/d/t.csv", "vmid,cpu,memory,time,type\n1,x,4,0,0\n2,y,4,0,0\n"}})
                .substr(0, 59),
            "/d/t.csv: error: none of its 2 rows can be used: line 2: cp");
  EXPECT_EQ(demand_error("demand: [{file: c.yaml, format: kubernetes}]\n",
                         {{"/d/c.yaml", "items: []\n"}}),
            "/d/c.yaml:1:1: error: expected what `kubectl get nodes,pods,pvc,sc -A -o yaml` "
            "prints: there is no `kind`");
}

// ---- the whole section

Scenario fleet_of(const std::string& text) {
  ProfileLibrary library({"scenarios/profiles"}, disk_reader(), disk_lister(), model_catalogue());
  return load_scenario(parse_document("scenario: s\nsystem: fleet\n" + text, "/d/s.yaml"), library);
}

TEST(FleetRefusals, of_the_whole_are_at_their_place) {
  const std::string fleet = "fleet: {runtime: 1h}\n" + kTwoNodes;
  const std::vector<Case> cases = {
      {"fleet: {runtime: 1h, node_scores: ^[antstor=x]}\n" + kTwoNodes,
       "the weight of 'antstor' is a whole number, got 'x'\n  hint: for example: antstor=2"},
      {"fleet: {runtime: 1h, node_scores: ^[antstor=1234567]}\n" + kTwoNodes,
       "the weight of 'antstor' is a whole number, got '1234567'\n"
       "  hint: for example: antstor=2"},
      {fleet + "volume_groups:\n  - {name: a, size: 1TiB, min_count: ^3, max_count: 2}\n",
       "more parts of 'a' at least than the 2 at most"},
      {fleet + "events:\n  - {kind: node_dead, annual_rate: 2, spread: ^1h}\n",
       "with an annual_rate, nodes and times are drawn by it"},
      {fleet + "events:\n  - ^{kind: node_dead, node: m*}\n", "no node matches 'm*'"},
      {fleet + "events:\n  - ^{kind: node_dead, count: 3}\n", "3 of the 2 nodes that match '*'"},
      {"fleet: {runtime: 1h}\nnodes: ^[]\n",
       "a fleet needs nodes\n"
       "  hint: nodes: [{shape: node, count: 4, cpu: 104, memory: 768GiB, disk: 46.08TB}]"},
  };
  for (const Case& each : cases) {
    const std::string place = place_of_mark("scenario: s\nsystem: fleet\n" + each.text);
    EXPECT_EQ(error_of([&] { fleet_of(without_mark(each.text)); }), place + each.message)
        << each.text;
  }
  EXPECT_EQ(error_of([] { fleet_of(kTwoNodes); }),
            "/d/s.yaml:1:1: error: a system of kind fleet needs a section `fleet`\n"
            "  hint: for example: fleet: {runtime: 30d}");
}

TEST(FleetNotes, say_which_sections_change_nothing) {
  EXPECT_THAT(fleet_of("fleet: {runtime: 1h}\n" + kTwoNodes + "compute: {servers: 1}\n").notes,
              ElementsAre("/d/s.yaml:5:1: `compute` changes nothing in a system of kind fleet"));
  EXPECT_THAT(
      fleet_of("fleet: {runtime: 1h, disks: ebs}\n" + kTwoNodes +
               "volume_groups: [{name: a, size: 1TiB}]\n")
          .notes,
      ElementsAre("/d/s.yaml:5:1: `volume_groups` changes nothing where disks are in a block "
                  "store"));
}

}  // namespace fleet_refusals_test
}  // namespace orrery
