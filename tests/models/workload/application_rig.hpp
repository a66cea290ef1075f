// A database on a fake volume, run to its end.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "models/workload/lsm_store.hpp"
#include "models/workload/oltp_store.hpp"
#include "tests/models/volume/fake_volume.hpp"

namespace orrery {

// Small numbers: memtables fill within milliseconds, work costs little.
inline LsmProfile lsm_profile() {
  LsmProfile p;
  p.write_buffer_size = kibibytes(256);
  p.max_write_buffer_number = 2;
  p.level0_compaction_trigger = 4;
  p.level0_slowdown_trigger = 20;
  p.level0_stop_trigger = 36;
  p.max_bytes_for_level_base = mebibytes(1);
  p.level_multiplier = 10;
  p.target_file_size = kibibytes(256);
  p.block_size = kibibytes(4);
  p.bloom_bits = 10;
  p.block_cache = Bytes{};
  p.write_group = kibibytes(128);
  p.delayed_write_rate = megabytes_per_second(16);
  p.compaction_threads = 4;
  p.background_io = kibibytes(256);
  p.merge_rate = megabytes_per_second(100'000);
  p.get = p.put = microseconds(1);
  p.read_block = p.log_write = nanoseconds(100);
  return p;
}

inline OltpProfile oltp_profile() {
  OltpProfile p;
  p.memstore = mebibytes(4);
  p.freeze_trigger = 0.25;
  p.row_overhead = Bytes{100};
  p.micro_block = kibibytes(16);
  p.macro_block = mebibytes(1);
  p.log_group = mebibytes(1);
  p.minor_compact_trigger = 2;
  p.compaction_rate = megabytes_per_second(1000);
  p.merge_rate = megabytes_per_second(100'000);
  p.statement = microseconds(5);
  p.update = p.read_block = p.commit = p.log_write = microseconds(1);
  return p;
}

inline ApplicationSpec application(const std::string& kind, std::int64_t threads,
                                   double read_share) {
  ApplicationSpec spec;
  spec.name = "db";
  spec.kind = kind;
  spec.threads = threads;
  spec.read_share = read_share;
  spec.keys = 100'000;
  spec.random_distribution = "random";
  spec.runtime = milliseconds(200);
  return spec;
}

template <class D, class P>
struct DatabaseRig {
  DatabaseRig(ApplicationSpec s, P p, Duration service, int servers = FakeVolume::kUnlimited)
      : spec(std::move(s)),
        profile(std::move(p)),
        volume(calendar, service, gibibytes(4), servers),
        recorder(spec, D::operations(), kStart, spec.whole_runtime() / 100),
        database(std::make_unique<D>(DatabaseHost{calendar, volume, nullptr, 1, 0}, spec, profile,
                                     recorder)) {
    volume.records = false;
  }
  ApplicationResult run() {
    database->start();
    calendar.run_until(recorder.end());
    calendar.advance_to(recorder.end());
    database->close();
    return recorder.result(calendar.now());
  }

  Calendar calendar;
  ApplicationSpec spec;
  P profile;
  FakeVolume volume;
  ApplicationRecorder recorder;
  std::unique_ptr<D> database;
};
using LsmRig = DatabaseRig<LsmStore, LsmProfile>;
using OltpRig = DatabaseRig<OltpStore, OltpProfile>;

}  // namespace orrery
