#include "scenarios/testbed.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "models/ebs/rpc_target.hpp"
#include "models/host/local_volume.hpp"
#include "models/net/registry.hpp"
#include "models/ssd/registry.hpp"
#include "scenarios/platform_of.hpp"
#include "sim/random.hpp"

namespace orrery {

namespace {

// Source ports are ephemeral and follow from who talks to whom, so that another architecture or another seed elsewhere does not
// move them.
std::uint16_t source_port(std::uint64_t seed, const std::string& from, const std::string& to) {
  return static_cast<std::uint16_t>(49152 + hash_of(seed, from + "->" + to) % 16000);
}

}  // namespace

Testbed::Testbed(Calendar& calendar, TaskScope& scope, const Scenario& scenario)
    : calendar_(calendar), scope_(scope), scenario_(scenario) {
  build_servers();
  if (scenario.head.system == "ebs") build_ebs();
  else if (scenario.head.system == "rpc") build_rpc();
  else build_device();
}

Testbed::~Testbed() = default;

void Testbed::build_servers() {
  const Scenario& s = scenario_;
  const auto seed = static_cast<std::uint64_t>(s.head.seed);
  const bool networked = s.head.system != "device";
  const bool with_ssds = s.head.system != "rpc";
  const auto storage_profile = bind<NodeProfile>(s.profile(s.storage.node));
  if (networked) {
    frontend_ = std::make_unique<Fabric>(calendar_, "frontend",
                                         bind<FabricProfile>(s.profile(s.frontend.fabric)), seed);
    const auto compute_profile = bind<NodeProfile>(s.profile(s.compute.node));
    for (std::int64_t i = 0; i < s.compute.servers; ++i) {
      compute_.push_back(
          std::make_unique<Node>(calendar_, fmt::format("compute-{}", i), compute_profile));
      if (s.agent_placement() == "dpu")
        compute_.back()->install_dpu(bind<DpuProfile>(s.profile(s.compute.dpu)));
      compute_ports_.push_back(frontend_->attach(
          *compute_.back(), rack_for(compute_ports_.size(), s.compute.servers, s.compute.racks)));
    }
  }
  for (std::int64_t i = 0; i < s.storage.servers; ++i) {
    storage_.push_back(
        std::make_unique<Node>(calendar_, fmt::format("storage-{}", i), storage_profile));
    Node& node = *storage_.back();
    if (networked)
      storage_ports_.push_back(frontend_->attach(
          node, static_cast<std::size_t>(s.compute.racks) +
                    rack_for(storage_ports_.size(), s.storage.servers, s.storage.racks)));
    if (with_ssds)
      for (std::int64_t d = 0; d < s.storage.ssds_per_server; ++d)
        node.insert_ssd(make_ssd(calendar_, s.profile(s.storage.ssd),
                                 fmt::format("{}/ssd-{}", node.name(), d), seed));
  }
  if (networked)
    frontend_stack_ = find_stack(s.frontend.stack)->make(s.profile(s.frontend_profile()));
}

Endpoint Testbed::client_endpoint(std::size_t server) const {
  Node& node = *compute_[server];
  const bool on_dpu = scenario_.agent_placement() == "dpu";
  return {&node, on_dpu ? &node.dpu()->cpu() : &node.cpu(), compute_ports_[server], on_dpu};
}

void Testbed::build_ebs() {
  const Scenario& s = scenario_;
  const auto seed = static_cast<std::uint64_t>(s.head.seed);
  const auto profile = bind<EbsProfile>(s.profile(s.ebs.profile));

  // Storage side: a block and a chunk server on every storage server, joined by the backend network.
  backend_ = std::make_unique<Fabric>(calendar_, "backend",
                                      bind<FabricProfile>(s.profile(s.backend.fabric)), seed);
  backend_stack_ = find_stack(s.backend.stack)->make(s.profile(s.backend_profile()));
  for (auto& node : storage_) {
    backend_ports_.push_back(backend_->attach(
        *node, rack_for(backend_ports_.size(), s.storage.servers, s.storage.racks)));
    chunk_servers_.push_back(std::make_unique<ChunkServer>(calendar_, *node, profile));
    block_servers_.push_back(std::make_unique<BlockServer>(calendar_, scope_, *node, profile,
                                                           static_cast<int>(s.ebs.quorum)));
  }
  const std::size_t count = storage_.size();
  std::vector<std::vector<Connection*>> backend(count, std::vector<Connection*>(count));
  for (std::size_t from = 0; from < count; ++from)
    for (std::size_t to = 0; to < count; ++to) {
      if (from == to) continue;
      Node& a = *storage_[from];
      Node& b = *storage_[to];
      backend_connections_.push_back(backend_stack_->connect(
          *backend_, {&a, &a.cpu(), backend_ports_[from]}, {&b, &b.cpu(), backend_ports_[to]},
          source_port(seed, a.name(), b.name())));
      backend[from][to] = backend_connections_.back().get();
    }

  // Compute side: one agent per compute server, connected to every block server.
  const bool on_dpu = s.agent_placement() == "dpu";
  for (std::size_t c = 0; c < compute_.size(); ++c) {
    Node& node = *compute_[c];
    agents_.push_back(std::make_unique<StorageAgent>(
        calendar_, scope_,
        on_dpu ? make_dpu_site(node, profile, frontend_stack_->offloads_data_path())
               : make_host_site(node, profile)));
    for (std::size_t b = 0; b < count; ++b) {
      Node& server = *storage_[b];
      agents_[c]->connect(*block_servers_[b],
                          frontend_stack_->connect(*frontend_, client_endpoint(c),
                                                   {&server, &server.cpu(), storage_ports_[b]},
                                                   source_port(seed, node.name(), server.name())));
    }
  }
  agent_site_ = agents_.front()->site().name();

  // Volumes: segments go round the block servers; each has its replicas on other servers, in different racks while there are
  // enough.
  RandomStream placement(seed, "placement");
  std::uint64_t segment = 0;
  const std::int64_t segments = units_of(profile.segment, s.volumes.size);
  for (std::size_t c = 0; c < compute_.size(); ++c)
    for (std::int64_t v = 0; v < s.volumes.per_server; ++v) {
      SegmentTable table(profile.segment, profile.sector);
      for (std::int64_t i = 0; i < segments; ++i, ++segment) {
        const std::size_t owner = segment % count;
        table.append({segment, block_servers_[owner].get()});
        std::vector<std::size_t> others;
        for (std::size_t o = 0; o < count; ++o)
          if (o != owner) others.push_back(o);
        for (std::size_t o = others.size(); o > 1; --o)
          std::swap(others[o - 1], others[placement.below(o)]);
        std::vector<BlockServer::Replica> replicas;
        std::vector<bool> rack_used(backend_->racks());
        for (int pass = 0; pass < 2; ++pass)
          for (std::size_t& o : others) {
            if (static_cast<std::int64_t>(replicas.size()) == s.ebs.replicas) break;
            if (o == count) continue;
            const std::size_t rack = backend_->rack_of(backend_ports_[o]);
            if (pass == 0 && rack_used[rack]) continue;
            rack_used[rack] = true;
            replicas.push_back({chunk_servers_[o].get(), backend[owner][o]});
            o = count;
          }
        block_servers_[owner]->place(segment, std::move(replicas));
      }
      QosLimits limits;
      limits.iops = s.volumes.iops_limit;
      limits.bandwidth = s.volumes.bandwidth_limit;
      volumes_.push_back(std::make_unique<EbsVolume>(
          *agents_[c], fmt::format("{}/volume-{}", compute_[c]->name(), v), std::move(table),
          limits, s.volumes.size, s.volumes.encrypted));
    }
}

void Testbed::build_rpc() {
  const auto seed = static_cast<std::uint64_t>(scenario_.head.seed);
  agent_site_ = scenario_.agent_placement();
  for (std::size_t c = 0; c < compute_.size(); ++c)
    for (std::int64_t v = 0; v < scenario_.volumes.per_server; ++v) {
      const std::size_t to = volumes_.size() % storage_.size();
      Node& server = *storage_[to];
      std::string name = fmt::format("{}/client-{}", compute_[c]->name(), v);
      auto connection = frontend_stack_->connect(*frontend_, client_endpoint(c),
                                                 {&server, &server.cpu(), storage_ports_[to]},
                                                 source_port(seed, name, server.name()));
      volumes_.push_back(std::make_unique<RpcTarget>(
          calendar_, std::move(name), scenario_.volumes.size, std::move(connection)));
    }
}

void Testbed::build_device() {
  for (auto& node : storage_)
    for (auto& ssd : node->ssds()) volumes_.push_back(std::make_unique<LocalVolume>(*ssd));
}

std::vector<Station*> Testbed::stations() {
  std::vector<Station*> all;
  for (auto& node : compute_) node->collect_stations(all);
  for (auto& node : storage_) node->collect_stations(all);
  return all;
}

std::vector<Fabric*> Testbed::fabrics() {
  std::vector<Fabric*> all;
  for (Fabric* fabric : {frontend_.get(), backend_.get()})
    if (fabric != nullptr) all.push_back(fabric);
  return all;
}

}  // namespace orrery
