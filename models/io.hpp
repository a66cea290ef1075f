// One I/O and the stages its latency is made of.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "sim/ledger.hpp"
#include "sim/units.hpp"

namespace orrery {

enum class Direction : std::uint8_t { read, write };
constexpr std::string_view name_of(Direction d) { return d == Direction::read ? "read" : "write"; }

enum class IoStatus : std::uint8_t { done, failed };

// The block that storage works in: CRC, encryption, table lookups and SOLAR's packets are per 4
// KiB.
constexpr Bytes kBlock = kibibytes(4);
constexpr std::int64_t blocks_of(Bytes bytes) { return units_of(kBlock, bytes); }

// The stages of an I/O's latency, in the order of a write's path. Each has a waiting and a service
// part.
namespace stage {
enum Id : StageId {
  kApplication,  // a database's own work and locks, group commit
  kBacklog,      // arrived, but the job's iodepth was used up
  kGuest,        // the guest's block layer and driver, doorbell and interrupt
  kInitiator,    // a pool host's block layer and NVMe driver, interrupt and wake-up
  kNvmeOf,       // NVMe over fabrics: transport between initiator and engine, copies, wire
  kEngine,       // reactors of the node's storage engine
  kQos,          // waiting for the volume's IOPS or bandwidth tokens
  kAgent,        // SA: storage agent, per I/O and per block
  kPcie,         // host PCIe and the DPU's internal PCIe
  kFrontend,     // FN: stacks at both ends and the wire
  kBlockServer,  // block server's cores
  kBackend,      // BN: stacks at both ends and the wire
  kChunkServer,  // chunk server's cores
  kSsd,          // device
  kCount
};
}  // namespace stage
static_assert(stage::kCount <= kStageLimit);

// Names as they appear in tables and in summary.json.
constexpr std::array<std::string_view, stage::kCount> kStageNames = {
    "app", "backlog", "guest", "initiator",    "nvme_of", "engine",       "qos",
    "sa",  "pcie",    "fn",    "block_server", "bn",      "chunk_server", "ssd"};

// The components in which SIGCOMM'22 Fig. 6 gives latencies: the frontend network contains the
// block server, the SSD the chunk server. The guest, policy queueing and backlog belong to none.
enum class Component : std::uint8_t { agent, frontend, backend, ssd, none };
constexpr std::array<std::string_view, 4> kComponentNames = {"SA", "FN", "BN", "SSD"};
constexpr std::array<Component, stage::kCount> kComponentOf = {
    Component::none,  Component::none,     Component::none,     Component::none,
    Component::none,  Component::none,     Component::none,     Component::agent,
    Component::agent, Component::frontend, Component::frontend, Component::backend,
    Component::ssd,   Component::ssd};

// An I/O lives in its submitter's frame until it has ended; whoever serves it charges its ledger.
struct Io {
  Direction direction = Direction::read;
  std::uint32_t queue = 0;  // of the submitter: which of its threads
  Bytes offset{};
  Bytes length{};
  // What a write writes and a read has read, where a volume remembers it
  // (models/volume/contents.hpp).
  std::uint64_t stamp = 0;
  Ledger ledger;
};

}  // namespace orrery
