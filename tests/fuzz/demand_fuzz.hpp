// What the fuzzers of traces share: a file that a demand names, whatever is in it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "scenarios/systems/fleet/demand.hpp"
#include "scenarios/text/document.hpp"

namespace orrery {

// Answers with a demand or with an InputError.
inline void read_demand(const std::string& source, std::string_view text) {
  const TextNode root = parse_document(
      "nodes: [{shape: n, count: 2, cpu: 8, memory: 16GiB, disk: 1TB}]\ndemand: [" + source + "]\n",
      "/f/scenario.yaml");
  const FileReader read = [text](const std::string&, std::size_t) {
    return std::optional<std::string>(text);
  };
  try {
    load_demand(root, read, 1, seconds(86400));
  } catch (const InputError&) {}
}

}  // namespace orrery
