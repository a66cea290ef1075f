#include "analysis/result/application_summary.hpp"

#include <nlohmann/json.hpp>

#include "analysis/result/summary.hpp"
#include "scenarios/text/value_text.hpp"

namespace orrery {

using Json = nlohmann::ordered_json;

namespace {

Json share(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? Json() : Json(static_cast<double>(part) / static_cast<double>(whole));
}

Json operation_summary(const ApplicationResult::Operation& operation, std::size_t volumes) {
  Json side = direction_summary(operation.job, operation.result, operation.direction, volumes);
  const JobResult& result = operation.result;
  Json out;
  out["name"] = operation.name;
  out["ops"] = side["iops"];
  out["total_ops"] = side["total_ios"];
  out["counts"] = {{"arrived", result.arrived},
                   {"done", result.done},
                   {"failed", result.failed},
                   {"in_flight", result.in_flight}};
  side["intervals"]["ops"] = side["intervals"]["iops"];
  side["intervals"].erase("iops");
  for (const char* key : {"failed", "saturated", "hangs_1s", "hangs_60s", "slat_ns", "lat_ns",
                          "intervals", "stages", "slowest"})
    out[key] = side[key];
  return out;
}

}  // namespace

Json application_summary(const ApplicationSpec& spec, const ApplicationResult& result,
                         const std::string& engine, std::size_t volumes) {
  Json out;
  out["name"] = spec.name;
  out["kind"] = spec.kind;
  out["profile"] = engine;
  Json options = Json::object();
  for (const Declaration& field : ApplicationSpec::declarations().fields) {
    // Those that were given, as of a job.
    const Value value = field.get(&spec);
    if (field.name == "kind" || (field.fallback && value == *field.fallback)) continue;
    options[field.name] = format_value(field.quantity, value);
  }
  out["options"] = std::move(options);
  out["volumes"] = volumes;
  out["data_bytes"] = spec.data().count();
  const double seconds = to_seconds(result.to - result.from);
  out["runtime"] = seconds * 1e3;
  if (spec.open_loop())
    out["offered_ops"] = spec.rate_ops->per_second() * static_cast<double>(volumes);
  out["operations"] = Json::array();
  for (const ApplicationResult::Operation& operation : result.operations)
    out["operations"].push_back(operation_summary(operation, volumes));
  Json io = Json::object();
  for (std::size_t k = 0; k < kIoKindNames.size(); ++k) {
    const ApplicationResult::IoUse& use = result.io[k];
    const auto count = static_cast<double>(use.completed);
    const auto rate = [seconds](double value) { return seconds > 0 ? value / seconds : 0; };
    io[std::string(kIoKindNames[k])] = {
        {"total_ios", use.completed},
        {"failed", use.failed},
        {"iops", rate(count)},
        {"bw_bytes", rate(static_cast<double>(use.bytes.count()))},
        {"lat_mean_ns", use.completed > 0 ? Json(use.latency_ns / count) : Json()}};
  }
  out["io"] = std::move(io);
  out["block_cache_hit_ratio"] = share(result.block_hits, result.block_lookups);
  if (result.row_lookups > 0)
    out["row_cache_hit_ratio"] = share(result.row_hits, result.row_lookups);
  out["updated_bytes"] = result.updated.count();
  out["write_amplification"] =
      result.updated > Bytes{} ? Json(result.write_amplification()) : Json();
  out["stalls"] = {{"stops", result.stalls},
                   {"stopped_s", to_seconds(result.stalled)},
                   {"slowdowns", result.slowdowns},
                   {"slowed_s", to_seconds(result.slowed)}};
  return out;
}

void add_to_timeline(Json& timeline, const ApplicationResult& result) {
  for (const ApplicationResult::Operation& operation : result.operations) {
    for (Json& row : timeline_summary({operation.result})) {
      row["job"] = result.name;
      row["direction"] = operation.name;
      timeline.push_back(std::move(row));
    }
  }
}

}  // namespace orrery
