#include "analysis/result/summary.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "scenarios/text/value_text.hpp"

namespace orrery {

using Json = nlohmann::ordered_json;

namespace {

// fio's default percentile list.
constexpr double kPercentiles[] = {1,  5,  10, 20, 30,   40,   50,    60,    70,
                                   80, 90, 95, 99, 99.5, 99.9, 99.95, 99.99, 99.999};

Json percentiles_of(const Histogram& h) {
  Json out = Json::object();
  for (double percent : kPercentiles)
    if (const auto value = h.percentile_ns(percent);
        value && (percent <= 50 || h.supports(percent)))
      out[fmt::format("{:f}", percent)] = *value;
  return out;
}

// What no I/O has shown is unknown, not zero.
Json latency_of(const Histogram& h, bool with_bins, bool is_known) {
  if (!is_known)
    return {{"min", nullptr}, {"max", nullptr}, {"mean", nullptr}, {"stddev", nullptr}, {"N", 0}};
  Json out = {{"min", h.count() > 0 ? to_nanoseconds(h.min()) : 0.0},
              {"max", h.count() > 0 ? to_nanoseconds(h.max()) : 0.0},
              {"mean", h.mean_ns()},
              {"stddev", h.stddev_ns()},
              {"N", h.count()}};
  if (h.count() == 0) return out;
  out["percentile"] = percentiles_of(h);
  if (with_bins) {
    Json bins = Json::object();
    for (unsigned bucket = 0; bucket < Histogram::kBuckets; ++bucket)
      if (const std::uint64_t count = h.in_bucket(bucket); count > 0)
        bins[fmt::format("{}", Histogram::bucket_value(bucket))] = count;
    out["bins"] = std::move(bins);
  }
  return out;
}

Json pair_of(const Interval& interval) {
  if (!interval.half_width) return nullptr;
  return {interval.low(), interval.high()};
}

Json pair_of(const Percentile& percentile) {
  if (!percentile.ns || !percentile.half_width) return nullptr;
  return {*percentile.ns - *percentile.half_width, *percentile.ns + *percentile.half_width};
}

Json stages_of(const DirectionResult& side) {
  Json out = Json::object();
  for (std::size_t s = 0; s < stage::kCount; ++s) {
    const StageTimes& times = side.stages[s];
    if (times.wait.count() == 0 || times.wait.max().count() + times.service.max().count() == 0)
      continue;
    auto part = [](const Histogram& h) {
      return Json{{"mean", h.mean_ns()}, {"percentile", percentiles_of(h)}};
    };
    out[std::string(kStageNames[s])] = {
        {"wait_ns", part(times.wait)},
        {"service_ns", part(times.service)},
        {"total_ns", {{"mean", times.wait.mean_ns() + times.service.mean_ns()}}}};
  }
  return out;
}

Json components_of(const DirectionResult& side) {
  Json out = Json::object();
  for (std::size_t c = 0; c < kComponentNames.size(); ++c)
    if (side.components[c].count() > 0)
      out[std::string(kComponentNames[c])] = {{"mean", side.components[c].mean_ns()},
                                              {"percentile", percentiles_of(side.components[c])}};
  return out;
}

Json tail_of(const DirectionResult& side) {
  Json out = Json::object();
  for (double percent : {0.0, 99.0, 99.9}) {
    if (percent > 0 && !side.lat.supports(percent)) continue;
    const Breakdown slow = side.slowest(percent);
    Json stages = Json::object();
    for (std::size_t s = 0; s < stage::kCount; ++s)
      if (slow.wait_ns[s] + slow.service_ns[s] > 0)
        stages[std::string(kStageNames[s])] = {{"wait_ns", slow.wait_ns[s]},
                                               {"service_ns", slow.service_ns[s]}};
    out[fmt::format("{:f}", percent)] = {
        {"ios", slow.ios}, {"mean_ns", slow.latency_ns}, {"stages", std::move(stages)}};
  }
  return out;
}

}  // namespace

Json direction_summary(const JobSpec& spec, const JobResult& result, Direction direction,
                       std::size_t volumes) {
  const DirectionResult& side = result.of(direction);
  Json out;
  out["io_bytes"] = side.bytes.count();
  out["io_kbytes"] = side.bytes.count() / 1024;
  out["bw_bytes"] = side.bytes_per_second.value;
  out["bw"] = side.bytes_per_second.value / 1024;
  out["iops"] = side.iops.value;
  out["runtime"] = to_seconds(result.to - result.from) * 1e3;
  out["total_ios"] = side.completed;
  out["failed"] = side.failed;
  if (spec.open_loop()) {
    const double share = direction == Direction::read ? spec.read_share() : 1 - spec.read_share();
    out["offered_iops"] = spec.rate_iops->per_second() * share * static_cast<double>(spec.numjobs) *
                          static_cast<double>(volumes);
  }
  out["saturated"] = result.saturated;
  out["hangs_1s"] = side.lat.hangs_1s();
  out["hangs_60s"] = side.lat.hangs_60s();
  // Times that grow with the runtime are in no file: null says that they are missing on purpose.
  if (result.saturated) {
    for (const char* key : {"slat_ns", "clat_ns", "lat_ns"}) out[key] = nullptr;
    out["intervals"] = {{"iops", pair_of(side.iops)}};
    for (const char* key : {"stages", "components", "slowest"}) out[key] = nullptr;
    return out;
  }
  const bool is_known = side.lat.count() > 0;
  out["slat_ns"] = latency_of(side.slat(), false, is_known);
  out["clat_ns"] = latency_of(side.clat, true, is_known);
  out["lat_ns"] = latency_of(side.lat, true, is_known);
  out["intervals"] = {{"iops", pair_of(side.iops)},
                      {"lat_mean_ns", pair_of(side.lat_mean_ns)},
                      {"lat_p50_ns", pair_of(side.lat_percentile(50))},
                      {"lat_p99_ns", pair_of(side.lat_percentile(99))}};
  out["stages"] = stages_of(side);
  out["components"] = components_of(side);
  out["slowest"] = tail_of(side);
  return out;
}

Json job_summary(const JobSpec& spec, const JobResult& result, std::size_t volumes) {
  Json out;
  out["jobname"] = spec.name;
  out["groupid"] = 0;
  out["error"] = result.failed > 0 ? 5 : 0;  // EIO, as fio reports it
  Json options = Json::object();
  for (const Declaration& field : JobSpec::declarations().fields) {
    // Those that were given, as in fio's JSON.
    const Value value = field.get(&spec);
    if (field.fallback && value == *field.fallback) continue;
    options[field.name] = format_value(field.quantity, value);
  }
  out["job options"] = std::move(options);
  out["volumes"] = volumes;
  out["job_runtime"] = to_seconds(result.to - result.from) * 1e3;
  out["warm_up_ms"] = to_seconds(result.warm_up) * 1e3;
  out["ios"] = {{"arrived", result.arrived},
                {"done", result.done},
                {"failed", result.failed},
                {"in_flight", result.in_flight}};
  out["iops"] = result.iops.value;
  out["saturated"] = result.saturated;
  out["in_flight_growth"] = result.in_flight_growth;
  out["unended_1s"] = result.unended_1s;
  out["unended_60s"] = result.unended_60s;
  for (Direction direction : {Direction::read, Direction::write})
    if (spec.has(direction))
      out[std::string(name_of(direction))] = direction_summary(spec, result, direction, volumes);
  return out;
}

Json timeline_summary(const std::vector<JobResult>& results) {
  Json out = Json::array();
  for (const JobResult& result : results)
    for (const TimelinePoint& point : result.timeline)
      for (Direction direction : {Direction::read, Direction::write}) {
        const auto& part = point.directions[static_cast<std::size_t>(direction)];
        if (part.completed + part.failed == 0) continue;
        out.push_back({{"time_ms", to_seconds(point.from) * 1e3},
                       {"job", result.name},
                       {"direction", name_of(direction)},
                       {"completed", part.completed},
                       {"failed", part.failed},
                       {"bytes", part.bytes.count()},
                       {"lat_mean_ns", part.completed > 0 ? Json(part.mean_ns) : Json()},
                       {"lat_max_ns", part.completed > 0 ? Json(part.max_ns) : Json()},
                       {"in_flight", point.in_flight}});
      }
  return out;
}

}  // namespace orrery
