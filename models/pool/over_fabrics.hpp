// What the ways of NVMe over fabrics have in common, over a network or the loopback device: queues
// with a connection each, contact with the engine, and its loss.
#pragma once

#include <algorithm>
#include <coroutine>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/net/connection.hpp"
#include "models/pool/attachment.hpp"
#include "sim/semaphore.hpp"

namespace orrery {

// I/O queues, each with a connection, a thread in the host's kernel, and a reactor.
class OverFabrics : public Attachment {
 public:
  OverFabrics(Initiator& host, TaskScope& scope, EngineVolume served, const PoolNetwork* network,
              const std::string& name);
  Bytes max_transfer() const override { return engine_costs().max_transfer; }

 protected:
  // A connection and those who are on their way over it.
  struct Link {
    std::unique_ptr<Connection> connection;
    std::int32_t crossings = 0;
  };
  struct Queue {
    Queue(Initiator& host, StorageEngine& engine, bool over_loopback)
        : is_loopback(over_loopback),
          io_thread(host.new_thread()),
          reactor(engine.next_reactor()),
          free(host.calendar(), host.profile().queue_depth) {}
    bool is_loopback;
    HostThread io_thread;
    Thread reactor;
    Semaphore free;
    std::unique_ptr<Link> link;  // none over loopback, and while there is no contact
  };
  // A command's place in a queue, while it is outstanding.
  class Place {
   public:
    Place(Queue& queue, Controller& controller) : permit_(queue.free), outstanding_(controller) {}

   private:
    Permit permit_;
    Controller::Outstanding outstanding_;
  };
  // A message between host and engine: over the network if there is one, else in no time, since the
  // loopback device's work is part of what a PDU costs. `co_await` gives false if the connection is
  // lost.
  class [[nodiscard]] Crossing {
   public:
    Crossing(Queue& queue, Side from, Bytes payload, Ledger& ledger)
        : is_cut_(queue.link == nullptr && !queue.is_loopback), link_(queue.link.get()) {
      if (link_ == nullptr) return;
      ++link_->crossings;
      delivery_.emplace(Making{*link_->connection, from, payload, ledger});
    }
    Crossing(const Crossing&) = delete;
    ~Crossing() {
      if (link_ != nullptr) --link_->crossings;
    }
    bool await_ready() const { return !delivery_ || delivery_->await_ready(); }
    std::coroutine_handle<> await_suspend(std::coroutine_handle<> waiter) {
      return delivery_->await_suspend(waiter);
    }
    bool await_resume() { return !is_cut_ && (!delivery_ || delivery_->await_resume()); }

   private:
    struct Making {
      Connection& connection;
      Side from;
      Bytes payload;
      Ledger& ledger;
      operator Delivery() const {
        return connection.deliver(from, payload, {&ledger, stage::kNvmeOf});
      }
    };
    bool is_cut_;
    Link* link_;
    std::optional<Delivery> delivery_;
  };

  Queue& queue_of(std::uint32_t queue) { return *queues_[queue % queues_.size()]; }
  Task<bool> connect() override;
  Task<bool> keep_alive() override;
  void disconnect() override;
  // A message did not arrive: the transport has given up, or the controller has closed the
  // connection. The host knows.
  Outcome cut_off() {
    controller().lose();
    return Outcome::lost;
  }
  // The engine is not the one that was connected to. Where its node is up, a packet to what is gone
  // is answered by a reset.
  Outcome without_contact() {
    if (engine().node().up()) controller().lose();
    return Outcome::lost;
  }
  // From a packet's arrival at the host until its handler runs.
  Duration interrupt() const {
    return is_loopback() ? Duration{} : costs().interrupt + costs().interrupt_moderation;
  }
  Duration unit_work(Bytes bytes) const {
    return engine_costs().unit_work *
           std::max<std::int64_t>(units_of(engine_costs().io_unit, bytes) - 1, 0);
  }
  bool is_loopback() const { return network_ == nullptr; }

 private:
  void open_connections();

  const PoolNetwork* network_;
  std::string name_;
  std::vector<std::unique_ptr<Queue>> queues_;
  std::vector<std::unique_ptr<Link>> closed_;  // packets of theirs may be under way
  int connections_made_ = 0;
};

}  // namespace orrery
