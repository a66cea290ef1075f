#include "models/pool/pool_plan.hpp"

#include <fmt/format.h>

#include <set>
#include <utility>

#include "models/pool/volume_layout.hpp"
#include "sim/written_size.hpp"

namespace orrery {

PoolPlan::PoolPlan(Rules rules, const std::vector<PoolNode>& nodes) : rules_(std::move(rules)) {
  for (const PoolNode& node : nodes) pools_.emplace_back(calendar_, node, rules_.engine);
}

std::vector<std::string> PoolPlan::node_names() const {
  std::vector<std::string> names;
  for (const PlannedPool& pool : pools_) names.push_back(pool.node());
  return names;
}

const PlannedPool* PoolPlan::find_pool(const std::string& node) const {
  for (const PlannedPool& pool : pools_)
    if (pool.node() == node) return &pool;
  return nullptr;
}

PlannedPool& PoolPlan::pool_of(const std::string& node, const std::string& key) {
  for (PlannedPool& pool : pools_)
    if (pool.node() == node) return pool;
  throw PlanError(key, PlanError::UnknownName{"node", node, node_names()});
}

void PoolPlan::place(const LogicalVolumeSpec& spec) {
  const Bytes cluster = rules_.engine.cluster;
  PlannedPool& host = pool_of(spec.host, "host");
  PlannedVolume volume;
  volume.name = spec.host + "/" + spec.name;
  volume.host = spec.host;
  volume.size = placement::whole_units_for(cluster, spec.size);
  volume.spec = spec;
  const PlannedVolume* origin = origin_of(spec);
  if (origin != nullptr) {
    volume.origin = origin->name;
    volume.size = origin->size;
  }
  for (const PlannedVolume& other : volumes_)
    if (other.name == volume.name)
      throw PlanError({"name"}, fmt::format("two volumes are called '{}'", volume.name));
  check_shape(spec);
  if (origin != nullptr) check_clone(spec, *origin);
  const std::size_t members = volume.members();
  volume.member_size =
      spec.raid == "raid1" || members == 1
          ? volume.size
          : cluster * units_of(cluster * static_cast<std::int64_t>(members), volume.size);
  for (std::size_t m = 0; m < members; ++m) {
    PlannedPool* on = nullptr;
    if (!spec.on.empty()) on = &pool_of(spec.on[m], "on");
    else if (origin != nullptr) on = &pool_of(origin->on.front(), "clone_of");
    else on = &choose(spec, host, volume.member_size);
    volume.path.push_back(path_to(spec, host, *on));
    if (on != &host) share(host, *on);
    take(spec, *on, volume.member_size, volume.member_name(m), volume.origin);
    volume.on.push_back(on->node());
  }
  volumes_.push_back(std::move(volume));
}

void PoolPlan::check_shape(const LogicalVolumeSpec& spec) const {
  if (spec.on.size() > 1 && spec.raid == "none")
    throw PlanError({"on"}, "a volume on several nodes needs raid: linear, raid0 or raid1");
  if (std::set<std::string>(spec.on.begin(), spec.on.end()).size() != spec.on.size())
    throw PlanError({"on"}, "a node stands there twice");
  const std::int64_t limit = rules_.engine.snapshot_limit;
  if (spec.snapshots > limit)
    throw PlanError({"snapshots"},
                    fmt::format("a chain of {} snapshots is deeper than the {} that an engine "
                                "keeps",
                                spec.snapshots, limit));
  if (spec.tier == "cached" && spec.raid == "raid1" && spec.on.size() < 2)
    throw PlanError({"raid"},
                    "a cached volume is no mirror within a node: its cache lies on one SSD");
  if (spec.tier == "cached" && spec.cache <= Bytes{})
    throw PlanError({"tier"}, "a cached volume needs `cache`, the size of its cache");
  if (spec.tier == "cached" && spec.cache < rules_.cache_line)
    throw PlanError({"cache"},
                    fmt::format("a cache of {} holds no line of {}", written_size(spec.cache),
                                written_size(rules_.cache_line)));
}

const PlannedVolume* PoolPlan::origin_of(const LogicalVolumeSpec& spec) const {
  if (spec.clone_of.empty()) return nullptr;
  for (const PlannedVolume& other : volumes_)
    if (other.name == spec.host + "/" + spec.clone_of || other.name == spec.clone_of) return &other;
  throw PlanError({"clone_of"},
                  fmt::format("no volume before this one is called '{}'", spec.clone_of));
}

void PoolPlan::check_clone(const LogicalVolumeSpec& spec, const PlannedVolume& origin) const {
  const LogicalVolumeSpec& of = origin.spec;
  if (of.raid != "none" || of.tier != spec.tier || of.tier == "cached" || spec.raid != "none" ||
      origin.path.front() == "native")
    throw PlanError({"clone_of"},
                    fmt::format("{} cannot be cloned: only plain volumes of the same tier, served "
                                "by an engine, can",
                                origin.name));
  if (!spec.on.empty() && spec.on != origin.on)
    throw PlanError({"on"},
                    fmt::format("a clone lies where its origin does: on {}", origin.on.front()));
  if (placement::whole_units_for(rules_.engine.cluster, spec.size) != origin.size)
    throw PlanError(
        {"size"}, fmt::format("a clone is as large as its origin: {}", written_size(origin.size)));
  const std::int64_t limit = rules_.engine.snapshot_limit;
  if (of.snapshots + 1 + spec.snapshots > limit)
    throw PlanError({"clone_of"},
                    fmt::format("a chain of {} snapshots is deeper than the {} that an engine "
                                "keeps",
                                of.snapshots + 1 + spec.snapshots, limit));
}

PlannedPool& PoolPlan::choose(const LogicalVolumeSpec& spec, PlannedPool& host, Bytes size) {
  const bool wants_remote = is_remote_path(spec.path);
  const VolumeStore* own = host.store_for(spec);
  const bool has_room = own != nullptr && (spec.thin || placement::has_room(own->free(), size));
  if (!wants_remote && has_room) return host;
  if (!wants_remote && spec.path != "auto")
    throw PlanError({"path"},
                    fmt::format("{} has no room for a volume of {} in its own pool, where {} "
                                "has to be",
                                host.node(), written_size(size), spec.path));
  const PoolChoice choice = fullest_pool(
      pools_.size(),
      [&](std::size_t n) {
        const PlannedPool& pool = pools_[n];
        PoolState state = pool.state_for(host);
        const VolumeStore* store = pool.store_for(spec);
        if (store == nullptr) return state;
        state.capacity = store->capacity();
        // Its host's own has been tried.
        state.free = &pool == &host ? Bytes{} : store->free();
        return state;
      },
      size, rules_.limits);
  if (choice.pool) return pools_[*choice.pool];
  if (!choice.is_any_large_enough)
    throw PlanError({"size"},
                    fmt::format("a volume of {} is larger than any pool", written_size(size)));
  throw PlanError(
      {"size"},
      choice.is_any_free
          ? fmt::format("no pool may take {}/{}: all with room for {} serve {} volumes or "
                        "{} nodes of others",
                        spec.host, spec.name, written_size(size), rules_.limits.volumes,
                        rules_.limits.nodes)
          : fmt::format("no pool has {} free for {}/{}", written_size(size), spec.host, spec.name));
}

std::string PoolPlan::path_to(const LogicalVolumeSpec& spec, const PlannedPool& host,
                              const PlannedPool& on) const {
  const bool is_remote = &on != &host;
  std::string path = spec.path;
  if (path == "auto") path = is_remote ? rules_.remote_path : local_path(rules_.path);
  const bool leads_away = is_remote_path(path);
  if (!placement::is_where_it_must(is_remote, !leads_away, leads_away))
    throw PlanError({"path", "on"},
                    is_remote ? fmt::format("{} cannot reach {} by {}: it is another node",
                                            host.node(), on.node(), path)
                              : fmt::format("{} is {}'s own pool: {} leads to other nodes",
                                            on.node(), host.node(), path));
  if (path == "remote_rdma")
    for (const PlannedPool* end : {&host, &on})
      if (!end->has_rdma())
        throw PlanError({"path", "host"}, fmt::format("{} has no RDMA NIC", end->node()),
                        "use remote_tcp, or a node profile with rdma_nic: true");
  if (path == "native" &&
      (spec.snapshots > 0 || !spec.clone_of.empty() || spec.thin || spec.tier == "cached"))
    throw PlanError({"path"},
                    "a native volume has no engine: no thin provisioning, snapshots or tiers");
  return path;
}

void PoolPlan::share(const PlannedPool& host, PlannedPool& on) {
  if (!may_share(on.state_for(host), rules_.limits))
    throw PlanError({"on"},
                    fmt::format("{} already serves {} volumes of {} other nodes; the limits are "
                                "{} and {}",
                                on.node(), on.remote_volumes(), on.sharing_nodes(),
                                rules_.limits.volumes, rules_.limits.nodes));
  on.serve(host);
}

void PoolPlan::take(const LogicalVolumeSpec& spec, PlannedPool& on, Bytes size,
                    const std::string& name, const std::string& origin) {
  VolumeStore* store = on.store_for(spec);
  if (store == nullptr || (spec.tier == "cached" && on.fast() == nullptr))
    throw PlanError({spec.tier == "fast" ? "on" : "tier"},
                    fmt::format("{} has no SSDs for that", on.node()));
  const Bytes free = store->free();
  const PlacedVolume placed = place_volume(*store, on.fast(), shape_of(spec, name, size),
                                           origin.empty() ? nullptr : parts_.at(origin).front());
  if (placed.is_placed()) {
    parts_[name] = placed.parts;
    return;
  }
  if (!placement::has_room(store->capacity(), size))
    throw PlanError({"size"},
                    fmt::format("a volume of {} is larger than the pool of {}, which has {}",
                                written_size(size), on.node(), written_size(store->capacity())));
  if (spec.raid == "raid1" && spec.on.size() < 2 && store->devices().size() < 2)
    throw PlanError({"raid"},
                    fmt::format("{} has one SSD: a mirror needs two, or two nodes", on.node()));
  throw PlanError(
      {"size"},
      fmt::format("{} has {} free, too little for {}{}", on.node(), written_size(free), name,
                  spec.tier == "cached"         ? " and its cache"
                  : store->devices().size() > 1 ? " as it is laid out over the SSDs"
                                                : ""));
}

}  // namespace orrery
