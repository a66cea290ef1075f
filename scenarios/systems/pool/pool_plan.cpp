#include "scenarios/systems/pool/pool_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "models/host/node.hpp"
#include "models/pool/operation_plan.hpp"
#include "models/pool/pool_plan.hpp"
#include "models/pool/tier_profile.hpp"
#include "models/ssd/registry.hpp"
#include "scenarios/scenario.hpp"
#include "scenarios/text/binder.hpp"
#include "scenarios/text/nearest.hpp"

namespace orrery {

namespace {

// What was asked for, with its place in the document.
template <class Spec>
struct Given {
  Spec spec;
  SourceMark mark;                         // of the entry
  std::map<std::string, SourceMark> keys;  // of the values that were given

  InputError error(const PlanError& wrong) const {
    const SourceMark* at = &mark;
    for (const std::string& key : wrong.keys())
      if (const auto found = keys.find(key); found != keys.end()) {
        at = &found->second;
        break;
      }
    if (const auto& unknown = wrong.unknown())
      return unknown_name(*at, unknown->thing, unknown->name, unknown->known);
    return {*at, wrong.what(), wrong.hint()};
  }
};

template <class Spec>
std::vector<Given<Spec>> list_in(const TextNode& root, std::string_view name) {
  std::vector<Given<Spec>> all;
  for (const TextNode& item : items_in(root, name)) {
    Given<Spec> given;
    given.mark = item.mark;
    bind_mapping(item, Spec::declarations(), &given.spec, {},
                 [&given](const TextNode::Entry& e) { given.keys[e.key] = e.value.mark; });
    all.push_back(std::move(given));
  }
  return all;
}

template <class Spec>
std::vector<Spec> specs_of(const std::vector<Given<Spec>>& all) {
  std::vector<Spec> specs;
  for (const Given<Spec>& given : all) specs.push_back(given.spec);
  return specs;
}

// What only says what holds anyway, as a resolved scenario does, is let pass.
void refuse_keys_of_other_kinds(const Given<OperationSpec>& given) {
  const OperationKind& kind = kind_of(given.spec);
  for (const Declaration& key : OperationSpec::declarations().fields)
    if (given.keys.contains(key.name) && !kind.has(key.name) &&
        key.get(&given.spec) != key.fallback)
      throw InputError(given.keys.at(key.name),
                       fmt::format("`{}` means nothing for a {}", key.name, kind.name));
}

PoolPlan::Rules rules_of(const Scenario& s) {
  PoolPlan::Rules rules;
  rules.engine = bind<EngineProfile>(s.profile(s.pool.engine));
  rules.cache_line = bind<TierProfile>(s.profile(s.pool.tier)).line_size;
  rules.limits = sharing_limits(s.pool);
  rules.path = s.pool.path;
  rules.remote_path = s.pool.remote_path;
  return rules;
}

SsdCount ssds_of(const Scenario& s, std::int64_t count, const std::string& ssd) {
  return {count, count == 0 ? Bytes{} : ssd_capacity(s.profile(ssd))};
}

// Storage nodes first: where the policy does not care, a volume goes to one of them.
std::vector<PoolNode> nodes_of(const Scenario& s) {
  std::vector<PoolNode> nodes;
  auto add = [&](const char* role, std::int64_t servers, const std::string& profile,
                 const SsdCount& fast, const SsdCount& slow) {
    const bool has_rdma = bind<NodeProfile>(s.profile(profile)).rdma_nic;
    for (std::int64_t i = 0; i < servers; ++i)
      nodes.push_back({fmt::format("{}-{}", role, i), has_rdma, fast, slow});
  };
  add("storage", s.storage.servers, s.storage.node,
      ssds_of(s, s.storage.ssds_per_server, s.storage.ssd),
      ssds_of(s, s.storage.capacity_ssds_per_server, s.storage.capacity_ssd));
  add("compute", s.compute.servers, s.compute.node,
      ssds_of(s, s.compute.ssds_per_server, s.compute.ssd), {});
  return nodes;
}

// By hand first: they do not depend on the policy. Then those of `volumes`.
std::vector<Given<LogicalVolumeSpec>> in_order_of_placing(
    const TextNode& root, const Scenario& s, std::vector<Given<LogicalVolumeSpec>> by_hand) {
  for (std::int64_t c = 0; c < s.compute.servers; ++c)
    for (std::int64_t v = 0; v < s.volumes.per_server; ++v) {
      Given<LogicalVolumeSpec> given;
      given.mark = place_of(root, "volumes", "size");
      given.spec.name = fmt::format("volume-{}", v);
      given.spec.host = fmt::format("compute-{}", c);
      given.spec.size = s.volumes.size;
      given.spec.path =
          v >= s.volumes.per_server - s.pool.remote_volumes ? s.pool.remote_path : s.pool.path;
      by_hand.push_back(std::move(given));
    }
  return by_hand;
}

}  // namespace

void plan_pool(const TextNode& root, Scenario& scenario) {
  auto volumes = list_in<LogicalVolumeSpec>(root, "logical_volumes");
  auto operations = list_in<OperationSpec>(root, "operations");
  for (const auto& given : operations) refuse_keys_of_other_kinds(given);
  // What is compared may have a cache in some variants only.
  for (const auto& given : volumes)
    if (given.spec.tier != "cached" && given.spec.cache > Bytes{})
      scenario.notes.push_back(fmt::format("{}: `cache` changes nothing for tier: {}",
                                           to_string(given.keys.at("cache")), given.spec.tier));
  scenario.logical_volumes = specs_of(volumes);
  scenario.operations = specs_of(operations);
  PoolPlan plan(rules_of(scenario), nodes_of(scenario));
  for (const auto& given : in_order_of_placing(root, scenario, std::move(volumes))) try {
      plan.place(given.spec);
    } catch (const PlanError& wrong) {
      throw given.error(wrong);
    }
  std::stable_sort(operations.begin(), operations.end(),
                   [](const auto& a, const auto& b) { return a.spec.at < b.spec.at; });
  OperationPlan changes(plan);
  for (const auto& given : operations) try {
      changes.add(given.spec, given.keys.contains("size"));
    } catch (const PlanError& wrong) {
      throw given.error(wrong);
    }
  scenario.planned = plan.volumes();
}

}  // namespace orrery
