#include "models/net/channel.hpp"

#include <algorithm>

#include "models/net/message.hpp"

namespace orrery {

Channel::Channel(Fabric& fabric, const ChannelShape& shape, std::span<const Path> paths,
                 Thread sender, Thread receiver)
    : fabric_(fabric),
      shape_(shape),
      paths_(paths.begin(), paths.end()),
      sender_(sender),
      receiver_(receiver) {}

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

int Channel::path_with_room(std::int64_t payload) {
  const int count = static_cast<int>(paths_.size());
  for (int i = 0; i < count; ++i) {
    const int path = next_path_ + i < count ? next_path_ + i : next_path_ + i - count;
    const std::int64_t in_flight = paths_[path].in_flight;
    if (in_flight == 0 || in_flight + payload <= shape_.window.count()) {
      next_path_ = path + 1 < count ? path + 1 : 0;
      return path;
    }
  }
  return -1;
}

void Channel::pump() {
  if (pumping_)
    return;  // a packet was dropped as it was sent: the loop below goes on with the room it left
  pumping_ = true;
  send_what_fits();
  pumping_ = false;
}

void Channel::send_what_fits() {
  while (first_ != nullptr) {
    Message* message = first_;
    do {
      const std::int64_t payload = std::min(message->unsent, shape_.packet_payload.count());
      const int path = path_with_room(payload);
      if (path < 0) return;
      emit(message, path, payload);
    } while (message->unsent > 0);
    first_ = message->next;
    if (first_ == nullptr) last_ = nullptr;
    message->queued = false;
    settle(message);
  }
}

std::int32_t Channel::wire_bytes(std::int64_t bytes, std::int32_t* frame) const {
  const std::int64_t frames =
      std::max<std::int64_t>(1, units_of(shape_.frame_payload, Bytes{bytes}));
  const std::int64_t header = shape_.frame_header.count();
  *frame = static_cast<std::int32_t>(std::min(bytes, shape_.frame_payload.count()) + header);
  return static_cast<std::int32_t>(bytes + frames * header);
}

void Channel::emit(Message* message, int path, std::int64_t payload) {
  Packet* packet = fabric_.packets().take();
  std::int64_t bytes = payload;
  if (!message->started) bytes += shape_.message_header.count();
  message->started = true;
  packet->wire_bytes = wire_bytes(bytes, &packet->frame_bytes);
  packet->payload = static_cast<std::int32_t>(payload);
  packet->path = static_cast<std::uint16_t>(path);
  packet->sink = message;
  packet->route = paths_[path].forward;
  packet->traffic_class = shape_.traffic_class;
  packet->queued = fabric_.calendar().now() - message->asked;
  message->unsent -= payload;
  ++message->outstanding;
  paths_[path].in_flight += payload;
  packet->route->ports[0]->accept(packet);
}

void Channel::data_arrived(Packet* packet, Message* message) {
  if (shape_.receiver_packet_work.count() > 0 && packet->payload > 0)
    arriving_.spawn(receive_on_core(packet, message));
  else receive(packet, message);
}

void Channel::packet_arrived(Packet* packet) {
  paths_[packet->path].in_flight -= packet->payload;
  if (shape_.sender_packet_work.count() > 0)
    sender_.core().post(sender_.time_for(shape_.sender_packet_work), kWorkPriority);
  fabric_.packets().give_back(packet);
  pump();
}

Task<> Channel::receive_on_core(Packet* packet, Message* message) {
  Station::Use use =
      receiver_.core().use(receiver_.time_for(shape_.receiver_packet_work), {}, kWorkPriority);
  const Served served = co_await use;
  packet->queued += use.waited();
  if (served == Served::done) receive(packet, message);
  else data_dropped(packet, message);
}

void Channel::receive(Packet* packet, Message* message) {
  message->waited = packet->queued;
  if (packet->payload > 0) {  // the packet turns round as its own acknowledgement
    packet->is_ack = true;
    packet->hop = 0;
    packet->queued = {};
    packet->route = paths_[packet->path].back;
    packet->wire_bytes = packet->frame_bytes = static_cast<std::int32_t>(shape_.ack_wire.count());
    packet->traffic_class = shape_.ack_class;
    packet->sink = this;
    packet->route->ports[0]->accept(packet);
  } else {
    fabric_.packets().give_back(packet);
  }
  --message->outstanding;
  settle(message);
}

void Channel::data_dropped(Packet* packet, Message* message) {
  paths_[packet->path].in_flight -= packet->payload;
  fabric_.packets().give_back(packet);
  message->lost = true;
  --message->outstanding;
  settle(message);
  pump();
}

void Channel::packet_dropped(Packet* packet) {
  paths_[packet->path].in_flight -= packet->payload;
  fabric_.packets().give_back(packet);
  pump();
}

// Ends a message whose last packet is accounted for.
void Channel::settle(Message* message) {
  if (message->outstanding > 0 || message->queued) return;
  if (message->lost) ++messages_lost_;
  Send* send = message->waiter;
  if (send != nullptr) {
    send->arrived_ = !message->lost && !closed_;
    send->waited_ = message->waited;
    send->message_ = nullptr;
  }
  fabric_.messages().give_back(message);
  if (send != nullptr) send->waiter_.resume();
}

void Channel::take_back(Message* message) {
  message->waiter = nullptr;
  if (!message->queued) return;
  Message* before = nullptr;
  for (Message* m = first_; m != message; m = m->next) before = m;
  (before != nullptr ? before->next : first_) = message->next;
  if (last_ == message) last_ = before;
  message->unsent = 0;
  message->queued = false;
  settle(message);
}

void Channel::close() {
  closed_ = true;
  // What is queued is never sent; what is on the wire arrives for nobody.
  while (Message* message = first_) {
    first_ = message->next;
    if (first_ == nullptr) last_ = nullptr;
    message->unsent = 0;
    message->queued = false;
    settle(message);
  }
}

Bytes Channel::in_flight() const {
  std::int64_t sum = 0;
  for (const Path& path : paths_) sum += path.in_flight;
  return Bytes{sum};
}

}  // namespace orrery
