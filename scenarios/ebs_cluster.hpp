// The EBS of a scenario: block and chunk servers on storage servers, joined by the backend network; agents, volumes and guests on
// compute servers.
#pragma once

#include <memory>
#include <vector>

#include "models/ebs/storage_agent.hpp"
#include "models/host/node.hpp"
#include "models/net/connection.hpp"
#include "models/net/fabric.hpp"
#include "models/volume/block_volume.hpp"
#include "scenarios/scenario.hpp"
#include "sim/simulation.hpp"
#include "sim/task.hpp"

namespace orrery {

// Servers of one role and what they are called in the frontend fabric.
struct AttachedNodes {
  std::vector<std::unique_ptr<Node>> nodes;
  std::vector<Fabric::ServerId> ports;
};

class EbsCluster {
 public:
  // All arguments outlive the cluster. `simulation`, if there is one, carries the backend's messages as flows.
  EbsCluster(TaskScope& scope, const Scenario& scenario, Fabric& frontend,
             const AttachedNodes& compute, const AttachedNodes& storage, Simulation* simulation);

  Fabric& backend() { return backend_; }
  // Where the agents run, in words.
  const char* agent_site() const { return agents_.front()->site().name(); }
  // Volumes in order of server and number; their names start with the server's. Once.
  std::vector<std::unique_ptr<BlockVolume>> make_volumes();

 private:
  void build_storage();
  void join_storage();
  void build_agents();
  std::unique_ptr<Connection> connect(std::size_t compute, std::size_t thread, BlockServer& server);
  std::vector<BlockServer::Replica> replicas_of(std::size_t owner, RandomStream& placement);

  Calendar& calendar_;
  TaskScope& scope_;
  const Scenario& scenario_;
  std::uint64_t seed_;
  EbsProfile profile_;
  Fabric& frontend_;
  const AttachedNodes& compute_;
  const AttachedNodes& storage_;
  const StackEntry& frontend_entry_;
  std::unique_ptr<Stack> frontend_stack_;
  std::unique_ptr<Stack> backend_stack_;
  Fabric backend_;
  std::vector<Fabric::ServerId> backend_ports_;
  std::vector<std::vector<Thread>> block_threads_;  // by storage server
  std::vector<std::vector<Thread>> chunk_threads_;
  std::vector<std::unique_ptr<ChunkServer>> chunk_servers_;
  std::vector<std::unique_ptr<BlockServer>> block_servers_;
  std::vector<std::vector<std::unique_ptr<Connection>>> backend_connections_;  // from, to
  std::vector<std::unique_ptr<StorageAgent>> agents_;
};

// Source ports are ephemeral and follow from who talks to whom, so that another architecture or another seed elsewhere does not
// move them.
std::uint16_t source_port(std::uint64_t seed, const std::string& from, const std::string& to);

}  // namespace orrery
