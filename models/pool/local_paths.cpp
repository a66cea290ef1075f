// The ways to a volume of the host's own node that take no detour over a network stack: native,
// zero copy, vhost.
#include <optional>
#include <string_view>
#include <vector>

#include "models/pool/attachment.hpp"
#include "models/pool/core_steps.hpp"

namespace orrery {

namespace {

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

}  // namespace orrery
