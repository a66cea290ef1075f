// A Node of what kubectl prints, as the schedulers see it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
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
  bool knows(const std::string& name) const { return numbers_.contains(name); }
  // Whether some node limits how many volumes are attached to it.
  bool has_limits() const { return has_limits_; }

 private:
  std::vector<std::string>& names_;
  std::unordered_map<std::string, std::uint32_t> numbers_;
  bool has_limits_ = false;
};

// Resources of these names are limits of some nodes: those that do not name them have none.
inline constexpr std::string_view kAttachable = "attachable-volumes-";

// Throws BrokenObject.
control::NodeSpec node_of(const TextNode& object, ResourceNames& resources, File& file);

}  // namespace orrery::kubectl
