#include "scenarios/systems/fleet/demand_csv.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "scenarios/text/csv_lines.hpp"
#include "scenarios/text/nearest.hpp"

namespace orrery {

namespace {

constexpr double kGib = 0x1p30;
constexpr double kLongest = 9.0e6;  // seconds that the clock holds

// Why a row cannot be used; never leaves this file.
struct BrokenRow {
  std::string reason;
};

struct Column {
  std::string_view name;
  bool needed = false;  // else known, and may be absent
};

// Where a table's columns are, by their place in the list of those known.
class Header {
 public:
  // From a line of names.
  Header(CsvLines& lines, std::span<const Column> known, RowBook& book) : known_(known) {
    if (!lines.next()) throw InputError({book.file(), 0, 0}, "this file is empty");
    const SourceMark mark{book.file(), lines.line(), 1};
    if (!lines.defect().empty()) throw InputError(mark, lines.defect());
    width_ = lines.cells().size();
    places_.assign(known.size(), std::nullopt);
    const std::vector<std::string> names(lines.cells().begin(), lines.cells().end());
    for (std::size_t i = 0; i < names.size(); ++i) {
      const auto found = std::find_if(known.begin(), known.end(),
                                      [&](const Column& each) { return each.name == names[i]; });
      if (std::find(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(i), names[i]) !=
          names.begin() + static_cast<std::ptrdiff_t>(i))
        throw InputError(mark, fmt::format("column '{}' is there twice", names[i]));
      if (found == known.end())
        book.note(fmt::format("column '{}' is unknown and ignored", names[i]), lines.line());
      else places_[static_cast<std::size_t>(found - known.begin())] = i;
    }
    for (std::size_t i = 0; i < known.size(); ++i)
      if (known[i].needed && !places_[i]) throw missing(mark, known[i].name, names);
  }
  // Of a table without one, in the order of those known.
  explicit Header(std::span<const Column> known) : known_(known), width_(known.size()) {
    for (std::size_t i = 0; i < known.size(); ++i) places_.emplace_back(i);
  }

  std::string_view name(std::size_t column) const { return known_[column].name; }
  std::size_t width() const { return width_; }
  const std::optional<std::size_t>& place(std::size_t column) const { return places_[column]; }

 private:
  static InputError missing(const SourceMark& mark, std::string_view name,
                            const std::vector<std::string>& names) {
    std::string message = fmt::format("column '{}' is missing", name);
    if (const auto near = nearest(name, names)) message += fmt::format(" (is it '{}'?)", *near);
    return {mark, std::move(message)};
  }

  std::span<const Column> known_;
  std::vector<std::optional<std::size_t>> places_;
  std::size_t width_ = 0;
};

// One row, cell by cell.
class Row {
 public:
  Row(const CsvLines& lines, const Header& header) : header_(header), cells_(lines.cells()) {
    if (!lines.defect().empty()) throw BrokenRow{lines.defect()};
    if (cells_.size() != header.width())
      throw BrokenRow{
          fmt::format("{} cells in a table of {} columns", cells_.size(), header.width())};
  }

  std::string_view text(std::size_t column) const {
    const auto& place = header_.place(column);
    return place ? cells_[*place] : std::string_view{};
  }
  std::string_view name(std::size_t column) const {
    const std::string_view cell = text(column);
    if (cell.empty()) throw BrokenRow{fmt::format("{} is empty", header_.name(column))};
    return cell;
  }
  double any_number(std::size_t column) const {
    const std::string_view cell = name(column);
    double value = 0;
    const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
    if (error == std::errc::result_out_of_range)
      throw BrokenRow{
          fmt::format("{} is too large or too small: '{}'", header_.name(column), cell)};
    if (error != std::errc{} || end != cell.data() + cell.size() || !std::isfinite(value))
      throw BrokenRow{fmt::format("{} is no number: '{}'", header_.name(column), cell)};
    return value;
  }
  double number(std::size_t column) const {
    const double value = any_number(column);
    if (value < 0)
      throw BrokenRow{fmt::format("{} is negative: {}", header_.name(column), text(column))};
    return value;
  }

  std::int64_t millis(std::size_t column, double cores_per_unit = 1) const {
    const double cores = number(column) * cores_per_unit;
    if (!(cores <= demand_limits::kCores)) throw beyond(column);
    return std::llround(cores * 1000);
  }
  Bytes bytes(std::size_t column, double bytes_per_unit) const {
    const double size = number(column) * bytes_per_unit;
    if (!(size <= demand_limits::kBytes)) throw beyond(column);
    return Bytes{std::llround(size)};
  }
  Duration time(std::size_t column, double seconds_per_unit) const {
    const double value = number(column) * seconds_per_unit;
    if (!(value <= kLongest))
      throw BrokenRow{
          fmt::format("{} is beyond the clock: {}", header_.name(column), text(column))};
    return seconds(value);
  }

 private:
  BrokenRow beyond(std::size_t column) const {
    return {fmt::format("{} is beyond any machine: {}", header_.name(column), text(column))};
  }

  const Header& header_;
  std::span<const std::string_view> cells_;
};

// Calls `use` for every row and keeps the books.
template <class Use>
void for_each_row(CsvLines& lines, const Header& header, RowBook& book, Use use) {
  while (lines.next()) {
    book.row();
    try {
      use(Row(lines, header));
    } catch (const BrokenRow& broken) {
      book.broken(lines.line(), broken.reason);
    }
  }
  book.close();
}

// Pods of one trace on their way into the draft.
class TracePods {
 public:
  TracePods(const DemandSource& source, std::uint32_t storage_class, DemandDraft& draft)
      : source_(source),
        storage_class_(storage_class),
        draft_(draft),
        common_(common_pod(source)) {}

  control::PodSpec begin(std::string_view id) const {
    control::PodSpec pod = common_;
    pod.name = fmt::format("{}/{}", source_.name, id);
    pod.app = source_.name;
    return pod;
  }
  void add(control::PodSpec pod, Bytes disk) {
    DemandDraft::split_disk(pod, disk, source_.volumes_per_pod, storage_class_);
    for (control::ClaimSpec& claim : pod.claims)
      claim.snapshot_reserved = source_.snapshot_reserved;
    if (std::string trouble = draft_.add(std::move(pod)); !trouble.empty())
      throw BrokenRow{std::move(trouble)};
  }

  // Of traces that are lists of events.
  void create(std::string_view id, Duration at, control::PodSpec pod, Bytes disk) {
    check_order(at);
    if (alive_.contains(std::string(id))) throw BrokenRow{fmt::format("'{}' is there already", id)};
    pod.created = at;
    add(std::move(pod), disk);
    alive_.emplace(id, draft_.demand.pods.size() - 1);
    latest_ = at;
  }
  void remove(std::string_view id, Duration at) {
    check_order(at);
    const auto found = alive_.find(std::string(id));
    if (found == alive_.end()) throw BrokenRow{fmt::format("no '{}' is there to delete", id)};
    control::PodSpec& pod = draft_.demand.pods[found->second];
    pod.lifetime = at - pod.created;
    alive_.erase(found);
    latest_ = at;
  }

 private:
  void check_order(Duration at) const {
    if (at < latest_)
      throw BrokenRow{fmt::format("time goes backwards, from {:.6g}s to {:.6g}s",
                                  to_seconds(latest_), to_seconds(at))};
  }

  const DemandSource& source_;
  std::uint32_t storage_class_;
  DemandDraft& draft_;
  control::PodSpec common_;
  std::unordered_map<std::string, std::size_t> alive_;  // index of the pod
  Duration latest_{};
};

void read_gpu_2025(const DemandSource& source, const TraceText& table, TracePods& pods,
                   DemandDraft& draft) {
  enum { kId, kRole, kApp, kCpu, kMemory, kDisk, kCreated, kDeleted, kMost };
  static constexpr Column kColumns[] = {
      {"instance_sn", true},   {"role", true},           {"app_name", true},
      {"cpu_request", true},   {"memory_request", true}, {"disk_request", true},
      {"creation_time", true}, {"deletion_time", true},  {"max_instance_per_node"},
      {"cpu_limit"},           {"gpu_request"},          {"gpu_limit"},
      {"rdma_request"},        {"rdma_limit"},           {"memory_limit"},
      {"disk_limit"},          {"scheduled_time"}};
  RowBook book(draft.input, table.file);
  CsvLines lines(table.text);
  const Header header(lines, kColumns, book);
  for_each_row(lines, header, book, [&](const Row& row) {
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
  static constexpr Column kColumns[] = {{"ts"},       {"event"},    {"instance_id"}, {"machine_id"},
                                        {"plan_cpu"}, {"plan_mem"}, {"plan_disk"},   {"cpuset"}};
  RowBook book(draft.input, table.file);
  CsvLines lines(table.text);
  const double memory = static_cast<double>(source.node_memory->count());
  const double disk = static_cast<double>(source.node_disk->count()) * source.disk_scale;
  for_each_row(lines, Header(kColumns), book, [&](const Row& row) {
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
  static constexpr Column kColumns[] = {
      {"vmid", true}, {"cpu", true}, {"memory", true}, {"time", true}, {"type", true}};
  RowBook book(draft.input, table.file);
  CsvLines lines(table.text);
  const Header header(lines, kColumns, book);
  for_each_row(lines, header, book, [&](const Row& row) {
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
  static constexpr Column kColumns[] = {{"vmTypeId", true},
                                        {"machineId", true},
                                        {"core", true},
                                        {"memory", true},
                                        {"ssd", true},
                                        {"id"},
                                        {"hdd"},
                                        {"nic"}};
  RowBook book(draft.input, table.file);
  CsvLines lines(table.text);
  const Header header(lines, kColumns, book);
  const double memory = static_cast<double>(source.node_memory->count());
  const double disk = static_cast<double>(source.node_disk->count()) * source.disk_scale;
  VmTypes types;
  std::unordered_map<std::string, double> machine_of;
  std::map<std::string, int> machines;
  for_each_row(lines, header, book, [&](const Row& row) {
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

void read_azure_2020(const DemandSource& source, const TraceText& table, const TraceText& types,
                     TracePods& pods, DemandDraft& draft) {
  enum { kId, kType, kStart, kEnd };
  static constexpr Column kColumns[] = {{"vmId", true},    {"vmTypeId", true}, {"starttime", true},
                                        {"endtime", true}, {"tenantId"},       {"priority"}};
  const VmTypes known = read_vm_types(source, types, draft);
  RowBook book(draft.input, table.file);
  CsvLines lines(table.text);
  const Header header(lines, kColumns, book);
  const double day = 86400 * source.time_scale;
  std::int64_t elsewhere = 0;
  for_each_row(lines, header, book, [&](const Row& row) {
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
