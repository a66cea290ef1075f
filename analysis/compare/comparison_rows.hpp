// How the rows of a comparison are made, each from the same figure of every variant, and the
// sections they stand in.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/compare/comparison_row.hpp"

namespace orrery {

// A row of which no variant has a value is not made.
class ComparisonRows {
 public:
  explicit ComparisonRows(const std::vector<ComparedVariant>& variants) : variants_(variants) {}

  struct Source {
    std::string path;
    std::string interval = {};
    std::string saturated = {};  // a flag that makes the value meaningless
  };
  // Where a figure's path begins in each variant's summary; nullptr where the variant has no such
  // part.
  using Roots = std::vector<const nlohmann::ordered_json*>;

  void add(std::string group, std::string metric, Unit unit, const Source& source);
  void add(std::string group, std::string metric, Unit unit, const Source& source,
           const Roots& roots);

  // A row of what `figure` makes of each summary.
  using Figure = std::function<std::optional<double>(const nlohmann::ordered_json& summary)>;
  void add_made(std::string group, std::string metric, Unit unit, const Figure& figure);
  // The same of times in seconds, which are shown like all others.
  void add_seconds(std::string group, std::string metric, const Figure& figure);

  // What distinguishes the variants and is not in their labels, and where their agents run in any
  // case. Systems of different kinds have different settings.
  void add_settings();

  // What binds, or would first. That a variant is saturated makes it no less worth knowing.
  void add_busiest(std::string metric, std::string_view list);

  // The last row again goes when it says nothing: every value below `least`.
  void drop_last_below(double least);

  std::size_t size() const { return rows_.size(); }
  const std::vector<ComparedVariant>& variants() const { return variants_; }
  std::vector<ComparisonRow> take() { return std::move(rows_); }

 private:
  void add_if(bool is_any, ComparisonRow row);

  const std::vector<ComparedVariant>& variants_;
  std::vector<ComparisonRow> rows_;
};

// The sections, in their order.
void add_jobs(ComparisonRows& rows);
void add_applications(ComparisonRows& rows);
void add_faults(ComparisonRows& rows);
void add_pools(ComparisonRows& rows);
void add_networks(ComparisonRows& rows);
void add_resources(ComparisonRows& rows);

}  // namespace orrery
