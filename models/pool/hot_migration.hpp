// Hot migration: a volume moves to another node's engine while its host writes to it.
//
//   1. A volume of the same size is created in the destination's pool; the source engine connects
//   to it.
//   2. Round 1 copies everything, while a bitmap records what is written. Round k + 1 copies what
//   round k has left dirty, until
//      that can be copied within `last_round`.
//   3. The host holds I/O, what is in flight drains, and the last round copies the rest.
//   4. The host goes over to the path to the destination, and I/O goes on. The source volume is
//   removed.
//
// Of round k's time t, writes of a rate L to n regions leave n (1 - exp(-L t / n)) dirty. Copies
// share SSDs, reactors and NICs with everything else, up to `migration_limit`. Where more gets
// dirty than is copied, rounds do not get shorter: after two in a row that did not, or after
// `migration_rounds`, the migration is given up.
//
// Until step 4 the source owns the volume: whatever ends the migration before (destination or
// network lost, no space, no convergence) leaves it as it is, with I/O going on. If the source
// dies, the migration ends and the volume is as lost as without it. From step 4 on the destination
// owns it. A migration waits for upgrades of both nodes to end, and they for it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "models/pool/pooled_volume.hpp"
#include "sim/token_bucket.hpp"

namespace orrery {

struct MigrationReport {
  TimePoint requested{};
  TimePoint started{};  // copying
  TimePoint held{};     // I/O
  TimePoint switched{};
  TimePoint ended{};
  bool is_done = false;
  std::string failure;  // in words
  struct Round {
    Bytes bytes;
    Duration time{};
  };
  std::vector<Round> rounds;
  Bytes copied;
  Duration pause() const { return is_done ? switched - held : Duration{}; }
};

class HotMigration {
 public:
  // Makes the host's way to the volume at its new place.
  using Attach = std::function<std::unique_ptr<Attachment>(EngineVolume)>;

  // All arguments outlive it, and it outlives `scope`'s tasks.
  HotMigration(TaskScope& scope, PooledVolume& volume, LogicalVolume& source, StorageEngine& to,
               const PoolNetwork& network, const OperationsProfile& profile, Attach attach);

  Task<> run();
  const MigrationReport& report() const { return report_; }
  Duration last_round_limit() const { return profile_.last_round; }

 private:
  struct Round;
  Task<bool> prepare();
  Task<bool> copy_round(DirtyMap what);
  Task<> copy(Round& round);
  void give_up(std::string why);
  // The process that keeps the bitmap.
  bool has_source() const {
    return from_.is_running() && from_.incarnation() == source_incarnation_;
  }
  // Whether the last rounds have got no shorter.
  bool is_stuck() const;

  TaskScope& scope_;
  PooledVolume& volume_;
  LogicalVolume& source_;
  StorageEngine& from_;
  StorageEngine& to_;
  const PoolNetwork& network_;
  OperationsProfile profile_;
  Attach attach_;
  Calendar& calendar_;
  InitiatorProfile pipe_profile_;
  std::unique_ptr<Initiator> pipe_host_;
  std::unique_ptr<Attachment> pipe_;
  std::uint32_t source_incarnation_;
  LogicalVolume* destination_ = nullptr;
  DirtyMap dirty_;
  TokenBucket limit_;
  MigrationReport report_;
};

}  // namespace orrery
