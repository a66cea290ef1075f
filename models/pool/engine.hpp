// The storage engine of a pool's node: reactors that poll, and the volumes they serve.
//
// A reactor is a polling core: commands of all volumes queue there, in order of arrival, and it is
// busy for as long as a command takes it, never for as long as the SSD does. Queues of a volume are
// dealt out to the reactors in turn.
//
// What comes in passes the intake. An upgrade closes it: commands wait where they are, in shared
// memory or in socket buffers, what has passed it drains. A process that dies takes its commands
// with it; `incarnation` tells those who were connected to it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "models/host/node.hpp"
#include "models/pool/profile.hpp"
#include "models/pool/volume_store.hpp"
#include "sim/gate.hpp"
#include "sim/semaphore.hpp"

namespace orrery {

inline VolumeStoreProfile volume_store_profile(const EngineProfile& engine) {
  VolumeStoreProfile store;
  store.cluster = engine.cluster;
  store.strip = engine.strip;
  store.copy_chunk = engine.max_transfer;
  store.chain_limit = engine.snapshot_limit;
  return store;
}

class StorageEngine {
 public:
  // Runs on the node's first cores and owns the space on those of its SSDs that `ssds` names.
  StorageEngine(Node& node, const EngineProfile& profile, std::vector<Ssd*> ssds);
  StorageEngine(const StorageEngine&) = delete;

  Node& node() { return node_; }
  Calendar& calendar() { return node_.cpu().calendar(); }
  const EngineProfile& profile() const { return profile_; }
  // None on a node without SSDs.
  VolumeStore* store() { return store_.get(); }
  const std::vector<Thread>& reactors() const { return reactors_; }
  const Thread& next_reactor() { return reactors_[next_reactor_++ % reactors_.size()]; }

  // Whether its process runs; commands may have to wait at the intake all the same.
  bool is_running() const { return running_ && node_.up(); }
  Gate& intake() { return intake_; }
  std::uint32_t incarnation() const { return incarnation_; }

  // Upgrades and migrations take turns: each holds the engines that it concerns.
  Semaphore& operations() { return operations_; }

  // A command between intake and completion.
  class Command {
   public:
    explicit Command(StorageEngine& engine) : engine_(engine) { ++engine_.in_flight_; }
    Command(const Command&) = delete;
    ~Command() {
      if (--engine_.in_flight_ == 0) engine_.drained_.open();
    }

   private:
    StorageEngine& engine_;
  };
  // Awaited after the intake was closed: completes when nothing is in flight.
  Gate::Pass drained() {
    in_flight_ == 0 ? drained_.open() : drained_.close();
    return drained_.pass();
  }

  // The process ends and with it its connections, at once and seen by whoever was connected; a new
  // one takes up work when as many have called start() as stop(), and its node is up: a fault holds
  // down what an upgrade would start, and the other way round.
  void stop();
  void start();
  // Told when the process ends, or when it gives up its connections: true if the peer hears of it
  // (a process' sockets are closed), false if it does not (a node without power).
  void on_stop(std::function<void(bool is_heard)> call) { observers_.push_back(std::move(call)); }

 private:
  void gone(bool is_heard);
  void run_if_nothing_holds();

  Node& node_;
  EngineProfile profile_;
  std::unique_ptr<VolumeStore> store_;
  std::vector<Thread> reactors_;
  std::size_t next_reactor_ = 0;
  Gate intake_;
  Gate drained_;
  Semaphore operations_;
  bool running_ = true;
  int held_down_ = 0;  // calls of stop() without their start()
  std::uint32_t incarnation_ = 1;
  std::int64_t in_flight_ = 0;
  std::vector<std::function<void(bool)>> observers_;
};

}  // namespace orrery
