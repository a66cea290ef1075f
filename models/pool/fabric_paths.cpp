// The ways to a volume over NVMe/TCP and NVMe/RDMA, step by step.
#include <optional>
#include <string_view>

#include "models/pool/core_steps.hpp"
#include "models/pool/over_fabrics.hpp"

namespace orrery {

namespace {

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

std::unique_ptr<Attachment> make_nvme_tcp(Initiator& host, TaskScope& scope, EngineVolume served,
                                          const PoolNetwork* network, const std::string& name) {
  return std::make_unique<NvmeTcpPath>(host, scope, served, network, name);
}

std::unique_ptr<Attachment> make_nvme_rdma(Initiator& host, TaskScope& scope, EngineVolume served,
                                           const PoolNetwork& network, const std::string& name) {
  return std::make_unique<OverRdma>(host, scope, served, &network, name);
}

}  // namespace orrery
