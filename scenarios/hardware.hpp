// The servers of a scenario and the networks they are plugged into, before anything runs on them.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "models/faults/fault_domain.hpp"
#include "scenarios/scenario.hpp"

namespace orrery {

// Servers of one role and what they are called in a fabric.
struct AttachedNodes {
  std::vector<std::unique_ptr<Node>> nodes;
  std::vector<Fabric::ServerId> frontend;
  std::vector<Fabric::ServerId> backend;  // of storage servers
};

class Hardware final : public FaultDomain {
 public:
  // The calendar outlives the room.
  Hardware(Calendar& calendar, const Scenario& scenario);

  Calendar& calendar() override { return calendar_; }
  AttachedNodes& compute() { return compute_; }
  AttachedNodes& storage() { return storage_; }
  const AttachedNodes& compute() const { return compute_; }
  const AttachedNodes& storage() const { return storage_; }
  // None where the kind of system has none.
  Fabric* frontend() const { return frontend_.get(); }
  Fabric* backend() const { return backend_.get(); }
  std::vector<Fabric*> fabrics() const override;
  std::vector<Node*> nodes() const override;
  std::vector<std::string> ssds_of(const Node& node) const override;
  bool has_engines() const override { return has_engines_; }
  // Who runs the engines says how one is stopped and started.
  void on_engine(std::function<void(Node&, bool runs)> call) { set_engine_ = std::move(call); }
  void set_engine(Node& node, bool runs) override {
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
