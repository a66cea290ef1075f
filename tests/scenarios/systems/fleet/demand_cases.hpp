// What the tests of a fleet's demand share: sections and files in memory, and a demand as one text
// that can be compared.
#pragma once

#include <fmt/format.h>

#include <filesystem>
#include <string>

#include "scenarios/systems/fleet/demand.hpp"
#include "scenarios/text/document.hpp"
#include "tests/scenarios/text/input_cases.hpp"

namespace orrery {

inline const std::string kTwoNodes =
    "nodes: [{shape: n, count: 2, cpu: 104, memory: 768GiB, disk: 46.08TB}]\n";

// Sections of a scenario in /d, read on the seed 1 for a run of 30 days.
inline LoadedDemand demand_of(const std::string& text, const Files& files = {}) {
  return load_demand(parse_document(text, "/d/s.yaml"), reader_of(files), 1, seconds(30 * 86400),
                     lister_of(files));
}
inline LoadedDemand demand_of_samples(const std::string& source) {
  // Notes name files as they are named: here with their whole path, as what is resolved does.
  const std::string directory = std::filesystem::absolute("tests/data/traces").string();
  return load_demand(
      parse_document(kTwoNodes + "demand: [" + source + "]\n", directory + "/s.yaml"),
      disk_reader(), 1, seconds(30 * 86400), disk_lister());
}
inline std::string demand_error(const std::string& text, const Files& files = {}) {
  return error_of([&] { demand_of(text, files); });
}

inline std::string text_of(const control::Labels& labels) {
  std::string text;
  for (const auto& [key, value] : labels) text += fmt::format("{}={} ", key, value);
  return text;
}

inline std::string text_of(const control::PodSpec& pod) {
  std::string text = fmt::format(
      "{} of {}: {}m {}B at {}ps for {} most {} on '{}' holds '{}' nodes [{}] pools [{}] tolerates",
      pod.name, pod.app, pod.cpu_millis, pod.memory.count(), pod.created.count(),
      pod.lifetime ? fmt::format("{}ps", pod.lifetime->count()) : "ever", pod.max_per_node,
      pod.node, pod.data_holder, text_of(pod.node_selector), text_of(pod.pool_selector));
  for (const control::Toleration& each : pod.tolerations) text += " " + each.key;
  for (const control::ClaimSpec& claim : pod.claims)
    text += fmt::format("; {} {}B +{}B class {} advice {}", claim.name, claim.size.count(),
                        claim.snapshot_reserved.count(), claim.storage_class,
                        claim.position ? control::name_of(*claim.position) : "-");
  return text;
}

inline std::string text_of(const control::Demand& demand) {
  std::string text;
  for (const control::NodeSpec& node : demand.nodes) {
    text += fmt::format("{} {} {}m {}B {}B {} {} [{}]", node.name, node.shape, node.cpu_millis,
                        node.memory.count(), node.disk.count(), static_cast<int>(node.pool_mode),
                        node.unschedulable, text_of(node.labels));
    for (const control::Taint& taint : node.taints) text += " " + taint.key;
    text += "\n";
  }
  for (const control::StorageClassSpec& each : demand.classes)
    text += fmt::format("class {} {}\n", each.name, control::name_of(each.position));
  for (const control::PodSpec& pod : demand.pods) text += text_of(pod) + "\n";
  return text;
}

// What is resolved, loaded once more by way of text.
inline LoadedDemand again(const LoadedDemand& first, const FileReader& read) {
  return load_demand(parse_document(to_yaml(first.resolved), "/elsewhere/s.yaml"), read, 1,
                     seconds(30 * 86400));
}

}  // namespace orrery
