// Reading a run's summary: where figures stand in it, and which of them may be quoted.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/terminal/figures.hpp"

namespace orrery {

// The value at a path such as `jobs.0.write.lat_ns.p99`, or nullptr. A step into a list is an index
// or the name of an item (`name` or `jobname`); p50, p99, p99_9 stand for the percentiles that fio
// writes as "50.000000".
const nlohmann::ordered_json* find_in(const nlohmann::ordered_json& value, std::string_view path);

// The number at a path; nothing where there is none.
std::optional<double> number_at(const nlohmann::ordered_json& value, std::string_view path);
std::optional<Bounds> interval_at(const nlohmann::ordered_json& value, std::string_view path);
std::string text_at(const nlohmann::ordered_json& value, std::string_view path);

// What tables call a direction of a job or an operation of an application: "mix write"; of a job
// called write its writes are "write".
std::string side_name(const std::string& job, const std::string& direction);

// One job in one direction, as tables list them.
struct JobSide {
  std::string job;
  std::string direction;
  const nlohmann::ordered_json* side;
  std::string name() const { return side_name(job, direction); }
  bool is_saturated() const;
  bool has_any() const;  // I/Os that ended in the measured span, or more than could
};
// Those that did anything, in order; the summary must outlive them.
std::vector<JobSide> sides_of(const nlohmann::ordered_json& summary);

// Of a summary's `stations` or `ports` the one used most, as people read it: "storage-2/core-2, 9.6
// %". Empty if none was.
std::string busiest_in(const nlohmann::ordered_json& summary, std::string_view list);

// The checks that do not hold, as lines of text.
std::vector<std::string> broken_checks(const nlohmann::ordered_json& summary);

// A time of a job's side, in nanoseconds, as a table shows it, with half of its interval if one is
// named; a dash if it is not there. A percentile that is there has a sample large enough for it.
std::string time_at(const nlohmann::ordered_json& side, const std::string& path,
                    const std::string& interval = {});

}  // namespace orrery
