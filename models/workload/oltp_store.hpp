// A transactional store over memtables with a redo log, OceanBase-like, one replica: transactions
// of some statements.
//
// Statement: CPU time; the row from the memtables, the row cache, or its micro block in the newest
// part that has it, which comes
//            from the block cache or is read from the volume. An update then goes into the
//            memtable; it waits while the memstore
//            is full.
// Commit:    CPU time; redo log with group commit, one stream. A transaction that has only read
// commits without. Memtable:  at `freeze_trigger` of the memstore it is frozen and dumped to a mini
// SSTable in the background (minor freeze);
//            `minor_compact_trigger` of these become one minor SSTable; every
//            `major_compact_trigger` dumps all minors go into
//            the base. Compactions run one at a time, at `compaction_rate`.
//
// Filters exclude the parts that do not have the row. Where its newest version lies follows from
// the sizes of the parts and a hash of its key.
#pragma once

#include <cstdint>
#include <string>

#include "models/workload/application.hpp"
#include "models/workload/application_recorder.hpp"
#include "models/workload/background_io.hpp"
#include "models/workload/block_cache.hpp"
#include "models/workload/client_load.hpp"
#include "models/workload/database.hpp"
#include "models/workload/group_commit_log.hpp"
#include "models/workload/key_chooser.hpp"
#include "models/workload/operation.hpp"
#include "models/workload/processor.hpp"
#include "sim/gate.hpp"
#include "sim/token_bucket.hpp"

namespace orrery {

struct OltpProfile {
  Bytes memstore{};
  double freeze_trigger = 0;
  Bytes row_overhead{};
  Bytes micro_block{};
  Bytes macro_block{};
  Bytes row_cache{};
  Bytes block_cache{};
  Bytes log_group{};
  std::int64_t minor_compact_trigger = 0;
  std::int64_t major_compact_trigger = 0;
  BitRate compaction_rate{};
  BitRate merge_rate{};
  Duration statement{}, update{}, read_block{}, commit{}, log_write{};
  static const Declarations& declarations();

  Bytes row_of(const ApplicationSpec& spec) const { return spec.entry() + row_overhead; }
  // A block holds one row at least.
  Bytes block_of(const ApplicationSpec& spec) const;
  Bytes log_size() const;
  Bytes space(const ApplicationSpec& spec) const;
  std::int64_t cache_blocks(const ApplicationSpec& spec) const;
  std::int64_t cache_rows(const ApplicationSpec& spec) const;
  std::optional<std::string> check(const ApplicationSpec& spec) const;
};

class OltpStore final : public Database, ClientLoad::Engine {
 public:
  enum OperationKind : std::size_t { kRead, kUpdate, kCommit, kTransaction };
  static std::vector<ApplicationRecorder::Kind> operations();

  // The volume has profile.space(spec) at least.
  OltpStore(const DatabaseHost& host, const ApplicationSpec& spec, const OltpProfile& profile,
            ApplicationRecorder& recorder);

  void start() override;
  void close() override;

  const GroupCommitLog& log() const { return log_; }
  std::size_t mini_sstables() const { return minis_.size(); }
  std::size_t minor_sstables() const { return minors_.size(); }

 private:
  struct Part {
    std::uint64_t number = 0;
    double bytes = 0;
  };

  JobRecorder& recorder_of(const OperationRequest& request) override;
  Task<> serve(OperationRequest request) override;

  Task<IoStatus> run_statement(std::uint64_t key, bool reads, std::uint32_t thread, Ledger& ledger);
  Task<IoStatus> read_row(std::uint64_t key, std::uint32_t thread, Ledger& ledger);
  Task<IoStatus> commit(std::int64_t updates, Ledger& ledger);
  bool is_in_memtable(std::uint64_t key) const;
  std::uint64_t block_of(std::uint64_t key) const;
  void warm_caches();
  void add_to_memtable(Bytes row);
  Task<> dump();
  void start_compaction();
  Task<> compact_minor(std::size_t minis);
  Task<> compact_major(std::size_t minors);
  Bytes in_memory() const;
  void control_updates();

  Calendar& calendar_;
  ApplicationSpec spec_;
  OltpProfile profile_;
  ApplicationRecorder& recorder_;
  std::size_t volume_number_;
  std::uint64_t seed_;
  std::string name_;

  Processor processor_;
  ApplicationVolume volume_;
  SequentialRange tables_;
  TokenBucket compaction_bucket_;
  BackgroundIo dumps_, compactions_;
  KeyChooser keys_;
  BlockCache rows_, blocks_;
  Bytes block_;

  Bytes memtable_{}, frozen_bytes_{};
  Ring<Bytes, 4> frozen_;
  Ring<Part, 4> minis_, minors_;
  std::uint64_t parts_ = 0, base_generation_ = 0;
  std::int64_t dumps_since_major_ = 0;
  bool is_dumping_ = false, is_compacting_ = false;
  Gate updates_;  // closed: the memstore is full
  TimePoint full_since_{};

  OpenOperations open_;
  GroupCommitLog log_;
  ClientLoad load_;
  TaskScope scope_;  // last: its tasks use all of the above
};

}  // namespace orrery
