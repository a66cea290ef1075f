// Storage agent (SA): the EBS client of one compute server, and the volumes it serves.
//
// The data path of SIGCOMM'22 Figs. 2, 10, 12 and 13, one function per direction, step by step.
// Where it differs by architecture it calls the site (host, DPU, FPGA) and the connection (kernel
// TCP, LUNA, SOLAR, RDMA) it was composed with.
//
// What fails is tried again: an RPC whose connection failed or whose server is down goes out anew
// after `retry_delay`, to whichever block server has the segment by then. A connection on which
// nothing has come back for `rpc_timeout` while RPCs are outstanding is closed, which fails them,
// and made anew with another source port. An I/O that is older than `io_timeout` when an attempt
// ends fails for good.
//
// A volume's queue pairs are dealt out to the agent's threads (EuroSys'25: each pinned to one
// polling worker thread); a thread has connections of its own to the block servers, made when it
// first talks to one.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "models/ebs/agent_site.hpp"
#include "models/ebs/block_server.hpp"
#include "models/ebs/profile.hpp"
#include "models/ebs/tables.hpp"
#include "models/net/connection.hpp"
#include "models/volume/block_volume.hpp"
#include "sim/join.hpp"
#include "sim/task.hpp"

namespace orrery {

class StorageAgent;

// A volume of EBS: its tables, and the agent that works with them.
class EbsVolume final : public BlockVolume {
 public:
  struct Options {
    QosLimits limits;
    Bytes size;
    bool encrypted = false;
    std::size_t queue_pairs = 1;
    std::size_t first_thread = 0;  // of the agent, for the first queue pair; the others follow
  };
  EbsVolume(StorageAgent& agent, std::string name, SegmentTable segments, const Options& options);

  const std::string& name() const override { return name_; }
  Bytes size() const override { return options_.size; }
  Task<IoStatus> submit(Io& io) override;
  // Within the segments it has.
  bool resize(Bytes size) override;
  // Snapshots are taken by the block servers' log structure; the data path does not change.
  bool snapshot(const std::string& snapshot) override;

  SegmentTable& segments() { return segments_; }
  Qos& qos() { return qos_; }
  bool encrypted() const { return options_.encrypted; }
  // The number of the agent's thread that serves a queue of the guest's.
  std::size_t thread_of(std::size_t queue) const;

 private:
  StorageAgent& agent_;
  std::string name_;
  SegmentTable segments_;
  Qos qos_;
  Options options_;
  std::vector<std::string> snapshots_;
};

class StorageAgent {
 public:
  // Makes the connection from one of the agent's threads to a block server; `earlier`: how many
  // there have been.
  using Connect =
      std::function<std::unique_ptr<Connection>(std::size_t thread, BlockServer&, int earlier)>;

  StorageAgent(Calendar& calendar, TaskScope& scope, const EbsProfile& profile,
               std::unique_ptr<AgentSite> site, Connect connect);

  Calendar& calendar() { return calendar_; }
  AgentSite& site() { return *site_; }

  Task<IoStatus> submit(EbsVolume& volume, Io& io);

  // RPCs that went out again, and connections that were closed for their silence.
  std::int64_t retries() const { return retries_; }
  std::int64_t reconnects() const { return reconnects_; }
  // Those of them that something may still come over.
  std::size_t connections_closing() const { return closed_.size(); }

 private:
  struct Session {
    std::unique_ptr<Connection> connection;
    std::int64_t rpcs = 0;  // that use it
  };
  // From one of the threads to a block server.
  struct Link {
    std::unique_ptr<Session> session;
    TimePoint heard{};  // the last answer, or since when there is one to wait for
    int made = 0;
  };
  // One RPC's worth of an I/O, and the thread that works on it.
  struct Part {
    Direction direction;
    SegmentRange range;
    bool encrypted;
    std::size_t thread;
  };
  Task<IoStatus> rpc(Part part, Connection& frontend, Ledger& ledger);
  Task<IoStatus> write(Part part, Connection& frontend, Ledger& ledger);
  Task<IoStatus> read(Part part, Connection& frontend, Ledger& ledger);
  Task<> one_of_many(EbsVolume& volume, Part part, Bytes offset, Ledger ledger,
                     Join<Ledger>::Ticket ticket);
  Session& begin_rpc(const Part& part);
  void end_rpc(Session& session, std::size_t thread, std::size_t server, IoStatus status);
  // Whether an I/O whose RPC failed may be tried again.
  bool may_retry(Ledger& ledger);
  static void look_for_silence(void* agent);

  Calendar& calendar_;
  TaskScope& scope_;
  Duration rpc_timeout_, retry_delay_, io_timeout_;
  std::unique_ptr<AgentSite> site_;
  Connect connect_;
  std::vector<std::vector<Link>> links_;          // by thread and block server
  std::vector<std::unique_ptr<Session>> closed_;  // packets of theirs may be under way
  std::int64_t reconnects_ = 0;
  std::int64_t retries_ = 0;
  Timer watch_;
};

}  // namespace orrery
