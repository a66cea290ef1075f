// Filters, priorities, and the pool with most points.
#include "models/control/liteio/volume_scheduler.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace orrery::control {

VolumeScheduler::VolumeScheduler(const VolumeLimits& limits, std::span<const std::string> filters,
                                 std::span<const std::string> priorities, RandomStream random)
    : limits_(limits), random_(std::move(random)) {
  for (const std::string& name : filters) {
    const PoolFilterEntry* entry = find_pool_filter(name);
    if (entry == nullptr) throw std::invalid_argument("no filter of pools is called " + name);
    add(name, entry->make());
  }
  for (const std::string& name : priorities) {
    const PoolPriorityEntry* entry = find_pool_priority(name);
    if (entry == nullptr) throw std::invalid_argument("no priority of pools is called " + name);
    priorities_.push_back({name, entry->make()});
  }
}

void VolumeScheduler::add(std::string name, std::unique_ptr<PoolFilter> filter) {
  filters_.push_back({std::move(name), std::move(filter)});
}

Decision VolumeScheduler::schedule(const PoolTable& table, const VolumeRequest& request) {
  if (request.selected_node != kNoNode) return {.pool = request.selected_node};
  filter(table, request, nullptr);
  return {best(table, request, nullptr), candidates_.counts()};
}

Explanation VolumeScheduler::explain(const PoolTable& table, const VolumeRequest& request) {
  Explanation result;
  for (const auto& priority : priorities_) result.priorities.push_back(priority.name);
  if (request.selected_node != kNoNode) {
    result.decision.pool = request.selected_node;
    return result;
  }
  filter(table, request, &result.verdicts);
  result.decision = {best(table, request, &result.verdicts), candidates_.counts()};
  return result;
}

PoolVerdict VolumeScheduler::judge(const PoolTable& table, const VolumeRequest& request,
                                   NodeId pool) {
  candidates_.reset_to(pool);
  for (const auto& filter : filters_) {
    filter.part->keep(table, request, limits_, candidates_);
    if (!candidates_.pools().empty()) continue;
    for (std::size_t r = 1; r < kReasons; ++r)
      if (candidates_.counts()[r] > 0)
        return {.pool = pool, .filter = filter.name, .reason = static_cast<Reason>(r)};
  }
  return {.pool = pool};
}

std::int64_t VolumeScheduler::score(const PoolTable& table, const VolumeRequest& request,
                                    NodeId pool) {
  std::int32_t score = 0;
  for (const auto& priority : priorities_)
    priority.part->add(table, request, limits_, {&pool, 1}, {&score, 1});
  return score;
}

std::span<const NodeId> VolumeScheduler::feasible(const PoolTable& table,
                                                  const VolumeRequest& request) {
  filter(table, request, nullptr);
  return candidates_.pools();
}

void VolumeScheduler::filter(const PoolTable& table, const VolumeRequest& request,
                             std::vector<PoolVerdict>* verdicts) {
  candidates_.reset(table, verdicts);
  if (request.not_on != kNoNode) {
    candidates_.enter("not_on");
    candidates_.drop(request.not_on, Reason::node_excluded);
  }
  for (const auto& filter : filters_) {
    if (candidates_.pools().empty()) return;
    candidates_.enter(filter.name);
    filter.part->keep(table, request, limits_, candidates_);
  }
}

// What a priority has added to every pool that is left.
void VolumeScheduler::tell(std::vector<PoolVerdict>& verdicts) const {
  auto verdict = verdicts.begin();
  for (std::size_t i = 0; i < scores_.size(); ++i) {
    while (verdict->pool != candidates_.pools()[i]) ++verdict;
    verdict->scores.push_back(scores_[i] - before_[i]);
    verdict->score = scores_[i];
  }
}

NodeId VolumeScheduler::best(const PoolTable& table, const VolumeRequest& request,
                             std::vector<PoolVerdict>* verdicts) {
  const std::span<const NodeId> pools = candidates_.pools();
  if (pools.empty()) return kNoNode;
  scores_.assign(pools.size(), 0);
  for (const auto& priority : priorities_) {
    if (verdicts != nullptr) before_ = scores_;
    priority.part->add(table, request, limits_, pools, scores_);
    if (verdicts != nullptr) tell(*verdicts);
  }
  std::int32_t most = scores_.front();
  equals_.clear();
  for (std::size_t i = 0; i < pools.size(); ++i) {
    if (scores_[i] < most) continue;
    if (scores_[i] > most) equals_.clear();
    most = scores_[i];
    equals_.push_back(pools[i]);
  }
  return equals_[equals_.size() == 1 ? 0 : random_.below(equals_.size())];
}

}  // namespace orrery::control
