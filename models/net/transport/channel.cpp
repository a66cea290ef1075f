#include "models/net/transport/channel.hpp"

#include <algorithm>
#include <bit>

#include "models/net/fluid_channel.hpp"
#include "models/net/message.hpp"

namespace orrery {

namespace {

constexpr std::uint64_t all_frames(int count) {
  return count >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << count) - 1;
}
// Whether sequence number or order `a` comes before `b`, around the end of their range.
constexpr bool before(std::uint32_t a, std::uint32_t b) {
  return static_cast<std::int32_t>(a - b) < 0;
}
std::uint64_t lowest(std::uint64_t frames, std::int64_t count) {
  std::uint64_t taken = 0;
  for (; count > 0 && frames != 0; --count) {
    const std::uint64_t one = frames & (~frames + 1);
    taken |= one;
    frames &= ~one;
  }
  return taken;
}

}  // namespace

Channel::Channel(Fabric& fabric, const ChannelShape& shape, std::span<Lane> lanes, bool forward,
                 Thread sender, Thread receiver)
    : fabric_(fabric),
      shape_(shape),
      forward_(forward),
      retransmit_(fabric.calendar(), &Channel::timer_fired, this),
      acks_(fabric.calendar(), &Channel::acks_due, this),
      all_paths_(lanes.size()),
      paced_(fabric.calendar(), &Channel::pace_over, this),
      sender_(sender),
      receiver_(receiver) {
  paths_ = {all_paths_.data(), all_paths_.size()};
  for (std::size_t i = 0; i < lanes.size(); ++i) {
    Path& path = paths_[i];
    path.lane = &lanes[i];
    if (shape.congestion) path.congestion = shape.congestion();
    note_window(path);
  }
  if (fabric.fluid() != nullptr) fluid_ = std::make_unique<FluidChannel>(*this);
}

Channel::~Channel() = default;

void Channel::Send::await_suspend(std::coroutine_handle<> waiter) {
  waiter_ = waiter;
  message_ = channel_.fabric_.messages().take();
  message_->channel = &channel_;
  message_->waiter = this;
  message_->unsent = payload_.count();
  message_->asked = channel_.fabric_.calendar().now();
  message_->queued = true;
  (channel_.last_ != nullptr ? channel_.last_->next : channel_.first_) = message_;
  channel_.last_ = message_;
  channel_.pump();
}

// The sender: what may leave.

// What congestion control says after each time it has heard something.
void Channel::note_window(Path& path) {
  path.window = shape_.window.count();
  path.paced = path.hears_all = false;
  if (!path.congestion) return;
  path.window = std::min(path.window, path.congestion->window());
  path.paced = path.congestion->pace() > 0;
  path.hears_all = path.congestion->hears_all();
}

// As Linux defers TSO: what was sent first is more than half a round trip ago, so that more room comes soon.
bool Channel::ack_is_near(Path& path) const {
  return fabric_.calendar().now() - path.at(path.base).sent_at >= path.srtt / 2;
}

// Whole packets while they fit; of a stream whole frames, unless that is little and more room comes soon.
std::int64_t Channel::room_on(Path& path, std::int64_t payload) {
  constexpr std::int64_t kNone = -1;
  if (path.dead) return kNone;
  if (path.held) {
    if (path.not_before > fabric_.calendar().now()) {
      if (!paced_.armed()) paced_.arm(path.not_before);
      return kNone;
    }
    path.held = false;
  }
  const std::int64_t window = window_of(path);
  const std::int64_t room = window - path.in_flight;
  const std::int64_t frame = shape_.frame_payload.count();
  // What acknowledgements or a pace let go, rather than a message on an idle path, leaves in short bursts.
  const bool clocked = path.paced || payload > room ||
                       (path.in_flight > 0 && 2 * (path.in_flight + payload) > window);
  if (clocked && payload > frame && path.congestion)
    payload = std::min(payload, std::max(frame, path.congestion->burst() / frame * frame));
  if (payload <= room || payload == 0) return payload;
  // A paced window is no whole number of packets: the last one may exceed it, as in HPCC's own simulator.
  if (path.paced && room > 0 && payload <= frame) return payload;
  const bool cuts = path.congestion || shape_.recovery == Recovery::selective;
  if (!cuts || payload <= frame) return path.in_flight == 0 ? payload : kNone;
  if (path.in_flight > 0 && room < frame) return kNone;
  if (path.in_flight > 0 && room < window / 3 && ack_is_near(path)) return kNone;
  return std::min(payload, std::max(frame, room / frame * frame));
}

int Channel::path_with_room(std::int64_t payload, std::int64_t* allowed) {
  int best = -1;
  for (int i = 0; i < static_cast<int>(paths_.size()); ++i) {
    if (best >= 0 && paths_[i].srtt >= paths_[best].srtt) continue;
    const std::int64_t room = room_on(paths_[i], payload);
    if (room < 0) continue;
    best = i;
    *allowed = room;
  }
  return best;
}

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
  while (first_ != nullptr) {
    Message* message = first_;
    do {
      std::int64_t payload = std::min(message->unsent, shape_.packet_payload.count());
      const int path = path_with_room(payload, &payload);
      if (path < 0) return;
      message->unsent -= payload;
      ++message->outstanding;
      const bool headed = !message->started;
      message->started = true;
      emit(message, path, payload, headed);
      if (message != first_) return;  // failed meanwhile
    } while (message->unsent > 0);
    first_ = message->next;
    if (first_ == nullptr) last_ = nullptr;
    message->queued = false;
    settle(message);
  }
}

// False while something lost waits for room.
bool Channel::send_again() {
  while (!strays_.empty()) {
    std::int64_t payload = strays_.front().payload;
    const int path = path_with_room(payload, &payload);
    if (path < 0) return false;
    const Stray stray = strays_.pop();
    ++fabric_.counters().resent;
    emit(stray.message, path, stray.payload, stray.headed);
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
                : lowest(segment.resend,
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
  if (shape_.recovery != Recovery::none && !retransmit_.armed())
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

void Channel::refresh(Path& path) {
  if (path.epoch == fabric_.epoch()) return;
  Lane& lane = *path.lane;
  if (lane.epoch != fabric_.epoch()) {
    lane.epoch = fabric_.epoch();
    lane.there = fabric_.keep_route(lane.flow, lane.end_latency, lane.there);
    lane.back = fabric_.keep_route(lane.flow.reversed(), lane.end_latency, lane.back);
  }
  path.epoch = lane.epoch;
  path.forward = forward_ ? lane.there : lane.back;
  path.back = forward_ ? lane.back : lane.there;
}

// What arrives at either end.

void Channel::packet_arrived(Packet* packet) {
  if (!packet->is_ack) {
    if (shape_.receiver_packet_work.count() > 0 && packet->payload > 0)
      arriving_.spawn(receive_on_core(packet));
    else receive(packet);
    return;
  }
  if (shape_.sender_packet_work.count() > 0 && packet->payload > 0)
    sender_.core().post(sender_.time_for(shape_.sender_packet_work), kWorkPriority);
  acknowledge(packet->path, *packet);
  give_back(packet);
  pump();
}

void Channel::packet_dropped(Packet* packet) {
  if (shape_.recovery != Recovery::none || closed_) {
    give_back(packet);
    return;
  }
  Path& path = paths_[packet->path];
  Message* message = nullptr;
  if (path.holds(packet->sequence)) {
    Segment& segment = path.at(packet->sequence);
    AckSample sample;
    if (!packet->is_ack) {
      message = std::exchange(segment.message, nullptr);
      segment.missing = 0;
    }
    note_acked(path, segment, sample);
    acknowledge_through(path, path.base, sample);
  }
  give_back(packet);
  if (message != nullptr) {
    message->lost = true;
    --message->outstanding;
    settle(message);
  }
  pump();
}

void Channel::give_back(Packet* packet) {
  if (packet->telemetry != nullptr) fabric_.telemetry().give_back(packet->telemetry);
  fabric_.packets().give_back(packet);
}

// The receiver.

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
    if (before(other.base, packet->acknowledged)) {
      AckSample sample;
      sample.now = fabric_.calendar().now();
      sample.in_flight = other.in_flight;
      sample.limited = peer_->first_ != nullptr || 2 * other.in_flight >= peer_->window_of(other);
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
  if (shape_.recovery == Recovery::go_back_n && sequence != path.expected) {
    if (before(sequence, path.expected)) {
      pay_for_duplicate(*packet);
      answer(packet, false);
    } else if (!path.refused) {
      path.refused = true;
      answer(packet, true);
    } else {
      give_back(packet);
    }
    return;
  }
  if (shape_.recovery == Recovery::go_back_n) {
    // Of a burst with a gap, what comes before it.
    const std::uint64_t gap = segment.missing & ~packet->frames;
    const std::uint64_t kept = packet->frames & segment.missing & (lowest(gap, 1) - 1);
    if (gap != 0 && kept != (packet->frames & segment.missing)) {
      if (kept != 0) path.refused = false;
      segment.missing &= ~kept;
      if (path.refused) {
        give_back(packet);
        return;
      }
      path.refused = true;
      answer(packet, true);
      return;
    }
  }
  const bool was_complete = segment.missing == 0;
  if (was_complete) pay_for_duplicate(*packet);
  segment.missing &= ~packet->frames;
  if (segment.missing == 0 && !was_complete) segment.arrived = now - packet->queued;
  while (path.holds(path.expected) && path.at(path.expected).missing == 0) ++path.expected;
  if (path.expected != from) path.refused = false;
  const bool complete = segment.missing == 0 && !was_complete;
  if (shape_.recovery == Recovery::none && packet->payload == 0) {
    AckSample sample;
    note_acked(path, segment, sample);
    give_back(packet);
  } else if (packet->payload > 0 || segment.probe || was_complete) {
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
  if (shape_.recovery == Recovery::none) {
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
    while (before(path.expected, packet->block) && path.holds(packet->block - 1) &&
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
  packet->sink = this;
  packet->path = static_cast<std::uint16_t>(index);
  packet->sequence = path.expected - 1;
  answer(packet, false);
}

void Channel::deliver(int index, std::uint32_t from, std::uint32_t to) {
  for (std::uint32_t q = from; q != to; ++q) {
    Path& path = paths_[index];
    if (!path.holds(q)) {
      if (before(q, path.base)) continue;
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

// The sender: what it hears.

void Channel::note_acked(Path& path, Segment& segment, AckSample& sample) {
  sample.acked += bytes_of(segment, segment.unacked);
  path.in_flight -= segment.flight;
  if (segment.resend != 0) --path.lost;
  segment.flight = 0;
  segment.unacked = segment.resend = 0;
  if (segment.probe) path.dead = false;
}

// Everything before `sequence` has arrived; what is of no use to either end any more goes.
void Channel::acknowledge_through(Path& path, std::uint32_t sequence, AckSample& sample) {
  while (!path.segments.empty()) {
    Segment& front = path.at(path.base);
    if (before(path.base, sequence)) note_acked(path, front, sample);
    if (front.unacked != 0 || front.message != nullptr) break;
    path.segments.pop();
    ++path.base;
  }
  if (before(path.expected, path.base)) path.expected = path.base;
  if (path.recovering && !before(path.base, path.recovery_end)) path.recovering = false;
}

void Channel::acknowledge(int index, const Packet& ack) {
  Path& path = paths_[index];
  if (closed_) return;
  AckSample sample;
  sample.now = fabric_.calendar().now();
  sample.in_flight = path.in_flight;
  sample.limited = first_ != nullptr || 2 * path.in_flight >= window_of(path);
  sample.marked = ack.marked;
  sample.telemetry = ack.telemetry;
  sample.route = ack.telemetry != nullptr ? ack.telemetry->route : nullptr;
  if (ack.order != 0 && before(path.newest, ack.order)) path.newest = ack.order;
  const std::uint32_t sequence = ack.sequence;
  bool again = false;
  if (path.holds(sequence)) {
    Segment& segment = path.at(sequence);
    again = segment.again;
    if (!again && ack.order == segment.order && segment.unacked != 0 && !ack.is_refusal) {
      sample.rtt = sample.now - segment.sent_at;
      measure(path, sample.rtt);
    }
    for (std::uint32_t q = ack.block; before(q, sequence); ++q)
      if (path.holds(q)) note_acked(path, path.at(q), sample);
    const std::uint64_t left = segment.unacked & ~ack.frames;
    if (left == 0 && !ack.is_refusal) {
      note_acked(path, segment, sample);
    } else if (segment.unacked != left) {
      const std::uint64_t arrived = segment.unacked & ~left;
      segment.unacked = left;
      sample.acked += bytes_of(segment, arrived);
      if (segment.resend != 0 && (segment.resend & left) == 0) --path.lost;
      segment.resend &= left;
      const std::int64_t flight = bytes_of(segment, left & ~segment.resend);
      if (flight < segment.flight) {
        path.in_flight -= segment.flight - flight;
        segment.flight = static_cast<std::int32_t>(flight);
      }
      // Frames before one that arrived are lost; with them all that are not known to have.
      if (ack.order == segment.order && (left & (std::bit_floor(arrived) - 1)) != 0)
        set_lost(path, segment);
    }
    if (!before(sequence, path.round_end)) {
      sample.round = true;
      path.round_end = path.next();
    }
  }
  acknowledge_through(path, ack.acknowledged, sample);
  if (ack.is_refusal) go_back(path);
  else if (path.holds(sequence) || again) find_lost(path, again ? path.next() : sequence);
  path.heard = sample.now;
  if (sample.acked > 0) note_progress(path, sample.now);
  if ((sample.limited || sample.marked || path.hears_all) && path.congestion) {
    path.congestion->acknowledged(sample);
    note_window(path);
  }
}

void Channel::note_progress(Path& path, TimePoint now) {
  path.progress = now;
  if (path.timeouts == 0) return;
  path.timeouts = 0;
  // The timer may stand at the end of a timeout that had been doubled many times.
  if (shape_.backoff > 1) retransmit_.arm(after(now, timeout_of(path)));
}

// What was sent before something that has arrived, and has not arrived itself, is lost: a path is a FIFO.
void Channel::find_lost(Path& path, std::uint32_t end) {
  if (shape_.recovery == Recovery::go_back_n) return;
  for (std::uint32_t q = path.base; q != end && path.holds(q); ++q) {
    Segment& segment = path.at(q);
    if (segment.unacked == 0 || segment.unacked == segment.resend) continue;
    if (before(segment.order, path.newest)) set_lost(path, segment);
  }
  if (shape_.recovery == Recovery::any_path) {
    AckSample sample;
    acknowledge_through(path, path.base, sample);
  }
}

void Channel::set_lost(Path& path, Segment& segment) {
  path.in_flight -= segment.flight;
  segment.flight = 0;
  if (segment.resend == 0) ++path.lost;
  segment.resend = segment.unacked;
  if (segment.message != nullptr) segment.message->disturbed = true;
  note_loss(path);
  if (shape_.recovery != Recovery::any_path) return;
  // It is taken off this path; should it arrive after all, nobody waits for it.
  if (segment.message != nullptr) strays_.push({segment.message, segment.payload, segment.headed});
  segment.message = nullptr;
  segment.missing = segment.unacked = segment.resend = 0;
  --path.lost;
}

void Channel::note_loss(Path& path) {
  ++fabric_.counters().lost;
  if (path.recovering) return;
  path.recovering = true;
  path.recovery_end = path.next();
  note_disturbance();
  if (!path.congestion) return;
  path.congestion->lost(fabric_.calendar().now());
  note_window(path);
}

// What waits to be sent waits for what is sent again.
void Channel::note_disturbance() {
  for (Message* message = first_; message != nullptr; message = message->next)
    message->disturbed = true;
}

void Channel::go_back(Path& path) {
  for (std::uint32_t q = path.base; path.holds(q); ++q)
    if (path.at(q).unacked != 0) set_lost(path, path.at(q));
}

// RFC 6298.
void Channel::measure(Path& path, Duration rtt) {
  if (path.srtt == Duration{}) {
    path.srtt = rtt;
    path.rttvar = rtt / 2;
    return;
  }
  const Duration error = path.srtt > rtt ? path.srtt - rtt : rtt - path.srtt;
  path.rttvar += (error - path.rttvar) / 4;
  path.srtt += (rtt - path.srtt) / 8;
}

Duration Channel::timeout_of(const Path& path) const {
  Duration timeout = shape_.least_timeout;
  if (shape_.measured_timeout) timeout = std::max(timeout, path.srtt + 4 * path.rttvar);
  for (std::int32_t i = 0; i < path.timeouts && timeout < shape_.most_timeout; ++i)
    timeout = scaled(timeout, shape_.backoff);
  return std::min(timeout, std::max(shape_.most_timeout, shape_.least_timeout));
}

// One timer for all paths, looked after only when it fires.
void Channel::timer_fired(void* self) {
  auto* channel = static_cast<Channel*>(self);
  const TimePoint now = channel->fabric_.calendar().now();
  for (int i = 0; i < static_cast<int>(channel->paths_.size()); ++i) {
    Path& path = channel->paths_[i];
    if (!path.segments.empty() && after(path.progress, channel->timeout_of(path)) <= now)
      channel->timed_out(i);
  }
  TimePoint next = kNever;
  for (const Path& path : channel->paths_)
    if (!path.segments.empty())
      next = std::min(next, after(path.progress, channel->timeout_of(path)));
  if (next != kNever) channel->retransmit_.arm(next);
  channel->pump();
}

void Channel::timed_out(int index) {
  Path& path = paths_[index];
  const TimePoint now = fabric_.calendar().now();
  TimePoint heard = path.heard;
  for (const Path& other : paths_) heard = std::max(heard, other.heard);
  if (now - heard >= shape_.give_up) {
    fail_all();
    return;
  }
  ++fabric_.counters().timeouts;
  ++path.timeouts;
  path.recovering = true;
  path.recovery_end = path.next();
  note_disturbance();
  if (path.congestion) path.congestion->timed_out(now);
  note_window(path);
  go_back(path);
  AckSample sample;
  acknowledge_through(path, path.base, sample);
  path.progress = now;
  path.refused = false;
  if (shape_.dead_after > 0 && path.timeouts >= shape_.dead_after) redraw(index);
}

// A path that is given up gets another source port, and with it another way; it is used again when a probe has come back.
void Channel::redraw(int index) {
  Path& path = paths_[index];
  ++fabric_.counters().path_changes;
  path.dead = true;
  path.srtt = path.rttvar = {};  // of another way
  Lane& lane = *path.lane;
  lane.flow.source_port = static_cast<std::uint16_t>(lane.flow.source_port + paths_.size());
  lane.epoch = path.epoch = fabric_.epoch() - 1;
  if (peer_ != nullptr) peer_->paths_[index].epoch = lane.epoch;
  Segment probe;
  probe.probe = true;
  probe.missing = probe.unacked = 1;
  const std::uint32_t sequence = path.next();
  path.segments.push(probe);
  transmit(index, sequence, 1);
}

void Channel::pace_over(void* self) { static_cast<Channel*>(self)->pump(); }

// The end of messages.

// Ends a message whose last segment is accounted for.
void Channel::settle(Message* message) {
  if (message->outstanding > 0 || message->queued) return;
  if (message->lost) ++messages_lost_;
  Send* send = message->waiter;
  if (send != nullptr) {
    send->arrived_ = !message->lost && !closed_;
    send->disturbed_ = message->disturbed || message->lost;
    send->waited_ = message->lost ? fabric_.calendar().now() - message->asked : message->waited;
    send->message_ = nullptr;
  }
  fabric_.messages().give_back(message);
  if (send != nullptr) send->waiter_.resume();
}

void Channel::take_back(Message* message) {
  message->waiter = nullptr;
  if (!message->queued) return;
  Message* previous = nullptr;
  for (Message* m = first_; m != message; m = m->next) previous = m;
  (previous != nullptr ? previous->next : first_) = message->next;
  if (last_ == message) last_ = previous;
  message->unsent = 0;
  message->queued = false;
  settle(message);
}

// Nothing that is under way arrives for anybody any more.
void Channel::fail_all() {
  ++fabric_.counters().failures;
  Message* failed = nullptr;
  auto take = [&failed](Message* message) {
    message->lost = true;
    message->next = failed;
    failed = message;
  };
  auto release = [&take](Message* message) {
    if (message != nullptr && --message->outstanding == 0 && !message->queued) take(message);
  };
  for (Path& path : paths_) {
    for (std::uint32_t q = path.base; path.holds(q); ++q) release(path.at(q).message);
    path.base = path.expected = path.next();
    while (!path.segments.empty()) path.segments.pop();
    path.in_flight = 0;
    path.lost = 0;
    path.timeouts = 0;
    path.dead = path.recovering = path.refused = path.ack_owed = false;
    path.newest = path.order;
    if (shape_.congestion) path.congestion = shape_.congestion();
    note_window(path);
  }
  while (!strays_.empty()) release(strays_.pop().message);
  if (fluid_)
    for (Message* message : fluid_->give_up()) release(message);
  while (Message* message = first_) {
    first_ = message->next;
    message->unsent = 0;
    message->queued = false;
    take(message);
  }
  last_ = nullptr;
  retransmit_.disarm();
  while (Message* message = failed) {
    failed = message->next;
    settle(message);
  }
}

void Channel::close() {
  if (closed_) return;
  closed_ = true;
  acks_.disarm();
  paced_.disarm();
  fail_all();
}

Bytes Channel::in_flight() const {
  std::int64_t sum = 0;
  for (const Path& path : paths_) sum += path.in_flight;
  return Bytes{sum};
}

}  // namespace orrery
