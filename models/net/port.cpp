#include "models/net/port.hpp"

#include <algorithm>
#include <limits>

#include "sim/assert.hpp"

namespace orrery {

namespace {
std::size_t index_of(TrafficClass c) { return static_cast<std::size_t>(c); }
}  // namespace

std::uint64_t Port::time_per_byte(BitRate rate) {
  return static_cast<std::uint64_t>(
      unit_detail::rounded(rate.picoseconds_per_byte() * (1 << kTimeBits)));
}

Port::Port(Calendar& calendar, Pool<Packet>& packets, std::string name, BitRate rate,
           Duration latency, Bytes buffer)
    : calendar_(calendar),
      time_per_byte_(time_per_byte(rate)),
      latency_(latency),
      packets_(packets),
      buffer_(buffer.count()),
      name_(std::move(name)),
      rate_(rate),
      drain_timer_(calendar, &Port::transmit_complete, this) {}

void Port::accept(Packet* packet) {
  ++packets_in_[index_of(packet->traffic_class)];
  bytes_in_ += packet->wire_bytes;
  if (!hindered_ && queued_total_ == 0 && calendar_.now() >= free_at_) [[likely]] {
    transmit(packet);
    return;
  }
  if (!up_ || (filter_ && filter_(*packet))) {
    drop(packet, false);
    return;
  }
  Queue& queue = queues_[index_of(packet->traffic_class)];
  if (queued_total_ == 0 && calendar_.now() >= free_at_ && !queue.paused) {
    transmit(packet);
    return;
  }
  if (queue.bytes + packet->wire_bytes > buffer_) {
    drop(packet, false);
    return;
  }
  packet->next = nullptr;
  packet->queued_at = calendar_.now();
  (queue.last != nullptr ? queue.last->next : queue.first) = packet;
  queue.last = packet;
  queue.bytes += packet->wire_bytes;
  ++queue.packets;
  queued_total_ += packet->wire_bytes;
  peak_queued_ = std::max(peak_queued_, queued_total_);
  if (!drain_timer_.armed() && !queue.paused) drain_timer_.arm(free_at_);
}

// The first frame is passed on when it is through, the last one not before it has come in and gone out.
void Port::transmit(Packet* packet) {
  const TimePoint now = calendar_.now();
  const Duration sending = time_for(packet->wire_bytes);
  free_at_ = now + sending;
  busy_ += sending;
  ++packets_sent_[index_of(packet->traffic_class)];
  packet->on_wire = true;
  Duration first = sending;
  Duration last = sending;
  if (packet->wire_bytes > packet->frame_bytes) {
    first = time_for(packet->frame_bytes);
    last = std::max(sending, first + Duration{packet->tail});
    packet->tail = static_cast<std::int32_t>(
        std::min<std::int64_t>((last - first).count(), std::numeric_limits<std::int32_t>::max()));
  }
  Route& route = *packet->route;
  TimePoint arrival = now + first + latency_;
  const void* next = packet->sink;
  if (packet->hop + 1 == route.length) {
    arrival = std::max(now + last + latency_ + route.end_latency, route.last_arrival);
    route.last_arrival = arrival;
  } else {
    next = route.ports[packet->hop + 1];
  }
  calendar_.schedule(arrival, &Port::arrived_at_next, packet, next);
}

void Port::arrived_at_next(void* argument) {
  auto* packet = static_cast<Packet*>(argument);
  packet->on_wire = false;
  if (packet->is_lost) [[unlikely]] {
    packet->route->ports[packet->hop]->drop(packet, true);
    return;
  }
  if (++packet->hop < packet->route->length) packet->route->ports[packet->hop]->accept(packet);
  else packet->sink->packet_arrived(packet);
}

void Port::transmit_complete(void* port) { static_cast<Port*>(port)->drain(); }

void Port::drain() {
  if (calendar_.now() < free_at_) {
    drain_timer_.arm(free_at_);
    return;
  }
  for (Queue& queue : queues_) {
    if (queue.first == nullptr || queue.paused) continue;
    Packet* packet = queue.first;
    queue.first = packet->next;
    if (queue.first == nullptr) queue.last = nullptr;
    queue.bytes -= packet->wire_bytes;
    --queue.packets;
    queued_total_ -= packet->wire_bytes;
    const Duration waited = calendar_.now() - packet->queued_at;
    packet->queued += waited;
    packet->tail =
        static_cast<std::int32_t>(std::max<std::int64_t>(0, packet->tail - waited.count()));
    transmit(packet);
    break;
  }
  if (anything_to_send()) drain_timer_.arm(free_at_);
}

bool Port::anything_to_send() const {
  for (const Queue& queue : queues_)
    if (queue.first != nullptr && !queue.paused) return true;
  return false;
}

void Port::drop(Packet* packet, bool sent) {
  Lost& lost = lost_[index_of(packet->traffic_class)];
  ++lost.packets;
  lost.bytes += packet->wire_bytes;
  if (!sent) ++lost.packets_unsent;
  packet->sink->packet_dropped(packet);
}

void Port::note_hindrance() {
  hindered_ = !up_ || static_cast<bool>(filter_);
  for (const Queue& queue : queues_) hindered_ |= queue.paused;
}

void Port::set_drop_filter(std::function<bool(const Packet&)> filter) {
  filter_ = std::move(filter);
  note_hindrance();
}

void Port::set_rate(BitRate rate) {
  ORRERY_INVARIANT(rate >= BitRate{kSlowest}, name_.c_str(),
                   "a rate below 1 Mbps; to stop a port, pause it");
  rate_ = rate;
  time_per_byte_ = time_per_byte(rate);
}

void Port::pause(TrafficClass traffic_class) {
  queues_[index_of(traffic_class)].paused = true;
  note_hindrance();
}

void Port::resume(TrafficClass traffic_class) {
  queues_[index_of(traffic_class)].paused = false;
  note_hindrance();
  if (!drain_timer_.armed() && anything_to_send())
    drain_timer_.arm(std::max(free_at_, calendar_.now()));
}

void Port::set_up(bool up) {
  if (up == up_) return;
  up_ = up;
  note_hindrance();
  if (up) return;
  packets_.for_each([this](Packet& packet) {
    if (packet.on_wire && packet.route->ports[packet.hop] == this) packet.is_lost = true;
  });
  drain_timer_.disarm();
  free_at_ = calendar_.now();
  for (Queue& queue : queues_)
    while (Packet* packet = queue.first) {
      queue.first = packet->next;
      if (queue.first == nullptr) queue.last = nullptr;
      queue.bytes -= packet->wire_bytes;
      --queue.packets;
      queued_total_ -= packet->wire_bytes;
      drop(packet, false);
    }
}

Port::Counters Port::counters(TrafficClass traffic_class) const {
  const std::size_t c = index_of(traffic_class);
  const Lost& lost = lost_[c];
  Counters all;
  all.packets_in = packets_in_[c];
  all.packets_sent = packets_sent_[c];
  all.packets_dropped = lost.packets;
  all.bytes_dropped = lost.bytes;
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
