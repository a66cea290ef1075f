// The kinds of databases: what each is called in a scenario, what it needs and how it is made.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/workload/application.hpp"
#include "models/workload/application_recorder.hpp"
#include "models/workload/database.hpp"
#include "sim/params.hpp"

namespace orrery {

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
