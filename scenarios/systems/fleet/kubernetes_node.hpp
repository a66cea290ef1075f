// A Node of what kubectl prints, as the schedulers see it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/control/objects.hpp"
#include "scenarios/systems/fleet/kubernetes_documents.hpp"

namespace orrery::kubectl {

// The names of what is given out besides CPU, memory and disk, each with a number of its own.
class ResourceNames {
 public:
  explicit ResourceNames(std::vector<std::string>& names) : names_(names) {}
  // Nothing where there are too many names.
  std::optional<std::uint32_t> number_of(const std::string& name);

 private:
  std::vector<std::string>& names_;
};

// Throws BrokenObject.
control::NodeSpec node_of(const TextNode& object, ResourceNames& resources, File& file);

}  // namespace orrery::kubectl
