// Public traces in their own columns, and what becomes of rows and columns that are not as they
// should be.
#include <gmock/gmock.h>

#include "scenarios/text/csv_lines.hpp"
#include "tests/linear_time.hpp"
#include "tests/scenarios/systems/fleet/demand_cases.hpp"

namespace orrery {
namespace demand_csv_test {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string kGpuHeader =
    "instance_sn,role,app_name,cpu_request,memory_request,disk_request,max_instance_per_node,"
    "creation_time,deletion_time\n";
const std::string kGoodGpuRow = "ok,CN,app,64,320,255,-1,0,\n";

LoadedDemand from(const std::string& keys, const std::string& text, Files more = {}) {
  more["/d/t.csv"] = text;
  return demand_of(kTwoNodes + "demand: [{file: t.csv, " + keys + "}]\n", more);
}
LoadedDemand gpu(const std::string& text) { return from("format: alibaba-gpu-v2025", text); }
LoadedDemand v2017(const std::string& text) {
  return from("format: alibaba-v2017, node_memory: 100GiB, node_disk: 1000GiB", text);
}
LoadedDemand huawei(const std::string& text) {
  return from("format: huawei-east-1", "vmid,cpu,memory,time,type\n" + text);
}
const control::PodSpec& pod_named(const LoadedDemand& loaded, const std::string& name) {
  for (const control::PodSpec& pod : loaded.demand.pods)
    if (pod.name == name) return pod;
  ADD_FAILURE() << "no pod " << name;
  return loaded.demand.pods.front();
}
// The one remark about the one broken row.
std::string broken(const LoadedDemand& loaded) {
  EXPECT_EQ(loaded.input.broken, 1);
  EXPECT_EQ(loaded.input.notes.size(), 1u);
  return loaded.input.notes.empty() ? "" : loaded.input.notes[0];
}

TEST(CsvLines, are_cut_into_cells) {
  CsvLines lines(
      "\xEF\xBB\xBF"
      "a, \"b \"\"c\"\", d\" ,,e\r\n\r\n  \n\"x\n1,\"2\"3\nlast");
  ASSERT_TRUE(lines.next());
  EXPECT_THAT(lines.cells(), ElementsAre("a", "b \"c\", d", "", "e"));
  EXPECT_EQ(lines.line(), 1);
  ASSERT_TRUE(lines.next());
  EXPECT_EQ(lines.line(), 4);
  EXPECT_EQ(lines.defect(), "a quote that does not end");
  ASSERT_TRUE(lines.next());
  EXPECT_EQ(lines.defect(), "text after a closing quote");
  ASSERT_TRUE(lines.next());
  EXPECT_THAT(lines.cells(), ElementsAre("last"));
  EXPECT_FALSE(lines.next());
  const std::string commas(1000, ',');
  CsvLines many(commas);
  ASSERT_TRUE(many.next());
  EXPECT_EQ(many.defect(), "more than 256 cells");
}

TEST(GpuTrace, becomes_pods) {
  const auto loaded = demand_of_samples(
      "{file: gpu-v2025.csv, format: alibaba-gpu-v2025, disk_scale: 2, time_scale: 0.5}");
  EXPECT_EQ(loaded.input.rows, 5);
  EXPECT_THAT(loaded.input.notes, IsEmpty());
  ASSERT_EQ(loaded.demand.pods.size(), 5u);
  const auto& first = pod_named(loaded, "alibaba-gpu-v2025/instance_0");
  EXPECT_EQ(first.cpu_millis, 64'000);
  EXPECT_EQ(first.memory, gibibytes(320));
  EXPECT_EQ(first.claims[0].size, gibibytes(510));
  EXPECT_EQ(first.created, Duration{});
  EXPECT_FALSE(first.lifetime);
  EXPECT_EQ(first.app, "app_0");
  EXPECT_EQ(first.max_per_node, 0);
  EXPECT_EQ(pod_named(loaded, "alibaba-gpu-v2025/instance_1").lifetime, seconds(43200));
  const auto& late = pod_named(loaded, "alibaba-gpu-v2025/instance_3");
  EXPECT_EQ(late.created, seconds(3600.25));
  EXPECT_EQ(late.lifetime, seconds(64));
  EXPECT_EQ(late.max_per_node, 2);
  EXPECT_EQ(pod_named(loaded, "alibaba-gpu-v2025/instance_4").lifetime, Duration{});
  EXPECT_EQ(demand_of_samples("{file: gpu-v2025.csv, format: alibaba-gpu-v2025, role: HN}")
                .demand.pods.size(),
            1u);
}

TEST(GpuTrace, may_have_a_byte_order_mark_other_line_ends_and_quotes) {
  std::string text = kGpuHeader;
  text.insert(text.size() - 1, "\r");
  const auto loaded = gpu("\xEF\xBB\xBF" + text + "a,\"CN\",\"x, y\",64,320,255,-1,0,\r\n\r\n");
  EXPECT_EQ(loaded.demand.pods.at(0).app, "x, y");
  EXPECT_EQ(loaded.input.broken, 0);
}

TEST(GpuTrace, skips_and_counts_broken_rows) {
  const auto with = [](const std::string& row) {
    const auto loaded = gpu(kGpuHeader + kGoodGpuRow + row + "\n");
    EXPECT_EQ(loaded.demand.pods.size(), 1u);
    EXPECT_EQ(loaded.input.rows, 2);
    return broken(loaded);
  };
  EXPECT_EQ(with("a,CN,app,64,320,255,-1,0"), "/d/t.csv:3: 8 cells in a table of 9 columns");
  EXPECT_EQ(with("a,CN,app,64,320,255,-1,0,,"), "/d/t.csv:3: 10 cells in a table of 9 columns");
  EXPECT_EQ(with("a,XX,app,64,320,255,-1,0,"), "/d/t.csv:3: role is neither CN nor HN: 'XX'");
  EXPECT_EQ(with("a,CN,app,6x,320,255,-1,0,"), "/d/t.csv:3: cpu_request is no number: '6x'");
  EXPECT_EQ(with("a,CN,app,,320,255,-1,0,"), "/d/t.csv:3: cpu_request is empty");
  EXPECT_EQ(with("a,CN,app,nan,320,255,-1,0,"), "/d/t.csv:3: cpu_request is no number: 'nan'");
  EXPECT_EQ(with("a,CN,app,64,-320,255,-1,0,"), "/d/t.csv:3: memory_request is negative: -320");
  EXPECT_EQ(with("a,CN,app,64,320,1e30,-1,0,"),
            "/d/t.csv:3: disk_request is beyond any machine: 1e30");
  EXPECT_EQ(with("a,CN,app,1e999,320,1,-1,0,"),
            "/d/t.csv:3: cpu_request is too large or too small: '1e999'");
  EXPECT_EQ(with("a,CN,app,64,320,255,0,0,"),
            "/d/t.csv:3: max_instance_per_node is neither -1 nor a count: 0");
  EXPECT_EQ(with("a,CN,app,64,320,255,-1,9,8"), "/d/t.csv:3: it is deleted before it is created");
  EXPECT_EQ(with("a,CN,app,64,320,255,-1,-9,"), "/d/t.csv:3: creation_time is negative: -9");
  EXPECT_EQ(with("a,CN,app,64,320,255,-1,1e9,"),
            "/d/t.csv:3: creation_time is beyond the clock: 1e9");
  EXPECT_EQ(with("ok,CN,app,64,320,255,-1,0,"),
            "/d/t.csv:3: pod 'alibaba-gpu-v2025/ok' is there already");
  EXPECT_EQ(with(",CN,app,64,320,255,-1,0,"), "/d/t.csv:3: instance_sn is empty");
  EXPECT_EQ(with("\"a,CN"), "/d/t.csv:3: a quote that does not end");
  EXPECT_THAT(with("a,C\xff,app,1,1,1,-1,0,"), HasSubstr("/d/t.csv:3: "));
  EXPECT_THAT(with("a,C\x01,app,1,1,1,-1,0,"), HasSubstr("control character"));
}

TEST(GpuTrace, reports_the_first_ten_broken_rows_and_how_many_more_there_are) {
  std::string text = kGpuHeader + kGoodGpuRow;
  for (int i = 0; i < 25; ++i) text += "x\n";
  const auto loaded = gpu(text);
  EXPECT_EQ(loaded.input.broken, 25);
  EXPECT_EQ(loaded.input.notes.size(), 11u);
  EXPECT_EQ(loaded.input.notes[9], "/d/t.csv:12: 1 cells in a table of 9 columns");
  EXPECT_EQ(loaded.input.notes[10], "/d/t.csv: 15 more broken rows");
}

TEST(GpuTrace, notes_columns_that_nobody_knows_and_refuses_to_miss_one) {
  std::string text = kGpuHeader;
  text.insert(0, "colour,");
  const auto loaded = gpu(text + "red," + kGoodGpuRow);
  EXPECT_THAT(loaded.input.notes,
              ElementsAre("/d/t.csv:1: column 'colour' is unknown and ignored"));
  EXPECT_THAT(error_of([] { gpu("instance_sn,role,app_name,cpu_reqest,memory_request\n"); }),
              HasSubstr("/d/t.csv:1:1: error: column 'cpu_request' is missing (is it "
                        "'cpu_reqest'?)"));
  EXPECT_THAT(error_of([] { gpu("role," + kGpuHeader); }), HasSubstr("'role' is there twice"));
}

TEST(Traces, without_a_single_good_row_are_refused) {
  EXPECT_THAT(error_of([] { gpu(""); }), HasSubstr("/d/t.csv: error: this file is empty"));
  EXPECT_THAT(error_of([] { gpu(kGpuHeader); }), HasSubstr("has no rows"));
  EXPECT_THAT(error_of([] { v2017("\n"); }), HasSubstr("has no rows"));
  EXPECT_THAT(error_of([] { gpu(kGpuHeader + "x\ny\n"); }),
              HasSubstr("none of its 2 rows can be used: line 2: 1 cells"));
}

TEST(AlibabaTrace2017, becomes_pods_that_live_from_creation_to_removal) {
  const auto loaded = demand_of_samples(
      "{file: container_event.csv, format: alibaba-v2017, node_memory: 1000GiB, node_disk: "
      "8000GiB}");
  EXPECT_THAT(loaded.input.notes, IsEmpty());
  ASSERT_EQ(loaded.demand.pods.size(), 4u);
  const auto& second = pod_named(loaded, "alibaba-v2017/2");
  EXPECT_EQ(second.cpu_millis, 8000);
  EXPECT_NEAR(static_cast<double>(second.memory.count()), 84.8 * 0x1p30, 1);
  EXPECT_EQ(second.claims[0].size, gibibytes(200));
  EXPECT_EQ(second.lifetime, seconds(900));
  EXPECT_EQ(pod_named(loaded, "alibaba-v2017/4").created, seconds(1200));
  EXPECT_FALSE(pod_named(loaded, "alibaba-v2017/4").lifetime);
}

TEST(AlibabaTrace2017, skips_events_that_cannot_be) {
  const auto with = [](const std::string& row) {
    return broken(v2017("10,Create,1,9,4,0.1,0.1,\n" + row + "\n"));
  };
  EXPECT_EQ(with("11,Update,1,9,4,0.1,0.1,"),
            "/d/t.csv:2: event is neither Create nor Remove: 'Update'");
  EXPECT_EQ(with("9,Create,2,9,4,0.1,0.1,"), "/d/t.csv:2: time goes backwards, from 10s to 9s");
  EXPECT_EQ(with("9,Remove,1,9,4,0.1,0.1,"), "/d/t.csv:2: time goes backwards, from 10s to 9s");
  EXPECT_EQ(with("11,Remove,2,9,4,0.1,0.1,"), "/d/t.csv:2: no '2' is there to delete");
  EXPECT_EQ(with("11,Create,1,9,4,0.1,0.1,"), "/d/t.csv:2: '1' is there already");
  EXPECT_EQ(with("11,Create,2,9,4,0.1"), "/d/t.csv:2: 6 cells in a table of 8 columns");
}

TEST(AzureTrace, becomes_pods_by_its_table_of_types) {
  const std::string source =
      "file: vm.csv, types: vmType.csv, format: azure-2020, node_cpu: 64, node_memory: 512GiB, "
      "node_disk: 8192GiB";
  const auto loaded = demand_of_samples("{" + source + "}");
  EXPECT_THAT(loaded.input.notes, IsEmpty());
  EXPECT_EQ(loaded.input.rows, 8);
  ASSERT_EQ(loaded.demand.pods.size(), 4u);
  // Type 0 runs on machines 2 and 16: the first by number, not by text or by row.
  const auto& early = pod_named(loaded, "azure-2020/0");
  EXPECT_EQ(early.cpu_millis, 32'000);
  EXPECT_EQ(early.memory, gibibytes(256));
  EXPECT_EQ(early.claims[0].size, gibibytes(2048));
  EXPECT_EQ(early.created, Duration{});
  EXPECT_EQ(early.lifetime, seconds(21600));
  EXPECT_FALSE(pod_named(loaded, "azure-2020/1").lifetime);
  EXPECT_TRUE(pod_named(loaded, "azure-2020/1").claims.empty());
  EXPECT_EQ(pod_named(loaded, "azure-2020/2").created, seconds(43200));
  EXPECT_EQ(pod_named(loaded, "azure-2020/2").lifetime, seconds(86400));

  const auto of_16 = demand_of_samples("{" + source + ", machine: 16}");
  EXPECT_EQ(pod_named(of_16, "azure-2020/0").cpu_millis, 16'000);
  EXPECT_EQ(of_16.demand.pods.size(), 3u);
  EXPECT_THAT(of_16.input.notes,
              Contains(HasSubstr("1 virtual machines of types that machine 16")));
  EXPECT_THAT(error_of([&] { demand_of_samples("{" + source + ", machine: 17}"); }),
              HasSubstr("unknown machineId '17'"));
}

TEST(AzureTrace, skips_machines_that_cannot_be) {
  const auto with = [](const std::string& row) {
    return broken(
        from("types: y.csv, format: azure-2020, node_cpu: 1, node_memory: 1GiB, "
             "node_disk: 1TB",
             "vmId,vmTypeId,starttime,endtime\n0,0,0,\n" + row + "\n",
             {{"/d/y.csv", "vmTypeId,machineId,core,memory,ssd\n0,0,1,1,1\n"}}));
  };
  EXPECT_EQ(with("1,7,0,1"), "/d/t.csv:3: vmTypeId '7' is not in /d/y.csv");
  EXPECT_EQ(with("1,0,1,0.5"), "/d/t.csv:3: it ends before it starts");
  EXPECT_EQ(with("1,0,-2,-1"), "/d/t.csv:3: it ends before the trace begins");
  EXPECT_EQ(with("1,0,,1"), "/d/t.csv:3: starttime is empty");
  EXPECT_EQ(with("1,0,0,200"), "/d/t.csv:3: endtime is beyond the clock: 200");
}

TEST(HuaweiTrace, becomes_pods_that_may_be_given_a_disk) {
  const auto loaded =
      demand_of_samples("{file: Huawei-East-1.csv, format: huawei-east-1, disk: 40GiB}");
  EXPECT_THAT(loaded.input.notes, IsEmpty());
  ASSERT_EQ(loaded.demand.pods.size(), 4u);
  const auto& first = pod_named(loaded, "huawei-east-1/1");
  EXPECT_EQ(first.cpu_millis, 2000);
  EXPECT_EQ(first.memory, gibibytes(4));
  EXPECT_EQ(first.lifetime, seconds(3600));
  EXPECT_EQ(first.claims[0].size, gibibytes(40));
  EXPECT_TRUE(huawei("1,2,4,0,0\n").demand.pods[0].claims.empty());
}

TEST(HuaweiTrace, skips_events_that_cannot_be) {
  const auto with = [](const std::string& row) { return broken(huawei("1,2,4,5,0\n" + row)); };
  EXPECT_EQ(with("1,2,4,6,2\n"), "/d/t.csv:3: type is neither 0 (create) nor 1 (delete): '2'");
  EXPECT_EQ(with("2,2,4,4,0\n"), "/d/t.csv:3: time goes backwards, from 5s to 4s");
  EXPECT_EQ(with("2,2,4,6,1\n"), "/d/t.csv:3: no '2' is there to delete");
}

TEST(Traces, of_two_files_must_not_share_a_pod) {
  const Files files = {{"/d/a.csv", "vmid,cpu,memory,time,type\n1,2,4,0,0\n2,2,4,0,0\n"},
                       {"/d/b.csv", "vmid,cpu,memory,time,type\n2,2,4,0,0\n3,2,4,0,0\n"}};
  const auto loaded = demand_of(kTwoNodes +
                                    "demand: [{file: a.csv, format: huawei-east-1}, {file: b.csv, "
                                    "format: huawei-east-1}]\n",
                                files);
  EXPECT_EQ(broken(loaded), "/d/b.csv:2: pod 'huawei-east-1/2' is there already");
  EXPECT_EQ(loaded.demand.pods.size(), 3u);
}

TEST(Traces, are_read_in_the_time_of_their_length) {
  expect_linear(
      [](std::size_t rows) {
        std::string text = kGpuHeader;
        for (std::size_t i = 0; i < rows; ++i)
          text +=
              fmt::format("instance_{},CN,app_{},64,320.0,255.0,-1,{},{}\n", i, i % 150, i, 2 * i);
        EXPECT_EQ(gpu(text).demand.pods.size(), rows);
      },
      6'000);
}

}  // namespace demand_csv_test
}  // namespace orrery
