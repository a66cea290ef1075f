#include "analysis/validate/validation_entry.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "scenarios/text/binder.hpp"
#include "scenarios/text/document.hpp"
#include "scenarios/text/nearest.hpp"

namespace orrery {

namespace {

struct FileHead {
  std::string title;
  std::string load;
  std::string note;
  std::int64_t replications = 0;
  static const Declarations& declarations() {
    static const Declarations all =
        Declare<FileHead>("Validation entries of one subject")
            .field("title", &FileHead::title, "the subject")
            .field("load", &FileHead::load, "the load of entries that state none")
            .otherwise(std::string{})
            .field("note", &FileHead::note, "what else a reader of its figures should know")
            .otherwise(std::string{})
            .field("replications", &FileHead::replications, "runs with different seeds",
                   between(1, 100))
            .otherwise(std::int64_t{3})
            .build();
    return all;
  }
};

struct RunHead {
  std::string scenario;
  std::vector<std::string> set;
  static const Declarations& declarations() {
    static const Declarations all =
        Declare<RunHead>("A run that metrics name")
            .field("scenario", &RunHead::scenario, "a scenario's name or file")
            .field("set", &RunHead::set, "overrides: path.to.key=value")
            .otherwise(std::vector<std::string>{})
            .build();
    return all;
  }
};

struct PartHead {
  std::string name;
  std::optional<double> value;
  std::string unit;
  std::string metric;
  static const Declarations& declarations() {
    static const Declarations all =
        Declare<PartHead>("A figure that the entry's figure is made of")
            .field("name", &PartHead::name, "what it is")
            .field("value", &PartHead::value, "the published figure, if there is one")
            .field("unit", &PartHead::unit, "its unit, for people")
            .otherwise(std::string{})
            .field("metric", &PartHead::metric, "how it is predicted")
            .build();
    return all;
  }
};

using Runs = std::map<std::string, ValidationRun>;

void add_runs(const TextNode& holder, Runs& runs) {
  const TextNode::Entry* given = holder.entry("runs");
  if (given == nullptr) return;
  if (!given->value.is_map())
    throw InputError(given->mark,
                     fmt::format("runs: expected a mapping of names to {{scenario, set}}, got {}",
                                 describe(given->value)));
  for (const auto& [name, mark, value] : given->value.entries) {
    RunHead head;
    bind_mapping(value, RunHead::declarations(), &head);
    runs[name] = {head.scenario, head.set};
  }
}

void use_runs(const Expression& metric, const Runs& known, ValidationEntry& entry) {
  for (const auto& reference : metric.references()) {
    const auto run = known.find(reference.run);
    if (run == known.end()) {
      std::vector<std::string> names;
      for (const auto& [name, unused] : known) names.push_back(name);
      throw unknown_name(metric.mark(), "run", reference.run, names);
    }
    entry.runs.insert(*run);
  }
}

std::set<std::string> names_of(const Runs& runs) {
  std::set<std::string> names;
  for (const auto& [name, run] : runs) names.insert(name);
  return names;
}

// `used`: the runs that metrics name.
void refuse_unused_runs(const TextNode& holder, const std::set<std::string>& used) {
  const TextNode::Entry* runs = holder.entry("runs");
  if (runs == nullptr) return;
  for (const auto& [name, mark, value] : runs->value.entries)
    if (!used.contains(name)) throw InputError(mark, fmt::format("no metric uses run '{}'", name));
}

Expression expression_at(const TextNode& map, std::string_view key) {
  const TextNode& node = map.entry(key)->value;
  return {node.text, node.mark};
}

ValidationEntry read_entry(const TextNode& node, const FileHead& file, const Runs& shared) {
  ValidationEntry entry;
  constexpr std::array<std::string_view, 2> kAlso{"runs", "parts"};
  bind_mapping(node, ValidationEntry::declarations(), &entry, kAlso);
  entry.title = file.title;
  entry.note = file.note;
  entry.mark = node.mark;
  if (entry.replications == 0) entry.replications = file.replications;
  if (entry.load.empty()) entry.load = file.load;
  if (entry.load.empty())
    throw InputError(node.mark, fmt::format("{}: `load` must say under which load", entry.id));
  if (entry.tolerance.has_value() + entry.within.has_value() + entry.above.has_value() != 1)
    throw InputError(node.mark,
                     fmt::format("{}: give one of `tolerance`, `within`, `above`", entry.id));
  if (entry.value == 0 && entry.tolerance)
    throw InputError(node.entry("tolerance")->mark,
                     fmt::format("{}: a share of 0 is 0; use `within`", entry.id));
  if (entry.kind == "VAL" && entry.miss.empty())
    throw InputError(node.mark, fmt::format("{}: `miss` must say what a miss tells", entry.id));
  Runs known = shared;
  add_runs(node, known);
  entry.metric.push_back(expression_at(node, "metric"));
  use_runs(entry.metric.front(), known, entry);
  if (const TextNode::Entry* parts = node.entry("parts")) {
    if (!parts->value.is_sequence())
      throw InputError(parts->mark, "parts: expected a list of {name, value, metric}");
    for (const TextNode& item : parts->value.items) {
      PartHead head;
      bind_mapping(item, PartHead::declarations(), &head);
      entry.parts.push_back({head.name, head.value, head.unit, expression_at(item, "metric")});
      use_runs(entry.parts.back().metric, known, entry);
    }
  }
  refuse_unused_runs(node, names_of(entry.runs));
  return entry;
}

}  // namespace

const Declarations& ValidationEntry::declarations() {
  static const Declarations all =
      Declare<ValidationEntry>("A published figure and how it is predicted")
          .field("id", &ValidationEntry::id, "its name")
          .field("source", &ValidationEntry::source, "where it was published")
          .field("figure", &ValidationEntry::figure, "what it is, in words")
          .field("value", &ValidationEntry::value, "the published value; not with `above`")
          .otherwise(0.0)
          .field("unit", &ValidationEntry::unit, "its unit, for people")
          .otherwise(std::string{})
          .field("kind", &ValidationEntry::kind, "what it may prove")
          .one_of({"CAL", "VAL", "derived"})
          .field("load", &ValidationEntry::load,
                 "IOPS per server and core, iodepth, servers, agent, back end; the file's if empty")
          .otherwise(std::string{})
          .field("metric", &ValidationEntry::metric_text,
                 "how it is predicted: arithmetic over figures of runs")
          .field("tolerance", &ValidationEntry::tolerance, "share of the figure", more_than(0))
          .field("within", &ValidationEntry::within, "distance in the figure's unit", more_than(0))
          .field("above", &ValidationEntry::above,
                 "of a figure published as larger than a value, and no more: that value")
          .field("reason", &ValidationEntry::reason, "why that much")
          .field("miss", &ValidationEntry::miss, "what a miss tells")
          .otherwise(std::string{})
          .field("hit", &ValidationEntry::hit, "why a hit is one for a wrong reason, where it is")
          .otherwise(std::string{})
          .field("replications", &ValidationEntry::replications,
                 "runs with different seeds; 0: the file's", between(0, 100))
          .otherwise(std::int64_t{0})
          .build();
  return all;
}

bool ValidationEntry::is_near(double simulated) const {
  if (above) return simulated > *above;
  const double distance = std::abs(simulated - value);
  return within ? distance <= *within : distance <= *tolerance * std::abs(value);
}

std::vector<ValidationEntry> validation_entries(const TextNode& document) {
  FileHead head;
  constexpr std::array<std::string_view, 2> kAlso{"runs", "entries"};
  bind_mapping(document, FileHead::declarations(), &head, kAlso);
  Runs shared;
  add_runs(document, shared);
  const TextNode::Entry* list = document.entry("entries");
  if (list == nullptr || !list->value.is_sequence())
    throw InputError(list == nullptr ? document.mark : list->mark,
                     "`entries` is a list of published figures");
  std::vector<ValidationEntry> entries;
  std::set<std::string> used;
  for (const TextNode& item : list->value.items) {
    entries.push_back(read_entry(item, head, shared));
    // A run of the entry's own hides the file's.
    const TextNode* own = item.find("runs");
    for (const auto& [name, run] : entries.back().runs)
      if (own == nullptr || own->entry(name) == nullptr) used.insert(name);
  }
  refuse_unused_runs(document, used);
  return entries;
}

std::vector<ValidationEntry> load_validation(const std::string& directory) {
  std::vector<ValidationEntry> all;
  std::map<std::string, SourceMark> seen;
  for (const std::string& file : disk_lister()(directory)) {
    if (!file.ends_with(".yaml")) continue;
    for (ValidationEntry& entry :
         validation_entries(load_document(directory + "/" + file, disk_reader(), disk_lister()))) {
      const auto [other, is_new] = seen.emplace(entry.id, entry.mark);
      if (!is_new)
        throw InputError(entry.mark, fmt::format("id '{}' is there already", entry.id),
                         "at " + to_string(other->second));
      all.push_back(std::move(entry));
    }
  }
  return all;
}

}  // namespace orrery
