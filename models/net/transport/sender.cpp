// The sender: what may leave, and on which path. Windows, bursts, pace and the NIC.
#include <algorithm>
#include <bit>

#include "models/net/fluid_channel.hpp"
#include "models/net/transport/channel.hpp"
#include "models/net/transport/message.hpp"

namespace orrery {

void Channel::pump() {
  if (fluid_) return fluid_->pump();
  if (pumping_)
    return;  // a packet was dropped as it was sent: the loop below goes on with the room it left
  pumping_ = true;
  send_what_fits();
  pumping_ = false;
}

void Channel::send_what_fits() {
  if (!send_again()) return;
  while (!waiting_.empty()) {
    Message* message = &waiting_.front();
    do {
      std::int64_t payload = std::min(message->unsent, shape_.packet_payload.count());
      const int path = path_with_room(payload, &payload);
      if (path < 0) return;
      message->unsent -= payload;
      ++message->outstanding;
      const bool headed = !message->started;
      message->started = true;
      emit(message, path, payload, headed);
      if (waiting_.empty() || message != &waiting_.front()) return;  // failed meanwhile
    } while (message->unsent > 0);
    leave_queue(*message);
    settle(message);
  }
}

// False while something lost waits for room.
bool Channel::send_again() {
  while (!lost_segments_.empty()) {
    std::int64_t payload = lost_segments_.front().payload;
    const int path = path_with_room(payload, &payload);
    if (path < 0) return false;
    const LostSegment lost = lost_segments_.pop();
    ++fabric_.counters().resent;
    emit(lost.message, path, lost.payload, lost.headed);
  }
  for (int i = 0; i < static_cast<int>(paths_.size()); ++i) {
    Path& path = paths_[i];
    for (std::uint32_t q = path.base; path.lost > 0 && path.holds(q); ++q) {
      while (path.holds(q) && path.at(q).resend != 0) {
        Segment& segment = path.at(q);
        const std::int64_t frame = shape_.frame_payload.count();
        const std::int64_t wanted =
            std::min<std::int64_t>(segment.payload, std::popcount(segment.resend) * frame);
        const std::int64_t room = room_on(path, wanted);
        if (room < 0) return false;
        const std::uint64_t frames =
            room >= wanted
                ? segment.resend  // the header may make one frame more than the payload fills
                : lowest_frames(segment.resend,
                                std::max<std::int64_t>(1, units_of(Bytes{frame}, Bytes{room})));
        segment.resend &= ~frames;
        segment.again = true;
        if (segment.resend == 0) --path.lost;
        ++fabric_.counters().resent;
        transmit(i, q, frames);
      }
    }
  }
  return true;
}

int Channel::path_with_room(std::int64_t payload, std::int64_t* allowed) {
  if (paths_.size() > 1) return shape_.recovery->choose_path(*this, payload, allowed);
  const std::int64_t room = room_on(paths_.front(), payload);
  if (room < 0) return -1;
  *allowed = room;
  return 0;
}

// Whole packets while they fit; of a stream whole frames, unless that is little and more room comes
// soon.
std::int64_t Channel::room_on(Path& path, std::int64_t payload) {
  constexpr std::int64_t kNone = -1;
  if (path.dead) return kNone;
  if (path.held) {
    if (path.not_before > fabric_.calendar().now()) {
      if (!paced_.armed() || path.not_before < paced_until_) {
        paced_until_ = path.not_before;
        paced_.arm(paced_until_);
      }
      return kNone;
    }
    path.held = false;
  }
  const std::int64_t window = window_of(path);
  const std::int64_t room = window - path.in_flight;
  const std::int64_t frame = shape_.frame_payload.count();
  // What acknowledgements or a pace let go, rather than a message on an idle path, leaves in short
  // bursts.
  const bool clocked = path.paced || payload > room ||
                       (path.in_flight > 0 && 2 * (path.in_flight + payload) > window);
  if (clocked && payload > frame && path.congestion)
    payload = std::min(payload, std::max(frame, path.congestion->burst() / frame * frame));
  if (payload <= room || payload == 0) return payload;
  // A paced window is no whole number of packets: the last one may exceed it, as in HPCC's own
  // simulator.
  if (path.paced && room > 0 && payload <= frame) return payload;
  const bool cuts = path.congestion || shape_.recovery->cuts_at_window;
  if (!cuts || payload <= frame) return path.in_flight == 0 ? payload : kNone;
  if (path.in_flight > 0 && room < frame) return kNone;
  if (path.in_flight > 0 && room < window / 3 && ack_is_near(path)) return kNone;
  return std::min(payload, std::max(frame, room / frame * frame));
}

// As Linux defers TSO: what was sent first is more than half a round trip ago, so that more room
// comes soon.
bool Channel::ack_is_near(Path& path) const {
  return fabric_.calendar().now() - path.at(path.base).sent_at >= path.srtt / 2;
}

void Channel::emit(Message* message, int path_index, std::int64_t payload, bool headed) {
  Path& path = paths_[path_index];
  const std::int64_t bytes = payload + (headed ? shape_.message_header.count() : 0);
  Segment segment;
  segment.message = message;
  segment.payload = static_cast<std::int32_t>(payload);
  segment.headed = headed;
  segment.frames = static_cast<std::uint8_t>(
      std::clamp<std::int64_t>(units_of(shape_.frame_payload, Bytes{bytes}), 1, 64));
  segment.missing = segment.unacked = all_frames(segment.frames);
  if (path.segments.empty()) path.progress = path.heard = fabric_.calendar().now();
  const std::uint32_t sequence = path.next();
  path.segments.push(segment);
  transmit(path_index, sequence, segment.unacked);
}

void Channel::transmit(int path_index, std::uint32_t sequence, std::uint64_t frames) {
  Path& path = paths_[path_index];
  Segment& segment = path.at(sequence);
  const TimePoint now = fabric_.calendar().now();
  Packet* packet = fabric_.packets().take();
  ++under_way_;
  std::int64_t payload = segment.payload;
  if (std::popcount(frames) == segment.frames) {
    packet->wire_bytes = wire_bytes(payload + (segment.headed ? shape_.message_header.count() : 0),
                                    &packet->frame_bytes);
  } else {
    payload = bytes_of(segment, frames);
    packet->wire_bytes =
        wire_bytes(std::popcount(frames) * shape_.frame_payload.count(), &packet->frame_bytes);
  }
  if (segment.again && shape_.resent_block_work.count() > 0)
    sender_.core().post(
        sender_.time_for(scaled(shape_.resent_block_work, static_cast<double>(payload) /
                                                              static_cast<double>(kBlock.count()))),
        kInterruptPriority);
  segment.sent_at = now;
  segment.order = ++path.order;
  segment.flight += static_cast<std::int32_t>(payload);
  path.in_flight += payload;
  packet->sink = this;
  packet->frames = frames;
  packet->payload = segment.payload;
  packet->path = static_cast<std::uint16_t>(path_index);
  packet->sequence = sequence;
  packet->order = segment.order;
  packet->traffic_class = shape_.traffic_class;
  packet->queued = segment.message != nullptr ? now - segment.message->asked : Duration{};
  if (peer_ != nullptr) {
    Path& other = peer_->paths_[path_index];
    packet->acknowledged = other.expected;
    other.ack_owed = false;
  }
  if (path.paced) {
    path.not_before =
        std::max(now, path.not_before) +
        Duration{static_cast<std::int64_t>(path.congestion->pace() * static_cast<double>(payload))};
    path.held = true;
  }
  ++fabric_.counters().sent;
  if (shape_.recovery->sends_again && !retransmit_.armed())
    retransmit_.arm(after(now, timeout_of(path)));

  refresh(path);
  packet->route = path.forward;
  if (packet->route->length == 0) {
    ++fabric_.counters().unroutable;
    packet_dropped(packet);
    return;
  }
  if (shape_.telemetry && payload > 0) {
    packet->telemetry = fabric_.telemetry().take();
    packet->telemetry->route = packet->route;
  }
  packet->route->ports[0]->accept(packet);
}

std::int32_t Channel::wire_bytes(std::int64_t bytes, std::int32_t* frame) const {
  const std::int64_t frames =
      std::max<std::int64_t>(1, units_of(shape_.frame_payload, Bytes{bytes}));
  const std::int64_t header = shape_.frame_header.count();
  *frame = static_cast<std::int32_t>(std::min(bytes, shape_.frame_payload.count()) + header);
  return static_cast<std::int32_t>(bytes + frames * header);
}

// Payload of some of its frames.
std::int64_t Channel::bytes_of(const Segment& segment, std::uint64_t frames) const {
  return std::min<std::int64_t>(segment.payload,
                                std::popcount(frames) * shape_.frame_payload.count());
}

void Channel::refresh(Path& path) {
  if (path.epoch == fabric_.epoch()) return;
  PathState& state = *path.state;
  if (state.epoch != fabric_.epoch()) {
    state.epoch = fabric_.epoch();
    state.there = fabric_.keep_route(state.flow, state.end_latency, state.there);
    state.back = fabric_.keep_route(state.flow.reversed(), state.end_latency, state.back);
  }
  path.epoch = state.epoch;
  path.forward = forward_ ? state.there : state.back;
  path.back = forward_ ? state.back : state.there;
}

void Channel::packet_waits_in_nic(const Packet& packet) { ++paths_[packet.path].in_nic; }

void Channel::packet_left_nic(const Packet& packet, Duration waited) {
  Path& path = paths_[packet.path];
  --path.in_nic;
  const TimePoint now = fabric_.calendar().now();
  if (packet.sequence == path.base) {
    path.progress = std::max(path.progress, now);
    path.heard = std::min(now, after(path.heard, waited));
  }
  if (shape_.recovery->sends_again && path.in_nic == 0 && !retransmit_.armed() && !closed_ &&
      !path.segments.empty())
    retransmit_.arm(std::max(now, timeout_at(path)));
}

}  // namespace orrery
