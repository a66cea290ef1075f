#include "models/workload/database_registry.hpp"

#include "models/workload/lsm_store.hpp"
#include "models/workload/oltp_store.hpp"

namespace orrery {
namespace {

template <class P>
Bytes space_of(const ApplicationSpec& spec, const Profile& profile) {
  return bind<P>(profile).space(spec);
}
template <class P>
std::optional<std::string> check_of(const ApplicationSpec& spec, const Profile& profile) {
  return bind<P>(profile).check(spec);
}
template <class D, class P>
std::unique_ptr<Database> make(const DatabaseHost& host, const ApplicationSpec& spec,
                               const Profile& profile, ApplicationRecorder& recorder) {
  return std::make_unique<D>(host, spec, bind<P>(profile), recorder);
}
std::int64_t lsm_entries(const ApplicationSpec& spec, const Profile& profile) {
  return bind<LsmProfile>(profile).cache_blocks(spec);
}
std::int64_t oltp_entries(const ApplicationSpec& spec, const Profile& profile) {
  const auto bound = bind<OltpProfile>(profile);
  return bound.cache_blocks(spec) + bound.cache_rows(spec);
}

}  // namespace

const std::vector<DatabaseEntry>& all_databases() {
  static const std::vector<DatabaseEntry> all = {
      {"rocksdb", "lsm_store", "rocksdb", &LsmProfile::declarations, &LsmStore::operations,
       &space_of<LsmProfile>, &lsm_entries, &check_of<LsmProfile>, &make<LsmStore, LsmProfile>},
      {"oceanbase", "oltp_store", "oceanbase", &OltpProfile::declarations, &OltpStore::operations,
       &space_of<OltpProfile>, &oltp_entries, &check_of<OltpProfile>,
       &make<OltpStore, OltpProfile>},
  };
  return all;
}

const DatabaseEntry* find_database(std::string_view kind) {
  for (const DatabaseEntry& entry : all_databases())
    if (entry.kind == kind) return &entry;
  return nullptr;
}

}  // namespace orrery
