// Chunk server: keeps replicas on the SSDs of its node.
//
// Writes are appended to one log per SSD, so the device sees sequential writes; reads go where the
// data lies. Segments are dealt out to its threads, each of which runs a request to completion.
// Source: facts of FAST'24 Fig. 11a (core time), SIGCOMM'22 section 2.2 (roles).
#pragma once

#include <vector>

#include "models/ebs/profile.hpp"
#include "models/ebs/tables.hpp"
#include "models/host/node.hpp"
#include "models/net/connection.hpp"
#include "sim/task.hpp"

namespace orrery {

class ChunkServer {
 public:
  // The node must have at least one SSD and outlive the chunk server. `threads` run on its cores;
  // there is at least one. `number`: its place among the chunk servers.
  ChunkServer(Node& node, std::size_t number, std::vector<Thread> threads,
              const EbsProfile& profile);

  Node& node() { return node_; }
  std::size_t number() const { return number_; }

  // From the replica write's arrival to the moment its acknowledgement can leave.
  Task<IoStatus> append(const Connection& backend, SegmentRange range, Ledger& ledger);
  // From the read request's arrival to the moment the data can leave.
  Task<IoStatus> read(const Connection& backend, SegmentRange range, Ledger& ledger);

 private:
  const Thread& thread_of(std::uint64_t segment) const;

  Node& node_;
  std::size_t number_;
  std::vector<Thread> threads_;
  EbsProfile profile_;
  std::vector<Bytes> log_heads_;
};

// The numbers of chunk servers, in their order.
std::vector<std::size_t> servers_of(const std::vector<ChunkServer*>& replicas);

}  // namespace orrery
