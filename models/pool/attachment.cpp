#include "models/pool/attachment.hpp"

#include <algorithm>

#include "models/net/core_visit.hpp"
#include "sim/semaphore.hpp"

namespace orrery {

Attachment::Attachment(Initiator& host, TaskScope& scope, EngineVolume served, bool uses_engine)
    : host_(host),
      served_(served),
      incarnation_(served.engine->incarnation()),
      controller_(
          host.calendar(), scope, host.profile(), [this] { return connect(); },
          [this] { return keep_alive(); }, [this] { disconnect(); }) {
  if (!uses_engine) return;
  served.engine->on_stop([this](bool is_heard) {
    if (is_heard || !is_remote()) controller_.lose();
  });
}

Task<bool> Attachment::connect() {
  if (!engine().is_running()) co_return false;
  co_await Delay(calendar(), costs().connect_time);
  if (!engine().is_running()) co_return false;
  take_incarnation();
  co_return true;
}

Task<bool> Attachment::keep_alive() { co_return engine().is_running(); }

namespace {

// One after the other on a thread of the host, in its kernel; charged to the initiator or to NVMe
// over fabrics.
class OnHost : public CoreVisit {
 public:
  OnHost(HostThread& thread, Ledger& ledger, Duration initiator, Duration nvme_of = {})
      : CoreVisit(thread.thread(), stage::kInitiator, Visit::continuation, ledger,
                  {thread.thread().time_for(initiator), stage::kInitiator},
                  {thread.thread().time_for(nvme_of), stage::kNvmeOf}),
        thread_(thread) {}
  bool await_resume() {
    thread_.ran(thread_.thread().cpu().calendar().now());
    return CoreVisit::await_resume();
  }

 private:
  HostThread& thread_;
};

// A command on a reactor.
class OnReactor : public CoreVisit {
 public:
  OnReactor(const Thread& reactor, Ledger& ledger, Duration time)
      : CoreVisit(reactor, stage::kEngine, Visit::continuation, ledger,
                  {reactor.time_for(time), stage::kEngine}) {}
};

class Native final : public Attachment {
 public:
  Native(Initiator& host, TaskScope& scope, EngineVolume served)
      : Attachment(host, scope, served, false) {}
  std::string_view kind() const override { return "native"; }
  Task<Outcome> attempt(Io& io, HostThread& application) override;
};

Task<Outcome> Native::attempt(Io& io, HostThread& application) {
  Ledger& ledger = io.ledger;
  // 1. System call, block layer and NVMe driver, in the application's context.
  OnHost submit(application, ledger, costs().submit);
  if (!co_await submit) co_return Outcome::failed;

  // 2. The SSD.
  Task<IoStatus> served = device(io);
  const IoStatus status = co_await served;

  // 3. Its interrupt; the core wakes if it slept.
  co_await Delay(calendar(),
                 after(calendar().now(),
                       costs().interrupt + application.wake_time(calendar().now(), costs())));
  ledger.charge_service(stage::kInitiator, calendar().now());

  // 4. Completion.
  OnHost complete(application, ledger, costs().complete);
  if (!co_await complete) co_return Outcome::failed;
  co_return status == IoStatus::done ? Outcome::done : Outcome::failed;
}

// Commands go through queues in memory that host and engine share; who polls them is a reactor.
class SharedMemory : public Attachment {
 public:
  struct Costs {
    Duration submit, complete, interrupt;  // of the host
    Duration command, completion;          // of the reactor
  };
  SharedMemory(Initiator& host, TaskScope& scope, EngineVolume served, std::string_view kind,
               const Costs& costs)
      : Attachment(host, scope, served), kind_(kind), parts_(costs) {}
  std::string_view kind() const override { return kind_; }
  Task<Outcome> attempt(Io& io, HostThread& application) override;

 private:
  const Thread& reactor_of(std::uint32_t queue) {
    while (reactors_.size() <= queue) reactors_.push_back(engine().next_reactor());
    return reactors_[queue];
  }

  std::string_view kind_;
  Costs parts_;
  std::vector<Thread> reactors_;  // by the application's queue
};

Task<Outcome> SharedMemory::attempt(Io& io, HostThread& application) {
  Ledger& ledger = io.ledger;
  const Session since = session();
  const Duration hop = engine_costs().shared_memory_hop;
  // 1. Block layer; the driver puts the command, with I/O addresses of the application's buffer,
  // into shared memory.
  OnHost submit(application, ledger, parts_.submit);
  if (!co_await submit) co_return Outcome::failed;

  // 2. The reactor finds it, unless an upgrade has closed the intake.
  co_await Delay(calendar(), hop);
  ledger.charge_service(stage::kEngine, calendar().now());
  co_await engine().intake().pass();
  ledger.charge_wait(stage::kEngine, calendar().now());
  if (!has_contact(since)) co_return Outcome::lost;
  std::optional<StorageEngine::Command> command;
  command.emplace(engine());
  const Thread reactor = reactor_of(io.queue);

  // 3. It translates the address and rings the SSD's doorbell.
  OnReactor submitted(reactor, ledger, parts_.command);
  if (!co_await submitted) co_return Outcome::lost;

  // 4. The SSD, which moves data from or to the application's buffer itself.
  Task<IoStatus> served = device(io);
  const IoStatus status = co_await served;

  // 5. The reactor polls the completion and posts it.
  OnReactor completed(reactor, ledger, parts_.completion);
  const bool is_completed = co_await completed;
  command.reset();
  if (!is_completed || !has_contact(since)) co_return Outcome::lost;

  // 6. The host sees it, is notified, and wakes if it slept.
  const TimePoint seen = after(calendar().now(), hop);
  co_await Delay(calendar(), seen);
  ledger.charge_service(stage::kEngine, seen);
  co_await Delay(calendar(), after(seen, parts_.interrupt + application.wake_time(seen, costs())));
  ledger.charge_service(stage::kInitiator, calendar().now());

  // 7. Completion.
  OnHost complete(application, ledger, parts_.complete);
  if (!co_await complete) co_return Outcome::failed;
  co_return status == IoStatus::done ? Outcome::done : Outcome::failed;
}

// I/O queues, each with a connection, a thread in the host's kernel, and a reactor.
class OverFabrics : public Attachment {
 public:
  OverFabrics(Initiator& host, TaskScope& scope, EngineVolume served, const PoolNetwork* network,
              const std::string& name);
  Bytes max_transfer() const override { return engine_costs().max_transfer; }

 protected:
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
    std::unique_ptr<Connection> connection;  // none over loopback, and while there is no contact
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
        : is_cut_(queue.connection == nullptr && !queue.is_loopback) {
      if (queue.connection != nullptr)
        delivery_.emplace(Making{*queue.connection, from, payload, ledger});
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
  std::vector<std::unique_ptr<Connection>> closed_;  // packets of theirs may be under way
  int connections_made_ = 0;
};

OverFabrics::OverFabrics(Initiator& host, TaskScope& scope, EngineVolume served,
                         const PoolNetwork* network, const std::string& name)
    : Attachment(host, scope, served), network_(network), name_(name) {
  for (std::int64_t q = 0; q < host.profile().queue_pairs; ++q)
    queues_.push_back(std::make_unique<Queue>(host, engine(), network == nullptr));
  open_connections();
}

void OverFabrics::open_connections() {
  if (network_ == nullptr) return;
  Node& here = host().node();
  Node& there = engine().node();
  for (auto& queue : queues_)
    queue->connection = network_->stack->connect(
        *network_->fabric, {&here, queue->io_thread.thread(), network_->server(here)},
        {&there, queue->reactor, network_->server(there)},
        network_->source_port(name_, connections_made_++));
}

void OverFabrics::disconnect() {
  for (auto& queue : queues_) {
    if (queue->connection == nullptr) continue;
    queue->connection->close();
    closed_.push_back(std::move(queue->connection));
  }
}

Task<bool> OverFabrics::connect() {
  disconnect();
  open_connections();
  Task<bool> answering = keep_alive();
  if (!co_await answering) co_return false;
  co_await Delay(calendar(), costs().connect_time);
  if (!engine().is_running()) co_return false;
  take_incarnation();
  co_return true;
}

// A round trip; nobody listens where no engine runs.
Task<bool> OverFabrics::keep_alive() {
  Ledger nobody(calendar().now());
  Queue& first = *queues_.front();
  Crossing there(first, Side::client, Bytes{}, nobody);
  if (!co_await there) co_return false;
  if (!engine().is_running()) co_return false;
  Crossing back(first, Side::server, Bytes{}, nobody);
  co_return co_await back;
}

class NvmeTcpPath final : public OverFabrics {
 public:
  using OverFabrics::OverFabrics;
  std::string_view kind() const override { return is_loopback() ? "loopback_tcp" : "remote_tcp"; }
  Task<Outcome> attempt(Io& io, HostThread& application) override;

 private:
  // From a PDU's arrival at the host until the queue's I/O thread runs.
  Duration wake(HostThread& thread, TimePoint now) const {
    return interrupt() + costs().tcp_wake + thread.wake_time(now, costs());
  }
};

Task<Outcome> NvmeTcpPath::attempt(Io& io, HostThread& application) {
  Ledger& ledger = io.ledger;
  Queue& queue = queue_of(io.queue);
  const Session since = session();
  const bool is_write = io.direction == Direction::write;
  const bool is_in_capsule = is_write && io.length <= engine_costs().in_capsule;
  const Bytes with_command = is_in_capsule ? io.length : Bytes{};
  const Bytes answer = is_write ? Bytes{} : io.length;

  // 1. A place in the queue; block layer; the driver sends the command in the application's
  // context, a small write's data in it.
  co_await queue.free.acquire();
  Place place(queue, controller());
  ledger.charge_wait(stage::kInitiator, calendar().now());
  if (!controller().is_live()) co_return Outcome::lost;
  OnHost submit(application, ledger, costs().submit,
                costs().tcp_request + costs().tcp_send + copy_time(with_command));
  if (!co_await submit) co_return Outcome::failed;
  Crossing request(queue, Side::client, with_command, ledger);
  if (!co_await request) co_return cut_off();

  // 2. The reactor finds it in its socket, unless an upgrade has closed the intake.
  co_await engine().intake().pass();
  ledger.charge_wait(stage::kEngine, calendar().now());
  if (!has_contact(since)) co_return without_contact();
  std::optional<StorageEngine::Command> command;
  command.emplace(engine());
  OnReactor received(queue.reactor, ledger,
                     engine_costs().tcp_receive + engine_copy_time(with_command));
  if (!co_await received) co_return Outcome::lost;

  // 3. It asks for the data of a larger write (R2T); the host's I/O thread sends them.
  if (is_write && !is_in_capsule) {
    OnReactor asked(queue.reactor, ledger, engine_costs().tcp_send);
    if (!co_await asked) co_return Outcome::lost;
    command.reset();  // an upgrade does not wait for hosts
    Crossing ready_to_transfer(queue, Side::server, Bytes{}, ledger);
    if (!co_await ready_to_transfer) co_return cut_off();
    co_await Delay(calendar(), wake(queue.io_thread, calendar().now()));
    ledger.charge_service(stage::kNvmeOf, calendar().now());
    OnHost sent(queue.io_thread, ledger, {},
                costs().tcp_receive + costs().tcp_send + copy_time(io.length));
    if (!co_await sent) co_return Outcome::failed;
    Crossing data(queue, Side::client, io.length, ledger);
    if (!co_await data) co_return cut_off();
    co_await engine().intake().pass();
    ledger.charge_wait(stage::kEngine, calendar().now());
    if (!has_contact(since)) co_return without_contact();
    command.emplace(engine());
    OnReactor taken(
        queue.reactor, ledger,
        engine_costs().tcp_receive + engine_copy_time(io.length) + unit_work(io.length));
    if (!co_await taken) co_return Outcome::lost;
  }

  // 4. The SSD, from or to the engine's buffers.
  Task<IoStatus> served = device(io);
  const IoStatus status = co_await served;

  // 5. The reactor answers, with a read's data.
  OnReactor answered(queue.reactor, ledger,
                     engine_costs().tcp_send + engine_copy_time(answer) + unit_work(answer));
  const bool is_answered = co_await answered;
  command.reset();
  if (!is_answered || !has_contact(since)) co_return Outcome::lost;
  Crossing response(queue, Side::server, answer, ledger);
  if (!co_await response) co_return cut_off();
  controller().heard();

  // 6. The host's I/O thread wakes and takes it in.
  co_await Delay(calendar(), wake(queue.io_thread, calendar().now()));
  ledger.charge_service(stage::kNvmeOf, calendar().now());
  OnHost taken_in(queue.io_thread, ledger, {}, costs().tcp_receive + copy_time(answer));
  if (!co_await taken_in) co_return Outcome::failed;

  // 7. The application's thread wakes and completes.
  co_await Delay(calendar(), costs().tcp_wait + application.wake_time(calendar().now(), costs()));
  ledger.charge_service(stage::kNvmeOf, calendar().now());
  OnHost complete(application, ledger, costs().complete);
  if (!co_await complete) co_return Outcome::failed;
  co_return status == IoStatus::done ? Outcome::done : Outcome::failed;
}

class OverRdma final : public OverFabrics {
 public:
  using OverFabrics::OverFabrics;
  std::string_view kind() const override { return "remote_rdma"; }
  Task<Outcome> attempt(Io& io, HostThread& application) override;
};

Task<Outcome> OverRdma::attempt(Io& io, HostThread& application) {
  Ledger& ledger = io.ledger;
  Queue& queue = queue_of(io.queue);
  const Session since = session();
  const bool is_write = io.direction == Direction::write;
  const bool is_in_capsule = is_write && io.length <= engine_costs().in_capsule;
  const Bytes answer = is_write ? Bytes{} : io.length;

  // 1. A place in the queue; block layer; the driver posts the command, a small write's data in it.
  co_await queue.free.acquire();
  Place place(queue, controller());
  ledger.charge_wait(stage::kInitiator, calendar().now());
  if (!controller().is_live()) co_return Outcome::lost;
  OnHost submit(application, ledger, costs().submit, costs().rdma_send);
  if (!co_await submit) co_return Outcome::failed;
  Crossing request(queue, Side::client, is_in_capsule ? io.length : Bytes{}, ledger);
  if (!co_await request) co_return cut_off();

  // 2. The reactor polls it, unless an upgrade has closed the intake.
  co_await engine().intake().pass();
  ledger.charge_wait(stage::kEngine, calendar().now());
  if (!has_contact(since)) co_return without_contact();
  std::optional<StorageEngine::Command> command;
  command.emplace(engine());
  OnReactor received(queue.reactor, ledger, engine_costs().rdma_receive);
  if (!co_await received) co_return Outcome::lost;

  // 3. The engine's NIC reads the data of a larger write out of the host's memory.
  if (is_write && !is_in_capsule) {
    Crossing read(queue, Side::server, Bytes{}, ledger);
    if (!co_await read) co_return cut_off();
    Crossing data(queue, Side::client, io.length, ledger);
    if (!co_await data) co_return cut_off();
  }

  // 4. The SSD, from or to buffers that the NIC can reach.
  Task<IoStatus> served = device(io);
  const IoStatus status = co_await served;

  // 5. The reactor posts the answer; its NIC writes a read's data into the host's memory before it.
  OnReactor answered(queue.reactor, ledger, engine_costs().rdma_send);
  const bool is_answered = co_await answered;
  command.reset();
  if (!is_answered || !has_contact(since)) co_return Outcome::lost;
  Crossing response(queue, Side::server, answer, ledger);
  if (!co_await response) co_return cut_off();
  controller().heard();

  // 6. Interrupt on the application's core, completion.
  co_await Delay(calendar(), interrupt() + application.wake_time(calendar().now(), costs()));
  ledger.charge_service(stage::kInitiator, calendar().now());
  OnHost complete(application, ledger, costs().complete, costs().rdma_receive);
  if (!co_await complete) co_return Outcome::failed;
  co_return status == IoStatus::done ? Outcome::done : Outcome::failed;
}

}  // namespace

std::unique_ptr<Attachment> make_native(Initiator& host, TaskScope& scope, EngineVolume served) {
  return std::make_unique<Native>(host, scope, served);
}

std::unique_ptr<Attachment> make_zero_copy(Initiator& host, TaskScope& scope, EngineVolume served) {
  const InitiatorProfile& h = host.profile();
  const EngineProfile& e = served.engine->profile();
  const SharedMemory::Costs costs{h.submit + h.zero_copy_submit, h.complete + h.zero_copy_complete,
                                  h.interrupt, e.zero_copy_command, e.zero_copy_completion};
  return std::make_unique<SharedMemory>(host, scope, served, "zero_copy", costs);
}

std::unique_ptr<Attachment> make_vhost(Initiator& host, TaskScope& scope, EngineVolume served) {
  const InitiatorProfile& h = host.profile();
  const EngineProfile& e = served.engine->profile();
  const SharedMemory::Costs costs{h.submit + h.guest_submit, h.complete,
                                  h.interrupt + h.guest_interrupt, e.vhost_command,
                                  e.vhost_completion};
  return std::make_unique<SharedMemory>(host, scope, served, "vhost", costs);
}

std::unique_ptr<Attachment> make_nvme_tcp(Initiator& host, TaskScope& scope, EngineVolume served,
                                          const PoolNetwork* network, const std::string& name) {
  return std::make_unique<NvmeTcpPath>(host, scope, served, network, name);
}

std::unique_ptr<Attachment> make_nvme_rdma(Initiator& host, TaskScope& scope, EngineVolume served,
                                           const PoolNetwork& network, const std::string& name) {
  return std::make_unique<OverRdma>(host, scope, served, &network, name);
}

}  // namespace orrery
