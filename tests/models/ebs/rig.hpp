// A small EBS built by hand from the shipped profiles: one compute server with an agent and a
// volume, storage servers with a block server, a chunk server and disks of known behaviour each.
// Threads look all the time unless told otherwise, so that what an I/O takes alone is a sum.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "models/ebs/storage_agent.hpp"
#include "tests/models/net/rig.hpp"
#include "tests/models/ssd/fake_ssd.hpp"

namespace orrery {

inline EbsProfile ebs_profile() {
  EbsProfile profile = shipped<EbsProfile>("ebs2");
  profile.segment = mebibytes(8);
  profile.poll_interval = Duration{};
  // What fails for good is not tried for long.
  profile.rpc_timeout = seconds(1);
  profile.io_timeout = seconds(2);
  return profile;
}

struct EbsOptions {
  std::string frontend = "luna";
  std::string backend = "rdma";
  bool on_dpu = false;
  EbsProfile profile = ebs_profile();
  DpuProfile dpu = shipped<DpuProfile>("ali-dpu");
  std::size_t servers =
      4;  // of storage; the replicas of segment n are on the servers after n's block server
  std::size_t replicas = 3;
  int quorum = 3;
  std::size_t disks = 2;
  std::int64_t segments = 6;
  QosLimits limits;
  bool encrypted = false;
  std::size_t first_thread = 0;
};

// A stack and the place of the agent over it.
struct Architecture {
  std::string stack;
  bool on_dpu;
};
inline void PrintTo(const Architecture& a, std::ostream* out) {
  *out << a.stack << (a.on_dpu ? " on the DPU" : " on the host");
}
inline std::string name_of(const Architecture& a) {
  return a.stack + (a.on_dpu ? "_on_dpu" : "_on_host");
}
// All that a scenario can compose: SOLAR's data path is in the FPGA, and the bare wire carries no
// EBS.
inline std::vector<Architecture> architectures() {
  return {{"kernel_tcp", false}, {"luna", false},      {"rdma", false},
          {"solar_star", false}, {"kernel_tcp", true}, {"luna", true},
          {"rdma", true},        {"solar_star", true}, {"solar", true}};
}
inline EbsOptions options_for(const Architecture& a) {
  EbsOptions options;
  options.frontend = a.stack;
  options.on_dpu = a.on_dpu;
  return options;
}

class EbsRig {
 public:
  struct Outcome {
    Io io;
    int ends = 0;
    IoStatus status = IoStatus::failed;
    TimePoint at{};
    Duration took() const { return at - io.ledger.start(); }
    Duration in(StageId id) const { return io.ledger.waited(id) + io.ledger.served(id); }
  };

  explicit EbsRig(EbsOptions given = {})
      : options(std::move(given)),
        frontend_stack_(shipped_stack(options.frontend)),
        backend_stack_(shipped_stack(options.backend)),
        frontend_(calendar_, "fn", shipped<FabricProfile>("clos-25g"), 1),
        backend_(calendar_, "bn", shipped<FabricProfile>("clos-25g"), 1),
        compute_(calendar_, "compute", shipped<NodeProfile>("compute-25g")) {
    if (options.on_dpu) compute_.install_dpu(options.dpu);
    compute_port_ = frontend_.attach(compute_, 0);
    for (std::size_t i = 0; i < options.servers; ++i) add_server(i);
    add_agent();
  }
  EbsRig(const EbsRig&) = delete;
  ~EbsRig() { scope_.clear(); }

  Calendar& calendar() { return calendar_; }
  Fabric& frontend_fabric() { return frontend_; }
  Fabric& backend_fabric() { return backend_; }
  Node& compute() { return compute_; }
  Node& storage(std::size_t server) { return *servers_[server]; }
  FakeSsd& disk(std::size_t server, std::size_t number = 0) { return *disks_[server][number]; }
  std::vector<FakeSsd*> all_disks() {
    std::vector<FakeSsd*> all;
    for (auto& of_server : disks_) all.insert(all.end(), of_server.begin(), of_server.end());
    return all;
  }
  BlockServer& block_server(std::size_t server) { return *block_servers_[server]; }
  ChunkServer& chunk_server(std::size_t server) { return *chunk_servers_[server]; }
  Connection& backend(std::size_t from, std::size_t to) {
    return block_servers_[from]->backend_to(*chunk_servers_[to]);
  }
  // Between block servers and chunk servers, made so far.
  int backends_made() const { return backends_made_; }
  // Those that the agent has made so far; gone are those that it has closed.
  const std::vector<Connection*>& frontends() { return frontends_; }
  // As the agent makes them; the caller's own.
  std::unique_ptr<Connection> connect(std::size_t thread, std::size_t server) {
    return frontend_stack_->connect(
        frontend_, {&compute_, agent_->site().threads()[thread], compute_port_, options.on_dpu},
        {servers_[server].get(), block_threads(server)[thread % block_threads(server).size()],
         frontend_ports_[server]},
        static_cast<std::uint16_t>(50000 + 100 * server + thread));
  }
  EbsVolume& volume() { return *volume_; }
  StorageAgent& agent() { return *agent_; }
  Cpu& agent_cpu() { return options.on_dpu ? compute_.dpu()->cpu() : compute_.cpu(); }
  TaskScope& scope() { return scope_; }

  Outcome& submit(Direction direction, Bytes offset, Bytes length, std::uint32_t queue = 0) {
    Outcome& outcome = outcomes_.emplace_back();
    outcome.io.direction = direction;
    outcome.io.offset = offset;
    outcome.io.length = length;
    outcome.io.queue = queue;
    scope_.spawn(run(outcome));
    return outcome;
  }
  // With nothing else going on.
  Outcome& alone(Direction direction, Bytes offset, Bytes length, std::uint32_t queue = 0) {
    Outcome& outcome = submit(direction, offset, length, queue);
    run_dry(calendar_);
    return outcome;
  }
  std::deque<Outcome>& outcomes() { return outcomes_; }

  // What a message takes between two idle threads.
  Duration delivery(Connection& connection, Side from, Bytes payload) {
    const TimePoint start = calendar_.now();
    TimePoint arrived{};
    scope_.spawn(deliver(connection, from, payload, arrived));
    run_dry(calendar_);
    return arrived - start;
  }

  // Bytes that have crossed a link, told by its books.
  Bytes crossed(PcieLink& link, PcieWay way) {
    std::vector<Station*> stations;
    link.collect_stations(stations);
    Station& station = *stations[way == PcieWay::down ? 0 : 1];
    const auto busy = static_cast<double>(station.books().snapshot(calendar_.now()).busy);
    return Bytes{unit_detail::rounded(busy / link.goodput().picoseconds_per_byte())};
  }
  Bytes on_disks(Direction direction) {
    Bytes sum;
    for (const FakeSsd* disk : all_disks()) sum += disk->bytes(direction);
    return sum;
  }
  void expect_nothing_left() {
    EXPECT_TRUE(calendar_.empty());
    EXPECT_EQ(scope_.size(), 0u);
    for (Fabric* fabric : {&frontend_, &backend_}) {
      EXPECT_TRUE(fabric->packets_conserved());
      for (const auto& port : fabric->ports()) EXPECT_EQ(port->in_flight(), 0) << port->name();
    }
    EXPECT_EQ(jobs_on(compute_.cpu()), 0);
    if (compute_.dpu() != nullptr) {
      EXPECT_EQ(jobs_on(compute_.dpu()->cpu()), 0);
    }
    for (const auto& server : servers_) EXPECT_EQ(jobs_on(server->cpu()), 0);
  }

  const EbsOptions options;

 private:
  std::vector<Thread>& block_threads(std::size_t server) { return block_threads_[server]; }

  void add_server(std::size_t number) {
    auto node = std::make_unique<Node>(calendar_, "storage-" + std::to_string(number),
                                       shipped<NodeProfile>("storage-25g"));
    frontend_ports_.push_back(frontend_.attach(*node, 1 + number));
    backend_ports_.push_back(backend_.attach(*node, number));
    auto& disks = disks_.emplace_back();
    for (std::size_t d = 0; d < options.disks; ++d) {
      auto disk = std::make_unique<FakeSsd>(calendar_, node->name() + "/" + std::to_string(d));
      disks.push_back(disk.get());
      node->insert_ssd(std::move(disk));
    }
    const auto threads = [&](const std::string& stack, std::int64_t first, std::int64_t count) {
      if (!find_stack(stack)->traits.threads_poll)
        return std::vector<Thread>{Thread::floating(node->cpu())};
      std::vector<Thread> all;
      for (std::int64_t i = first; i < first + count; ++i) {
        const std::size_t core = static_cast<std::size_t>(i) % node->cpu().cores();
        node->cpu().set_poll_interval(core, options.profile.poll_interval, 1);
        all.push_back(Thread::pinned(node->cpu(), core));
      }
      return all;
    };
    const EbsProfile& p = options.profile;
    block_threads_.push_back(threads(options.frontend, 0, p.block_server_threads));
    chunk_threads_.push_back(
        threads(options.backend, p.block_server_threads, p.chunk_server_threads));
    chunk_servers_.push_back(
        std::make_unique<ChunkServer>(*node, number, chunk_threads_.back(), p));
    block_servers_.push_back(std::make_unique<BlockServer>(
        scope_, *node, number, block_threads_.back(), p, options.quorum,
        [this, number](ChunkServer& to) { return connect_servers(number, to.number()); }));
    servers_.push_back(std::move(node));
  }

  std::unique_ptr<Connection> connect_servers(std::size_t from, std::size_t to) {
    ++backends_made_;
    return backend_stack_->connect(
        backend_, {servers_[from].get(), block_threads_[from].front(), backend_ports_[from]},
        {servers_[to].get(), chunk_threads_[to].front(), backend_ports_[to]},
        static_cast<std::uint16_t>(50000 + from * options.servers + to));
  }

  void add_agent() {
    const StackTraits& traits = find_stack(options.frontend)->traits;
    auto site = options.on_dpu ? make_dpu_site(compute_, options.profile, traits)
                               : make_host_site(compute_, options.profile, traits);
    agent_ = std::make_unique<StorageAgent>(calendar_, scope_, options.profile, std::move(site),
                                            [this](std::size_t thread, BlockServer& server, int) {
                                              auto connection = connect(thread, server.number());
                                              frontends_.push_back(connection.get());
                                              return connection;
                                            });
    const EbsProfile& p = options.profile;
    SegmentTable table(p.segment, p.sector, p.largest_rpc);
    for (std::int64_t s = 0; s < options.segments; ++s) {
      const std::size_t owner = static_cast<std::size_t>(s) % options.servers;
      table.append({static_cast<std::uint64_t>(s), block_servers_[owner].get()});
      std::vector<ChunkServer*> replicas;
      for (std::size_t r = 1; r <= options.replicas; ++r) {
        const std::size_t to = (owner + r) % options.servers;
        replicas.push_back(chunk_servers_[to].get());
      }
      block_servers_[owner]->place(static_cast<std::uint64_t>(s), std::move(replicas));
    }
    EbsVolume::Options volume;
    volume.limits = options.limits;
    volume.size = table.size();
    volume.encrypted = options.encrypted;
    volume.queue_pairs = static_cast<std::size_t>(p.queue_pairs);
    volume.first_thread = options.first_thread;
    volume_ = std::make_unique<EbsVolume>(*agent_, "volume", std::move(table), volume);
  }

  Task<> run(Outcome& outcome) {
    outcome.io.ledger = Ledger(calendar_.now());
    Task<IoStatus> work = volume_->submit(outcome.io);
    outcome.status = co_await work;
    ++outcome.ends;
    outcome.at = calendar_.now();
  }
  Task<> deliver(Connection& connection, Side from, Bytes payload, TimePoint& arrived) {
    Delivery delivery = connection.deliver(from, payload, {});
    const bool whole = co_await delivery;
    EXPECT_TRUE(whole);
    arrived = calendar_.now();
  }

  Calendar calendar_;
  std::unique_ptr<Stack> frontend_stack_;
  std::unique_ptr<Stack> backend_stack_;
  Fabric frontend_;
  Fabric backend_;
  Node compute_;
  Fabric::ServerId compute_port_ = 0;
  std::vector<std::unique_ptr<Node>> servers_;
  std::vector<Fabric::ServerId> frontend_ports_;
  std::vector<Fabric::ServerId> backend_ports_;
  int backends_made_ = 0;
  std::vector<std::vector<FakeSsd*>> disks_;
  std::vector<std::vector<Thread>> block_threads_;
  std::vector<std::vector<Thread>> chunk_threads_;
  std::vector<std::unique_ptr<ChunkServer>> chunk_servers_;
  std::vector<std::unique_ptr<BlockServer>> block_servers_;
  std::vector<Connection*> frontends_;
  std::unique_ptr<StorageAgent> agent_;
  std::unique_ptr<EbsVolume> volume_;
  std::deque<Outcome> outcomes_;
  TaskScope scope_;
};

}  // namespace orrery
