// What the keys of a scenario mean.
#include <fmt/format.h>

#include "models/control/profile.hpp"
#include "models/ebs/profile.hpp"
#include "models/host/dpu.hpp"
#include "models/host/guest.hpp"
#include "models/host/node.hpp"
#include "models/net/fabric.hpp"
#include "models/net/registry.hpp"
#include "models/pool/profile.hpp"
#include "models/pool/tier_profile.hpp"
#include "models/ssd/registry.hpp"
#include "models/workload/database_registry.hpp"
#include "scenarios/scenario.hpp"
#include "scenarios/systems/registry.hpp"

namespace orrery {

namespace {
std::vector<std::string> stack_names() {
  std::vector<std::string> names;
  for (const StackEntry& entry : all_stacks()) names.emplace_back(entry.name);
  return names;
}

std::string what_systems_are() {
  std::string all;
  for (const SystemKind* kind : all_systems())
    all += fmt::format("{}{}: {}", all.empty() ? "" : "; ", kind->name, kind->help);
  return all;
}

}  // namespace

const Declarations& ScenarioHead::declarations() {
  static const Declarations all =
      Declare<ScenarioHead>("a scenario")
          .field("scenario", &ScenarioHead::scenario, "its name")
          .field("title", &ScenarioHead::title, "one line that says what it shows")
          .otherwise(std::string{})
          .field("system", &ScenarioHead::system, what_systems_are())
          .one_of(system_names())
          .field("network", &ScenarioHead::network,
                 "packets: every packet through real queues; fluid: messages as flows that share "
                 "links, without queues and losses")
          .one_of({"packets", "fluid"})
          .otherwise(std::string{"packets"})
          .field("seed", &ScenarioHead::seed, "seed of all random streams", between(0, 0x1p63))
          .otherwise(std::int64_t{1})
          .field("inject", &ScenarioHead::inject,
                 "which faults happen, by name or pattern; none: none of them")
          .otherwise(std::string{"*"})
          .build();
  return all;
}

const Declarations& ComputeSection::declarations() {
  static const Declarations all =
      Declare<ComputeSection>("compute servers: where volumes are attached")
          .field("servers", &ComputeSection::servers, "compute servers", between(1, 4096))
          .field("racks", &ComputeSection::racks,
                 "racks they are spread over; if not given, as many as the fabric's "
                 "servers_per_rack makes necessary",
                 between(1, 4096))
          .otherwise(std::string{})
          .field("node", &ComputeSection::node, "profile of a compute server")
          .otherwise(std::string{"compute-25g"})
          .field("dpu", &ComputeSection::dpu, "profile of its DPU")
          .otherwise(std::string{"ali-dpu"})
          .field("guest", &ComputeSection::guest,
                 "profile of the virtual machine a volume is attached to; none: I/O starts at the "
                 "storage agent")
          .otherwise(std::string{"linux-guest"})
          .field("ssd", &ComputeSection::ssd, "pool: profile of its SSDs")
          .otherwise(std::string{"p4510-2tb"})
          .field("ssds_per_server", &ComputeSection::ssds_per_server,
                 "pool: SSDs per compute server", between(0, 64))
          .otherwise(std::int64_t{0})
          .build();
  return all;
}

const Declarations& StorageSection::declarations() {
  static const Declarations all =
      Declare<StorageSection>("storage servers: block server, chunk server and SSDs each")
          .field("servers", &StorageSection::servers, "storage servers", between(1, 4096))
          .field("racks", &StorageSection::racks,
                 "racks they are spread over, as those of compute servers; replicas of a segment "
                 "are put into different racks while there are enough",
                 between(1, 4096))
          .otherwise(std::string{})
          .field("node", &StorageSection::node, "profile of a storage server")
          .otherwise(std::string{"storage-25g"})
          .field("ssd", &StorageSection::ssd, "profile of its SSDs")
          .otherwise(std::string{"p4510-4tb"})
          .field("ssds_per_server", &StorageSection::ssds_per_server, "SSDs per storage server",
                 between(1, 64))
          .otherwise(std::int64_t{12})
          .field("capacity_ssd", &StorageSection::capacity_ssd,
                 "pool: profile of the SSDs of the capacity tier")
          .otherwise(std::string{"d5-p5316"})
          .field("capacity_ssds_per_server", &StorageSection::capacity_ssds_per_server,
                 "pool: SSDs of the capacity tier per storage server", between(0, 64))
          .otherwise(std::int64_t{0})
          .build();
  return all;
}

const Declarations& FrontendSection::declarations() {
  static const Declarations all =
      Declare<FrontendSection>("frontend network: compute servers to block servers")
          .field("stack", &FrontendSection::stack, "network stack")
          .one_of(stack_names())
          .otherwise(std::string{"luna"})
          .field("profile", &FrontendSection::profile, "profile of the stack; its own if empty")
          .otherwise(std::string{})
          .field("agent", &FrontendSection::agent,
                 "where the storage agent runs; auto: kernel TCP, LUNA and RDMA on the host, SOLAR "
                 "and SOLAR* on the DPU")
          .one_of({"auto", "host", "dpu"})
          .otherwise(std::string{"auto"})
          .field("fabric", &FrontendSection::fabric, "profile of the fabric")
          .otherwise(std::string{"clos-25g"})
          .build();
  return all;
}

const Declarations& BackendSection::declarations() {
  static const Declarations all =
      Declare<BackendSection>("backend network: block servers to chunk servers")
          .field("stack", &BackendSection::stack, "network stack")
          .one_of(stack_names())
          .otherwise(std::string{"rdma"})
          .field("profile", &BackendSection::profile, "profile of the stack; its own if empty")
          .otherwise(std::string{})
          .field("fabric", &BackendSection::fabric, "profile of the fabric")
          .otherwise(std::string{"clos-25g"})
          .build();
  return all;
}

const Declarations& EbsSection::declarations() {
  static const Declarations all =
      Declare<EbsSection>("EBS software and its replication")
          .field("profile", &EbsSection::profile, "profile of agent, block and chunk server")
          .otherwise(std::string{"ebs2"})
          .field("replicas", &EbsSection::replicas, "replicas of every write", between(1, 9))
          .otherwise(std::int64_t{3})
          .field("quorum", &EbsSection::quorum,
                 "replicas that must acknowledge before the write does", between(1, 9))
          .otherwise(std::int64_t{3})
          .build();
  return all;
}

const Declarations& VolumesSection::declarations() {
  static const Declarations all =
      Declare<VolumesSection>("volumes of each compute server")
          .field("per_server", &VolumesSection::per_server, "volumes per compute server",
                 between(0, 100000))
          .otherwise(std::int64_t{1})
          .field("size", &VolumesSection::size, "size of a volume", between(1 << 20, 0x1p50))
          .otherwise(gibibytes(128))
          .field("iops_limit", &VolumesSection::iops_limit, "QoS: I/Os per second",
                 between(1e-3, 1e9))
          .field("bandwidth_limit", &VolumesSection::bandwidth_limit, "QoS: bytes per second",
                 between(1e3, 1e15))
          .field("limit_burst", &VolumesSection::limit_burst,
                 "QoS: for how long unused tokens are saved up", any_duration())
          .otherwise(milliseconds(10))
          .field("encrypted", &VolumesSection::encrypted, "the agent encrypts every block")
          .otherwise(false)
          .build();
  return all;
}

const std::vector<SectionEntry>& scenario_sections() {
  static const std::vector<SectionEntry> all = [] {
    std::vector<SectionEntry> sections = {
        {"", &ScenarioHead::declarations()},
        {"compute", &ComputeSection::declarations()},
        {"storage", &StorageSection::declarations()},
        {"frontend", &FrontendSection::declarations()},
        {"volumes", &VolumesSection::declarations()},
        {"workload", &JobSpec::declarations(), true},
        {"applications", &ApplicationSpec::declarations(), true},
        {"faults", &FaultSpec::declarations(), true},
    };
    for (const SystemKind* kind : all_systems())
      sections.insert(sections.end(), kind->sections.begin(), kind->sections.end());
    return sections;
  }();
  return all;
}

const std::vector<OtherKey>& other_scenario_keys() {
  static const std::vector<OtherKey> all = {
      {"include", "file or list of files", "files that lie below this one, the last one nearest"},
      {"variants", "names and what differs",
       "parts of a scenario by name, laid over the rest when `variant` names them"},
      {"variant", "a name", "which of `variants` holds"},
      {"compare", "keys and lists of values",
       "what `orrery compare` varies: keys and their values"},
      {"profiles", "profile names and parameters", "profiles and the parameters to override"},
  };
  return all;
}

const ModelCatalogue& model_catalogue() {
  static const ModelCatalogue all = [] {
    ModelCatalogue models = {{"node", &NodeProfile::declarations()},
                             {"dpu", &DpuProfile::declarations()},
                             {"guest", &GuestProfile::declarations()},
                             {"leaf_spine", &FabricProfile::declarations()},
                             {"queue", &QueueProfile::declarations()},
                             {"ebs", &EbsProfile::declarations()},
                             {"pool_engine", &EngineProfile::declarations()},
                             {"initiator", &InitiatorProfile::declarations()},
                             {"nvme_tcp", &NvmeTcpProfile::declarations()},
                             {"pool_operations", &OperationsProfile::declarations()},
                             {"tier", &TierProfile::declarations()},
                             {"kubernetes", &control::KubernetesProfile::declarations()},
                             {"liteio_control", &control::LiteioProfile::declarations()}};
    for (const StackEntry& stack : all_stacks())
      models.emplace(std::string(stack.profile), &stack.declarations());
    for (const SsdEntry& ssd : all_ssds())
      models.emplace(std::string(ssd.name), &ssd.declarations());
    for (const DatabaseEntry& database : all_databases())
      models.emplace(std::string(database.model), &database.declarations());
    return models;
  }();
  return all;
}

}  // namespace orrery
