// Types of virtual machines on one kind of machine, then the machines that ran.
#include "scenarios/systems/fleet/demand_azure.hpp"

#include <fmt/format.h>

#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "scenarios/text/nearest.hpp"

namespace orrery {

namespace {

// Fractions that a type of virtual machine takes, per machine.
struct VmType {
  std::int64_t cpu_millis = 0;
  Bytes memory;
  Bytes disk;
};

// Of every type what it takes on `machine`, or on its first machine. Types that do not run on it
// have nothing.
using VmTypes = std::unordered_map<std::string, std::optional<VmType>>;

VmTypes read_vm_types(const DemandSource& source, const TraceText& table, DemandDraft& draft) {
  enum { kType, kMachine, kCore, kMemory, kSsd };
  static constexpr TableColumn kColumns[] = {{"vmTypeId", true},
                                             {"machineId", true},
                                             {"core", true},
                                             {"memory", true},
                                             {"ssd", true},
                                             {"id"},
                                             {"hdd"},
                                             {"nic"}};
  RowBook book(draft.input, table.file);
  CsvLines lines(table.text);
  const TableHeader header(lines, kColumns, book);
  const double memory = static_cast<double>(source.node_memory->count());
  const double disk = static_cast<double>(source.node_disk->count()) * source.disk_scale;
  VmTypes types;
  std::unordered_map<std::string, double> machine_of;
  std::map<std::string, int> machines;
  for_each_row(lines, header, book, [&](const TableRow& row) {
    const std::string id(row.name(kType)), machine(row.name(kMachine));
    const double number = row.number(kMachine);
    const VmType type{row.millis(kCore, *source.node_cpu), row.bytes(kMemory, memory),
                      // A type without an SSD of its own has an empty cell.
                      row.text(kSsd).empty() ? Bytes{} : row.bytes(kSsd, disk)};
    ++machines[machine];
    std::optional<VmType>& held = types[id];
    if (!source.machine.empty() && machine != source.machine) return;
    const auto [chosen, is_new] = machine_of.emplace(id, number);
    if (!is_new && chosen->second <= number) return;
    chosen->second = number;
    held = type;
  });
  if (!source.machine.empty() && !machines.contains(source.machine)) {
    std::vector<std::string> names;
    for (const auto& [name, count] : machines) names.push_back(name);
    throw unknown_name(source.mark_of("machine"), "machineId", source.machine, names);
  }
  return types;
}

}  // namespace

void read_azure_2020(const DemandSource& source, const TraceText& table, const TraceText& types,
                     TracePods& pods, DemandDraft& draft) {
  enum { kId, kType, kStart, kEnd };
  static constexpr TableColumn kColumns[] = {{"vmId", true},      {"vmTypeId", true},
                                             {"starttime", true}, {"endtime", true},
                                             {"tenantId"},        {"priority"}};
  const VmTypes known = read_vm_types(source, types, draft);
  RowBook book(draft.input, table.file);
  CsvLines lines(table.text);
  const TableHeader header(lines, kColumns, book);
  const double day = 86400 * source.time_scale;
  std::int64_t elsewhere = 0;
  for_each_row(lines, header, book, [&](const TableRow& row) {
    control::PodSpec pod = pods.begin(row.name(kId));
    const auto type = known.find(std::string(row.name(kType)));
    if (type == known.end())
      throw BrokenRow{fmt::format("vmTypeId '{}' is not in {}", row.text(kType), types.file)};
    if (row.any_number(kStart) > 0) pod.created = row.time(kStart, day);
    const std::string_view end = row.text(kEnd);
    if (!end.empty() && end != "NULL" && end != "null") {
      if (row.any_number(kEnd) < row.any_number(kStart))
        throw BrokenRow{"it ends before it starts"};
      if (row.any_number(kEnd) < 0) throw BrokenRow{"it ends before the trace begins"};
      pod.lifetime = row.time(kEnd, day) - pod.created;
    }
    if (!type->second) {
      ++elsewhere;
      return;
    }
    pod.cpu_millis = type->second->cpu_millis;
    pod.memory = type->second->memory;
    pods.add(std::move(pod), type->second->disk);
  });
  if (elsewhere > 0)
    book.note(fmt::format("{} virtual machines of types that machine {} does not run are left out",
                          elsewhere, source.machine));
}

}  // namespace orrery
