// Where a storage agent runs, and what its data crosses there (facts of SIGCOMM'22 Figs. 2, 10, 12,
// 13).
//
//   host            software on host cores; guest memory is at hand
//   dpu             software on the DPU's cores (LUNA, RDMA, SOLAR*): data crosses the host PCIe to
//                   the FPGA, and the internal PCIe once in each direction
//   dpu, offloaded  SOLAR: commands and blocks stay in the FPGA, cores see headers only
//
// An agent over a polling stack has one pinned thread per core, one over kernel TCP floats.
#pragma once

#include <memory>
#include <vector>

#include "models/ebs/profile.hpp"
#include "models/host/node.hpp"
#include "models/net/registry.hpp"
#include "sim/task.hpp"

namespace orrery {

class AgentSite {
 public:
  explicit AgentSite(std::vector<Thread> threads) : threads_(std::move(threads)) {}
  virtual ~AgentSite() = default;

  const std::vector<Thread>& threads() const { return threads_; }
  // Core time on this site's own cores, scaled to their speed.
  virtual Duration submit_work(std::int64_t blocks, bool encrypted) const = 0;
  virtual Duration complete_work(std::int64_t blocks, bool encrypted) const = 0;
  // Out: a command arrives; data from guest memory to where the agent works on it; from there to
  // the NIC.
  virtual Task<> admit(Ledger& ledger) = 0;
  virtual Task<> fetch(Bytes bytes, Ledger& ledger) = 0;
  virtual Task<> emit(Bytes bytes, bool encrypted, Ledger& ledger) = 0;
  // Back: data from the NIC to where the agent works on it; from there to guest memory.
  virtual Task<> take_in(Bytes bytes, bool encrypted, Ledger& ledger) = 0;
  virtual Task<> place(Bytes bytes, Ledger& ledger) = 0;
  virtual const char* name() const = 0;

 private:
  std::vector<Thread> threads_;
};

std::unique_ptr<AgentSite> make_host_site(Node& node, const EbsProfile& profile,
                                          const StackTraits& stack);
// The node must have a DPU.
std::unique_ptr<AgentSite> make_dpu_site(Node& node, const EbsProfile& profile,
                                         const StackTraits& stack);

}  // namespace orrery
