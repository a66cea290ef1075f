#include "models/ebs/segment_placement.hpp"

#include <algorithm>
#include <utility>

namespace orrery {

namespace {

bool holds_server(const std::vector<std::size_t>& servers, std::size_t server) {
  return std::find(servers.begin(), servers.end(), server) != servers.end();
}

}  // namespace

SegmentPlacement::SegmentPlacement(std::vector<std::size_t> racks, std::int64_t replicas,
                                   std::function<bool(std::size_t)> is_up)
    : racks_(std::move(racks)),
      replicas_(static_cast<std::size_t>(replicas)),
      is_up_(std::move(is_up)) {
  for (const std::size_t rack : racks_) rack_count_ = std::max(rack_count_, rack + 1);
}

std::vector<std::size_t> SegmentPlacement::replicas_for(std::size_t owner,
                                                        RandomStream& draws) const {
  const std::size_t count = racks_.size();
  std::vector<std::size_t> others;
  for (std::size_t o = 0; o < count; ++o)
    if (o != owner) others.push_back(o);
  for (std::size_t o = others.size(); o > 1; --o) std::swap(others[o - 1], others[draws.below(o)]);
  std::vector<std::size_t> replicas;
  std::vector<bool> rack_used(rack_count_);
  for (const bool insist_on_racks : {true, false})
    for (std::size_t& o : others) {
      if (replicas.size() == replicas_) break;
      if (o == count) continue;
      if (insist_on_racks && rack_used[racks_[o]]) continue;
      rack_used[racks_[o]] = true;
      replicas.push_back(o);
      o = count;
    }
  return replicas;
}

std::optional<std::size_t> SegmentPlacement::spare_for(std::size_t owner,
                                                       const std::vector<std::size_t>& held) {
  for (std::size_t tried = 0; tried < racks_.size(); ++tried) {
    const std::size_t other = next_spare_++ % racks_.size();
    if (other != owner && !holds_server(held, other) && is_up_(other)) return other;
  }
  return std::nullopt;
}

std::optional<std::size_t> SegmentPlacement::heir_of(const std::vector<std::size_t>& held) {
  for (std::size_t tried = 0; tried < racks_.size(); ++tried) {
    const std::size_t heir = next_heir_++ % racks_.size();
    if (is_up_(heir) && !holds_server(held, heir)) return heir;
  }
  return std::nullopt;
}

}  // namespace orrery
