// Steps on a core along the way to a volume: in the host's kernel, and on the engine's reactors.
#pragma once

#include "models/net/core_visit.hpp"
#include "models/pool/initiator.hpp"

namespace orrery {

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

}  // namespace orrery
