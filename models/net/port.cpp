// A port's queues, its wire, and PFC.
#include "models/net/port.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "sim/assert.hpp"
#include "sim/random.hpp"

namespace orrery {

std::uint64_t Port::time_per_byte(BitRate rate) {
  return static_cast<std::uint64_t>(
      unit_detail::rounded(rate.picoseconds_per_byte() * (1 << kTimeBits)));
}

Port::Port(Calendar& calendar, Pool<Packet>& packets, std::string name, BitRate rate,
           Duration latency, Bytes buffer, const QueueProfiles& queues, SwitchBuffer* shared)
    : calendar_(calendar),
      time_per_byte_(time_per_byte(rate)),
      latency_(latency),
      packets_(packets),
      profiles_(queues),
      shared_(shared),
      buffer_(buffer.count()),
      coin_seed_(hash_of(0, name)),
      name_(std::move(name)),
      rate_(rate),
      drain_timer_(calendar, &Port::transmit_complete, this) {
  for (std::size_t c = 0; c < kTrafficClasses; ++c) {
    downstream_[c].port = this;
    downstream_[c].traffic_class = static_cast<TrafficClass>(c);
  }
  note_thresholds();
}

void Port::note_thresholds() {
  auto bytes_in = [this](Duration time) {
    return static_cast<std::int64_t>(static_cast<double>(time.count()) /
                                     rate_.picoseconds_per_byte());
  };
  for (std::size_t c = 0; c < kTrafficClasses; ++c) {
    queues_[c].mark_from = bytes_in(profiles_[c].mark_from);
    queues_[c].mark_to = bytes_in(profiles_[c].mark_to);
  }
}

void Port::accept(Packet* packet) {
  ++packets_in_[index_of(packet->traffic_class)];
  bytes_in_ += packet->wire_bytes;
  if (!hindered_ && queued_total_ == 0 && calendar_.now() >= free_at_) [[likely]] {
    transmit(packet);
    return;
  }
  if (!up_) {
    drop(packet, false);
    return;
  }
  if (filter_) {
    const Fate fate = filter_(*packet);
    if (fate == Fate::dropped || (packet->frames == 0 && !packet->is_ack)) {
      drop(packet, false);
      return;
    }
    packet->is_lost = fate == Fate::damaged;
  }
  Queue& queue = queues_[index_of(packet->traffic_class)];
  if (queued_total_ == 0 && calendar_.now() >= free_at_ && !queue.paused) {
    transmit(packet);
    return;
  }
  if (!enqueue(packet, queue)) drop(packet, false);
}

std::int64_t Port::room_in(const Queue& queue) const {
  std::int64_t room = buffer_ - queue.bytes;
  if (shared_ == nullptr) return room;
  const auto fair =
      static_cast<std::int64_t>(shared_->alpha * static_cast<double>(shared_->free()));
  return std::min({room, fair - queue.bytes, shared_->free()});
}

bool Port::enqueue(Packet* packet, Queue& queue) {
  const auto c = index_of(packet->traffic_class);
  const bool lossless = profiles_[c].lossless && shared_ != nullptr;
  const std::int64_t room = lossless ? shared_->free() : room_in(queue);
  if (packet->wire_bytes > room) {
    // The first frames of a burst find room, the others do not.
    const std::int64_t fit = std::max<std::int64_t>(0, room / packet->frame_bytes);
    std::uint64_t kept = packet->frames;
    while (std::popcount(kept) > fit) kept &= ~std::bit_floor(kept);
    if (kept == 0) return false;
    lose_frames(*packet, packet->frames & ~kept);
  }
  // A switch's business. Each frame of a burst finds those before it; the middle one counts for
  // all.
  const std::int64_t found = queue.bytes + (packet->wire_bytes - packet->frame_bytes) / 2;
  if (shared_ != nullptr && queue.mark_from > 0 && found >= queue.mark_from)
    mark(packet, queue, found);
  packet->next = nullptr;
  packet->queued_at = calendar_.now();
  if (shared_ == nullptr && !packet->is_ack) {
    packet->in_nic = true;
    packet->sink->packet_waits_in_nic(*packet);
  }
  (queue.last != nullptr ? queue.last->next : queue.first) = packet;
  queue.last = packet;
  queue.bytes += packet->wire_bytes;
  ++queue.packets;
  queued_total_ += packet->wire_bytes;
  peak_queued_ = std::max(peak_queued_, queued_total_);
  if (shared_ != nullptr) {
    shared_->used += packet->wire_bytes;
    shared_->peak = std::max(shared_->peak, shared_->used);
    if (lossless) count_from(packet, packet->wire_bytes);
  }
  if (!drain_timer_.armed() && !queue.paused) drain_timer_.arm(free_at_);
  return true;
}

// RED on the queue a packet finds (Floyd and Jacobson, 1993), without averaging, as switches mark
// for DCTCP and DCQCN.
void Port::mark(Packet* packet, const Queue& queue, std::int64_t found) {
  if (packet->is_ack) return;  // no transport marks its acknowledgements capable
  const std::size_t c = index_of(packet->traffic_class);
  if (found < queue.mark_to) {
    const double at = static_cast<double>(found - queue.mark_from) /
                      static_cast<double>(queue.mark_to - queue.mark_from);
    const double coin = static_cast<double>(mix(coin_seed_ + ++coins_) >> 11) * 0x1p-53;
    // Each frame of a burst draws.
    const double none =
        std::pow(1 - at * profiles_[c].mark_probability, std::popcount(packet->frames));
    if (coin >= 1 - none) return;
  }
  if (!packet->marked) ++marked_[c];
  packet->marked = true;
}

Packet* Port::dequeue(Queue& queue) {
  Packet* packet = queue.first;
  queue.first = packet->next;
  if (queue.first == nullptr) queue.last = nullptr;
  queue.bytes -= packet->wire_bytes;
  --queue.packets;
  queued_total_ -= packet->wire_bytes;
  if (shared_ != nullptr) {
    shared_->used -= packet->wire_bytes;
    if (profiles_[index_of(packet->traffic_class)].lossless)
      count_from(packet, -packet->wire_bytes);
  }
  return packet;
}

// PFC: what of a lossless class waits here, by the link it came from; that link's sender is told to
// stop and to go on.
void Port::count_from(Packet* packet, std::int64_t bytes) {
  if (packet->hop == 0) return;
  Downstream& from =
      packet->route->ports[packet->hop - 1]->downstream_[index_of(packet->traffic_class)];
  from.waiting += bytes;
  const auto most =
      static_cast<std::int64_t>(shared_->pfc_share * static_cast<double>(shared_->free()));
  const std::int64_t resume_at =
      std::max<std::int64_t>(0, most - 2 * std::int64_t{packet->frame_bytes});
  const bool stop = from.waiting > (from.told_to_stop ? resume_at : most);
  if (stop == from.told_to_stop) return;
  from.told_to_stop = stop;
  calendar_.schedule(calendar_.now() + from.port->latency_, &Port::heard_of_pause, &from);
}

// Words to stop and to go on alternate and take equally long.
void Port::heard_of_pause(void* argument) {
  auto* heard = static_cast<Downstream*>(argument);
  heard->stopped = !heard->stopped;
  if (heard->stopped) {
    ++heard->port->times_stopped_;
    heard->port->pause(heard->traffic_class);
  } else {
    heard->port->released_[index_of(heard->traffic_class)] = heard->port->calendar_.now();
    heard->port->resume(heard->traffic_class);
  }
}

TimePoint Port::held_until(TrafficClass traffic_class) const {
  const std::size_t c = index_of(traffic_class);
  return downstream_[c].stopped && up_ ? calendar_.now() : released_[c];
}

void Port::lose_frames(Packet& packet, std::uint64_t frames) {
  frames &= packet.frames;
  if (frames == 0) return;
  constexpr std::int32_t kSmallest = 84;  // a minimum frame with preamble and gap
  packet.frames &= ~frames;
  frames_lost_ += std::popcount(frames);
  const std::int32_t left =
      std::max(kSmallest, packet.wire_bytes - std::popcount(frames) * packet.frame_bytes);
  bytes_unsent_ += packet.wire_bytes - left;
  packet.wire_bytes = left;
  packet.frame_bytes = std::min(packet.frame_bytes, packet.wire_bytes);
}

bool Port::damage_frames(Packet& packet, std::uint64_t frames) {
  frames &= packet.frames;
  if (frames == packet.frames) return false;
  packet.frames &= ~frames;
  frames_lost_ += std::popcount(frames);
  return true;
}

// The first frame is passed on when it is through, the last one not before it has come in and gone
// out.
void Port::transmit(Packet* packet) {
  const TimePoint now = calendar_.now();
  const Duration sending = time_for(packet->wire_bytes);
  free_at_ = now + sending;
  busy_ += sending;
  ++packets_sent_[index_of(packet->traffic_class)];
  packet->on_wire = true;
  if (packet->telemetry != nullptr && !packet->is_ack)
    packet->telemetry->hops[packet->hop] = {now, bytes_in_ - queued_total_ - bytes_unsent_,
                                            queued_total_};
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
    arrival = std::max(now + last + latency_ + Duration{route.end_latency}, route.last_arrival);
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
  if (Queue* queue = next_queue()) {
    Packet* packet = dequeue(*queue);
    const Duration waited = calendar_.now() - packet->queued_at;
    packet->queued += waited;
    packet->tail =
        static_cast<std::int32_t>(std::max<std::int64_t>(0, packet->tail - waited.count()));
    if (packet->in_nic) {
      packet->in_nic = false;
      packet->sink->packet_left_nic(*packet, waited);
    }
    transmit(packet);
  }
  if (anything_to_send()) drain_timer_.arm(free_at_);
}

Port::Queue* Port::next_queue() {
  bool weighted = false;
  for (std::size_t c = 0; c < kTrafficClasses; ++c) {
    if (queues_[c].first == nullptr || queues_[c].paused) continue;
    if (profiles_[c].is_strict()) return &queues_[c];
    weighted = true;
  }
  if (!weighted) return nullptr;
  constexpr std::int64_t kQuantum = 1500;  // per unit of weight and round
  for (;; turn_ = (turn_ + 1) % kTrafficClasses, turn_begun_ = false) {
    Queue& queue = queues_[turn_];
    if (profiles_[turn_].is_strict()) continue;
    if (queue.first == nullptr || queue.paused) {
      queue.deficit = 0;
      continue;
    }
    // A turn lasts as long as its quantum and what was left of the last one.
    if (!turn_begun_) queue.deficit += kQuantum * profiles_[turn_].weight;
    turn_begun_ = true;
    if (queue.deficit >= queue.first->wire_bytes) {
      queue.deficit -= queue.first->wire_bytes;
      return &queue;
    }
  }
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
  if (!sent) {
    ++lost.packets_unsent;
    bytes_unsent_ += packet->wire_bytes;
  }
  packet->sink->packet_dropped(packet);
}

void Port::note_hindrance() {
  hindered_ = !up_ || static_cast<bool>(filter_);
  for (const Queue& queue : queues_) hindered_ |= queue.paused;
}

void Port::set_filter(Filter filter) {
  filter_ = std::move(filter);
  note_hindrance();
}

void Port::set_rate(BitRate rate) {
  ORRERY_INVARIANT(rate >= BitRate{kSlowest}, name_.c_str(),
                   "a rate below 1 Mbps; to stop a port, pause it");
  rate_ = rate;
  time_per_byte_ = time_per_byte(rate);
  note_thresholds();
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
    while (queue.first != nullptr) drop(dequeue(queue), false);
}

}  // namespace orrery
