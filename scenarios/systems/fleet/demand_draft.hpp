// A demand while it is put together: what its sources share, and what is noticed about their rows.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "models/control/objects.hpp"
#include "scenarios/systems/fleet/demand_spec.hpp"
#include "scenarios/systems/fleet/input_report.hpp"

namespace orrery {

// Nodes and pods by name, each once, within what a run can add up.
class DemandDraft {
 public:
  control::Demand demand;
  InputReport input;

  // Why the object cannot be there; empty: it is. A pod whose end the clock does not hold stays
  // forever.
  std::string add(control::NodeSpec node);
  std::string add(control::PodSpec pod);

  bool has_node(const std::string& name) const { return nodes_.contains(name); }

  // Database clusters are numbered over all sources.
  std::int64_t next_cluster() { return clusters_++; }

 private:
  std::unordered_set<std::string> nodes_, pods_;
  double cpu_ = 0, memory_ = 0, disk_ = 0;  // of all nodes
  double pod_cpu_ = 0, pod_memory_ = 0, pod_disk_ = 0, pod_others_ = 0;
  std::int64_t clusters_ = 0, claims_ = 0;
};

// What all pods of a source share: selectors, tolerations, `max_per_node`. Throws InputError.
control::PodSpec common_pod(const DemandSource& source);

// The books of one file: rows that could not be used are skipped and counted, the first few of them
// reported with their reason.
class RowBook {
 public:
  RowBook(InputReport& input, std::string file) : input_(input), file_(std::move(file)) {}

  void row();
  void broken(int line, std::string_view reason);
  // A remark about the whole file, or about a line of it.
  void note(std::string_view text, int line = 0);
  const std::string& file() const { return file_; }

  // Throws InputError if the file has no rows, or none that is good.
  void close();

 private:
  InputReport& input_;
  std::string file_;
  std::int64_t rows_ = 0, broken_ = 0;
  std::string first_reason_;
};

}  // namespace orrery
