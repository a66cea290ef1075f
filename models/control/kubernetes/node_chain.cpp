#include "models/control/kubernetes/node_chain.hpp"

#include <algorithm>

#include "models/control/kubernetes/node_scores.hpp"
#include "sim/assert.hpp"

namespace orrery::control {

NodeChain::NodeChain(const SchedulerPlugins& plugins, const PluginContext& context,
                     std::string_view without) {
  for (const std::string& name : plugins.filters) {
    const NodeFilterEntry* const entry = find_node_filter(name);
    ORRERY_INVARIANT(entry != nullptr, name.c_str(), "no such filter of nodes");
    if (name == without) continue;
    filter_names_.push_back(name);
    filters_.push_back(entry->make(context));
  }
  for (const std::string& text : plugins.scores) {
    const auto equals = text.find('=');
    const std::string name = text.substr(0, equals);
    const NodeScoreEntry* const entry = find_node_score(name);
    ORRERY_INVARIANT(entry != nullptr, name.c_str(), "no such score of nodes");
    if (name == without) continue;
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
