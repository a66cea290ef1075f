// Pods by id, created and removed.
#include "scenarios/systems/fleet/demand_trace_pods.hpp"

#include <fmt/format.h>

#include <utility>

#include "models/control/demand/pod_generator.hpp"
#include "scenarios/systems/fleet/demand_table.hpp"

namespace orrery {

TracePods::TracePods(const DemandSource& source, std::uint32_t storage_class, DemandDraft& draft)
    : source_(source), storage_class_(storage_class), draft_(draft), common_(common_pod(source)) {}

control::PodSpec TracePods::begin(std::string_view id) const {
  control::PodSpec pod = common_;
  pod.name = fmt::format("{}/{}", source_.name, id);
  pod.app = source_.name;
  return pod;
}

void TracePods::add(control::PodSpec pod, Bytes disk) {
  control::split_disk(pod, disk, source_.volumes_per_pod, storage_class_);
  for (control::ClaimSpec& claim : pod.claims) claim.snapshot_reserved = source_.snapshot_reserved;
  if (std::string trouble = draft_.add(std::move(pod)); !trouble.empty())
    throw BrokenRow{std::move(trouble)};
}

void TracePods::create(std::string_view id, Duration at, control::PodSpec pod, Bytes disk) {
  check_order(at);
  if (alive_.contains(std::string(id))) throw BrokenRow{fmt::format("'{}' is there already", id)};
  pod.created = at;
  add(std::move(pod), disk);
  alive_.emplace(id, draft_.demand.pods.size() - 1);
  latest_ = at;
}

void TracePods::remove(std::string_view id, Duration at) {
  check_order(at);
  const auto found = alive_.find(std::string(id));
  if (found == alive_.end()) throw BrokenRow{fmt::format("no '{}' is there to delete", id)};
  control::PodSpec& pod = draft_.demand.pods[found->second];
  pod.lifetime = at - pod.created;
  alive_.erase(found);
  latest_ = at;
}

void TracePods::check_order(Duration at) const {
  if (at < latest_)
    throw BrokenRow{fmt::format("time goes backwards, from {:.6g}s to {:.6g}s", to_seconds(latest_),
                                to_seconds(at))};
}

}  // namespace orrery
