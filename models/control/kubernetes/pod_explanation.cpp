// Verdicts by class of node, scores of the best.
#include "models/control/kubernetes/pod_explanation.hpp"

#include <algorithm>
#include <map>

namespace orrery::control {

namespace {

struct ScoreList final : NodeChain::Listener {
  std::vector<PodExplanation::Scored> all;
  void hear(const std::string& score, std::span<const std::int64_t> points) override {
    for (std::size_t i = 0; i < all.size(); ++i) all[i].scores.emplace_back(score, points[i]);
  }
};

}  // namespace

void explain_by(NodeChain& chain, const Cluster& cluster, std::span<const NodeId> feasible,
                NodeId chosen, PodExplanation& told) {
  told.feasible = static_cast<std::int64_t>(feasible.size());
  if (chosen != kNoNode) told.chosen = cluster.name_of(chosen);
  std::map<std::pair<std::string, std::size_t>, std::size_t> places;
  for (NodeId node = 0; node < cluster.nodes.size(); ++node) {
    const std::size_t refusing = chain.refusing(node);
    const std::string& shape = cluster.nodes[node].spec->shape;
    const auto [at, is_new] = places.try_emplace({shape, refusing}, told.verdicts.size());
    if (is_new && refusing == NodeChain::kPassed) told.verdicts.push_back({shape, "", "", 0});
    else if (is_new)
      told.verdicts.push_back({shape, chain.name(refusing), chain.reason(refusing, node), 0});
    ++told.verdicts[at->second].nodes;
  }
  ScoreList scores;
  for (const NodeId node : feasible)
    scores.all.push_back({cluster.name_of(node), {}, 0, node == chosen});
  const std::span<const std::int64_t> totals = chain.score(feasible, &scores);
  for (std::size_t i = 0; i < totals.size(); ++i) scores.all[i].total = totals[i];
  std::stable_sort(scores.all.begin(), scores.all.end(), [](const auto& a, const auto& b) {
    return a.total != b.total ? a.total > b.total : a.chosen > b.chosen;
  });
  if (scores.all.size() > PodExplanation::kMost) scores.all.resize(PodExplanation::kMost);
  told.best = std::move(scores.all);
}

}  // namespace orrery::control
