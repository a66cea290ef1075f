#include "scenarios/systems/fleet/demand_draft.hpp"

#include <fmt/format.h>

#include <utility>

#include "scenarios/text/utf8.hpp"

namespace orrery {

namespace {

constexpr std::int64_t kReported = 10;  // broken rows of a file

}  // namespace

std::string DemandDraft::add(control::NodeSpec node) {
  if (static_cast<std::int64_t>(demand.nodes.size()) >= demand_limits::kNodes)
    return fmt::format("more than {} nodes", demand_limits::kNodes);
  const double cpu = cpu_ + static_cast<double>(node.cpu_millis);
  const double memory = memory_ + static_cast<double>(node.memory.count());
  const double disk = disk_ + static_cast<double>(node.disk.count());
  if (cpu > demand_limits::kSum || memory > demand_limits::kSum || disk > demand_limits::kSum)
    return "all nodes together have more than can be added up (4 EiB)";
  if (!nodes_.insert(node.name).second) return fmt::format("node '{}' is there already", node.name);
  cpu_ = cpu, memory_ = memory, disk_ = disk;
  demand.nodes.push_back(std::move(node));
  return {};
}

std::string DemandDraft::add(control::PodSpec pod) {
  if (static_cast<std::int64_t>(demand.pods.size()) >= demand_limits::kPods)
    return fmt::format("more than {} pods", demand_limits::kPods);
  const std::int64_t claims = claims_ + static_cast<std::int64_t>(pod.claims.size());
  if (claims > demand_limits::kClaims)
    return fmt::format("more than {} claims", demand_limits::kClaims);
  const double cpu = pod_cpu_ + static_cast<double>(pod.cpu_millis);
  const double memory = pod_memory_ + static_cast<double>(pod.memory.count());
  double disk = pod_disk_;
  for (const control::ClaimSpec& claim : pod.claims)
    disk += static_cast<double>(claim.size.count()) +
            static_cast<double>(claim.snapshot_reserved.count());
  double others = pod_others_;
  if (pod.rules)
    for (const control::ResourceAmount& each : pod.rules->resources)
      others += static_cast<double>(each.amount);
  if (cpu > demand_limits::kSum || memory > demand_limits::kSum || disk > demand_limits::kSum ||
      others > demand_limits::kSum)
    return "all pods together ask for more than can be added up (4 EiB)";
  if (!pods_.insert(pod.name).second) return fmt::format("pod '{}' is there already", pod.name);
  claims_ = claims;
  pod_cpu_ = cpu, pod_memory_ = memory, pod_disk_ = disk, pod_others_ = others;
  if (pod.lifetime && pod.created > Duration::max() - *pod.lifetime) pod.lifetime.reset();
  demand.pods.push_back(std::move(pod));
  return {};
}

control::PodSpec common_pod(const DemandSource& source) {
  control::PodSpec pod;
  pod.max_per_node = source.max_per_node;
  pod.node_selector = parse_labels(source.node_selector, source.mark_of("node_selector"));
  pod.pool_selector = parse_labels(source.pool_selector, source.mark_of("pool_selector"));
  for (const std::string& text : source.tolerations) {
    const auto toleration = control::toleration_from(text);
    if (!toleration)
      throw InputError(source.mark_of("tolerations"), fmt::format("'{}' is no toleration", text),
                       "for example: dedicated, dedicated=db, dedicated:NoExecute");
    pod.tolerations.push_back(*toleration);
  }
  pod.outlasts_loss = control::tolerates_loss(pod.tolerations);
  return pod;
}

void RowBook::row() {
  ++rows_;
  ++input_.rows;
}

void RowBook::broken(int line, std::string_view reason) {
  ++broken_;
  ++input_.broken;
  if (broken_ == 1) first_reason_ = fmt::format("line {}: {}", line, reason);
  if (broken_ <= kReported) note(reason, line);
}

void RowBook::note(std::string_view words, int line) {
  const std::string text = printable(words);
  input_.notes.push_back(line > 0 ? fmt::format("{}:{}: {}", file_, line, text)
                                  : fmt::format("{}: {}", file_, text));
}

void RowBook::close() {
  if (rows_ == 0) throw InputError({file_, 0, 0}, "this file has no rows");
  if (broken_ == rows_)
    throw InputError({file_, 0, 0}, fmt::format("none of its {} rows can be used: {}", rows_,
                                                printable(first_reason_)));
  if (broken_ > kReported) note(fmt::format("{} more broken rows", broken_ - kReported));
}

}  // namespace orrery
