// A database on one volume: the part of a scenario's application that runs there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/host/cpu.hpp"
#include "models/volume/block_volume.hpp"
#include "models/workload/application.hpp"
#include "models/workload/application_recorder.hpp"
#include "sim/calendar.hpp"
#include "sim/params.hpp"

namespace orrery {

class Database {
 public:
  virtual ~Database() = default;
  // Starts at the recorder's start().
  virtual void start() = 0;
  // At the end of a run, once: tells the recorder what has not ended.
  virtual void close() = 0;
};

// Where a database runs. All of it outlives the database; without a cpu its work is time that passes.
struct DatabaseHost {
  Calendar& calendar;
  BlockVolume& volume;
  Cpu* cpu = nullptr;
  std::uint64_t seed = 0;
  std::size_t volume_number = 0;  // tells the volumes of a scenario apart, in their order
};

// The kinds of databases.
struct DatabaseEntry {
  std::string_view kind;
  std::string_view model;    // whose parameters it has
  std::string_view profile;  // its own
  const Declarations& (*declarations)();
  std::vector<ApplicationRecorder::Kind> (*operations)();
  // How much of a volume it takes, and what its caches hold at most, in entries.
  Bytes (*space)(const ApplicationSpec& spec, const Profile& profile);
  std::int64_t (*cache_entries)(const ApplicationSpec& spec, const Profile& profile);
  // What of the profile cannot be, in words.
  std::optional<std::string> (*check)(const ApplicationSpec& spec, const Profile& profile);
  std::unique_ptr<Database> (*make)(const DatabaseHost& host, const ApplicationSpec& spec,
                                    const Profile& profile, ApplicationRecorder& recorder);
};
const std::vector<DatabaseEntry>& all_databases();
const DatabaseEntry* find_database(std::string_view kind);

}  // namespace orrery
