// What a kind of system puts on the servers of a scenario: volumes, and what serves them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "models/volume/block_volume.hpp"

namespace orrery {

class EbsCluster;
class PoolCluster;

class SystemParts {
 public:
  virtual ~SystemParts() = default;

  // In order of server and number; their names start with the server's.
  const std::vector<std::unique_ptr<BlockVolume>>& volumes() const { return volumes_; }
  // Where the agent runs, in words; "none" without one.
  const std::string& agent_site() const { return agent_site_; }
  // None but in the kinds that have them.
  virtual const EbsCluster* ebs() const { return nullptr; }
  virtual PoolCluster* pool() { return nullptr; }

 protected:
  std::vector<std::unique_ptr<BlockVolume>> volumes_;
  std::string agent_site_ = "none";
};

}  // namespace orrery
