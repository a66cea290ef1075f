// A kind of system that a scenario can be of: what it reads of a document, what it refuses, what it
// builds.
//
// A new kind is a folder below scenarios/systems and a line in scenarios/systems/registry.cpp. What
// kinds have in common (servers, networks, jobs, faults) is loaded by scenarios/load.cpp and built
// by scenarios/system.cpp, as the flags here say; the functions are what is a kind's own, in the
// order in which they are called. Those that a kind has no use for are null.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scenarios/text/text_node.hpp"
#include "sim/params.hpp"

namespace orrery {

class Calendar;
class Hardware;
class ProfileLibrary;
class ProfileRelations;
class SystemParts;
class TaskScope;
class UnusedKeys;
struct JobSpec;
struct Scenario;

// A section of a document by its name; that of the head is empty.
struct SectionEntry {
  std::string name;
  const Declarations* declarations;
  bool is_list = false;
};

// What is simulated of a system. How a scenario is run and shown, and which commands are for it,
// follows from that (analysis/subjects.hpp).
enum class Subject : std::uint8_t { io, control_plane };

struct SystemKind {
  std::string_view name;
  std::string_view help;                    // what it simulates
  std::vector<SectionEntry> sections = {};  // that no other kind has

  Subject subject = Subject::io;
  bool has_network = false;   // a frontend network, and compute servers on it
  bool has_backend = false;   // a network between storage servers
  bool has_agents = false;    // agents or clients behind the frontend's stack, on hosts or DPUs
  bool has_guests = false;    // on compute servers; applications run in them
  bool has_ssds = false;      // in storage servers
  bool has_engines = false;   // that share the SSDs of all servers
  bool stands_alone = false;  // one server of either role if nothing is said of them

  // Loads all of a scenario that has no servers of its own; then nothing below is called.
  void (*load_whole)(const TextNode& root, ProfileLibrary& library, Scenario& scenario) = nullptr;

  // Refuses sections that contradict each other. Throws InputError, as all of these do.
  void (*check)(const TextNode& root, const Scenario& scenario) = nullptr;
  void (*note_unused)(UnusedKeys& keys, const Scenario& scenario) = nullptr;
  void (*use_profiles)(const TextNode& root, ProfileLibrary& library, Scenario& scenario) = nullptr;
  // Refuses profiles that do not go together.
  void (*check_relations)(const TextNode& root, const ProfileRelations& relations,
                          const Scenario& scenario) = nullptr;
  // Refuses more than a run can hold.
  void (*check_size)(const TextNode& root, const Scenario& scenario) = nullptr;
  // Names the volumes, and decides what else has to be known before anything is built.
  void (*resolve)(const TextNode& root, Scenario& scenario) = nullptr;

  // Refuses jobs that could not run on its volumes.
  void (*check_job)(const TextNode& item, const JobSpec& job, const Scenario& scenario) = nullptr;

  // What a scenario builds, in words and by name, for the heading of its results: first `servers`,
  // then what else tells one from another. Of kinds that are simulated with I/O.
  std::vector<std::pair<std::string, std::string>> (*settings)(const Scenario& scenario) = nullptr;

  // Its own sections, for the scenario as a document again.
  void (*write)(const Scenario& scenario, TextNode& root) = nullptr;

  // Volumes and what serves them, on servers that have their SSDs and DPUs.
  std::unique_ptr<SystemParts> (*build)(TaskScope& scope, const Scenario& scenario,
                                        Hardware& hardware) = nullptr;
};

}  // namespace orrery
