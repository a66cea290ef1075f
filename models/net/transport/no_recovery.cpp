// No recovery: the fabric's loss of a packet is the loss of its message, and nobody waits for what
// was lost.
#include "models/net/transport/channel.hpp"

namespace orrery {

namespace {

class NoRecovery final : public Recovery {
 public:
  constexpr NoRecovery() : Recovery(false, false, false) {}

  // What is acknowledged was not overtaken: what is missing before it has been given up.
  void find_lost(Channel& channel, Path& path, std::uint32_t end) const override {
    channel.find_overtaken(path, end);
  }
};

}  // namespace

const Recovery& no_recovery() {
  static const NoRecovery only;
  return only;
}

}  // namespace orrery
