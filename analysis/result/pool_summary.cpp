#include "analysis/result/pool_summary.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "analysis/result/summary_view.hpp"
#include "analysis/terminal/figures.hpp"
#include "analysis/terminal/text_table.hpp"

namespace orrery {

using Json = nlohmann::ordered_json;

namespace {

Json time_or_null(TimePoint time) {
  return time == TimePoint{} ? Json() : Json(to_seconds(time - kStart));
}

Json upgrade_json(const PoolOperations::Upgrade& upgrade) {
  const UpgradeReport& r = *upgrade.report;
  Json pauses = Json::array();
  Duration longest{}, sum{};
  for (const UpgradeReport::Pause& pause : r.pauses) {
    pauses.push_back({{"volume", pause.volume}, {"pause_s", to_seconds(pause.length)}});
    longest = std::max(longest, pause.length);
    sum += pause.length;
  }
  const auto count = static_cast<std::int64_t>(r.pauses.size());
  return {{"kind", "hot_upgrade"},
          {"node", upgrade.node},
          {"mode", upgrade.mode},
          {"done", r.is_done},
          {"failure", r.failure},
          {"requested_s", to_seconds(r.requested - kStart)},
          {"closed_s", time_or_null(r.closed)},
          {"drain_s", r.drained == TimePoint{} ? Json() : Json(to_seconds(r.drained - r.closed))},
          {"restored_s", time_or_null(r.restored)},
          {"volumes", count},
          {"mean_pause_s", count > 0 ? Json(to_seconds(sum / count)) : Json()},
          {"longest_pause_s", count > 0 ? Json(to_seconds(longest)) : Json()},
          {"pauses", std::move(pauses)}};
}

Json migration_json(const PoolOperations::Migration& migration) {
  Json out = {{"kind", "hot_migration"},
              {"volume", migration.volume},
              {"from", migration.from},
              {"to", migration.to}};
  if (migration.task == nullptr) {
    out["done"] = false;
    out["failure"] = migration.failure;
    return out;
  }
  const MigrationReport& r = migration.task->report();
  Json rounds = Json::array();
  for (const MigrationReport::Round& round : r.rounds)
    rounds.push_back({{"bytes", round.bytes.count()}, {"time_s", to_seconds(round.time)}});
  out["done"] = r.is_done;
  out["failure"] = r.failure;
  out["requested_s"] = to_seconds(r.requested - kStart);
  out["copying_from_s"] = time_or_null(r.started);
  out["rounds"] = std::move(rounds);
  out["last_round_limit_s"] = to_seconds(migration.task->last_round_limit());
  out["copied_bytes"] = r.copied.count();
  out["held_s"] = time_or_null(r.held);
  out["pause_s"] = r.is_done ? Json(to_seconds(r.pause())) : Json();
  out["ended_s"] = time_or_null(r.ended);
  out["total_s"] = r.ended == TimePoint{} ? Json() : Json(to_seconds(r.ended - r.requested));
  return out;
}

}  // namespace

void add_pool(Json& out, const PoolOperations& operations, PoolCluster& cluster) {
  Json pools = Json::array();
  for (const auto& site : cluster.sites()) {
    auto add = [&](const VolumeStore* store) {
      if (store == nullptr) return;
      pools.push_back({{"name", store->name()},
                       {"capacity_bytes", store->capacity().count()},
                       {"used_bytes", store->used().count()},
                       {"clusters_copied", store->clusters_copied()},
                       {"writes_without_space", store->out_of_space()}});
    };
    add(site->engine->store());
    add(site->capacity.get());
  }
  out["pools"] = std::move(pools);
  Json all = Json::array();
  for (const auto& upgrade : operations.upgrades()) all.push_back(upgrade_json(*upgrade));
  for (const auto& migration : operations.migrations()) all.push_back(migration_json(*migration));
  for (const PoolOperations::Change& change : operations.changes())
    all.push_back({{"kind", change.kind},
                   {"volume", change.volume},
                   {"done", change.is_done},
                   {"requested_s", to_seconds(change.at - kStart)}});
  out["operations"] = std::move(all);
  std::int64_t losses = 0, reconnects = 0, retries = 0, gone = 0;
  for (PooledVolume* volume : cluster.pooled()) {
    Controller& controller = volume->attachment().controller();
    losses += controller.losses();
    reconnects += controller.reconnects();
    retries += volume->retries();
    gone += controller.is_gone() ? 1 : 0;
  }
  out["attachments"] = {{"contact_lost", losses},
                        {"reconnected", reconnects},
                        {"ios_sent_again", retries},
                        {"given_up", gone}};
  if (cluster.tiered().empty()) return;
  Json caches = Json::array();
  for (const TieredVolume* cache : cluster.tiered()) {
    const TieredVolume::Counters& c = cache->counters();
    const auto reads = static_cast<double>(c.read_hits + c.read_misses);
    caches.push_back(
        {{"volume", cache->name()},
         {"read_hits", c.read_hits},
         {"read_misses", c.read_misses},
         {"read_hit_ratio", reads > 0 ? Json(static_cast<double>(c.read_hits) / reads) : Json()},
         {"write_hits", c.write_hits},
         {"write_misses", c.write_misses},
         {"promotions", c.promotions},
         {"stalled_writes", c.stalled_writes},
         {"flushes", c.flushes},
         {"flushed_bytes", c.flushed.count()}});
  }
  out["caches"] = std::move(caches);
}

namespace {

std::string seconds_at(const Json& of, const char* key) {
  const auto value = number_at(of, key);
  return value ? time_text(*value * 1e9) : kNoFigure;
}

std::string upgrades_table(const Json& all, const Terminal& terminal) {
  TextTable table({{"hot upgrade"},
                   {"mode"},
                   {"at", kRight},
                   {"volumes", kRight},
                   {"drain", kRight},
                   {"mean pause", kRight},
                   {"longest", kRight},
                   {""}});
  for (const Json& one : all)
    if (text_at(one, "kind") == "hot_upgrade")
      table.row({text_at(one, "node"), text_at(one, "mode"), seconds_at(one, "requested_s"),
                 fmt::format("{:.0f}", number_at(one, "volumes").value_or(0)),
                 seconds_at(one, "drain_s"), seconds_at(one, "mean_pause_s"),
                 seconds_at(one, "longest_pause_s"), text_at(one, "failure")});
  return table.empty() ? std::string{} : table.render(terminal);
}

std::string migrations_table(const Json& all, const Terminal& terminal) {
  constexpr std::size_t kMostRows = 12;
  std::string out;
  for (const Json& one : all) {
    if (text_at(one, "kind") != "hot_migration") continue;
    const std::string failure = text_at(one, "failure");
    const bool is_done = one.value("done", false);
    out += wrapped(fmt::format("hot migration of {} from {} to {}: {}", text_at(one, "volume"),
                               text_at(one, "from"), text_at(one, "to"),
                               is_done           ? "done"
                               : failure.empty() ? "under way when the run ended"
                                                 : "given up, " + failure),
                   terminal.width, 2) +
           "\n";
    const Json* rounds = find_in(one, "rounds");
    if (rounds == nullptr || rounds->empty()) continue;
    TextTable table({{"round", kRight}, {"copied", kRight}, {"time", kRight}, {"rate", kRight}});
    std::size_t number = 0;
    for (const Json& round : *rounds) {
      const double bytes = number_at(round, "bytes").value_or(0);
      const double time = number_at(round, "time_s").value_or(0);
      if (++number <= kMostRows)
        table.row({fmt::format("{}", number), fmt::format("{:.3g} GB", bytes / 1e9),
                   time_text(time * 1e9), time > 0 ? rate_text(bytes / time) : kNoFigure});
    }
    out += table.render(terminal);
    if (is_done)
      out += fmt::format("I/O held for {} in the last round; {} in all\n",
                         seconds_at(one, "pause_s"), seconds_at(one, "total_s"));
  }
  return out;
}

std::string changes_text(const Json& all) {
  std::string out;
  for (const Json& one : all)
    if (const std::string kind = text_at(one, "kind"); kind == "snapshot" || kind == "resize")
      out += fmt::format("{} of {} at {}: {}\n", kind, text_at(one, "volume"),
                         seconds_at(one, "requested_s"),
                         one.value("done", false) ? "done" : "refused");
  return out;
}

}  // namespace

std::string pool_tables(const Json& summary, const Terminal& terminal) {
  std::string out;
  if (const Json* all = find_in(summary, "operations")) {
    out += upgrades_table(*all, terminal);
    out += migrations_table(*all, terminal);
    out += changes_text(*all);
  }
  if (const Json* caches = find_in(summary, "caches")) {
    TextTable table(
        {{"cache"}, {"read hits", kRight}, {"flushed", kRight}, {"stalled writes", kRight}});
    for (const Json& cache : *caches) {
      const auto hits = number_at(cache, "read_hit_ratio");
      table.row({text_at(cache, "volume"), hits ? percent_text(*hits) : kNoFigure,
                 fmt::format("{:.3g} GB", number_at(cache, "flushed_bytes").value_or(0) / 1e9),
                 fmt::format("{:.0f}", number_at(cache, "stalled_writes").value_or(0))});
    }
    out += table.render(terminal);
  }
  if (const Json* attachments = find_in(summary, "attachments");
      attachments != nullptr && number_at(*attachments, "contact_lost").value_or(0) > 0)
    out += wrapped(fmt::format("attachments: contact lost {:.0f} times, {:.0f} reconnected, {:.0f} "
                               "given up; {:.0f} I/Os sent again",
                               *number_at(*attachments, "contact_lost"),
                               *number_at(*attachments, "reconnected"),
                               *number_at(*attachments, "given_up"),
                               *number_at(*attachments, "ios_sent_again")),
                   terminal.width, 2) +
           "\n";
  return out;
}

}  // namespace orrery
