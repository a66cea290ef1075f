// The ALI-DPU: a card with its own cores and an FPGA, between the guest and the network.
//
// Source: SIGCOMM'22 sections 4.2-4.5, Figs. 10, 12, 13. Guest memory and FPGA are joined by the
// host PCIe; FPGA and the DPU's CPU complex by the internal PCIe, which software that touches data
// crosses once in each direction. The FPGA pipeline (QoS, Block table, DMA, CRC, SEC, PktGen on the
// way out; Addr table, CRC, SEC, DMA on the way in) takes data at its line rate; each stage adds
// its own latency, so blocks queue only before the first. Stage latencies are not published: kind
// assumed.
#pragma once

#include <string>
#include <vector>

#include "models/host/cpu.hpp"
#include "models/host/pcie.hpp"
#include "models/io.hpp"
#include "sim/params.hpp"
#include "sim/station.hpp"
#include "sim/task.hpp"

namespace orrery {

struct DpuProfile {
  std::int64_t cores = 0;
  double slowness = 0;
  BitRate internal_pcie_goodput;
  BitRate host_pcie_goodput;
  BitRate fpga_line_rate;
  Duration fpga_qos{}, fpga_block_table{}, fpga_dma{}, fpga_crc{}, fpga_sec{}, fpga_pktgen{},
      fpga_addr_table{};
  static const Declarations& declarations();
};

// The FPGA's data path. Charges go to stage::kPcie for the DMA's crossing and to stage::kAgent for
// the pipeline.
class FpgaPipeline {
 public:
  FpgaPipeline(Calendar& calendar, const std::string& name, const DpuProfile& profile,
               PcieLink& host_pcie);

  // QoS and Block match-action of a new command, before a core hears of it.
  Task<> admit(Ledger& ledger);
  // Guest memory to wire: DMA, CRC, SEC if encrypted, PktGen.
  Task<> egress(Bytes bytes, bool encrypted, Ledger& ledger);
  // Wire to guest memory: Addr table, CRC, SEC if encrypted, DMA.
  Task<> ingress(Bytes bytes, bool encrypted, Ledger& ledger);

  void collect_stations(std::vector<Station*>& into);

 private:
  Calendar& calendar_;
  const DpuProfile& profile_;
  PcieLink& host_pcie_;
  Station out_;
  Station in_;
};

class Dpu {
 public:
  Dpu(Calendar& calendar, const std::string& name, const DpuProfile& profile);

  Cpu& cpu() { return cpu_; }
  PcieLink& internal_pcie() { return internal_pcie_; }
  PcieLink& host_pcie() { return host_pcie_; }
  FpgaPipeline& fpga() { return fpga_; }
  void collect_stations(std::vector<Station*>& into);

 private:
  DpuProfile profile_;
  Cpu cpu_;
  PcieLink internal_pcie_;
  PcieLink host_pcie_;
  FpgaPipeline fpga_;
};

}  // namespace orrery
