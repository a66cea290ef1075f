#include "sim/transfer.hpp"

#include <algorithm>
#include <coroutine>
#include <simgrid/Exception.hpp>
#include <simgrid/s4u/Actor.hpp>
#include <simgrid/s4u/Comm.hpp>
#include <simgrid/s4u/Host.hpp>
#include <simgrid/s4u/Link.hpp>
#include <simgrid/s4u/Mailbox.hpp>
#include <utility>
#include <vector>

#include "sim/assert.hpp"

namespace orrery {

namespace transfer_detail {
namespace {

namespace sg = simgrid::s4u;

// SimGrid keeps mailboxes for ever. Those of transfers that went through are clean and serve again.
class Mailboxes {
 public:
  sg::Mailbox* take() {
    if (free_.empty()) return sg::Mailbox::by_name("transfer " + std::to_string(made_++));
    sg::Mailbox* box = free_.back();
    free_.pop_back();
    return box;
  }
  void give_back(sg::Mailbox* box) { free_.push_back(box); }

 private:
  std::vector<sg::Mailbox*> free_;
  std::uint64_t made_ = 0;
};

Mailboxes& mailboxes() {
  static Mailboxes all;
  return all;
}

}  // namespace

// A sender on one host, a receiver on the other, and the task that waits. Whatever ends either actor ends the flow; the first
// end counts.
struct Flow : std::enable_shared_from_this<Flow> {
  Simulation& simulation;
  sg::Host* from;
  sg::Host* to;
  Bytes bytes;
  std::optional<BitRate> limit;

  bool started = false;
  bool ended = false;
  TransferOutcome outcome = TransferOutcome::failed;
  sg::Mailbox* box = nullptr;
  sg::ActorPtr sender, receiver;
  std::coroutine_handle<> waiter;
  Calendar::Handle wake = Calendar::kNone;

  Flow(Simulation& s, sg::Host* a, sg::Host* b, Bytes n, std::optional<BitRate> l)
      : simulation(s), from(a), to(b), bytes(n), limit(l) {}

  Bytes chunk() const {
    if (!limit) return bytes;
    return Bytes{std::max<std::int64_t>(1, static_cast<std::int64_t>(limit->bytes_per_second()))};
  }

  // A flow that starts on a dead link would neither move nor fail.
  bool path_is_up() const {
    if (!from->is_on() || !to->is_on()) return false;
    std::vector<sg::Link*> links;
    from->route_to(to, links, nullptr);
    return std::all_of(links.begin(), links.end(),
                       [](const sg::Link* link) { return link->is_on(); });
  }

  // In the engine's world.
  void start() {
    if (ended) return;
    started = true;
    if (!path_is_up()) return end(TransferOutcome::failed);
    if (from == to) return end(TransferOutcome::done);
    box = mailboxes().take();
    start_actor(sender, "sender", from, &Flow::send);
    start_actor(receiver, "receiver", to, &Flow::receive);
  }

  void start_actor(sg::ActorPtr& actor, const char* name, sg::Host* host, void (Flow::*body)()) {
    const auto self = shared_from_this();
    actor = sg::Actor::create(name, host, [self, body] {
      try {
        (self.get()->*body)();
      } catch (const simgrid::ForcefulKillException&) {
        throw;
      } catch (const simgrid::Exception&) {
        self->end(TransferOutcome::failed);
      } catch (...) {
        self->end(TransferOutcome::failed);
        self->simulation.fail(std::current_exception());
      }
    });
    actor->daemonize();
    actor->on_exit([self, &actor](bool killed) {
      actor = nullptr;
      if (killed) self->end(TransferOutcome::failed);
    });
  }

  void send() {
    static char nothing;
    for (Bytes left = bytes;;) {
      if (!path_is_up()) return end(TransferOutcome::failed);
      const Bytes part = std::min(left, chunk());
      sg::CommPtr put = box->put_init(&nothing, static_cast<std::uint64_t>(part.count()));
      if (limit) put->set_rate(limit->bytes_per_second());
      put->wait();
      left -= part;
      if (left == Bytes{}) return;
    }
  }

  void receive() {
    const std::int64_t parts =
        std::max<std::int64_t>(1, bytes == Bytes{} ? 1 : units_of(chunk(), bytes));
    for (std::int64_t i = 0; i < parts; ++i) box->get<char>();
    end(TransferOutcome::done);
  }

  // From anywhere; the actors are sent away by the engine.
  void end(TransferOutcome how) {
    if (ended) return;
    ended = true;
    outcome = how;
    if (started) simulation.at_engine([self = shared_from_this()] { self->dismiss(); });
    if (waiter) wake = simulation.calendar().schedule(simulation.now(), &Flow::woken, this);
  }

  void dismiss() {
    for (sg::ActorPtr* actor : {&sender, &receiver})
      if (const sg::ActorPtr gone = std::exchange(*actor, nullptr)) gone->kill();
    if (outcome == TransferOutcome::done && box != nullptr) mailboxes().give_back(box);
    box = nullptr;
  }

  static void woken(void* argument) {
    auto* flow = static_cast<Flow*>(argument);
    flow->wake = Calendar::kNone;
    std::exchange(flow->waiter, nullptr).resume();
  }

  void forget_waiter() {
    waiter = nullptr;
    if (wake != Calendar::kNone) simulation.calendar().cancel(std::exchange(wake, Calendar::kNone));
    end(TransferOutcome::cancelled);
  }
};

namespace {

// Starts the flow and waits for its end; destroyed before that, it calls the flow off.
class Arrival {
 public:
  explicit Arrival(std::shared_ptr<Flow> flow) : flow_(std::move(flow)) {}
  Arrival(const Arrival&) = delete;
  Arrival& operator=(const Arrival&) = delete;
  ~Arrival() { flow_->forget_waiter(); }

  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> waiter) {
    flow_->waiter = waiter;
    flow_->simulation.at_engine([flow = flow_] { flow->start(); });
  }
  TransferOutcome await_resume() const { return flow_->outcome; }

 private:
  std::shared_ptr<Flow> flow_;
};

sg::Host* host_named(const std::string& name) {
  sg::Host* host = sg::Host::by_name_or_null(name);
  ORRERY_INVARIANT(host != nullptr, name.c_str(), "no such host");
  return host;
}

}  // namespace
}  // namespace transfer_detail

void TransferSwitch::cancel() {
  if (const auto flow = flow_.lock()) flow->end(TransferOutcome::cancelled);
}

Task<TransferOutcome> transfer(Simulation& simulation, std::string from, std::string to,
                               Bytes bytes, std::optional<BitRate> limit,
                               TransferSwitch* off_switch) {
  using namespace transfer_detail;
  ORRERY_INVARIANT(bytes >= Bytes{} && (!limit || limit->bits_per_second() > 0), "transfer",
                   "a negative size or no rate");
  auto flow = std::make_shared<Flow>(simulation, host_named(from), host_named(to), bytes, limit);
  if (off_switch != nullptr) off_switch->flow_ = flow;
  Arrival arrival(std::move(flow));
  co_return co_await arrival;
}

}  // namespace orrery
