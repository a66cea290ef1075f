// The case of net_case.hpp in ns-3, as plain as ns-3 can do it: a message and its reply are one UDP
// datagram each, without acknowledgements, congestion control, timers, marking, telemetry or queue
// discs. One at a time.
#pragma once

#include <cstdint>
#include <memory>

namespace orrery {

class Ns3Case {
 public:
  explicit Ns3Case(double messages_per_second);
  ~Ns3Case();

  void run_for_a_millisecond();
  // Ports that packets have passed so far.
  std::int64_t packet_hops() const;

 private:
  class Network;
  std::unique_ptr<Network> network_;
};

}  // namespace orrery
