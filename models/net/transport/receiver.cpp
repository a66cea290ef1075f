// The receiver: what has come is acknowledged, put in order and handed over.
#include <algorithm>

#include "models/net/transport/channel.hpp"
#include "models/net/transport/message.hpp"

namespace orrery {

Task<> Channel::receive_on_core(Packet* packet) {
  Station::Use use =
      receiver_.core().use(receiver_.time_for(shape_.receiver_packet_work), {}, kWorkPriority);
  const Served served = co_await use;
  packet->queued += use.waited();
  if (served == Served::done) receive(packet);
  else packet_dropped(packet);
}

void Channel::receive(Packet* packet) {
  const int index = packet->path;
  Path& path = paths_[index];
  const std::uint32_t sequence = packet->sequence;
  if (closed_) {
    give_back(packet);
    return;
  }
  if (peer_ != nullptr) {
    Path& other = peer_->paths_[index];
    if (precedes(other.base, packet->acknowledged)) {
      AckSample sample;
      sample.now = fabric_.calendar().now();
      sample.in_flight = other.in_flight;
      sample.limited = !peer_->waiting_.empty() || 2 * other.in_flight >= peer_->window_of(other);
      peer_->acknowledge_through(other, packet->acknowledged, sample);
      other.heard = sample.now;
      peer_->note_progress(other, sample.now);
      if (sample.acked > 0 && other.congestion) {
        other.congestion->acknowledged(sample);
        peer_->note_window(other);
      }
      peer_->pump();  // its own acknowledgement may have been lost
    }
  }
  if (!path.holds(sequence)) {  // a duplicate of what is long known, or of an earlier life
    pay_for_duplicate(*packet);
    answer(packet, false);
    return;
  }
  const TimePoint now = fabric_.calendar().now();
  const std::uint32_t from = path.expected;
  Segment& segment = path.at(sequence);
  if (shape_.recovery->may_refuse && !shape_.recovery->accepts(*this, path, packet)) return;
  const bool was_complete = segment.missing == 0;
  if (was_complete) pay_for_duplicate(*packet);
  segment.missing &= ~packet->frames;
  if (segment.missing == 0 && !was_complete) segment.arrived = now - packet->queued;
  while (path.holds(path.expected) && path.at(path.expected).missing == 0) ++path.expected;
  if (path.expected != from) path.refused = false;
  const bool complete = segment.missing == 0 && !was_complete;
  // A gap, and its end, are told at once, payload or not (RFC 5681, 4.2).
  const bool is_news = precedes(path.expected, sequence) || path.expected - from > 1;
  if (!shape_.recovery->sends_again && packet->payload == 0) {
    AckSample sample;
    note_acked(path, segment, sample);
    give_back(packet);
  } else if (packet->payload > 0 || segment.probe || was_complete || is_news) {
    answer(packet, false);
  } else {
    give_back(packet);
    owe_ack(index);
  }
  if (!shape_.ordered) {
    if (complete) hand_over(paths_[index].at(sequence));
  } else {
    deliver(index, from, path.expected);
  }
  if (!shape_.recovery->sends_again) {
    AckSample sample;
    acknowledge_through(path, path.base, sample);
  }
}

// Who delivers a message pays for its bytes once.
void Channel::pay_for_duplicate(const Packet& packet) {
  if (shape_.duplicate_block_work.count() == 0 || packet.payload == 0) return;
  receiver_.core().post(
      receiver_.time_for(shape_.duplicate_block_work * blocks_of(Bytes{packet.payload})),
      kInterruptPriority);
}

// The packet turns round as its own acknowledgement.
void Channel::answer(Packet* packet, bool refusal) {
  Path& path = paths_[packet->path];
  packet->is_ack = true;
  packet->is_refusal = refusal;
  packet->hop = 0;
  packet->queued = {};
  packet->acknowledged = path.expected;
  packet->block = packet->sequence;
  packet->frames = ~std::uint64_t{0};
  if (path.holds(packet->sequence)) {
    packet->frames = ~path.at(packet->sequence).missing;
    while (precedes(path.expected, packet->block) && path.holds(packet->block - 1) &&
           path.at(packet->block - 1).missing == 0)
      --packet->block;
  }
  packet->wire_bytes = packet->frame_bytes = static_cast<std::int32_t>(shape_.ack_wire.count());
  packet->traffic_class = shape_.ack_class;
  path.ack_owed = false;
  ++fabric_.counters().acks;
  refresh(path);
  packet->route = path.back;
  if (packet->route->length == 0) {
    ++fabric_.counters().unroutable;
    packet_dropped(packet);
    return;
  }
  packet->route->ports[0]->accept(packet);
}

void Channel::owe_ack(int index) {
  Path& path = paths_[index];
  if (path.ack_owed) return;
  path.ack_owed = true;
  path.ack_due = after(fabric_.calendar().now(), shape_.ack_delay);
  if (!acks_.armed()) acks_.arm(path.ack_due);
}

void Channel::acks_due(void* self) {
  auto* channel = static_cast<Channel*>(self);
  const TimePoint now = channel->fabric_.calendar().now();
  TimePoint next = kNever;
  for (int i = 0; i < static_cast<int>(channel->paths_.size()); ++i) {
    Path& path = channel->paths_[i];
    if (!path.ack_owed) continue;
    if (path.ack_due <= now) channel->send_ack(i);
    else next = std::min(next, path.ack_due);
  }
  if (next != kNever && !channel->acks_.armed()) channel->acks_.arm(next);
}

// An acknowledgement that nothing could carry.
void Channel::send_ack(int index) {
  Path& path = paths_[index];
  path.ack_owed = false;
  Packet* packet = fabric_.packets().take();
  ++under_way_;
  packet->sink = this;
  packet->path = static_cast<std::uint16_t>(index);
  packet->sequence = path.expected - 1;
  answer(packet, false);
}

void Channel::deliver(int index, std::uint32_t from, std::uint32_t to) {
  for (std::uint32_t q = from; q != to; ++q) {
    Path& path = paths_[index];
    if (!path.holds(q)) {
      if (precedes(q, path.base)) continue;
      return;
    }
    if (q != from && path.at(q).message != nullptr) path.at(q).message->disturbed = true;
    hand_over(path.at(q));
  }
}

void Channel::hand_over(Segment& segment) {
  Message* message = std::exchange(segment.message, nullptr);
  if (message == nullptr) return;
  message->waited = fabric_.calendar().now() - segment.arrived;
  --message->outstanding;
  settle(message);
}

}  // namespace orrery
