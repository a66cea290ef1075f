// One reader per format.
#include "scenarios/systems/fleet/demand_csv.hpp"

#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "scenarios/systems/fleet/demand_azure.hpp"
#include "scenarios/systems/fleet/demand_trace_pods.hpp"

namespace orrery {

namespace {

constexpr double kGib = 0x1p30;

void read_gpu_2025(const DemandSource& source, const TraceText& table, TracePods& pods,
                   DemandDraft& draft) {
  enum { kId, kRole, kApp, kCpu, kMemory, kDisk, kCreated, kDeleted, kMost };
  static constexpr TableColumn kColumns[] = {
      {"instance_sn", true},   {"role", true},           {"app_name", true},
      {"cpu_request", true},   {"memory_request", true}, {"disk_request", true},
      {"creation_time", true}, {"deletion_time", true},  {"max_instance_per_node"},
      {"cpu_limit"},           {"gpu_request"},          {"gpu_limit"},
      {"rdma_request"},        {"rdma_limit"},           {"memory_limit"},
      {"disk_limit"},          {"scheduled_time"}};
  RowBook book(draft.input, table.file);
  CsvLines lines(table.text);
  const TableHeader header(lines, kColumns, book);
  for_each_row(lines, header, book, [&](const TableRow& row) {
    const std::string_view role = row.name(kRole);
    if (role != "CN" && role != "HN")
      throw BrokenRow{fmt::format("role is neither CN nor HN: '{}'", role)};
    control::PodSpec pod = pods.begin(row.name(kId));
    pod.app = row.name(kApp);
    pod.cpu_millis = row.millis(kCpu);
    pod.memory = row.bytes(kMemory, kGib);
    const Bytes disk = row.bytes(kDisk, kGib * source.disk_scale);
    if (!row.text(kMost).empty()) {
      const double most = row.any_number(kMost);
      if (most != -1 && !(most >= 1 && most <= 1e6 && most == std::floor(most)))
        throw BrokenRow{
            fmt::format("max_instance_per_node is neither -1 nor a count: {}", row.text(kMost))};
      pod.max_per_node = most < 0 ? 0 : std::llround(most);
    }
    if (!row.text(kCreated).empty()) pod.created = row.time(kCreated, source.time_scale);
    if (!row.text(kDeleted).empty()) {
      const Duration deleted = row.time(kDeleted, source.time_scale);
      if (deleted < pod.created) throw BrokenRow{"it is deleted before it is created"};
      pod.lifetime = deleted - pod.created;
    }
    if (source.role == "all" || source.role == role) pods.add(std::move(pod), disk);
  });
}

void read_alibaba_2017(const DemandSource& source, const TraceText& table, TracePods& pods,
                       DemandDraft& draft) {
  enum { kTime, kEvent, kId, kMachine, kCpu, kMemory, kDisk, kCpuSet };
  static constexpr TableColumn kColumns[] = {{"ts"},         {"event"},    {"instance_id"},
                                             {"machine_id"}, {"plan_cpu"}, {"plan_mem"},
                                             {"plan_disk"},  {"cpuset"}};
  RowBook book(draft.input, table.file);
  CsvLines lines(table.text);
  const double memory = static_cast<double>(source.node_memory->count());
  const double disk = static_cast<double>(source.node_disk->count()) * source.disk_scale;
  for_each_row(lines, TableHeader(kColumns), book, [&](const TableRow& row) {
    const std::string_view event = row.name(kEvent), id = row.name(kId);
    const Duration at = row.time(kTime, source.time_scale);
    if (event == "Remove" || event == "remove") return pods.remove(id, at);
    if (event != "Create" && event != "create")
      throw BrokenRow{fmt::format("event is neither Create nor Remove: '{}'", event)};
    control::PodSpec pod = pods.begin(id);
    pod.cpu_millis = row.millis(kCpu, *source.node_cpu);
    pod.memory = row.bytes(kMemory, memory);
    pods.create(id, at, std::move(pod), row.bytes(kDisk, disk));
  });
}

void read_huawei_east_1(const DemandSource& source, const TraceText& table, TracePods& pods,
                        DemandDraft& draft) {
  enum { kId, kCpu, kMemory, kTime, kType };
  static constexpr TableColumn kColumns[] = {
      {"vmid", true}, {"cpu", true}, {"memory", true}, {"time", true}, {"type", true}};
  RowBook book(draft.input, table.file);
  CsvLines lines(table.text);
  const TableHeader header(lines, kColumns, book);
  for_each_row(lines, header, book, [&](const TableRow& row) {
    const std::string_view type = row.name(kType), id = row.name(kId);
    const Duration at = row.time(kTime, source.time_scale);
    if (type == "1") return pods.remove(id, at);
    if (type != "0")
      throw BrokenRow{fmt::format("type is neither 0 (create) nor 1 (delete): '{}'", type)};
    control::PodSpec pod = pods.begin(id);
    pod.cpu_millis = row.millis(kCpu);
    pod.memory = row.bytes(kMemory, kGib);
    pods.create(id, at, std::move(pod), source.disk.value_or(Bytes{}));
  });
}

}  // namespace

void read_trace(const DemandSource& source, const TraceText& table, const TraceText* types,
                std::uint32_t storage_class, DemandDraft& draft) {
  TracePods pods(source, storage_class, draft);
  switch (source.kind) {
    case kAlibaba2017: return read_alibaba_2017(source, table, pods, draft);
    case kAzure2020: return read_azure_2020(source, table, *types, pods, draft);
    case kHuaweiEast1: return read_huawei_east_1(source, table, pods, draft);
    default: return read_gpu_2025(source, table, pods, draft);
  }
}

}  // namespace orrery
