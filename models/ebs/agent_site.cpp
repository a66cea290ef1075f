#include "models/ebs/agent_site.hpp"

namespace orrery {

namespace {

std::vector<Thread> threads_on(Cpu& cpu, const StackTraits& stack) {
  if (!stack.threads_poll) return {Thread::floating(cpu)};
  std::vector<Thread> threads;
  for (std::size_t i = 0; i < cpu.cores(); ++i) threads.push_back(Thread::pinned(cpu, i));
  return threads;
}

// Agent work in software: tables per I/O, CRC and encryption per block. Blocks of a write are
// worked on before it leaves, those of a read after they have come.
class SoftwareCost {
 public:
  SoftwareCost(Cpu& cpu, const EbsProfile& profile) : cpu_(cpu), profile_(profile) {}
  Duration submit(std::int64_t blocks, bool encrypted) const {
    return cpu_.time_for(profile_.agent_submit_per_io + profile_.agent_tables_per_io +
                         per_block(encrypted) * blocks);
  }
  Duration complete(std::int64_t blocks, bool encrypted) const {
    return cpu_.time_for(profile_.agent_complete_per_io + per_block(encrypted) * blocks);
  }

 private:
  Duration per_block(bool encrypted) const {
    return profile_.agent_work_per_block + (encrypted ? profile_.encryption_per_block : Duration{});
  }
  Cpu& cpu_;
  EbsProfile profile_;
};

class HostSite final : public AgentSite {
 public:
  HostSite(Node& node, const EbsProfile& profile, const StackTraits& stack)
      : AgentSite(threads_on(node.cpu(), stack)), cost_(node.cpu(), profile) {}

  Duration submit_work(std::int64_t blocks, bool encrypted) const override {
    return cost_.submit(blocks, encrypted);
  }
  Duration complete_work(std::int64_t blocks, bool encrypted) const override {
    return cost_.complete(blocks, encrypted);
  }
  Task<> admit(Ledger&) override { return {}; }
  Task<> fetch(Bytes, Ledger&) override { return {}; }
  Task<> emit(Bytes, bool, Ledger&) override { return {}; }
  Task<> take_in(Bytes, bool, Ledger&) override { return {}; }
  Task<> place(Bytes, Ledger&) override { return {}; }
  const char* name() const override { return "host"; }

 private:
  SoftwareCost cost_;
};

class DpuSoftwareSite final : public AgentSite {
 public:
  DpuSoftwareSite(Dpu& dpu, const EbsProfile& profile, const StackTraits& stack)
      : AgentSite(threads_on(dpu.cpu(), stack)), dpu_(dpu), cost_(dpu.cpu(), profile) {}

  Duration submit_work(std::int64_t blocks, bool encrypted) const override {
    return cost_.submit(blocks, encrypted);
  }
  Duration complete_work(std::int64_t blocks, bool encrypted) const override {
    return cost_.complete(blocks, encrypted);
  }
  Task<> admit(Ledger&) override { return {}; }
  Task<> fetch(Bytes bytes, Ledger& ledger) override {
    co_await dpu_.host_pcie().cross(PcieWay::up, bytes, {&ledger, stage::kPcie});
    co_await dpu_.internal_pcie().cross(PcieWay::down, bytes, {&ledger, stage::kPcie});
  }
  Task<> emit(Bytes bytes, bool, Ledger& ledger) override {
    co_await dpu_.internal_pcie().cross(PcieWay::up, bytes, {&ledger, stage::kPcie});
  }
  Task<> take_in(Bytes bytes, bool, Ledger& ledger) override {
    co_await dpu_.internal_pcie().cross(PcieWay::down, bytes, {&ledger, stage::kPcie});
  }
  Task<> place(Bytes bytes, Ledger& ledger) override {
    co_await dpu_.internal_pcie().cross(PcieWay::up, bytes, {&ledger, stage::kPcie});
    co_await dpu_.host_pcie().cross(PcieWay::down, bytes, {&ledger, stage::kPcie});
  }
  const char* name() const override { return "dpu"; }

 private:
  Dpu& dpu_;
  SoftwareCost cost_;
};

class OffloadedSite final : public AgentSite {
 public:
  OffloadedSite(Dpu& dpu, const EbsProfile& profile, const StackTraits& stack)
      : AgentSite(threads_on(dpu.cpu(), stack)), dpu_(dpu), profile_(profile) {}

  Duration submit_work(std::int64_t, bool) const override {
    return dpu_.cpu().time_for(profile_.agent_submit_per_io);
  }
  Duration complete_work(std::int64_t, bool) const override {
    return dpu_.cpu().time_for(profile_.agent_complete_per_io);
  }
  Task<> admit(Ledger& ledger) override { return dpu_.fpga().admit(ledger); }
  Task<> fetch(Bytes, Ledger&) override { return {}; }
  Task<> emit(Bytes bytes, bool encrypted, Ledger& ledger) override {
    return dpu_.fpga().egress(bytes, encrypted, ledger);
  }
  Task<> take_in(Bytes bytes, bool encrypted, Ledger& ledger) override {
    return dpu_.fpga().ingress(bytes, encrypted, ledger);
  }
  Task<> place(Bytes, Ledger&) override { return {}; }
  const char* name() const override { return "dpu, offloaded"; }

 private:
  Dpu& dpu_;
  EbsProfile profile_;
};

}  // namespace

std::unique_ptr<AgentSite> make_host_site(Node& node, const EbsProfile& profile,
                                          const StackTraits& stack) {
  return std::make_unique<HostSite>(node, profile, stack);
}

std::unique_ptr<AgentSite> make_dpu_site(Node& node, const EbsProfile& profile,
                                         const StackTraits& stack) {
  if (stack.data_path_in_fpga) return std::make_unique<OffloadedSite>(*node.dpu(), profile, stack);
  return std::make_unique<DpuSoftwareSite>(*node.dpu(), profile, stack);
}

}  // namespace orrery
