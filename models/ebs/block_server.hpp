// Block server: owns segments, turns a write into replica writes on chunk servers and a read into
// one read.
//
// Write: receive, index, replicate to the segment's chunk servers over the backend network, answer
// when the quorum has acknowledged; the others run on. Read: receive, look up, fetch from one chunk
// server, pass on. Segments are dealt out to its threads, each of which runs a request to
// completion. Steps of SIGCOMM'22 section 2.2; core time of FAST'24 Fig. 11a.
//
// A replica that cannot be written is replaced for good: the log goes on on another chunk server. A
// read that fails is tried on the next replica.
#pragma once

#include <functional>
#include <unordered_map>
#include <vector>

#include "models/ebs/chunk_server.hpp"
#include "models/ebs/profile.hpp"
#include "models/ebs/tables.hpp"
#include "models/host/node.hpp"
#include "models/net/connection.hpp"
#include "sim/join.hpp"
#include "sim/task.hpp"

namespace orrery {

class BlockServer {
 public:
  // Makes the connection from this block server to a chunk server.
  using Connect = std::function<std::unique_ptr<Connection>(ChunkServer&)>;

  // `number`: its place among the block servers. `threads` run on the node's cores; there is at
  // least one.
  BlockServer(TaskScope& scope, Node& node, std::size_t number, std::vector<Thread> threads,
              const EbsProfile& profile, int quorum, Connect connect);

  Node& node() { return node_; }
  std::size_t number() const { return number_; }
  // The chunk servers of a segment, in order; set once for each segment before the first I/O.
  void place(std::uint64_t segment, std::vector<ChunkServer*> replicas);

  // Names a chunk server in the place of one that fails, given those the segment has; none if there
  // is no other.
  using FindSpare = std::function<ChunkServer*(const std::vector<ChunkServer*>&)>;
  void set_spares(FindSpare find) { find_spare_ = std::move(find); }
  const std::vector<ChunkServer*>& replicas_of(std::uint64_t segment) const;
  // The connection to a chunk server, made when it is first used.
  Connection& backend_to(ChunkServer& chunk_server);
  std::int64_t replicas_replaced() const { return replicas_replaced_; }

  // From the request's arrival to the moment the answer can leave.
  Task<IoStatus> write(const Connection& frontend, SegmentRange range, Ledger& ledger);
  Task<IoStatus> read(const Connection& frontend, SegmentRange range, Ledger& ledger);

 private:
  Task<> replicate(std::size_t number, SegmentRange range, Ledger ledger,
                   Join<Ledger>::Ticket ticket);
  Task<bool> fetch(ChunkServer* replica, SegmentRange range, Ledger& ledger);
  // False if there is no other; else `failed` becomes the one in its place.
  bool replace(std::uint64_t segment, std::size_t number, ChunkServer*& failed);
  const Thread& thread_of(std::uint64_t segment) const;

  Calendar& calendar_;
  TaskScope& scope_;
  Node& node_;
  std::size_t number_;
  std::vector<Thread> threads_;
  EbsProfile profile_;
  int quorum_;
  std::unordered_map<std::uint64_t, std::vector<ChunkServer*>> replicas_;  // by segment
  Connect connect_;
  std::vector<std::unique_ptr<Connection>> backends_;  // by chunk server; those that were used
  FindSpare find_spare_;
  std::int64_t replicas_replaced_ = 0;
};

}  // namespace orrery
