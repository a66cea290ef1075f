// TCP's recovery: selective acknowledgement (RFC 2018), losses found by order of sending (RACK, RFC
// 8985, without reordering), else by a timeout that doubles (RFC 6298, in acknowledgement.cpp).
#include "models/net/transport/channel.hpp"

namespace orrery {

namespace {

class TcpSack final : public Recovery {
 public:
  constexpr TcpSack() : Recovery(true, true, false) {}

  void find_lost(Channel& channel, Path& path, std::uint32_t end) const override {
    channel.find_overtaken(path, end);
  }
};

}  // namespace

const Recovery& tcp_sack() {
  static const TcpSack only;
  return only;
}

}  // namespace orrery
