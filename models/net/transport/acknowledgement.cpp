// The sender: what it hears, and what it concludes when it hears nothing.
#include <algorithm>
#include <bit>

#include "models/net/transport/channel.hpp"
#include "models/net/transport/message.hpp"

namespace orrery {

// Everything before `sequence` has arrived; what is of no use to either end any more goes.
void Channel::acknowledge_through(Path& path, std::uint32_t sequence, AckSample& sample) {
  while (!path.segments.empty()) {
    Segment& front = path.at(path.base);
    if (precedes(path.base, sequence)) note_acked(path, front, sample);
    if (front.unacked != 0 || front.message != nullptr) break;
    path.segments.pop();
    ++path.base;
  }
  if (precedes(path.expected, path.base)) path.expected = path.base;
  if (path.recovering && !precedes(path.base, path.recovery_end)) path.recovering = false;
}

void Channel::acknowledge(int index, const Packet& ack) {
  Path& path = paths_[index];
  if (closed_) return;
  AckSample sample;
  sample.now = fabric_.calendar().now();
  sample.in_flight = path.in_flight;
  sample.limited = !waiting_.empty() || 2 * path.in_flight >= window_of(path);
  sample.marked = ack.marked;
  sample.telemetry = ack.telemetry;
  sample.route = ack.telemetry != nullptr ? ack.telemetry->route : nullptr;
  if (ack.order != 0 && precedes(path.newest, ack.order)) path.newest = ack.order;
  const std::uint32_t sequence = ack.sequence;
  bool again = false;
  if (path.holds(sequence)) {
    Segment& segment = path.at(sequence);
    again = segment.again;
    if (!again && ack.order == segment.order && segment.unacked != 0 && !ack.is_refusal) {
      sample.rtt = sample.now - segment.sent_at;
      measure(path, sample.rtt);
    }
    for (std::uint32_t q = ack.block; precedes(q, sequence); ++q)
      if (path.holds(q)) note_acked(path, path.at(q), sample);
    const std::uint64_t left = segment.unacked & ~ack.frames;
    if (left == 0 && !ack.is_refusal) {
      note_acked(path, segment, sample);
    } else if (segment.unacked != left) {
      const std::uint64_t arrived = segment.unacked & ~left;
      segment.unacked = left;
      sample.acked += bytes_of(segment, arrived);
      sample.news = true;
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
    if (!precedes(sequence, path.round_end)) {
      sample.round = true;
      path.round_end = path.next();
    }
  }
  acknowledge_through(path, ack.acknowledged, sample);
  if (ack.is_refusal) go_back(path);
  else if (path.holds(sequence) || again)
    shape_.recovery->find_lost(*this, path, again ? path.next() : sequence);
  path.heard = sample.now;
  if (sample.news) note_progress(path, sample.now);
  if ((sample.limited || sample.marked || path.hears_all) && path.congestion) {
    path.congestion->acknowledged(sample);
    note_window(path);
  }
}

void Channel::note_acked(Path& path, Segment& segment, AckSample& sample) {
  sample.acked += bytes_of(segment, segment.unacked);
  sample.news |= segment.unacked != 0;
  path.in_flight -= segment.flight;
  if (segment.resend != 0) --path.lost;
  segment.flight = 0;
  segment.unacked = segment.resend = 0;
  if (segment.probe) path.dead = false;
}

void Channel::note_progress(Path& path, TimePoint now) {
  path.progress = now;
  if (path.timeouts == 0) return;
  path.timeouts = 0;
  // The timer may stand at the end of a timeout that had been doubled many times.
  if (shape_.backoff > 1) retransmit_.arm(after(now, timeout_of(path)));
}

void Channel::set_lost(Path& path, Segment& segment) {
  path.in_flight -= segment.flight;
  segment.flight = 0;
  if (segment.resend == 0) ++path.lost;
  segment.resend = segment.unacked;
  if (segment.message != nullptr) segment.message->disturbed = true;
  note_loss(path);
  shape_.recovery->mend(*this, path, segment);
}

void Channel::note_loss(Path& path) {
  ++fabric_.counters().lost;
  if (path.recovering) return;
  path.recovering = true;
  path.recovery_end = path.next();
  ++disturbances_;
  if (!path.congestion) return;
  path.congestion->lost(fabric_.calendar().now());
  note_window(path);
}

// The last moment at which PFC held what is under way on a path, or what would acknowledge it.
TimePoint Channel::held_until(const Path& path) const {
  TimePoint latest{};
  for (const Route* route : {path.forward, path.back})
    for (std::size_t i = 0; i < route->length; ++i)
      latest = std::max(latest, route->ports[i]->held_until(shape_.traffic_class));
  return latest;
}

// One timer for all paths, looked after only when it fires.
void Channel::timer_fired(void* self) {
  auto* channel = static_cast<Channel*>(self);
  const TimePoint now = channel->fabric_.calendar().now();
  for (int i = 0; i < static_cast<int>(channel->paths_.size()); ++i) {
    Path& path = channel->paths_[i];
    if (path.segments.empty() || path.in_nic > 0 || channel->timeout_at(path) > now) continue;
    channel->refresh(path);
    const TimePoint held = channel->held_until(path);
    if (after(held, channel->timeout_of(path)) > now) path.progress = held;
    else channel->timed_out(i);
  }
  TimePoint next = kNever;
  for (const Path& path : channel->paths_) {
    const TimePoint due = channel->timeout_at(path);
    if (!path.segments.empty() && (path.in_nic == 0 || due > now)) next = std::min(next, due);
  }
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
  ++disturbances_;
  if (path.congestion) path.congestion->timed_out(now);
  note_window(path);
  go_back(path);
  AckSample sample;
  acknowledge_through(path, path.base, sample);
  path.progress = now;
  path.refused = false;
  shape_.recovery->path_timed_out(*this, index);
}

void Channel::pace_over(void* self) { static_cast<Channel*>(self)->pump(); }

// What was sent before something that has arrived, and has not arrived itself, is lost: a path is a
// FIFO.
void Channel::find_overtaken(Path& path, std::uint32_t end) {
  for (std::uint32_t q = path.base; q != end && path.holds(q); ++q) {
    Segment& segment = path.at(q);
    if (segment.unacked == 0 || segment.unacked == segment.resend) continue;
    if (precedes(segment.order, path.newest)) set_lost(path, segment);
  }
}

void Channel::go_back(Path& path) {
  for (std::uint32_t q = path.base; path.holds(q); ++q)
    if (path.at(q).unacked != 0) set_lost(path, path.at(q));
}

// What a path knows of its way: window, round trip and timeout.

// What congestion control says after each time it has heard something.
void Channel::note_window(Path& path) {
  path.window = shape_.window.count();
  path.paced = path.hears_all = false;
  if (!path.congestion) return;
  path.window = std::min(path.window, path.congestion->window());
  path.paced = path.congestion->pace() > 0;
  path.hears_all = path.congestion->hears_all();
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

}  // namespace orrery
