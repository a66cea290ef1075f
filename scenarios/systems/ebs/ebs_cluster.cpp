#include "scenarios/systems/ebs/ebs_cluster.hpp"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "models/host/guest.hpp"
#include "models/net/registry.hpp"
#include "scenarios/source_port.hpp"
#include "sim/random.hpp"

namespace orrery {

namespace {

// `count` threads pinned to the cores from `first` on, whatever stack they
// listen to.
std::vector<Thread> server_threads(Cpu& cpu, std::int64_t first, std::int64_t count,
                                   Duration poll_interval, std::uint64_t seed) {
  std::vector<Thread> threads;
  for (std::int64_t i = first; i < first + count; ++i) {
    const std::size_t core = static_cast<std::size_t>(i) % cpu.cores();
    cpu.set_poll_interval(core, poll_interval, seed);
    threads.push_back(Thread::pinned(cpu, core));
  }
  return threads;
}

std::vector<std::size_t> racks_of(const Fabric& fabric, const std::vector<Fabric::ServerId>& ids) {
  std::vector<std::size_t> racks;
  for (const Fabric::ServerId id : ids) racks.push_back(fabric.rack_of(id));
  return racks;
}

}  // namespace

EbsCluster::EbsCluster(TaskScope& scope, const Scenario& s, Hardware& room)
    : calendar_(room.calendar()),
      scope_(scope),
      scenario_(s),
      seed_(static_cast<std::uint64_t>(s.head.seed)),
      profile_(bind<EbsProfile>(s.profile(s.ebs.profile))),
      frontend_(*room.frontend()),
      backend_(*room.backend()),
      compute_(room.compute()),
      storage_(room.storage()),
      placement_(racks_of(backend_, storage_.backend), s.ebs.replicas,
                 [this](std::size_t server) { return storage_.nodes[server]->up(); }),
      takeover_(scope, room.calendar(), profile_.segment_takeover, placement_),
      frontend_entry_(*find_stack(s.frontend.stack)),
      frontend_stack_(frontend_entry_.make(s.profile(s.frontend_profile()))),
      backend_stack_(find_stack(s.backend.stack)->make(s.profile(s.backend_profile()))) {
  build_storage();
  build_agents();
}

void EbsCluster::build_storage() {
  const std::int64_t block_threads = profile_.block_server_threads;
  for (const auto& node : storage_.nodes) {
    const std::size_t number = block_servers_.size();
    block_threads_.push_back(
        server_threads(node->cpu(), 0, block_threads, profile_.poll_interval, seed_));
    chunk_threads_.push_back(server_threads(
        node->cpu(), block_threads, profile_.chunk_server_threads, profile_.poll_interval, seed_));
    chunk_servers_.push_back(
        std::make_unique<ChunkServer>(*node, number, chunk_threads_.back(), profile_));
    block_servers_.push_back(std::make_unique<BlockServer>(
        scope_, *node, number, block_threads_.back(), profile_,
        static_cast<int>(scenario_.ebs.quorum),
        [this, number](ChunkServer& to) { return connect_storage(number, to.number()); }));
    block_servers_.back()->set_spares(
        [this, number](const std::vector<ChunkServer*>& held) -> ChunkServer* {
          const auto spare = placement_.spare_for(number, servers_of(held));
          return spare ? chunk_servers_[*spare].get() : nullptr;
        });
    takeover_.watch(*block_servers_.back());
  }
}

// From a block server to a chunk server on another node. All that it depends on
// are the two.
std::unique_ptr<Connection> EbsCluster::connect_storage(std::size_t from, std::size_t to) {
  Node& a = *storage_.nodes[from];
  Node& b = *storage_.nodes[to];
  const auto& senders = block_threads_[from];
  const auto& receivers = chunk_threads_[to];
  return backend_stack_->connect(backend_,
                                 {&a, senders[to % senders.size()], storage_.backend[from]},
                                 {&b, receivers[from % receivers.size()], storage_.backend[to]},
                                 source_port(seed_, a.name(), b.name()));
}

void EbsCluster::build_agents() {
  const bool on_dpu = scenario_.agent_placement() == "dpu";
  for (std::size_t c = 0; c < compute_.nodes.size(); ++c) {
    Node& node = *compute_.nodes[c];
    auto site = on_dpu ? make_dpu_site(node, profile_, frontend_entry_.traits)
                       : make_host_site(node, profile_, frontend_entry_.traits);
    agents_.push_back(std::make_unique<StorageAgent>(
        calendar_, scope_, profile_, std::move(site),
        [this, c](std::size_t thread, BlockServer& server, int earlier) {
          return connect(c, thread, server, earlier);
        }));
  }
}

std::unique_ptr<Connection> EbsCluster::connect(std::size_t compute, std::size_t thread,
                                                BlockServer& server, int earlier) {
  Node& node = *compute_.nodes[compute];
  const auto& receivers = block_threads_[server.number()];
  const Endpoint client{&node, agents_[compute]->site().threads()[thread],
                        compute_.frontend[compute], scenario_.agent_placement() == "dpu"};
  const Endpoint there{&server.node(), receivers[(compute + thread) % receivers.size()],
                       storage_.frontend[server.number()]};
  return frontend_stack_->connect(
      frontend_, client, there,
      source_port(seed_,
                  earlier == 0 ? fmt::format("{}/{}", node.name(), thread)
                               : fmt::format("{}/{}/{}", node.name(), thread, earlier),
                  server.node().name()));
}

EbsCluster::Repairs EbsCluster::repairs() const {
  Repairs sum;
  for (const auto& agent : agents_) {
    sum.rpcs_retried += agent->retries();
    sum.connections_replaced += agent->reconnects();
  }
  for (const auto& server : block_servers_) sum.replicas_replaced += server->replicas_replaced();
  sum.segments_moved = takeover_.segments_moved();
  return sum;
}

std::vector<std::unique_ptr<BlockVolume>> EbsCluster::make_volumes() {
  const Scenario& s = scenario_;
  std::vector<std::unique_ptr<BlockVolume>> volumes;
  RandomStream draws(seed_, "placement");
  const std::vector<std::string> names = s.volume_names();
  std::uint64_t segment = 0;
  const std::int64_t segments = units_of(profile_.segment, s.volumes.size);
  EbsVolume::Options options;
  options.limits = {s.volumes.iops_limit, s.volumes.bandwidth_limit, s.volumes.limit_burst};
  options.size = s.volumes.size;
  options.encrypted = s.volumes.encrypted;
  options.queue_pairs = static_cast<std::size_t>(profile_.queue_pairs);
  for (std::size_t c = 0; c < compute_.nodes.size(); ++c)
    for (std::int64_t v = 0; v < s.volumes.per_server; ++v) {
      SegmentTable table(profile_.segment, profile_.sector, profile_.largest_rpc);
      for (std::int64_t i = 0; i < segments; ++i, ++segment) {
        BlockServer& owner = *block_servers_[segment % block_servers_.size()];
        table.append({segment, &owner});
        std::vector<ChunkServer*> replicas;
        for (const std::size_t server : placement_.replicas_for(owner.number(), draws))
          replicas.push_back(chunk_servers_[server].get());
        owner.place(segment, std::move(replicas));
      }
      options.first_thread = static_cast<std::size_t>(v);
      auto served = std::make_unique<EbsVolume>(*agents_[c], names[volumes.size()],
                                                std::move(table), options);
      takeover_.follow(served->segments());
      std::unique_ptr<BlockVolume> volume = std::move(served);
      if (s.has_guest())
        volume = std::make_unique<GuestVolume>(
            calendar_, bind<GuestProfile>(s.profile(s.compute.guest)), std::move(volume));
      volumes.push_back(std::move(volume));
    }
  return volumes;
}

}  // namespace orrery
