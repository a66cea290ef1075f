#include "analysis/experiment/run_directory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <system_error>
#include <vector>

#include "analysis/experiment/files_out.hpp"
#include "analysis/experiment/held_results.hpp"
#include "analysis/failure.hpp"
#include "analysis/result/summary_view.hpp"
#include "scenarios/text/document.hpp"
#include "sim/histogram.hpp"

namespace orrery {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

namespace {

// Besides scenario.yaml.
const std::vector<std::string> kResultFiles = {"summary.json", "latency.csv", "timeline.csv",
                                               "hangs.csv"};

constexpr std::string_view kResolvedMark = "# Resolved by orrery: every default written out.\n";

std::string csv_cell(const Json& value) {
  if (value.is_null()) return {};
  std::string text = value.is_string() ? value.get<std::string>() : value.dump();
  if (text.find_first_of(",\"\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

InputError foreign(const std::string& path) {
  return {{path, 1, 1},
          "this file was not written by a run and would be overwritten",
          "choose another output directory"};
}

// Refuses a directory whose contents are somebody else's.
void check_contents(const std::string& directory, const std::string& scenario) {
  const std::string path = (fs::path(directory) / "scenario.yaml").string();
  const auto text = held_text(path);
  if (!text)
    for (const std::string& name : kResultFiles) {
      const std::string result = (fs::path(directory) / name).string();
      if (const auto held = held_text(result, 1); held && !held->empty()) throw foreign(result);
    }
  // An empty one holds nothing that could be lost.
  if (!text || text->empty()) return;
  if (!text->starts_with(kResolvedMark)) throw foreign(path);
  // The name comes first; the whole may be more than a document of people holds.
  const std::string head = text->substr(0, text->find('\n', kResolvedMark.size()));
  const TextNode held = parse_document(head, path);
  const TextNode* name = held.find("scenario");
  if (name == nullptr || name->text == scenario) return;
  throw InputError(name->mark,
                   fmt::format("{} holds results of scenario '{}', not of '{}'", directory,
                               name->text, scenario),
                   "choose another output directory, or remove this one");
}

}  // namespace

RunDirectory::RunDirectory(std::string path, const Scenario& scenario)
    : path_(std::move(path)),
      resolved_(std::string(kResolvedMark) + to_yaml(resolved_scenario(scenario))) {
  // What is nobody's to write to is said before anything is made there.
  check_contents(path_, scenario.head.scenario);
  std::vector<std::string> files = kResultFiles;
  files.emplace_back("scenario.yaml");
  ensure_writable(path_, files);
  lock_.emplace(path_);
  check_contents(path_, scenario.head.scenario);
}

void RunDirectory::write(const Json& summary) {
  if (!lock_) lock_.emplace(path_);
  write_files(path_, {{"scenario.yaml", resolved_},
                      {"summary.json", json_text(summary)},
                      {"latency.csv", latency_csv(summary)},
                      {"timeline.csv", timeline_csv(summary)},
                      {"hangs.csv", hangs_csv(summary)}});
}

std::string json_text(const Json& value) { return value.dump(2) + "\n"; }

namespace {

// Where a bin ends that fio's form knows by its middle; the last one, which has no end, at the
// largest value there is.
std::uint64_t end_of_bin(std::uint64_t middle, const Json& latency) {
  const unsigned bucket = Histogram::bucket_of(middle);
  const std::uint64_t end = Histogram::bucket_end(bucket);
  if (bucket + 1 < Histogram::kBuckets) return end;
  return std::max(end, static_cast<std::uint64_t>(std::ceil(latency.value("max", 0.0))));
}

// The bins of one histogram, in ascending order.
void add_bins(std::string& out, const Json& job, const std::string& direction,
              std::string_view kind, const Json& latency) {
  if (!latency.is_object() || !latency.contains("bins")) return;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> bins;
  std::uint64_t total = 0;
  for (const auto& [middle, count] : latency["bins"].items()) {
    bins.emplace_back(end_of_bin(std::strtoull(middle.c_str(), nullptr, 10), latency),
                      count.get<std::uint64_t>());
    total += bins.back().second;
  }
  std::sort(bins.begin(), bins.end());
  std::uint64_t below = 0;
  for (const auto& [end, count] : bins) {
    below += count;
    out += fmt::format("{},{},{},{},{},{:.9g}\n", csv_cell(job), direction, kind, end, count,
                       static_cast<double>(below) / static_cast<double>(total));
  }
}

}  // namespace

std::string latency_csv(const Json& summary) {
  std::string out = "job,direction,kind,up_to_ns,count,cumulative\n";
  for (const Json& job : summary.value("jobs", Json::array()))
    for (const char* direction : {"read", "write"}) {
      if (!job.contains(direction)) continue;
      for (const char* kind : {"slat", "clat", "lat"})
        add_bins(out, job.value("jobname", Json()), direction, kind,
                 job[direction].value(std::string(kind) + "_ns", Json()));
    }
  for (const Json& application : summary.value("applications", Json::array()))
    for (const Json& operation : application.value("operations", Json::array()))
      add_bins(out, application.value("name", Json()), operation.value("name", std::string{}),
               "lat", operation.value("lat_ns", Json()));
  return out;
}

std::string csv_of(const std::vector<std::string>& columns, const Json& rows) {
  std::string out;
  for (std::size_t i = 0; i < columns.size(); ++i) out += (i ? "," : "") + columns[i];
  out += "\n";
  for (const Json& row : rows) {
    for (std::size_t i = 0; i < columns.size(); ++i)
      out += (i ? "," : "") + csv_cell(row.value(columns[i], Json()));
    out += "\n";
  }
  return out;
}

std::string timeline_csv(const Json& summary) {
  const Json timeline = summary.value("timeline", Json::array());
  std::vector<std::string> columns;
  for (const Json& entry : timeline)
    for (const auto& [key, value] : entry.items())
      if (std::find(columns.begin(), columns.end(), key) == columns.end()) columns.push_back(key);
  return csv_of(columns, timeline);
}

std::string hangs_csv(const Json& summary) {
  const Json* list = find_in(summary, "hangs.list");
  return csv_of({"job", "volume", "direction", "submitted_s", "latency_s", "outcome"},
                list != nullptr ? *list : Json::array());
}

}  // namespace orrery
