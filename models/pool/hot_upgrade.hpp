// Hot upgrade: a node's engine is replaced while volumes are in use.
//
//   1. A process with the new program is forked and loaded; the old one serves.
//   2. The old one closes the intake; what is in flight drains.
//   3. It closes its subsystems and exits. Mode inherit: its connections and shared queues are
//   handed over as file descriptors, and
//      commands wait in them. Mode reconnect: they are closed, and hosts see it.
//   4. The new one notices, takes over the devices and restores the subsystem of every volume.
//   5. Inherit: the intake opens. Reconnect: hosts connect anew, at their next attempt.
//
// All volumes of the node pause together. No I/O fails: what waited is served, what was lost with a
// connection is sent again. An upgrade waits until a migration from or to the node has ended.
#pragma once

#include <string>
#include <vector>

#include "models/pool/pooled_volume.hpp"
#include "sim/random.hpp"

namespace orrery {

enum class UpgradeMode : std::uint8_t { inherit, reconnect, stock_reconnect };

struct UpgradeReport {
  TimePoint requested{};
  TimePoint closed{};  // the intake
  TimePoint drained{};
  TimePoint restored{};
  bool is_done = false;
  std::string failure;  // in words
  struct Pause {
    std::string volume;
    Duration length{};  // from the closed intake until the host can go on
  };
  std::vector<Pause> pauses;
};

// `volumes`: all there are; those attached to the engine by then count. All arguments outlive the
// task.
Task<> hot_upgrade(StorageEngine& engine, std::vector<PooledVolume*> volumes, UpgradeMode mode,
                   const OperationsProfile& profile, RandomStream& random, UpgradeReport& report);

}  // namespace orrery
