#include "models/host/guest.hpp"

namespace orrery {

const Declarations& GuestProfile::declarations() {
  static const Declarations all =
      Declare<GuestProfile>("guest: the virtual machine's block layer, driver and interrupt")
          .field("vcpus", &GuestProfile::vcpus, "virtual CPUs", between(1, 1024))
          .field("submit", &GuestProfile::submit,
                 "vCPU time of a submission: system call, block layer, NVMe driver, doorbell",
                 any_latency())
          .field("interrupt", &GuestProfile::interrupt,
                 "from a command's completion to its handler running on the vCPU", any_latency())
          .field("complete", &GuestProfile::complete,
                 "vCPU time of a completion: handler, block layer, return to the application",
                 any_latency())
          .build();
  return all;
}

GuestVolume::GuestVolume(Calendar& calendar, const GuestProfile& profile,
                         std::unique_ptr<BlockVolume> attached)
    : calendar_(calendar),
      profile_(profile),
      attached_(std::move(attached)),
      cpu_(calendar, attached_->name() + "/guest", static_cast<std::size_t>(profile.vcpus), 1.0) {}

Task<IoStatus> GuestVolume::submit(Io& io) {
  Station& vcpu = cpu_.core(io.queue % cpu_.cores());
  const Charge charge{&io.ledger, stage::kGuest};
  Station::Use submission = vcpu.use(profile_.submit, charge, kWorkPriority);
  if (co_await submission != Served::done) co_return IoStatus::failed;

  Task<IoStatus> served = attached_->submit(io);
  const IoStatus status = co_await served;

  co_await Delay(calendar_, profile_.interrupt);
  io.ledger.charge_service(stage::kGuest, calendar_.now());
  Station::Use completion = vcpu.use(profile_.complete, charge, kInterruptPriority);
  co_return co_await completion == Served::done ? status : IoStatus::failed;
}

}  // namespace orrery
