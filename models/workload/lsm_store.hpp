// A key-value store on an LSM tree, RocksDB-like: gets and puts of single keys.
//
// Put:  CPU time; write-ahead log with group commit, the leader held up while the store stops or
// slows down writes; memtable. A full
//       memtable becomes immutable and is flushed in the background to a file of level 0.
// Get:  CPU time; memtables, level 0 from the newest file, then level by level, one block in each
// whose filter does not exclude
//       the key (10 bits per key: 0.8 % false positives). A block that is not in the block cache is
//       read from the volume.
// Compaction in `compaction_threads` background threads (lsm_tree.hpp); writes are slowed down to
// `delayed_write_rate` and stopped as RocksDB's WriteController does, by files of level 0 and by
// unflushed memtables.
//
// Index and filter blocks are in memory. Where the newest version of a key lies follows from the
// sizes of the parts and a hash of the key.
#pragma once

#include <array>
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
#include "models/workload/lsm_tree.hpp"
#include "models/workload/operation.hpp"
#include "models/workload/processor.hpp"
#include "sim/gate.hpp"
#include "sim/token_bucket.hpp"

namespace orrery {

struct LsmProfile {
  Bytes write_buffer_size{};
  std::int64_t max_write_buffer_number = 0;
  std::int64_t level0_compaction_trigger = 0;
  std::int64_t level0_slowdown_trigger = 0;
  std::int64_t level0_stop_trigger = 0;
  Bytes max_bytes_for_level_base{};
  double level_multiplier = 0;
  Bytes target_file_size{};
  Bytes block_size{};
  double bloom_bits = 0;
  Bytes block_cache{};
  bool sync = true;
  Bytes write_group{};
  BitRate delayed_write_rate{};
  std::int64_t compaction_threads = 0;
  Bytes background_io{};
  BitRate merge_rate{};
  Duration get{}, put{}, read_block{}, log_write{};
  static const Declarations& declarations();

  // A block holds one entry at least.
  Bytes block_of(const ApplicationSpec& spec) const;
  Bytes log_size() const;
  Bytes space(const ApplicationSpec& spec) const;
  std::int64_t cache_blocks(const ApplicationSpec& spec) const;
  std::optional<std::string> check(const ApplicationSpec& spec) const;
};

class LsmStore final : public Database, ClientLoad::Engine, GroupCommitLog::Admission {
 public:
  enum OperationKind : std::size_t { kRead, kUpdate };
  static std::vector<ApplicationRecorder::Kind> operations();

  // The volume has profile.space(spec) at least.
  LsmStore(const DatabaseHost& host, const ApplicationSpec& spec, const LsmProfile& profile,
           ApplicationRecorder& recorder);

  void start() override;
  void close() override;

  const LsmTree& tree() const { return tree_; }
  const GroupCommitLog& log() const { return log_; }
  std::int64_t immutable_memtables() const { return immutable_; }

 private:
  // Blocks that a get looks at, in order; more than eight are as good as never.
  struct Probes {
    std::array<std::uint64_t, 8> block;
    std::size_t count = 0;
    void add(std::uint64_t b) {
      if (count < block.size()) block[count++] = b;
    }
  };

  JobRecorder& recorder_of(const OperationRequest& request) override;
  Task<> serve(OperationRequest request) override;
  Task<> admit(Bytes group) override;

  bool is_read(Draws& draws) const;
  Task<IoStatus> get(std::uint64_t key, std::uint32_t thread, Ledger& ledger);
  Task<IoStatus> put(Ledger& ledger);
  Probes probes_of(std::uint64_t key) const;
  void warm_cache();
  Task<> flush();
  Task<> compact(LsmTree::Compaction compaction);
  void start_compactions();
  void control_writes();

  Calendar& calendar_;
  ApplicationSpec spec_;
  LsmProfile profile_;
  ApplicationRecorder& recorder_;
  std::size_t volume_number_;
  std::uint64_t seed_;
  std::string name_;
  double false_positives_;

  Processor processor_;
  ApplicationVolume volume_;
  SequentialRange tables_;
  BackgroundIo background_;
  KeyChooser keys_;
  BlockCache cache_;
  Bytes block_;
  LsmTree tree_;

  Bytes memtable_{};
  std::int64_t immutable_ = 0;
  bool is_flushing_ = false;
  std::int64_t compacting_ = 0;
  Gate writes_;  // closed: writes are stopped
  TokenBucket slowdown_;
  TimePoint stopped_since_{}, slowed_since_{};
  bool is_slowed_ = false;

  OpenOperations open_;
  GroupCommitLog log_;
  ClientLoad load_;
  TaskScope scope_;  // last: its tasks use all of the above
};

}  // namespace orrery
