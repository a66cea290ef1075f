// A testbed: the machine room of one scenario, built and ready to take I/O.
//
// Servers, fabrics, stacks, agents, block and chunk servers, SSDs and volumes, composed as the scenario says. It owns all of them;
// the calendar and the scope outlive it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "models/ebs/storage_agent.hpp"
#include "models/host/node.hpp"
#include "models/net/connection.hpp"
#include "models/net/fabric.hpp"
#include "models/volume/block_volume.hpp"
#include "scenarios/scenario.hpp"
#include "sim/calendar.hpp"
#include "sim/task.hpp"

namespace orrery {

class Testbed {
 public:
  Testbed(Calendar& calendar, TaskScope& scope, const Scenario& scenario);
  Testbed(const Testbed&) = delete;
  ~Testbed();

  // Volumes in order of server and number; their names start with the server's.
  const std::vector<std::unique_ptr<BlockVolume>>& volumes() const { return volumes_; }
  std::vector<Station*> stations();
  std::vector<Fabric*> fabrics();
  // Where the agent runs, in words; "none" without one.
  const std::string& agent_site() const { return agent_site_; }
  const std::vector<std::unique_ptr<Node>>& compute_nodes() const { return compute_; }
  const std::vector<std::unique_ptr<Node>>& storage_nodes() const { return storage_; }

 private:
  void build_servers();
  void build_ebs();
  void build_rpc();
  void build_device();
  Endpoint client_endpoint(std::size_t server) const;

  Calendar& calendar_;
  TaskScope& scope_;
  const Scenario& scenario_;
  std::string agent_site_ = "none";
  std::vector<std::unique_ptr<Node>> compute_;
  std::vector<std::unique_ptr<Node>> storage_;
  std::unique_ptr<Fabric> frontend_;
  std::unique_ptr<Fabric> backend_;
  std::vector<Fabric::ServerId> compute_ports_, storage_ports_, backend_ports_;
  std::unique_ptr<Stack> frontend_stack_;
  std::unique_ptr<Stack> backend_stack_;
  std::vector<std::unique_ptr<Connection>> backend_connections_;
  std::vector<std::unique_ptr<ChunkServer>> chunk_servers_;
  std::vector<std::unique_ptr<BlockServer>> block_servers_;
  std::vector<std::unique_ptr<StorageAgent>> agents_;
  std::vector<std::unique_ptr<BlockVolume>> volumes_;
};

}  // namespace orrery
