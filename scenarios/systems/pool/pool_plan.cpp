#include "scenarios/systems/pool/pool_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <set>

#include "models/host/node.hpp"
#include "models/pool/engine.hpp"
#include "models/pool/placement_rules.hpp"
#include "models/pool/tiered_volume.hpp"
#include "models/pool/volume_layout.hpp"
#include "models/ssd/null_ssd.hpp"
#include "models/ssd/registry.hpp"
#include "scenarios/scenario.hpp"
#include "scenarios/text/binder.hpp"
#include "scenarios/text/nearest.hpp"
#include "scenarios/text/value_text.hpp"

namespace orrery {

namespace {

template <class Spec>
std::vector<Spec> list_in(const TextNode& root, std::string_view name) {
  std::vector<Spec> all;
  for (const TextNode& item : items_in(root, name)) {
    Spec spec;
    spec.mark = item.mark;
    bind_mapping(item, Spec::declarations(), &spec, {},
                 [&spec](const TextNode::Entry& e) { spec.keys[e.key] = e.value.mark; });
    all.push_back(std::move(spec));
  }
  return all;
}

// The pools of a scenario's nodes while volumes are put into them.
class Planner {
 public:
  Planner(const TextNode& root, const Scenario& scenario) : root_(root), s_(scenario) {
    engine_ = bind<EngineProfile>(s_.profile(s_.pool.engine));
    cluster_ = engine_.cluster;
    line_size_ = bind<TierProfile>(s_.profile(s_.pool.tier)).line_size;
    limits_ = sharing_limits(s_.pool);
    check_engine();
    auto add = [&](const char* role, std::int64_t servers, std::int64_t ssds,
                   const std::string& ssd, std::int64_t slow, const std::string& slow_ssd,
                   const std::string& node) {
      const auto profile = bind<NodeProfile>(s_.profile(node));
      for (std::int64_t i = 0; i < servers; ++i) {
        Pool& pool = pools_.emplace_back();
        pool.node = fmt::format("{}-{}", role, i);
        pool.has_rdma = profile.rdma_nic;
        pool.fast = store(pool, ssds, ssd);
        pool.slow = store(pool, slow, slow_ssd);
      }
    };
    // Storage nodes first: where the policy does not care, a volume goes to one of them.
    add("storage", s_.storage.servers, s_.storage.ssds_per_server, s_.storage.ssd,
        s_.storage.capacity_ssds_per_server, s_.storage.capacity_ssd, s_.storage.node);
    add("compute", s_.compute.servers, s_.compute.ssds_per_server, s_.compute.ssd, 0, "",
        s_.compute.node);
  }

  void plan() {
    // By hand first: they do not depend on the policy.
    for (const LogicalVolumeSpec& spec : s_.logical_volumes) place(spec);
    for (std::int64_t c = 0; c < s_.compute.servers; ++c)
      for (std::int64_t v = 0; v < s_.volumes.per_server; ++v) {
        LogicalVolumeSpec spec;
        spec.mark = place_of(root_, "volumes", "size");
        spec.name = fmt::format("volume-{}", v);
        spec.host = fmt::format("compute-{}", c);
        spec.size = s_.volumes.size;
        spec.path = v >= s_.volumes.per_server - s_.pool.remote_volumes ? s_.pool.remote_path
                                                                        : s_.pool.path;
        place(spec);
      }
  }

  // One after the other in the order of their times, each after what the earlier ones have done.
  // What depends on the I/O of the run (space that thin volumes and copies take, how long a
  // migration takes) is left to the run, which says what it could not do.
  void check_operations() {
    std::vector<const OperationSpec*> in_order;
    for (const OperationSpec& operation : s_.operations) in_order.push_back(&operation);
    std::stable_sort(in_order.begin(), in_order.end(),
                     [](const auto* a, const auto* b) { return a->at < b->at; });
    for (const OperationSpec* operation : in_order) {
      if (operation->kind == "hot_upgrade") check_upgrade(*operation);
      else if (operation->kind == "hot_migration") check_migration(*operation);
      else if (operation->kind == "resize") check_resize(*operation);
      else check_snapshot(*operation);
    }
  }

  std::vector<PlannedVolume> take_planned() { return std::move(planned_); }

 private:
  // A node's stores, on SSDs that only have a size: what fits here fits the real ones.
  struct Pool {
    std::string node;
    std::vector<std::unique_ptr<Ssd>> ssds;
    std::unique_ptr<VolumeStore> fast, slow;  // none without SSDs
    bool has_rdma = false;
    std::set<std::string> users;  // other nodes
    std::int64_t remote_volumes = 0;
    VolumeStore* of(const LogicalVolumeSpec& spec) const {
      return spec.tier == "fast" ? fast.get() : slow.get();
    }
  };

  std::unique_ptr<VolumeStore> store(Pool& pool, std::int64_t count, const std::string& ssd) {
    if (count == 0) return nullptr;
    auto profile = std::make_shared<NullSsdProfile>();
    profile->capacity = ssd_capacity(s_.profile(ssd));
    std::vector<Ssd*> devices;
    for (std::int64_t i = 0; i < count; ++i) {
      pool.ssds.push_back(std::make_unique<NullSsd>(calendar_, profile, "ssd", 0));
      devices.push_back(pool.ssds.back().get());
    }
    if (profile->capacity / cluster_ >= ClusterPlace::kClusters)
      throw InputError(place_of(root_, "pool", "engine"),
                       fmt::format("clusters of {} are too many on an SSD of {}",
                                   written_size(cluster_), written_size(profile->capacity)));
    return std::make_unique<VolumeStore>(calendar_, pool.node, std::move(devices),
                                         volume_store_profile(engine_));
  }

  void check_engine() const {
    const SourceMark mark = place_of(root_, "pool", "engine");
    auto is_power_of_two = [](Bytes b) { return (b.count() & (b.count() - 1)) == 0; };
    if (!is_power_of_two(engine_.cluster) || !is_power_of_two(engine_.strip) ||
        engine_.strip > engine_.cluster)
      throw InputError(mark,
                       "cluster and strip of an engine are powers of two, and a cluster is "
                       "whole strips");
    for (const std::string* node : {&s_.compute.node, &s_.storage.node})
      if (const auto cores = bind<NodeProfile>(s_.profile(*node)).cores; engine_.reactors >= cores)
        throw InputError(mark, fmt::format("{} reactors leave none of the {} cores of '{}' for "
                                           "anything else",
                                           engine_.reactors, cores, *node));
  }

  Pool& pool_of(const std::string& node, const LogicalVolumeSpec& spec, const char* key) {
    for (Pool& pool : pools_)
      if (pool.node == node) return pool;
    std::vector<std::string> names;
    for (const Pool& pool : pools_) names.push_back(pool.node);
    throw unknown_name(spec.mark_of(key), "node", node, names);
  }

  void place(const LogicalVolumeSpec& spec) {
    Pool& host = pool_of(spec.host, spec, "host");
    PlannedVolume volume;
    volume.name = spec.host + "/" + spec.name;
    volume.host = spec.host;
    volume.size = cluster_ * units_of(cluster_, spec.size);
    volume.spec = spec;
    const PlannedVolume* origin = origin_of(spec);
    if (origin != nullptr) {
      volume.origin = origin->name;
      volume.size = origin->size;
    }
    for (const PlannedVolume& other : planned_)
      if (other.name == volume.name)
        throw InputError(spec.mark_of("name"),
                         fmt::format("two volumes are called '{}'", volume.name));
    check_shape(spec);
    if (origin != nullptr) check_clone(spec, *origin);
    const std::size_t members = std::max<std::size_t>(spec.on.size(), 1);
    const Bytes share =
        spec.raid == "raid1" || members == 1
            ? volume.size
            : cluster_ * units_of(cluster_ * static_cast<std::int64_t>(members), volume.size);
    for (std::size_t m = 0; m < members; ++m) {
      Pool* on = nullptr;
      if (!spec.on.empty()) on = &pool_of(spec.on[m], spec, "on");
      else if (origin != nullptr) on = &pool_of(origin->on.front(), spec, "clone_of");
      else on = &choose(spec, host, share);
      const bool is_remote = on != &host;
      std::string path = spec.path;
      if (path == "auto")
        path = is_remote                                                ? s_.pool.remote_path
               : is_remote_path(s_.pool.path) || s_.pool.path == "auto" ? "zero_copy"
                                                                        : s_.pool.path;
      if (is_remote != is_remote_path(path))
        throw InputError(spec.mark_of(spec.keys.contains("path") ? "path" : "on"),
                         is_remote ? fmt::format("{} cannot reach {} by {}: it is another node",
                                                 host.node, on->node, path)
                                   : fmt::format("{} is {}'s own pool: {} leads to other nodes",
                                                 on->node, host.node, path));
      if (path == "remote_rdma")
        for (const Pool* end : {&host, on})
          if (!end->has_rdma)
            throw InputError(spec.mark_of(spec.keys.contains("path") ? "path" : "host"),
                             fmt::format("{} has no RDMA NIC", end->node),
                             "use remote_tcp, or a node profile with rdma_nic: true");
      if (path == "native" &&
          (spec.snapshots > 0 || !spec.clone_of.empty() || spec.thin || spec.tier == "cached"))
        throw InputError(spec.mark_of("path"),
                         "a native volume has no engine: no thin provisioning, snapshots or tiers");
      if (is_remote) share_pool(spec, host, *on);
      take(spec, *on, share, members == 1 ? volume.name : fmt::format("{}/{}", volume.name, m),
           volume.origin);
      volume.on.push_back(on->node);
      volume.path.push_back(path);
    }
    planned_.push_back(std::move(volume));
  }

  void check_shape(const LogicalVolumeSpec& spec) const {
    if (spec.on.size() > 1 && spec.raid == "none")
      throw InputError(spec.mark_of("on"),
                       "a volume on several nodes needs raid: linear, raid0 or raid1");
    if (std::set<std::string>(spec.on.begin(), spec.on.end()).size() != spec.on.size())
      throw InputError(spec.mark_of("on"), "a node stands there twice");
    const std::int64_t limit = engine_.snapshot_limit;
    if (spec.snapshots > limit)
      throw InputError(spec.mark_of("snapshots"),
                       fmt::format("a chain of {} snapshots is deeper than the {} that an engine "
                                   "keeps",
                                   spec.snapshots, limit));
    if (spec.tier == "cached" && spec.raid == "raid1" && spec.on.size() < 2)
      throw InputError(spec.mark_of("raid"),
                       "a cached volume is no mirror within a node: its cache lies on one SSD");
    if (spec.tier == "cached" && spec.cache <= Bytes{})
      throw InputError(spec.mark_of("tier"),
                       "a cached volume needs `cache`, the size of its cache");
    if (spec.tier == "cached" && spec.cache < line_size_)
      throw InputError(spec.mark_of("cache"),
                       fmt::format("a cache of {} holds no line of {}", written_size(spec.cache),
                                   written_size(line_size_)));
  }

  const PlannedVolume* origin_of(const LogicalVolumeSpec& spec) const {
    if (spec.clone_of.empty()) return nullptr;
    for (const PlannedVolume& other : planned_)
      if (other.name == spec.host + "/" + spec.clone_of || other.name == spec.clone_of)
        return &other;
    throw InputError(spec.mark_of("clone_of"),
                     fmt::format("no volume before this one is called '{}'", spec.clone_of));
  }

  void check_clone(const LogicalVolumeSpec& spec, const PlannedVolume& origin) const {
    const LogicalVolumeSpec& of = origin.spec;
    if (of.raid != "none" || of.tier != spec.tier || of.tier == "cached" || spec.raid != "none" ||
        origin.path.front() == "native")
      throw InputError(
          spec.mark_of("clone_of"),
          fmt::format("{} cannot be cloned: only plain volumes of the same tier, served "
                      "by an engine, can",
                      origin.name));
    if (!spec.on.empty() && spec.on != origin.on)
      throw InputError(spec.mark_of("on"),
                       fmt::format("a clone lies where its origin does: on {}", origin.on.front()));
    if (cluster_ * units_of(cluster_, spec.size) != origin.size)
      throw InputError(spec.mark_of("size"), fmt::format("a clone is as large as its origin: {}",
                                                         written_size(origin.size)));
    if (of.snapshots + 1 + spec.snapshots > engine_.snapshot_limit)
      throw InputError(spec.mark_of("clone_of"),
                       fmt::format("a chain of {} snapshots is deeper than the {} that an engine "
                                   "keeps",
                                   of.snapshots + 1 + spec.snapshots, engine_.snapshot_limit));
  }

  // By the policy: the host's own pool, or the fullest other one.
  Pool& choose(const LogicalVolumeSpec& spec, Pool& host, Bytes size) {
    const bool wants_remote = is_remote_path(spec.path);
    auto free_in = [&](const Pool& pool) {
      const VolumeStore* store = pool.of(spec);
      return store == nullptr ? Bytes{} : store->free();
    };
    const bool has_room = spec.thin ? host.of(spec) != nullptr : free_in(host) >= size;
    if (!wants_remote && has_room) return host;
    if (!wants_remote && spec.path != "auto")
      throw InputError(spec.mark_of("path"),
                       fmt::format("{} has no room for a volume of {} in its own pool, where {} "
                                   "has to be",
                                   host.node, written_size(size), spec.path));
    const PoolChoice choice = fullest_pool(
        pools_.size(),
        [&](std::size_t n) {
          Pool& pool = pools_[n];
          PoolState state = state_of(pool, host);
          if (pool.of(spec) == nullptr) return state;
          state.capacity = pool.of(spec)->capacity();
          // Its host's own has been tried.
          state.free = &pool == &host ? Bytes{} : pool.of(spec)->free();
          return state;
        },
        size, limits_);
    if (choice.pool) return pools_[*choice.pool];
    if (!choice.is_any_large_enough)
      throw InputError(spec.mark_of("size"),
                       fmt::format("a volume of {} is larger than any pool", written_size(size)));
    throw InputError(
        spec.mark_of("size"),
        choice.is_any_free
            ? fmt::format("no pool may take {}/{}: all with room for {} serve {} volumes or "
                          "{} nodes of others",
                          spec.host, spec.name, written_size(size), s_.pool.max_remote_volumes,
                          s_.pool.max_sharing_nodes)
            : fmt::format("no pool has {} free for {}/{}", written_size(size), spec.host,
                          spec.name));
  }

  // But for its space, which depends on the tier.
  static PoolState state_of(const Pool& pool, const Pool& host) {
    PoolState state;
    state.remote_volumes = pool.remote_volumes;
    state.sharing_nodes = std::ssize(pool.users);
    state.serves_host = pool.users.contains(host.node);
    state.is_hosts_own = &pool == &host;
    return state;
  }

  void share_pool(const LogicalVolumeSpec& spec, const Pool& host, Pool& on) {
    if (!may_share(state_of(on, host), limits_))
      throw InputError(spec.mark_of("on"),
                       fmt::format("{} already serves {} volumes of {} other nodes; the limits are "
                                   "{} and {}",
                                   on.node, on.remote_volumes, on.users.size(),
                                   s_.pool.max_remote_volumes, s_.pool.max_sharing_nodes));
    on.users.insert(host.node);
    ++on.remote_volumes;
  }

  void take(const LogicalVolumeSpec& spec, Pool& on, Bytes size, const std::string& name,
            const std::string& origin) {
    VolumeStore* store = on.of(spec);
    if (store == nullptr || (spec.tier == "cached" && on.fast == nullptr))
      throw InputError(spec.mark_of(spec.tier == "fast" ? "on" : "tier"),
                       fmt::format("{} has no SSDs for that", on.node));
    const Bytes free = store->free();
    const PlacedVolume placed = place_volume(*store, on.fast.get(), shape_of(spec, name, size),
                                             origin.empty() ? nullptr : made_.at(origin).front());
    if (placed.is_placed()) {
      made_[name] = placed.parts;
      return;
    }
    if (size > store->capacity())
      throw InputError(spec.mark_of("size"),
                       fmt::format("a volume of {} is larger than the pool of {}, which has {}",
                                   written_size(size), on.node, written_size(store->capacity())));
    if (spec.raid == "raid1" && spec.on.size() < 2 && store->devices().size() < 2)
      throw InputError(spec.mark_of("raid"),
                       fmt::format("{} has one SSD: a mirror needs two, or two nodes", on.node));
    throw InputError(
        spec.mark_of("size"),
        fmt::format("{} has {} free, too little for {}{}", on.node, written_size(free), name,
                    spec.tier == "cached"         ? " and its cache"
                    : store->devices().size() > 1 ? " as it is laid out over the SSDs"
                                                  : ""));
  }

  std::vector<std::string> node_names() const {
    std::vector<std::string> names;
    for (const Pool& pool : pools_) names.push_back(pool.node);
    return names;
  }

  void check_upgrade(const OperationSpec& operation) const {
    if (operation.node.empty())
      throw InputError(operation.mark_of("kind"), "a hot_upgrade needs `node`");
    const std::vector<std::string> nodes = node_names();
    if (std::none_of(nodes.begin(), nodes.end(),
                     [&](const std::string& node) { return matches(operation.node, node); }))
      throw unknown_name(operation.mark_of("node"), "node", operation.node, nodes);
  }

  const PlannedVolume& volume_of(const OperationSpec& operation) const {
    if (operation.volume.empty())
      throw InputError(operation.mark_of("kind"),
                       fmt::format("a {} needs `volume`", operation.kind));
    std::vector<std::string> names;
    for (const PlannedVolume& volume : planned_) {
      if (volume.name == operation.volume) return volume;
      names.push_back(volume.name);
    }
    throw unknown_name(operation.mark_of("volume"), "volume", operation.volume, names);
  }

  void check_in_one_place(const OperationSpec& operation, const PlannedVolume& volume) const {
    if (volume.on.size() > 1)
      throw InputError(operation.mark_of("volume"),
                       fmt::format("{} lies on {} nodes: a {} is of a volume on one", volume.name,
                                   volume.on.size(), operation.kind));
  }

  void check_migration(const OperationSpec& operation) {
    const PlannedVolume& volume = volume_of(operation);
    if (volume.on.size() > 1 || volume.spec.raid != "none" || volume.spec.tier != "fast")
      throw InputError(operation.mark_of("volume"),
                       fmt::format("{} cannot migrate: only plain volumes do", volume.name));
    if (volume.path.front() == "native")
      throw InputError(operation.mark_of("volume"),
                       fmt::format("{} has no engine that could migrate it", volume.name));
    const bool has_moved = !moved_.insert(volume.name).second;
    left_.insert(volume.on.front());
    if (operation.to.empty()) return;
    const Pool* to = nullptr;
    for (const Pool& pool : pools_)
      if (pool.node == operation.to) to = &pool;
    if (to == nullptr)
      throw unknown_name(operation.mark_of("to"), "node", operation.to, node_names());
    left_.insert(operation.to);  // from where it may go on
    if (!has_moved && operation.to == volume.on.front())
      throw InputError(
          operation.mark_of("to"),
          fmt::format("{} is on {} already: a migration to the same node moves nothing",
                      volume.name, operation.to));
    if (to->fast == nullptr)
      throw InputError(operation.mark_of("to"),
                       fmt::format("{} has no SSDs to which {} could move", to->node, volume.name));
  }

  void check_resize(const OperationSpec& operation) {
    const PlannedVolume& volume = volume_of(operation);
    check_in_one_place(operation, volume);
    if (!operation.keys.contains("size"))
      throw InputError(operation.mark_of("kind"), "a resize needs `size`");
    Bytes& size = sizes_.try_emplace(volume.name, volume.size).first->second;
    if (operation.size < size)
      throw InputError(
          operation.mark_of("size"),
          fmt::format("{} has {}{}: making it smaller would cut off what jobs use", volume.name,
                      written_size(size), size == volume.size ? "" : " by then"));
    size = operation.size;
    if (moved_.contains(volume.name)) return;
    const VolumeStore& store = *pool_of(volume.on.front(), volume.spec, "on").of(volume.spec);
    const Bytes free = store.free();
    for (LogicalVolume* part : made_.at(volume.name))
      if (!part->resize(operation.size) && !left_.contains(volume.on.front()))
        throw InputError(
            operation.mark_of("size"),
            fmt::format("{} has {} free, too little for {} to grow to {}", volume.on.front(),
                        written_size(free), volume.name, written_size(operation.size)));
  }

  void check_snapshot(const OperationSpec& operation) {
    const PlannedVolume& volume = volume_of(operation);
    check_in_one_place(operation, volume);
    if (volume.path.front() == "native")
      throw InputError(operation.mark_of("volume"),
                       fmt::format("{} has no engine that could take a snapshot", volume.name));
    if (moved_.contains(volume.name)) return;
    const std::string name =
        operation.name.empty() ? fmt::format("unnamed-{}", unnamed_++) : operation.name;
    for (LogicalVolume* part : made_.at(volume.name)) {
      if (part->depth() >= engine_.snapshot_limit)
        throw InputError(
            operation.mark_of("volume"),
            fmt::format("{} has {} snapshots behind it by then, as many as an engine keeps",
                        volume.name, part->depth()));
      if (!part->snapshot(name))
        throw InputError(operation.mark_of("name"),
                         fmt::format("{} has a snapshot '{}' already", volume.name, name));
    }
  }

  const TextNode& root_;
  const Scenario& s_;
  EngineProfile engine_;
  Bytes cluster_;
  Bytes line_size_;  // of a cache
  SharingLimits limits_;
  Calendar calendar_;
  std::deque<Pool> pools_;
  std::map<std::string, std::vector<LogicalVolume*>> made_;  // the parts of each within a node
  std::vector<PlannedVolume> planned_;
  // While operations are checked.
  std::map<std::string, Bytes> sizes_;  // of those that have been resized
  std::set<std::string> moved_;         // volumes that may be elsewhere by now
  std::set<std::string> left_;          // nodes that may have more space than is known here
  int unnamed_ = 0;                     // snapshots
};

}  // namespace

std::vector<LogicalVolumeSpec> logical_volumes_in(const TextNode& root) {
  return list_in<LogicalVolumeSpec>(root, "logical_volumes");
}

std::vector<OperationSpec> operations_in(const TextNode& root) {
  return list_in<OperationSpec>(root, "operations");
}

std::vector<PlannedVolume> plan_pool(const TextNode& root, const Scenario& scenario) {
  Planner planner(root, scenario);
  planner.plan();
  planner.check_operations();
  return planner.take_planned();
}

}  // namespace orrery
