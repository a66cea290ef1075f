// The EBS of a scenario: block and chunk servers on storage servers, joined by the backend network;
// agents, volumes and guests on compute servers. Composed here; where segments lie and who takes
// them over is decided in models/ebs.
#pragma once

#include <memory>
#include <vector>

#include "models/ebs/segment_placement.hpp"
#include "models/ebs/segment_takeover.hpp"
#include "models/ebs/storage_agent.hpp"
#include "models/host/node.hpp"
#include "models/net/connection.hpp"
#include "models/net/fabric.hpp"
#include "models/volume/block_volume.hpp"
#include "scenarios/hardware.hpp"
#include "scenarios/scenario.hpp"
#include "sim/task.hpp"

namespace orrery {

class EbsCluster {
 public:
  // All arguments outlive the cluster.
  EbsCluster(TaskScope& scope, const Scenario& scenario, Hardware& room);

  // Where the agents run, in words.
  const char* agent_site() const { return agents_.front()->site().name(); }
  // Volumes in order of server and number; their names start with the server's. Once.
  std::vector<std::unique_ptr<BlockVolume>> make_volumes();

  // How the storage mended what failed.
  struct Repairs {
    std::int64_t rpcs_retried = 0;
    std::int64_t connections_replaced = 0;
    std::int64_t replicas_replaced = 0;
    std::int64_t segments_moved = 0;
  };
  Repairs repairs() const;

 private:
  void build_storage();
  std::unique_ptr<Connection> connect_storage(std::size_t from, std::size_t to);
  void build_agents();
  std::unique_ptr<Connection> connect(std::size_t compute, std::size_t thread, BlockServer& server,
                                      int earlier);

  Calendar& calendar_;
  TaskScope& scope_;
  const Scenario& scenario_;
  std::uint64_t seed_;
  EbsProfile profile_;
  Fabric& frontend_;
  Fabric& backend_;
  const AttachedNodes& compute_;
  const AttachedNodes& storage_;
  SegmentPlacement placement_;
  SegmentTakeover takeover_;
  const StackEntry& frontend_entry_;
  std::unique_ptr<Stack> frontend_stack_;
  std::unique_ptr<Stack> backend_stack_;
  std::vector<std::vector<Thread>> block_threads_;  // by storage server
  std::vector<std::vector<Thread>> chunk_threads_;
  std::vector<std::unique_ptr<ChunkServer>> chunk_servers_;
  std::vector<std::unique_ptr<BlockServer>> block_servers_;
  std::vector<std::unique_ptr<StorageAgent>> agents_;
};

}  // namespace orrery
