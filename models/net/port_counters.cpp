// What a port has counted.
#include <algorithm>

#include "models/net/port.hpp"

namespace orrery {

Port::Counters Port::counters(TrafficClass traffic_class) const {
  const std::size_t c = index_of(traffic_class);
  const Lost& lost = lost_[c];
  Counters all;
  all.packets_in = packets_in_[c];
  all.packets_sent = packets_sent_[c];
  all.packets_dropped = lost.packets;
  all.bytes_dropped = lost.bytes;
  all.packets_marked = marked_[c];
  all.packets_passed = packets_sent_[c] - (lost.packets - lost.packets_unsent);
  packets_.for_each([&](const Packet& packet) {
    all.packets_passed -= packet.on_wire && packet.traffic_class == traffic_class &&
                          packet.route->ports[packet.hop] == this;
  });
  return all;
}

Port::Counters Port::totals() const {
  Counters sum;
  for (std::size_t i = 0; i < kTrafficClasses; ++i) {
    const Counters c = counters(static_cast<TrafficClass>(i));
    sum.packets_in += c.packets_in;
    sum.packets_sent += c.packets_sent;
    sum.packets_passed += c.packets_passed;
    sum.packets_dropped += c.packets_dropped;
    sum.bytes_dropped += c.bytes_dropped;
    sum.packets_marked += c.packets_marked;
  }
  return sum;
}

std::int64_t Port::packets_in() const {
  std::int64_t sum = 0;
  for (const std::int64_t packets : packets_in_) sum += packets;
  return sum;
}

std::int64_t Port::packets_dropped() const {
  std::int64_t sum = 0;
  for (const Lost& lost : lost_) sum += lost.packets;
  return sum;
}

std::int64_t Port::packets_marked() const {
  std::int64_t sum = 0;
  for (const std::int64_t packets : marked_) sum += packets;
  return sum;
}

bool Port::is_balanced() const {
  for (std::size_t c = 0; c < kTrafficClasses; ++c)
    if (packets_in_[c] != packets_sent_[c] + lost_[c].packets_unsent + queues_[c].packets)
      return false;
  return true;
}

std::int64_t Port::in_flight() const {
  const Counters sum = totals();
  return sum.packets_in - sum.packets_passed - sum.packets_dropped;
}

}  // namespace orrery
