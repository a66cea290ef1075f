// The servers of a scenario and the networks they are plugged into, before anything runs on them.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "models/host/node.hpp"
#include "models/net/fabric.hpp"
#include "scenarios/scenario.hpp"

namespace orrery {

// Servers of one role and what they are called in a fabric.
struct AttachedNodes {
  std::vector<std::unique_ptr<Node>> nodes;
  std::vector<Fabric::ServerId> frontend;
  std::vector<Fabric::ServerId> backend;  // of storage servers
};

class Hardware {
 public:
  // The calendar outlives the room.
  Hardware(Calendar& calendar, const Scenario& scenario);

  Calendar& calendar() { return calendar_; }
  AttachedNodes& compute() { return compute_; }
  AttachedNodes& storage() { return storage_; }
  const AttachedNodes& compute() const { return compute_; }
  const AttachedNodes& storage() const { return storage_; }
  // None where the kind of system has none.
  Fabric* frontend() const { return frontend_.get(); }
  Fabric* backend() const { return backend_.get(); }
  std::vector<Fabric*> fabrics() const;
  std::vector<Node*> nodes() const;
  // What the SSDs in a node's slots are called, whether they have been inserted or not.
  std::vector<std::string> ssds_of(const Node& node) const;
  // Whether there is a storage engine on every node; who runs them says how one is stopped and started.
  bool has_engines() const { return has_engines_; }
  void on_engine(std::function<void(Node&, bool runs)> call) { set_engine_ = std::move(call); }
  void set_engine(Node& node, bool runs) {
    if (set_engine_) set_engine_(node, runs);
  }

 private:
  void add_compute(const Scenario& scenario);
  void add_storage(const Scenario& scenario);

  // SSDs of a role: how many, and what they are called.
  struct Slots {
    std::int64_t count;
    std::string name;
  };
  Calendar& calendar_;
  std::vector<Slots> compute_slots_, storage_slots_;
  bool has_engines_;
  std::function<void(Node&, bool)> set_engine_;
  AttachedNodes compute_;
  AttachedNodes storage_;
  std::unique_ptr<Fabric> frontend_;
  std::unique_ptr<Fabric> backend_;
};

}  // namespace orrery
