// A bulk transfer between two hosts, as a fluid flow of SimGrid: migrations, rebuilds, background load.
//
//   switch (co_await transfer(simulation, "node3", "node7", gibibytes(40), limit)) { ...
//
// A transfer always ends exactly once: done when the last byte has arrived; failed when a link on its route or a host at its ends
// is down at the start or goes down on the way; cancelled when it was called off. Destroying the waiting task calls the flow
// off, too. Latency passes once per transfer, and once more per chunk of a limited one (chunks last a second).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "sim/simulation.hpp"
#include "sim/task.hpp"
#include "sim/units.hpp"

namespace orrery {

enum class TransferOutcome : std::uint8_t { done, failed, cancelled };

namespace transfer_detail {
struct Flow;
}

// Lets someone else than the waiter call a transfer off. Given to one transfer; without effect before it has started to run and
// after it has ended.
class TransferSwitch {
 public:
  void cancel();

 private:
  friend Task<TransferOutcome> transfer(Simulation&, std::string, std::string, Bytes,
                                        std::optional<BitRate>, TransferSwitch*);
  std::weak_ptr<transfer_detail::Flow> flow_;
};

// At most `limit` where one is given, and never more than the links leave. From a host to itself there is nothing to carry: done
// at once if the host is up. Hosts must exist; `off_switch` must be there when the transfer starts.
Task<TransferOutcome> transfer(Simulation& simulation, std::string from, std::string to,
                               Bytes bytes, std::optional<BitRate> limit = std::nullopt,
                               TransferSwitch* off_switch = nullptr);

}  // namespace orrery
