// A system: the machine room of one scenario, built and ready to take I/O.
//
// Servers, fabrics, stacks, agents, block and chunk servers, SSDs and volumes, composed as the
// scenario says. It owns all of them; the calendar and the scope outlive it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "models/volume/block_volume.hpp"
#include "scenarios/hardware.hpp"
#include "scenarios/scenario.hpp"
#include "scenarios/systems/ebs/ebs_cluster.hpp"
#include "scenarios/systems/pool/pool_cluster.hpp"
#include "scenarios/systems/system_parts.hpp"
#include "sim/calendar.hpp"
#include "sim/task.hpp"

namespace orrery {

class System {
 public:
  System(Calendar& calendar, TaskScope& scope, const Scenario& scenario);
  System(const System&) = delete;
  ~System();

  // In order of server and number; their names start with the server's.
  const std::vector<std::unique_ptr<BlockVolume>>& volumes() const { return parts_->volumes(); }
  Hardware& room() { return room_; }
  // None but in the kinds that have them.
  const EbsCluster* ebs() const { return parts_->ebs(); }
  PoolCluster* pool() const { return parts_->pool(); }
  std::vector<Fabric*> fabrics() const { return room_.fabrics(); }
  // Ports between servers of a role and their ToRs, in both directions and all fabrics, and those
  // between switches.
  std::vector<Port*> compute_links() const;
  std::vector<Port*> storage_links() const;
  std::vector<Port*> spine_links() const;
  std::vector<Port*> links_of(const Node& node) const;
  // Where the agent runs, in words; "none" without one.
  const std::string& agent_site() const { return parts_->agent_site(); }
  const std::vector<std::unique_ptr<Node>>& compute_nodes() const { return room_.compute().nodes; }
  const std::vector<std::unique_ptr<Node>>& storage_nodes() const { return room_.storage().nodes; }

 private:
  void install_dpus();
  void insert_ssds();

  Calendar& calendar_;
  const Scenario& scenario_;
  std::uint64_t seed_;
  Hardware room_;
  std::unique_ptr<SystemParts> parts_;
};

// The cores of the machine on which a volume's application runs; none where that machine is a
// guest, whose cores are its own.
Cpu* host_cpu_of(System& system, const Scenario& scenario, const std::string& volume);

}  // namespace orrery
