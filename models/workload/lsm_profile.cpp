// The numbers of an LSM store: RocksDB's options by their names, and what its work costs.
#include <algorithm>
#include <cmath>

#include "models/workload/lsm_store.hpp"

namespace orrery {

const Declarations& LsmProfile::declarations() {
  constexpr double kLargest = 1 << 30;
  static const Declarations all =
      Declare<LsmProfile>("key-value store on an LSM tree, leveled compaction, RocksDB's options")
          .field("write_buffer_size", &LsmProfile::write_buffer_size,
                 "size at which a memtable becomes immutable", between(4096, 0x1p40))
          .field("max_write_buffer_number", &LsmProfile::max_write_buffer_number,
                 "unflushed immutable memtables that stop writes", between(1, 1024))
          .field("level0_compaction_trigger", &LsmProfile::level0_compaction_trigger,
                 "files of level 0 that make a compaction", between(1, 1024))
          .field("level0_slowdown_trigger", &LsmProfile::level0_slowdown_trigger,
                 "files of level 0 that slow writes down", between(1, 1024))
          .field("level0_stop_trigger", &LsmProfile::level0_stop_trigger,
                 "files of level 0 that stop writes", between(1, 1024))
          .field("max_bytes_for_level_base", &LsmProfile::max_bytes_for_level_base,
                 "level 1 is not larger", between(4096, 0x1p50))
          .field("level_multiplier", &LsmProfile::level_multiplier,
                 "size of a level over that of the one before", between(2, 100))
          .field("target_file_size", &LsmProfile::target_file_size, "size of a file of level 1 on",
                 between(4096, 0x1p40))
          .field("block_size", &LsmProfile::block_size,
                 "data block: what a get reads and the cache holds; at least one entry",
                 between(4096, kLargest))
          .field("bloom_bits", &LsmProfile::bloom_bits,
                 "bits per key of the filters; 0: no filters", between(0, 100))
          .field("block_cache", &LsmProfile::block_cache, "size of the block cache",
                 between(0, 0x1p50))
          .field("sync", &LsmProfile::sync,
                 "a put is on the volume when it ends; false: in the page cache")
          .field("write_group", &LsmProfile::write_group, "most that one write of the log takes",
                 between(1, kLargest))
          .field("delayed_write_rate", &LsmProfile::delayed_write_rate,
                 "rate of puts while writes are slowed down", any_rate())
          .field("compaction_threads", &LsmProfile::compaction_threads,
                 "compactions at once; flushes have a thread of their own", between(1, 1024))
          .field("background_io", &LsmProfile::background_io,
                 "I/O size of flush and compaction, one outstanding per thread",
                 between(4096, 1 << 26))
          .field("merge_rate", &LsmProfile::merge_rate,
                 "bytes that one core merges, or builds tables of", any_rate())
          .field("get", &LsmProfile::get, "CPU time of a get whose block is in the cache",
                 any_latency())
          .field("put", &LsmProfile::put, "CPU time of a put, memtable included", any_latency())
          .field("read_block", &LsmProfile::read_block,
                 "CPU time of reading a block: system call, checksum, insertion", any_latency())
          .field("log_write", &LsmProfile::log_write,
                 "CPU time of writing a group to the log, its leader's", any_latency())
          .build();
  return all;
}

Bytes LsmProfile::block_of(const ApplicationSpec& spec) const {
  return kBlock * blocks_of(std::max(block_size, spec.entry()));
}

Bytes LsmProfile::log_size() const {
  return kBlock *
         blocks_of(write_buffer_size * (max_write_buffer_number + 1) + write_group + background_io);
}

// Room for files that are being written while their inputs are still there.
Bytes LsmProfile::space(const ApplicationSpec& spec) const {
  const Bytes data = spec.data();
  return log_size() + data + Bytes{data.count() / 4} + write_buffer_size * level0_stop_trigger +
         background_io * 2 + block_of(spec);
}

std::int64_t LsmProfile::cache_blocks(const ApplicationSpec& spec) const {
  // There are few more blocks than the last level has.
  const Bytes block = block_of(spec);
  return std::min(block_cache / block, 2 * units_of(block, spec.data()) + 1);
}

std::optional<std::string> LsmProfile::check(const ApplicationSpec& spec) const {
  if (level0_slowdown_trigger < level0_compaction_trigger ||
      level0_stop_trigger < level0_slowdown_trigger)
    return "level0 triggers must not decrease from compaction to slowdown to stop";
  if (background_io % kBlock != Bytes{}) return "background_io is not a multiple of 4 KiB";
  if (spec.entry() > write_buffer_size) return "a key and its value do not fit the memtable";
  return std::nullopt;
}

}  // namespace orrery
