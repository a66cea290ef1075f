// RoCEv2's recovery: go-back-N in the NIC (InfiniBand's reliable connection, IBTA 9.7). The
// receiver keeps nothing that is out of order, of a burst not the frames behind a gap either; it
// says so once (a NAK) and waits for what it expects. The sender starts again from there, or when
// its timer has run out.
#include <cstdint>

#include "models/net/transport/channel.hpp"

namespace orrery {

namespace {

class RdmaGoBackN final : public Recovery {
 public:
  constexpr RdmaGoBackN() : Recovery(true, false, true) {}

  bool accepts(Channel& channel, Path& path, Packet* packet) const override {
    if (precedes(packet->sequence, path.expected)) {
      channel.pay_for_duplicate(*packet);
      channel.answer(packet, false);
      return false;
    }
    if (packet->sequence != path.expected) {
      refuse_once(channel, path, packet);
      return false;
    }
    Segment& segment = path.at(packet->sequence);
    const std::uint64_t came = packet->frames & segment.missing;
    const std::uint64_t gap = segment.missing & ~packet->frames;
    const std::uint64_t kept = came & (lowest_frames(gap, 1) - 1);
    if (gap == 0 || kept == came) return true;
    if (kept != 0) path.refused = false;
    segment.missing &= ~kept;
    refuse_once(channel, path, packet);
    return false;
  }

 private:
  static void refuse_once(Channel& channel, Path& path, Packet* packet) {
    if (path.refused) {
      channel.give_back(packet);
      return;
    }
    path.refused = true;
    channel.answer(packet, true);
  }
};

}  // namespace

const Recovery& rdma_go_back_n() {
  static const RdmaGoBackN only;
  return only;
}

}  // namespace orrery
