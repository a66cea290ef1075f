// A scenario: what to simulate, checked.
//
// `load_scenario` is a pure function from a tree of text to this structure; whatever is wrong is an
// InputError at its line and column. Section structures carry their declarations, which also feed
// `orrery list`, `orrery schema` and the reference.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "models/faults/fault.hpp"
#include "models/net/queues.hpp"
#include "models/pool/operation_spec.hpp"
#include "models/pool/planned_volume.hpp"
#include "models/workload/application.hpp"
#include "models/workload/job.hpp"
#include "scenarios/profiles.hpp"
#include "scenarios/systems/pool/pool_spec.hpp"
#include "scenarios/systems/system_kind.hpp"
#include "scenarios/text/text_node.hpp"
#include "sim/params.hpp"

namespace orrery {

struct FleetSpec;

struct ScenarioHead {
  std::string scenario;
  std::string title;
  std::string system;
  std::string network;  // packets or fluid
  std::int64_t seed = 1;
  std::string inject;
  static const Declarations& declarations();
};

struct ComputeSection {
  std::int64_t servers = 0;
  std::int64_t racks = 0;  // at least 1 once loaded
  std::string node;
  std::string dpu;
  std::string guest;
  std::string ssd;
  std::int64_t ssds_per_server = 0;  // of a pool
  static const Declarations& declarations();
};

struct StorageSection {
  std::int64_t servers = 0;
  std::int64_t racks = 0;  // at least 1 once loaded
  std::string node;
  std::string ssd;
  std::int64_t ssds_per_server = 0;
  std::string capacity_ssd;
  std::int64_t capacity_ssds_per_server = 0;
  static const Declarations& declarations();
};

struct FrontendSection {
  std::string stack;
  std::string profile;  // empty: the stack's own
  std::string agent;
  std::string fabric;
  static const Declarations& declarations();
};

struct BackendSection {
  std::string stack;
  std::string profile;
  std::string fabric;
  static const Declarations& declarations();
};

struct EbsSection {
  std::string profile;
  std::int64_t replicas = 0;
  std::int64_t quorum = 0;
  static const Declarations& declarations();
};

struct VolumesSection {
  std::int64_t per_server = 0;
  Bytes size;
  std::optional<Iops> iops_limit;
  std::optional<BitRate> bandwidth_limit;
  Duration limit_burst{};
  bool encrypted = false;
  static const Declarations& declarations();
};

// What jobs can run on.
struct NamedVolume {
  std::string name;
  Bytes size;
};

struct Scenario {
  ScenarioHead head;
  const SystemKind* kind = nullptr;  // the one that `head.system` names
  ComputeSection compute;
  StorageSection storage;
  FrontendSection frontend;
  BackendSection backend;
  EbsSection ebs;
  VolumesSection volumes;
  PoolSection pool;
  std::vector<LogicalVolumeSpec> logical_volumes;
  std::vector<OperationSpec> operations;
  std::vector<PlannedVolume> planned;  // of a pool: all its volumes, and where they lie
  // In the order in which they are built: compute-0/volume-3 (ebs), compute-0/client-3 (rpc),
  // storage-0/ssd-3 (device), and in a pool host/name.
  std::vector<NamedVolume> named_volumes;
  std::vector<JobSpec> workload;
  std::vector<ApplicationSpec> applications;
  std::vector<FaultSpec> faults;  // those that `inject` names

  std::shared_ptr<const FleetSpec> fleet;  // of a fleet, which has nothing of the above

  // What `orrery compare` varies: key and values, outermost first.
  std::vector<std::pair<std::string, std::vector<std::string>>> compare;

  // Every profile the scenario uses, with its overrides, by name.
  std::map<std::string, Profile> profiles;
  const Profile& profile(const std::string& name) const { return profiles.at(name); }
  std::string frontend_profile() const;
  // Of every fabric's ports.
  QueueProfiles queues() const;
  std::string backend_profile() const;

  // The agent's placement after `auto` has been decided: "host" or "dpu".
  std::string agent_placement() const;
  std::vector<std::string> volume_names() const;
  // Of the smallest volume that a pattern names; a device's is its capacity.
  Bytes volume_size(const std::string& pattern = "*") const;
  // role-0/form-0 and so on, all of one size.
  void name_volumes(std::string_view role, std::int64_t servers, std::string_view form,
                    std::int64_t per_server, Bytes size);
  bool is_fluid() const;
  // When the last job or application ends.
  Duration end() const;
  // Whether I/O starts in a guest or at the agent.
  bool has_guest() const { return kind->has_guests && compute.guest != "none"; }

  // Keys that were given and change nothing in this system.
  std::vector<std::string> notes;
};

// The declarations of every model that has profiles.
const ModelCatalogue& model_catalogue();

// The sections of a scenario by name, for `list`, `schema` and the reference; the head comes first
// under the name "", those of single kinds of systems last.
const std::vector<SectionEntry>& scenario_sections();

// The keys of the top level that are neither values nor sections.
struct OtherKey {
  std::string name;
  std::string value;  // what it holds, in words
  std::string help;
};
const std::vector<OtherKey>& other_scenario_keys();

// Throws InputError. `file` stands in for a place where the text has none.
Scenario load_scenario(const TextNode& document, ProfileLibrary& library);

// The scenario as a document that loads to the same scenario, every default written out.
TextNode resolved_scenario(const Scenario& scenario);

}  // namespace orrery
