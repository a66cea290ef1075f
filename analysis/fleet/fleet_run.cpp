#include "analysis/fleet/fleet_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <string_view>
#include <tuple>
#include <unordered_map>

#include "analysis/fleet/fleet_state.hpp"
#include "analysis/result/provenance.hpp"
#include "analysis/version.hpp"
#include "models/control/fleet/control_plane.hpp"
#include "scenarios/systems/fleet/fleet_spec.hpp"
#include "sim/quantile.hpp"
#include "sim/random.hpp"
#include "sim/simulation.hpp"

namespace orrery {

using Json = nlohmann::ordered_json;
using namespace control;

namespace {

Json times_of(const Times& times) {
  Json out{{"count", times.count()}};
  if (times.count() == 0) return out;
  std::vector<Duration> sorted = times.all();
  std::sort(sorted.begin(), sorted.end());
  double sum = 0;
  for (const Duration time : sorted) sum += to_seconds(time);
  out["mean"] = sum / static_cast<double>(sorted.size());
  out["min"] = to_seconds(sorted.front());
  out["p50"] = to_seconds(lower_quantile(sorted, 0.5));
  out["p90"] = to_seconds(lower_quantile(sorted, 0.9));
  out["p99"] = to_seconds(lower_quantile(sorted, 0.99));
  out["max"] = to_seconds(sorted.back());
  return out;
}

Json timeline_of(const std::vector<FleetSample>& samples) {
  Json out = Json::array();
  for (const FleetSample& s : samples)
    out.push_back({{"time_s", to_seconds(s.at)},
                   {"cpu_used", s.cpu_used},
                   {"memory_used", s.memory_used},
                   {"disk_used", s.disk_used},
                   {"pods", s.pods},
                   {"running", s.running},
                   {"waiting", s.waiting},
                   {"volumes", s.volumes},
                   {"remote_volumes", s.remote},
                   {"volumes_without_pool", s.unplaced},
                   {"nodes_ready", s.nodes_ready}});
  return out;
}

Json late_means_of(const std::vector<FleetSample>& samples) {
  const LateMeans means = late_means(samples);
  return {{"cpu", means.cpu_used},
          {"memory", means.memory_used},
          {"disk", means.disk_used},
          {"waiting", means.waiting}};
}

Json scheduling_of(const FleetStats& books) {
  Json out{{"attempts", books.attempts},
           {"failed_attempts", books.failed_attempts},
           {"nodes_visited_per_attempt",
            books.attempts > 0
                ? static_cast<double>(books.nodes_visited) / static_cast<double>(books.attempts)
                : 0},
           {"conflicts", books.conflicts},
           {"over_commitments", books.over_commits},
           {"silent_reserve_failures", books.silent_reserves},
           {"failed_creations", books.failed_creations},
           {"volumes_that_hung", books.hung_volumes},
           {"volumes_placed_on_lost_nodes", books.placed_on_lost},
           {"to_bind_s", times_of(books.to_bind)},
           {"to_run_s", times_of(books.to_run)},
           {"volume_to_pool_s", times_of(books.volume_wait)}};
  if (books.to_bind.count() > 1 && books.last_bound > books.first_created)
    out["pods_per_second"] = static_cast<double>(books.to_bind.count()) /
                             to_seconds(books.last_bound - books.first_created);
  return out;
}

Json lifecycle_of(const FleetStats& books) {
  return {{"nodes_lost", books.nodes_lost},
          {"to_not_ready_s", times_of(books.to_not_ready)},
          {"to_pool_unknown_s", times_of(books.to_pool_unknown)},
          {"to_eviction_s", times_of(books.to_evict)},
          {"pools_offline", books.pools_offline},
          {"volumes_lost", books.volumes_lost},
          {"forced_cleanups", books.forced_cleanups},
          {"drains", books.drains},
          {"drains_blocked_by_pods", books.drains_blocked},
          {"rebuilds", books.rebuilds},
          {"restores", books.restores},
          {"rebuilds_failed", books.rebuilds_failed},
          {"rebuilt_bytes", books.rebuilt_bytes},
          {"rebuild_s", times_of(books.rebuild_time)}};
}

Json placement_of(const Cluster& cluster) {
  Json out = Json::array();
  for (const VolumeRecord& volume : cluster.volumes) {
    if (volume.booking.pool == kNoNode || volume.booking.host == kNoNode) continue;
    const PodRecord& pod = cluster.pods[volume.pod];
    if (!cluster.runs(pod)) continue;
    out.push_back({{"pod", pod.spec->name},
                   {"claim", volume.claim->name},
                   {"host", cluster.name_of(volume.booking.host)},
                   {"pool", cluster.name_of(volume.booking.pool)},
                   {"bytes", volume.booking.total.count()}});
  }
  return out;
}

Json explanation_of(const PodExplanation& pod, const Explanation* volume, const Cluster& cluster) {
  Json out{{"found", pod.found}};
  if (!pod.found) return out;
  out["at_s"] = to_seconds(pod.at);
  out["nodes"] = pod.nodes;
  out["visited"] = pod.visited;
  out["feasible"] = pod.feasible;
  out["chosen"] = pod.chosen;
  for (const auto& verdict : pod.verdicts)
    out["verdicts"].push_back({{"shape", verdict.shape},
                               {"nodes", verdict.nodes},
                               {"filter", verdict.filter},
                               {"reason", verdict.reason}});
  for (const auto& scored : pod.best) {
    Json row{{"node", scored.node}, {"chosen", scored.chosen}};
    for (const auto& [name, points] : scored.scores) row["scores"][name] = points;
    row["total"] = scored.total;
    out["scores"].push_back(std::move(row));
  }
  if (volume == nullptr) return out;
  Json& told = out["volume"];
  told["chosen"] = volume->decision.pool == kNoNode ? "" : cluster.name_of(volume->decision.pool);
  std::map<std::tuple<std::string, std::string, std::string>, std::int64_t> classes;
  std::vector<const PoolVerdict*> passed;
  for (const PoolVerdict& verdict : volume->verdicts) {
    ++classes[{cluster.nodes[verdict.pool].spec->shape, std::string(verdict.filter),
               std::string(control::name_of(verdict.reason))}];
    if (verdict.reason == Reason::none) passed.push_back(&verdict);
  }
  for (const auto& [key, pools] : classes)
    told["verdicts"].push_back({{"shape", std::get<0>(key)},
                                {"pools", pools},
                                {"filter", std::get<1>(key)},
                                {"reason", std::get<2>(key)}});
  std::stable_sort(passed.begin(), passed.end(),
                   [](const auto* a, const auto* b) { return a->score > b->score; });
  for (std::size_t i = 0; i < passed.size() && i < 20; ++i) {
    Json row{{"pool", cluster.name_of(passed[i]->pool)},
             {"chosen", passed[i]->pool == volume->decision.pool}};
    for (std::size_t p = 0; p < volume->priorities.size(); ++p)
      row["scores"][std::string(volume->priorities[p])] = passed[i]->scores[p];
    row["total"] = passed[i]->score;
    told["scores"].push_back(std::move(row));
  }
  return out;
}

// What became of volumes that were there before the run.
void add_volume_notes(const FleetStats& books, Json& notes) {
  if (books.volumes_moved > 0)
    notes.push_back(
        fmt::format("{} volumes do not fit where they are when the run begins: they lie in "
                    "other pools here",
                    books.volumes_moved));
  if (books.volumes_left_out > 0)
    notes.push_back(fmt::format("{} volumes of running pods fit into no pool and are left out",
                                books.volumes_left_out));
}

}  // namespace

Json run_fleet(const Scenario& scenario, const RunOptions& options,
               const FleetQuestions& questions) {
  const FleetSpec& spec = *scenario.fleet;
  Scenario seeded = scenario;
  if (options.seed) seeded.head.seed = static_cast<std::int64_t>(*options.seed);
  const auto seed = static_cast<std::uint64_t>(seeded.head.seed);
  FleetPlan plan = fleet_plan(seeded, seed);
  Simulation simulation(fleet_platform(spec.demand, plan.liteio));
  ControlPlane plane(simulation, std::move(plan), seed);
  if (options.progress)
    simulation.set_progress([&options](TimePoint now, TimePoint stop) {
      options.progress(to_seconds(now) / to_seconds(stop));
    });
  PodExplanation pod_explanation;
  Explanation volume_explanation;
  if (!questions.explain.empty()) {
    plane.scheduler().explain(questions.explain, &pod_explanation);
    plane.volumes().explain(questions.explain, &volume_explanation);
  }
  FleetSample last;
  Json fleet, placement;
  Json checks;
  simulation.at_end([&] {
    last = plane.sampling().now();
    fleet["stranded"] = stranded_json(plane);
    fleet["blast_radius"] = blast_radius_json(plane);
    fleet["waiting_for"] = waiting_json(plane);
    checks = checks_json(plane);
    if (questions.wants_volumes) placement = placement_of(plane.cluster());
  });
  plane.start();
  simulation.run(after(kStart, questions.until.value_or(spec.section.runtime)));

  const FleetStats& books = plane.books();
  const Cluster& cluster = plane.cluster();
  Json out;
  out["orrery version"] = kProgramVersion;
  out["scenario"] = seeded.head.scenario;
  out["title"] = seeded.head.title;
  out["system"] = seeded.head.system;
  out["jobs"] = Json::array();
  double remote_bytes = 0, all_bytes = 0;
  for (const VolumeRecord& volume : cluster.volumes) {
    if (volume.booking.pool == kNoNode) continue;
    all_bytes += static_cast<double>(volume.booking.total.count());
    if (volume.is_remote()) remote_bytes += static_cast<double>(volume.booking.total.count());
  }
  const auto share = [](double part, double all) { return all > 0 ? part / all : 0; };
  Json whole{
      {"disks", spec.section.disks},
      {"policy", spec.section.policy},
      {"nodes", cluster.nodes.size()},
      {"pools", cluster.pools.pools.size()},
      {"ended_s", to_seconds(last.at)},
      {"is_full", plane.sampling().is_full()},
      {"used", {{"cpu", last.cpu_used}, {"memory", last.memory_used}, {"disk", last.disk_used}}},
      {"late_means", late_means_of(plane.sampling().samples())},
      {"pods",
       {{"created", books.created},
        {"running", last.running},
        {"waiting", last.waiting},
        {"impossible", books.impossible},
        {"deleted", books.deleted},
        {"deleted_before_they_ran", books.deleted_waiting},
        {"recreated", books.recreated},
        {"evicted", books.evicted},
        {"stuck_terminating", books.stuck_terminating}}},
      {"volumes",
       {{"placed", last.volumes},
        {"remote", last.remote},
        {"remote_share",
         share(static_cast<double>(last.remote), static_cast<double>(last.volumes))},
        {"remote_bytes_share", share(remote_bytes, all_bytes)},
        {"mean_remote_bytes", share(remote_bytes, static_cast<double>(last.remote))},
        {"without_pool", last.unplaced}}}};
  if (last.on_dead_nodes > 0) whole["pods"]["on_dead_nodes"] = last.on_dead_nodes;
  whole.update(fleet);
  whole["scheduling"] = scheduling_of(books);
  whole["lifecycle"] = lifecycle_of(books);
  whole["migrations"] = {{"finished", books.migrations},
                         {"failed", books.migrations_failed},
                         {"bytes", books.migrated_bytes},
                         {"time_s", times_of(books.migration_time)}};
  if (!plane.groups().all().empty())
    whole["groups"] = {{"asked_for", plane.groups().all().size()},
                       {"became_ready", books.groups_ready},
                       {"parts", books.group_parts},
                       {"plans_without_room", books.groups_without_room},
                       {"rolled_back", books.groups_rolled_back},
                       {"degraded", books.groups_degraded},
                       {"to_ready_s", times_of(books.group_wait)}};
  if (!spec.objects.snapshots.empty())
    whole["snapshots"] = {{"made", books.snapshots},
                          {"refused", books.snapshots_refused},
                          {"merges_failed", books.merges_failed}};
  whole["api"] = {{"requests", plane.api().requests()}, {"commits", plane.api().commits()}};
  whole["input"] = {{"rows", spec.input.rows}, {"broken", spec.input.broken}};
  out["fleet"] = std::move(whole);
  if (!questions.explain.empty())
    out["explanation"] = explanation_of(
        pod_explanation, volume_explanation.verdicts.empty() ? nullptr : &volume_explanation,
        cluster);
  if (questions.wants_volumes) out["placement"] = std::move(placement);
  out["timeline"] = timeline_of(plane.sampling().samples());
  out["checks"] = std::move(checks);
  out["notes"] = seeded.notes;
  add_volume_notes(books, out["notes"]);
  out["provenance"] = provenance_of(seeded, simulation.calendar().fired());
  return out;
}

}  // namespace orrery
