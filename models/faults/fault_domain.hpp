// What faults can strike, as they see it: servers, and the networks these are plugged into.
#pragma once

#include <string>
#include <vector>

#include "models/host/node.hpp"
#include "models/net/fabric.hpp"

namespace orrery {

class FaultDomain {
 public:
  virtual ~FaultDomain() = default;

  virtual Calendar& calendar() = 0;
  virtual std::vector<Node*> nodes() const = 0;
  virtual std::vector<Fabric*> fabrics() const = 0;
  // What the SSDs in a node's slots are called, whether they have been inserted or not.
  virtual std::vector<std::string> ssds_of(const Node& node) const = 0;
  // Whether there is a storage engine on every node, and its process ends or starts.
  virtual bool has_engines() const = 0;
  virtual void set_engine(Node& node, bool runs) = 0;
};

}  // namespace orrery
