#include "scenarios/hardware.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "scenarios/racks.hpp"
#include "scenarios/systems/system_kind.hpp"

namespace orrery {

Hardware::Hardware(Calendar& calendar, const Scenario& s)
    : calendar_(calendar), has_engines_(s.kind->has_engines) {
  if (s.kind->has_ssds) storage_slots_.push_back({s.storage.ssds_per_server, "ssd"});
  if (has_engines_) {
    storage_slots_.push_back({s.storage.capacity_ssds_per_server, "capacity-ssd"});
    compute_slots_.push_back({s.compute.ssds_per_server, "ssd"});
  }
  const auto seed = static_cast<std::uint64_t>(s.head.seed);
  const auto make = [&](const char* name, const std::string& profile) {
    return std::make_unique<Fabric>(calendar, name, bind<FabricProfile>(s.profile(profile)), seed,
                                    s.queues());
  };
  if (s.kind->has_network) {
    frontend_ = make("frontend", s.frontend.fabric);
    add_compute(s);
  }
  if (s.kind->has_backend) backend_ = make("backend", s.backend.fabric);
  add_storage(s);
}

void Hardware::add_compute(const Scenario& s) {
  const auto profile = bind<NodeProfile>(s.profile(s.compute.node));
  for (std::int64_t i = 0; i < s.compute.servers; ++i) {
    auto node = std::make_unique<Node>(calendar_, fmt::format("compute-{}", i), profile);
    compute_.frontend.push_back(frontend_->attach(
        *node, rack_for(static_cast<std::size_t>(i), s.compute.servers, s.compute.racks)));
    compute_.nodes.push_back(std::move(node));
  }
}

// Storage servers stand in racks after the compute servers'; in the backend, which has no others,
// in the first.
void Hardware::add_storage(const Scenario& s) {
  const auto profile = bind<NodeProfile>(s.profile(s.storage.node));
  for (std::int64_t i = 0; i < s.storage.servers; ++i) {
    auto node = std::make_unique<Node>(calendar_, fmt::format("storage-{}", i), profile);
    const std::size_t rack =
        rack_for(static_cast<std::size_t>(i), s.storage.servers, s.storage.racks);
    if (frontend_)
      storage_.frontend.push_back(
          frontend_->attach(*node, static_cast<std::size_t>(s.compute.racks) + rack));
    if (backend_) storage_.backend.push_back(backend_->attach(*node, rack));
    storage_.nodes.push_back(std::move(node));
  }
}

std::vector<Fabric*> Hardware::fabrics() const {
  std::vector<Fabric*> all;
  if (frontend_) all.push_back(frontend_.get());
  if (backend_) all.push_back(backend_.get());
  return all;
}

std::vector<std::string> Hardware::ssds_of(const Node& node) const {
  const bool is_compute = std::any_of(compute_.nodes.begin(), compute_.nodes.end(),
                                      [&node](const auto& other) { return other.get() == &node; });
  std::vector<std::string> names;
  for (const Slots& slots : is_compute ? compute_slots_ : storage_slots_)
    for (std::int64_t i = 0; i < slots.count; ++i)
      names.push_back(fmt::format("{}/{}-{}", node.name(), slots.name, i));
  return names;
}

std::vector<Node*> Hardware::nodes() const {
  std::vector<Node*> all;
  for (const AttachedNodes* role : {&compute_, &storage_})
    for (const auto& node : role->nodes) all.push_back(node.get());
  return all;
}

}  // namespace orrery
