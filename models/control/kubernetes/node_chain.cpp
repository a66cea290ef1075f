// Filters in order, weighted scores.
#include "models/control/kubernetes/node_chain.hpp"

#include <algorithm>
#include <map>

#include "models/control/kubernetes/node_scores.hpp"
#include "sim/assert.hpp"

namespace orrery::control {

NodeChain::NodeChain(const SchedulerPlugins& plugins, const PluginContext& context,
                     bool has_liteio) {
  for (const std::string& name : plugins.filters) {
    const NodeFilterEntry* const entry = find_node_filter(name);
    ORRERY_INVARIANT(entry != nullptr, name.c_str(), "no such filter of nodes");
    if (entry->is_liteios && !has_liteio) continue;
    filter_names_.push_back(name);
    filters_.push_back(entry->make(context));
  }
  for (const std::string& text : plugins.scores) {
    const auto equals = text.find('=');
    const std::string name = text.substr(0, equals);
    const NodeScoreEntry* const entry = find_node_score(name);
    ORRERY_INVARIANT(entry != nullptr, name.c_str(), "no such score of nodes");
    if (entry->is_liteios && !has_liteio) continue;
    score_names_.push_back(name);
    scores_.push_back(entry->make(context));
    weights_.push_back(equals == std::string::npos ? 1 : std::stoll(text.substr(equals + 1)));
  }
}

void NodeChain::ask(const NodeQuestion& question) {
  question_ = &question;
  concerned_.clear();
  for (std::size_t f = 0; f < filters_.size(); ++f)
    if (filters_[f]->concerns(question)) concerned_.push_back(f);
}

bool NodeChain::is_sole(std::size_t filter, NodeId node) const {
  return std::all_of(concerned_.begin(), concerned_.end(), [&](std::size_t f) {
    return f <= filter || filters_[f]->passes(*question_, node);
  });
}

std::string NodeChain::sole_limit(std::size_t nodes) const {
  std::map<std::string, std::int64_t> alone;
  bool fits_somewhere = false;
  for (NodeId node = 0; node < nodes; ++node) {
    const std::size_t filter = refusing(node);
    fits_somewhere |= filter == kPassed;
    if (filter == kPassed || !is_sole(filter, node)) continue;
    const std::string why = reason(filter, node);
    if (why.find(" and ") == std::string::npos) ++alone[why];
  }
  if (fits_somewhere) return "no pool for its volumes";
  if (alone.empty()) return "several";
  return std::max_element(alone.begin(), alone.end(),
                          [](const auto& a, const auto& b) { return a.second < b.second; })
      ->first;
}

std::span<const std::int64_t> NodeChain::score(std::span<const NodeId> nodes, Listener* each) {
  totals_.assign(nodes.size(), 0);
  points_.resize(nodes.size());
  for (std::size_t s = 0; s < scores_.size(); ++s) {
    if (!scores_[s]->concerns(*question_)) continue;
    for (std::size_t i = 0; i < nodes.size(); ++i)
      points_[i] = scores_[s]->score(*question_, nodes[i]);
    if (scores_[s]->is_normalised()) normalize_scores(points_, false);
    for (std::size_t i = 0; i < nodes.size(); ++i) totals_[i] += points_[i] *= weights_[s];
    if (each != nullptr) each->hear(score_names_[s], points_);
  }
  return totals_;
}

}  // namespace orrery::control
