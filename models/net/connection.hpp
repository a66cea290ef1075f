// Connections between endpoints, and the stacks that make them.
//
// An endpoint is a place where a stack runs: a thread on a node's host cores or its DPU's. A
// connection carries messages both ways. What a message costs is split by where it is spent, so
// that the owner of the cores decides how to run it:
//   send_work      core time in the sender's own thread before the message leaves; run it inline
//                  with the work that made the message (run to completion), on the endpoint's cores
//   deliver        everything after that until the receiver's thread can run: window, DMA, wire,
//                  and where the stack has them interrupt, softirq and wake-up
//   receive_work   core time in the receiver's thread; run it inline with the work the message
//                  causes
// Stacks are found by name in models/net/registry.hpp and must pass
// tests/models/net/stack_contract_test.cpp.
#pragma once

#include <array>
#include <coroutine>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/host/node.hpp"
#include "models/io.hpp"
#include "models/net/fabric.hpp"
#include "models/net/transport/channel.hpp"
#include "sim/task.hpp"

namespace orrery {

struct Endpoint {
  Node* node;
  Thread thread;  // on the node's cores or its DPU's; does the stack's own work per packet
  Fabric::ServerId server = 0;
  bool on_dpu = false;

  // DMA between this endpoint's memory and the NIC. A DPU's NIC is on the card: its crossings are
  // the internal PCIe's.
  Duration dma() const { return on_dpu ? Duration{} : node->profile().nic_dma; }
  Duration copy_time(Bytes bytes) const {
    return thread.time_for(bytes / node->profile().memory_copy_rate);
  }
};

enum class Side : std::uint8_t { client, server };
constexpr Side other(Side side) { return side == Side::client ? Side::server : Side::client; }

// A message on its way. `co_await` gives true when the receiver's thread can run, false if the
// message was lost or the connection closed or failed; up to that moment time is charged, queueing
// in ports and for the window as waiting, all else as service. Destroying it calls off what has not
// been sent.
class [[nodiscard]] Delivery {
 public:
  // Over a channel and no more.
  Delivery(Calendar& calendar, Channel& channel, Bytes payload, Charge charge)
      : calendar_(&calendar), charge_(charge), send_(std::in_place, channel, payload) {}
  // In steps of a stack's own, which do the charging.
  explicit Delivery(Task<bool> steps) : steps_(std::move(steps)) {}

  bool await_ready() const { return send_ && send_->await_ready(); }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> waiter) {
    if (!send_) return steps_.await_suspend(waiter);
    send_->await_suspend(waiter);
    return std::noop_coroutine();
  }
  bool await_resume() {
    if (!send_) return steps_.await_resume();
    if (charge_.ledger != nullptr) {
      charge_.ledger->charge(charge_.stage, calendar_->now(), send_->waited());
      if (send_->disturbed()) charge_.ledger->note_disturbance();
    }
    return send_->await_resume();
  }

 private:
  Calendar* calendar_ = nullptr;
  Charge charge_;
  std::optional<Channel::Send> send_;
  Task<bool> steps_;
};

class Connection {
 public:
  // `shape` holds both directions and outlives the connection; `paths` source ports make `paths`
  // 5-tuples.
  Connection(Fabric& fabric, const Endpoint& client, const Endpoint& server,
             const ChannelShape& shape, std::uint8_t protocol, std::uint16_t first_source_port,
             std::size_t paths);
  // Not while packets of it are under way, or somebody waits for a delivery.
  virtual ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  virtual Duration send_work(Side from, Bytes payload) const = 0;
  virtual Duration receive_work(Side to, Bytes payload) const = 0;
  // Whether the stack wakes the thread it delivers to; else the thread has to look for what has
  // come.
  virtual bool wakes_receiver() const { return false; }
  virtual Delivery deliver(Side from, Bytes payload, Charge charge) {
    return Delivery(calendar_, channel(from), payload, charge);
  }

  virtual void close();
  bool closed() const { return channel(Side::client).closed(); }
  // No packet of it is under way.
  bool is_quiet() const { return channels_[0]->is_quiet() && channels_[1]->is_quiet(); }
  // Of the first path.
  const FiveTuple& five_tuple() const { return five_tuple_; }
  // Of a single path messages arrive in the order in which they were sent, of several in any.
  std::size_t paths() const { return paths_.size(); }
  const Endpoint& end(Side side) const { return ends_[static_cast<std::size_t>(side)]; }
  Channel& channel(Side from) { return *channels_[static_cast<std::size_t>(from)]; }
  const Channel& channel(Side from) const { return *channels_[static_cast<std::size_t>(from)]; }

 protected:
  Calendar& calendar_;

 private:
  Fabric& fabric_;
  std::array<Endpoint, 2> ends_;
  FiveTuple five_tuple_;
  std::vector<PathState> paths_;  // both channels use them
  std::array<std::unique_ptr<Channel>, 2> channels_;
};

// A stack outlives its connections.
class Stack {
 public:
  virtual ~Stack() = default;
  virtual std::unique_ptr<Connection> connect(Fabric& fabric, const Endpoint& client,
                                              const Endpoint& server,
                                              std::uint16_t source_port) = 0;

 protected:
  // What its connections over this fabric look like; the same for all of them.
  const ChannelShape& shape_on(const Fabric& fabric);
  virtual ChannelShape make_shape(const Fabric& fabric) const = 0;

 private:
  std::map<const Fabric*, ChannelShape> shapes_;
};

}  // namespace orrery
