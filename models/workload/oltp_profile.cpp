// The numbers of a transactional store: OceanBase's thresholds, and what its work costs.
#include <algorithm>

#include "models/workload/oltp_store.hpp"

namespace orrery {

const Declarations& OltpProfile::declarations() {
  constexpr double kLargest = 1 << 30;
  static const Declarations all =
      Declare<OltpProfile>("transactional store over memtables with a redo log")
          .field("memstore", &OltpProfile::memstore,
                 "memory of all memtables; updates wait while it is full", between(4096, 0x1p45))
          .field("freeze_trigger", &OltpProfile::freeze_trigger,
                 "share of the memstore at which the active memtable is frozen and dumped",
                 between(0.001, 1))
          .field("row_overhead", &OltpProfile::row_overhead,
                 "what a row's version takes besides its data, in memtable, row cache and redo log",
                 between(0, kLargest))
          .field("micro_block", &OltpProfile::micro_block,
                 "what a read of a row reads and the block cache holds; at least one row",
                 between(4096, kLargest))
          .field("macro_block", &OltpProfile::macro_block,
                 "I/O size of dumps and compactions, one outstanding each", between(4096, 1 << 26))
          .field("row_cache", &OltpProfile::row_cache, "size of the row cache", between(0, 0x1p50))
          .field("block_cache", &OltpProfile::block_cache, "size of the block cache",
                 between(0, 0x1p50))
          .field("log_group", &OltpProfile::log_group, "most that one write of the redo log takes",
                 between(1, kLargest))
          .field("minor_compact_trigger", &OltpProfile::minor_compact_trigger,
                 "mini SSTables that are merged into a minor one", between(2, 1024))
          .field("major_compact_trigger", &OltpProfile::major_compact_trigger,
                 "dumps between major compactions; 0: none", between(0, 1 << 20))
          .field("compaction_rate", &OltpProfile::compaction_rate,
                 "most that compactions read and write together", any_rate())
          .field("merge_rate", &OltpProfile::merge_rate,
                 "bytes that one core merges, or builds tables of", any_rate())
          .field("statement", &OltpProfile::statement,
                 "CPU time of a statement whose row is in memory", any_latency())
          .field("update", &OltpProfile::update,
                 "CPU time that an update takes besides: lock, memtable, redo record",
                 any_latency())
          .field("read_block", &OltpProfile::read_block,
                 "CPU time of reading a block: system call, checksum, decoding", any_latency())
          .field("commit", &OltpProfile::commit, "CPU time of a commit", any_latency())
          .field("log_write", &OltpProfile::log_write,
                 "CPU time of writing a group to the redo log", any_latency())
          .build();
  return all;
}

Bytes OltpProfile::block_of(const ApplicationSpec& spec) const {
  return kBlock * blocks_of(std::max(micro_block, spec.entry()));
}

Bytes OltpProfile::log_size() const { return kBlock * blocks_of(memstore + log_group * 2); }

// Room for tables that are being written while their inputs are still there.
Bytes OltpProfile::space(const ApplicationSpec& spec) const {
  const Bytes data = spec.data();
  return log_size() + data + Bytes{data.count() / 4} + memstore * 2 + macro_block * 2 +
         block_of(spec);
}

std::int64_t OltpProfile::cache_blocks(const ApplicationSpec& spec) const {
  const Bytes block = block_of(spec);
  return std::min(block_cache / block, 2 * units_of(block, spec.data()) + 1);
}

std::int64_t OltpProfile::cache_rows(const ApplicationSpec& spec) const {
  return std::min(row_cache / row_of(spec), spec.keys);
}

std::optional<std::string> OltpProfile::check(const ApplicationSpec& spec) const {
  if (macro_block % kBlock != Bytes{}) return "macro_block is not a multiple of 4 KiB";
  if (static_cast<double>(row_of(spec).count()) >
      static_cast<double>(memstore.count()) * freeze_trigger)
    return "a row does not fit the memtable";
  if (row_of(spec) * spec.statements > log_group)
    return "the redo records of a transaction do not fit a log group";
  return std::nullopt;
}

}  // namespace orrery
