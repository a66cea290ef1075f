// Messages from their sending to their end, and the life of the channel that carries them.
#include <algorithm>

#include "models/net/fluid_channel.hpp"
#include "models/net/transport/channel.hpp"

namespace orrery {

Channel::Channel(Fabric& fabric, const ChannelShape& shape, std::span<PathState> states,
                 bool forward, Thread sender, Thread receiver)
    : fabric_(fabric),
      shape_(shape),
      forward_(forward),
      retransmit_(fabric.calendar(), &Channel::timer_fired, this),
      acks_(fabric.calendar(), &Channel::acks_due, this),
      all_paths_(states.size()),
      paced_(fabric.calendar(), &Channel::pace_over, this),
      sender_(sender),
      receiver_(receiver) {
  paths_ = {all_paths_.data(), all_paths_.size()};
  for (std::size_t i = 0; i < states.size(); ++i) {
    Path& path = paths_[i];
    path.state = &states[i];
    if (shape.congestion) path.congestion = shape.congestion();
    note_window(path);
  }
  if (fabric.fluid() != nullptr) fluid_ = std::make_unique<FluidChannel>(*this);
}

Channel::~Channel() = default;

void Channel::Send::await_suspend(std::coroutine_handle<> waiter) {
  task = waiter;
  message = channel_.fabric_.messages().take();
  message->channel = &channel_;
  message->waiter = this;
  message->unsent = payload_.count();
  message->asked = channel_.fabric_.calendar().now();
  channel_.waiting_.push_back(*message);
  message->disturbances = channel_.disturbances_;
  channel_.pump();
}

void Channel::leave_queue(Message& message) {
  waiting_.remove(message);
  if (message.disturbances != disturbances_) message.disturbed = true;
}

// Ends a message whose last segment is accounted for.
void Channel::settle(Message* message) {
  if (message->outstanding > 0 || message->is_queued()) return;
  if (message->lost) ++messages_lost_;
  MessageWaiter* waiter = message->waiter;
  if (waiter != nullptr) {
    waiter->arrived = !message->lost && !closed_;
    waiter->disturbed = message->disturbed || message->lost;
    waiter->waited = message->lost ? fabric_.calendar().now() - message->asked : message->waited;
    waiter->message = nullptr;
  }
  fabric_.messages().give_back(message);
  if (waiter != nullptr) waiter->task.resume();
}

void Channel::take_back(Message* message) {
  message->waiter = nullptr;
  if (!message->is_queued()) return;
  leave_queue(*message);
  message->unsent = 0;
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
    if (message != nullptr && --message->outstanding == 0 && !message->is_queued()) take(message);
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
  while (!lost_segments_.empty()) release(lost_segments_.pop().message);
  if (fluid_)
    for (Message* message : fluid_->give_up()) release(message);
  while (!waiting_.empty()) {
    Message* message = &waiting_.front();
    leave_queue(*message);
    message->unsent = 0;
    take(message);
  }
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

void Channel::give_back(Packet* packet) {
  if (packet->telemetry != nullptr) fabric_.telemetry().give_back(packet->telemetry);
  packet->route = nullptr;
  packet->telemetry = nullptr;
  --under_way_;
  fabric_.packets().give_back(packet);
}

void Channel::packet_dropped(Packet* packet) {
  if (packet->in_nic) {
    packet->in_nic = false;
    packet_left_nic(*packet, Duration{});
  }
  if (shape_.recovery->sends_again || closed_) {
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

Bytes Channel::in_flight() const {
  std::int64_t sum = 0;
  for (const Path& path : paths_) sum += path.in_flight;
  return Bytes{sum};
}

}  // namespace orrery
