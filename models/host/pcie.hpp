// A PCIe link, full duplex: one server per direction, FIFO, serving at the goodput of its profile.
//
// The internal PCIe of a DPU joins its FPGA and its own CPU complex. Every byte that software on
// the DPU touches crosses it twice, once in each direction; a data path that stays in the FPGA does
// not cross it at all. Source of its goodput: SIGCOMM'22 Fig. 14a, line "PCIe goodput bottleneck",
// 3166 MB/s.
#pragma once

#include <string>
#include <vector>

#include "sim/station.hpp"
#include "sim/units.hpp"

namespace orrery {

enum class PcieWay : std::uint8_t { down, up };  // towards memory, towards the device

class PcieLink {
 public:
  PcieLink(Calendar& calendar, const std::string& name, BitRate goodput)
      : goodput_(goodput), down_(calendar, name + "/down", 1), up_(calendar, name + "/up", 1) {}

  // Completes when the last byte has arrived on the other side.
  Station::Use cross(PcieWay way, Bytes bytes, Charge charge) {
    return (way == PcieWay::down ? down_ : up_).use(bytes / goodput_, charge);
  }
  BitRate goodput() const { return goodput_; }
  void collect_stations(std::vector<Station*>& into) {
    into.push_back(&down_);
    into.push_back(&up_);
  }

 private:
  BitRate goodput_;
  Station down_;
  Station up_;
};

}  // namespace orrery
