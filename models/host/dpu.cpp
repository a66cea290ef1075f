#include "models/host/dpu.hpp"

namespace orrery {

const Declarations& DpuProfile::declarations() {
  static const Declarations all =
      Declare<DpuProfile>("DPU: cores, FPGA pipeline and the two PCIe links")
          .field("cores", &DpuProfile::cores, "polling cores", between(1, 1024))
          .field("slowness", &DpuProfile::slowness,
                 "time for a piece of work, relative to the reference host", between(0.01, 100))
          .field("internal_pcie_goodput", &DpuProfile::internal_pcie_goodput,
                 "goodput of the PCIe between FPGA and DPU cores, per direction", any_rate())
          .field("host_pcie_goodput", &DpuProfile::host_pcie_goodput,
                 "goodput of the PCIe between FPGA and guest memory, per direction", any_rate())
          .field("fpga_line_rate", &DpuProfile::fpga_line_rate,
                 "rate at which the FPGA pipeline takes data, per direction", any_rate())
          .field("fpga_qos", &DpuProfile::fpga_qos, "latency of the QoS stage", any_latency())
          .field("fpga_block_table", &DpuProfile::fpga_block_table,
                 "latency of the Block (segment) table stage", any_latency())
          .field("fpga_dma", &DpuProfile::fpga_dma,
                 "latency of the DMA engine, without the transfer", any_latency())
          .field("fpga_crc", &DpuProfile::fpga_crc, "latency of the CRC stage", any_latency())
          .field("fpga_sec", &DpuProfile::fpga_sec, "latency of the SEC (encryption) stage",
                 any_latency())
          .field("fpga_pktgen", &DpuProfile::fpga_pktgen, "latency of the PktGen stage",
                 any_latency())
          .field("fpga_addr_table", &DpuProfile::fpga_addr_table, "latency of the Addr table stage",
                 any_latency())
          .build();
  return all;
}

FpgaPipeline::FpgaPipeline(Calendar& calendar, const std::string& name, const DpuProfile& profile,
                           PcieLink& host_pcie)
    : calendar_(calendar),
      profile_(profile),
      host_pcie_(host_pcie),
      out_(calendar, name + "/out", 1),
      in_(calendar, name + "/in", 1) {}

Task<> FpgaPipeline::admit(Ledger& ledger) {
  co_await Delay(calendar_, profile_.fpga_qos + profile_.fpga_block_table);
  ledger.charge_service(stage::kAgent, calendar_.now());
}

Task<> FpgaPipeline::egress(Bytes bytes, bool encrypted, Ledger& ledger) {
  co_await host_pcie_.cross(PcieWay::up, bytes, {&ledger, stage::kPcie});
  co_await out_.use(bytes / profile_.fpga_line_rate, {&ledger, stage::kAgent});
  co_await Delay(calendar_, profile_.fpga_dma + profile_.fpga_crc +
                                (encrypted ? profile_.fpga_sec : Duration{}) +
                                profile_.fpga_pktgen);
  ledger.charge_service(stage::kAgent, calendar_.now());
}

Task<> FpgaPipeline::ingress(Bytes bytes, bool encrypted, Ledger& ledger) {
  co_await in_.use(bytes / profile_.fpga_line_rate, {&ledger, stage::kAgent});
  co_await Delay(calendar_, profile_.fpga_addr_table + profile_.fpga_crc +
                                (encrypted ? profile_.fpga_sec : Duration{}) + profile_.fpga_dma);
  ledger.charge_service(stage::kAgent, calendar_.now());
  co_await host_pcie_.cross(PcieWay::down, bytes, {&ledger, stage::kPcie});
}

void FpgaPipeline::collect_stations(std::vector<Station*>& into) {
  into.push_back(&out_);
  into.push_back(&in_);
}

Dpu::Dpu(Calendar& calendar, const std::string& name, const DpuProfile& profile)
    : profile_(profile),
      cpu_(calendar, name, static_cast<std::size_t>(profile.cores), profile.slowness),
      internal_pcie_(calendar, name + "/internal_pcie", profile.internal_pcie_goodput),
      host_pcie_(calendar, name + "/host_pcie", profile.host_pcie_goodput),
      fpga_(calendar, name + "/fpga", profile_, host_pcie_) {}

void Dpu::collect_stations(std::vector<Station*>& into) {
  cpu_.collect_stations(into);
  internal_pcie_.collect_stations(into);
  host_pcie_.collect_stations(into);
  fpga_.collect_stations(into);
}

}  // namespace orrery
