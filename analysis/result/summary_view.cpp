#include "analysis/result/summary_view.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

namespace orrery {

using Json = nlohmann::ordered_json;

namespace {

// "99_9" or "50" as fio writes it: 99.900000.
std::optional<std::string> percentile_key(std::string_view step) {
  if (step.size() < 2 || step.front() != 'p') return std::nullopt;
  std::string digits(step.substr(1));
  std::replace(digits.begin(), digits.end(), '_', '.');
  double percent = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), percent);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return fmt::format("{:.6f}", percent);
}

const Json* step_into(const Json& value, std::string_view step) {
  if (value.is_object()) {
    if (const auto found = value.find(step); found != value.end()) return &*found;
    const auto percentiles = value.find("percentile");
    const auto key = percentile_key(step);
    if (percentiles == value.end() || !key) return nullptr;
    const auto found = percentiles->find(*key);
    return found == percentiles->end() ? nullptr : &*found;
  }
  if (!value.is_array()) return nullptr;
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(step.data(), step.data() + step.size(), index);
  if (error == std::errc{} && end == step.data() + step.size())
    return index < value.size() ? &value[index] : nullptr;
  for (const Json& item : value)
    for (const char* key : {"name", "jobname"})
      if (item.is_object() && item.contains(key) && item[key] == step) return &item;
  return nullptr;
}

}  // namespace

const Json* find_in(const Json& value, std::string_view path) {
  const Json* at = &value;
  while (at != nullptr && !path.empty()) {
    const std::size_t dot = std::min(path.find('.'), path.size());
    at = step_into(*at, path.substr(0, dot));
    path.remove_prefix(std::min(dot + 1, path.size()));
  }
  return at;
}

std::optional<double> number_at(const Json& value, std::string_view path) {
  const Json* found = find_in(value, path);
  if (found == nullptr || !found->is_number()) return std::nullopt;
  return found->get<double>();
}

std::optional<Bounds> interval_at(const Json& value, std::string_view path) {
  const Json* found = find_in(value, path);
  if (found == nullptr || !found->is_array() || found->size() != 2) return std::nullopt;
  if (!(*found)[0].is_number() || !(*found)[1].is_number()) return std::nullopt;
  return Bounds{(*found)[0].get<double>(), (*found)[1].get<double>()};
}

std::string text_at(const Json& value, std::string_view path) {
  const Json* found = find_in(value, path);
  if (found == nullptr || found->is_null()) return {};
  return found->is_string() ? found->get<std::string>() : found->dump();
}

bool JobSide::is_saturated() const {
  const Json* saturated = find_in(*side, "saturated");
  return saturated != nullptr && saturated->is_boolean() && saturated->get<bool>();
}

std::string side_name(const std::string& job, const std::string& direction) {
  return job == direction ? job : job + " " + direction;
}

bool JobSide::has_any() const {
  return number_at(*side, "total_ios").value_or(0) + number_at(*side, "failed").value_or(0) > 0 ||
         is_saturated();
}

std::vector<JobSide> sides_of(const Json& summary) {
  std::vector<JobSide> sides;
  const Json* jobs = find_in(summary, "jobs");
  if (jobs == nullptr) return sides;
  for (const Json& job : *jobs) {
    for (const char* direction : {"read", "write"}) {
      const Json* side = find_in(job, direction);
      if (side == nullptr || !side->is_object()) continue;
      const JobSide one{text_at(job, "jobname"), direction, side};
      if (one.has_any()) sides.push_back(one);
    }
  }
  return sides;
}

std::string busiest_in(const Json& summary, std::string_view list) {
  const Json* all = find_in(summary, list);
  if (all == nullptr) return {};
  std::string name;
  double most = 0;
  for (const Json& item : *all)
    if (const double used = number_at(item, "utilisation").value_or(0); used > most) {
      most = used;
      name = text_at(item, "name");
    }
  return name.empty() ? name : fmt::format("{}, {}", name, percent_text(most));
}

std::vector<std::string> broken_checks(const Json& summary) {
  std::vector<std::string> broken;
  const Json* checks = find_in(summary, "checks");
  if (checks == nullptr) return broken;
  for (const Json& check : *checks)
    if (!check.value("ok", false))
      broken.push_back(fmt::format("{}: {}", text_at(check, "name"), text_at(check, "detail")));
  return broken;
}

std::string time_at(const Json& side, const std::string& path, const std::string& interval) {
  const auto value = number_at(side, path);
  if (!value) return kNoFigure;
  return time_text(*value, interval.empty() ? std::nullopt : interval_at(side, interval));
}

}  // namespace orrery
