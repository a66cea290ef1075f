#include "models/net/fluid_channel.hpp"

#include <algorithm>
#include <utility>

#include "models/net/transport/message.hpp"

namespace orrery {

namespace {
constexpr std::int64_t kWorkedAtOnce = 4;  // packets: a core is not held longer than for these
}

// A part from its lane to the receiver. Its message is gone if the connection gives up.
class FluidChannel::UnderWay {
 public:
  UnderWay(FluidChannel& channel, Message* message)
      : channel_(channel),
        message_(message),
        index_(channel.under_way_.size()),
        life_(channel.life_) {
    channel.under_way_.push_back(this);
    --channel.lanes_free_;
  }
  UnderWay(const UnderWay&) = delete;
  UnderWay& operator=(const UnderWay&) = delete;
  ~UnderWay() { take(); }

  // Whoever takes the message ends it.
  Message* take() {
    if (message_ != nullptr) {
      channel_.under_way_.back()->index_ = index_;
      channel_.under_way_[index_] = channel_.under_way_.back();
      channel_.under_way_.pop_back();
    }
    return std::exchange(message_, nullptr);
  }
  bool is_given_up() const { return message_ == nullptr; }
  void leave_lane() {
    if (!std::exchange(in_lane_, false) || life_ != channel_.life_) return;
    ++channel_.lanes_free_;
    channel_.pump();
  }

  Duration unhindered{};  // what it takes when it waits for nothing

 private:
  FluidChannel& channel_;
  Message* message_;
  std::size_t index_;
  std::uint32_t life_;
  bool in_lane_ = true;
};

FluidChannel::FluidChannel(Channel& channel)
    : channel_(channel), network_(*channel.fabric_.fluid()), calendar_(channel.fabric_.calendar()) {
  const FiveTuple& flow = channel.paths_.front().state->flow;
  lanes_ = std::min(network_.lanes_between(flow.source, flow.destination),
                    static_cast<int>(channel.paths_.size()));
  lanes_free_ = lanes_;
}

FluidChannel::~FluidChannel() { tasks_.clear(); }

void FluidChannel::pump() {
  while (lanes_free_ > 0 && !channel_.waiting_.empty()) {
    Message* message = &channel_.waiting_.front();
    const Part part = next_part(*message);
    message->unsent -= part.payload.count();
    message->started = true;
    ++message->outstanding;
    if (message->unsent == 0) channel_.leave_queue(*message);
    tasks_.spawn(carry(part));
  }
}

Bytes FluidChannel::wire_of(Bytes bytes) const {
  const ChannelShape& shape = channel_.shape_;
  return bytes +
         shape.frame_header * std::max<std::int64_t>(1, units_of(shape.frame_payload, bytes));
}

// A message is spread over the lanes in whole packets.
FluidChannel::Part FluidChannel::next_part(Message& message) {
  const ChannelShape& shape = channel_.shape_;
  const Bytes packet = shape.packet_payload;
  const Bytes unsent{message.unsent};
  if (!message.started)
    part_packets_ = std::max<std::int64_t>(1, (units_of(packet, unsent) + lanes_ - 1) / lanes_);
  Part part{&message, std::min(unsent, packet * part_packets_), {}, {}, 1};
  part.packets = std::max<std::int64_t>(1, units_of(packet, part.payload));
  const Bytes header = message.started ? Bytes{} : shape.message_header;
  Bytes last = part.payload - packet * (part.packets - 1);
  if (part.packets > 1) {
    const Bytes first = wire_of(packet + header);
    part.wire = first + wire_of(packet) * (part.packets - 2);
  } else {
    last += header;
  }
  part.wire += wire_of(last);
  part.frame = std::min(part.payload + header, shape.frame_payload) + shape.frame_header;
  return part;
}

// As long as routing has not changed its mind.
FluidChannel::WayPointer FluidChannel::open_way() {
  if (const std::uint32_t epoch = channel_.fabric_.epoch(); way_epoch_ != epoch) {
    const PathState& state = *channel_.paths_.front().state;
    const auto found =
        network_.way(channel_.forward_ ? state.flow : state.flow.reversed(), state.end_latency);
    way_ = found ? std::make_shared<FluidNetwork::Way>(*found) : nullptr;
    way_epoch_ = epoch;
  }
  return way_ != nullptr && way_->is_open() ? way_ : nullptr;
}

// How long a message of several packets stands still because its window is full and nothing of it
// has been acknowledged yet.
Duration FluidChannel::stalls(const Part& part, const FluidNetwork::Way& way) const {
  const ChannelShape& shape = channel_.shape_;
  const auto paths = static_cast<std::int64_t>(channel_.paths_.size());
  const std::int64_t in_flight =
      std::max<std::int64_t>(1, shape.window / shape.packet_payload) * paths / lanes_;
  if (part.packets <= in_flight) return {};
  const Duration packet = part.wire / way.rate / part.packets;
  const Duration round_trip = packet + way.latency_of(part.frame) + way.latency_of(shape.ack_wire) +
                              shape.ack_wire / way.rate;
  const std::int64_t rounds = (part.packets + in_flight - 1) / in_flight;
  return std::max(Duration{}, round_trip - packet * in_flight) * (rounds - 1);
}

// Until it has arrived, or nobody waits for it any more.
Task<> FluidChannel::carry(Part part) {
  const ChannelShape& shape = channel_.shape_;
  UnderWay under_way(*this, part.message);
  const TimePoint began = calendar_.now();
  Duration timeout = shape.least_timeout;
  bool arrived = false;
  for (;;) {
    Task<bool> crossing = cross(part, &under_way);
    arrived = co_await crossing;
    if (under_way.is_given_up()) co_return;
    if (arrived) break;
    if (!shape.recovery->sends_again) break;
    if (calendar_.now() - began >= shape.give_up) {
      channel_.fail_all();
      co_return;
    }
    co_await Delay(calendar_, timeout);
    if (under_way.is_given_up()) co_return;
    ++network_.counters().resent;
    timeout = std::min(scaled(timeout, shape.backoff), std::max(timeout, shape.most_timeout));
  }
  Message* message = under_way.take();
  const Duration took = calendar_.now() - message->asked;
  message->waited = std::max(Duration{}, took - under_way.unhindered);
  message->lost |= !arrived;
  --message->outstanding;
  under_way.leave_lane();
  channel_.settle(message);
}

Task<bool> FluidChannel::cross(Part part, UnderWay* under_way) {
  // 1. Where the way is down, what is sent is never heard of.
  const WayPointer way = open_way();
  const ChannelShape& shape = channel_.shape_;
  if (way == nullptr) {
    co_await Delay(calendar_, nanoseconds(1));
    co_return false;
  }

  // 2. In its lane: as a flow, unless there are but headers.
  const Duration latency = way->latency_of(part.frame);
  const Duration work = channel_.receiver_.time_for(shape.receiver_packet_work);
  const bool worked = part.payload > Bytes{} && work > Duration{};
  const Duration in_lane = part.wire / way->rate + stalls(part, *way);
  const TimePoint earliest = after(calendar_.now(), in_lane);
  under_way->unhindered = in_lane + latency + (worked ? work : Duration{});
  if (worked) begin_packet_work(part, *way);
  Task<bool> sending = part.payload > Bytes{} ? network_.carry(way, part.wire)
                                              : network_.carry_header(way, part.wire);
  const bool is_sent = co_await sending;
  if (!is_sent) co_return false;
  if (part.packets > 1) co_await Delay(calendar_, earliest);
  under_way->leave_lane();

  // 3. The rest of the way, behind what went before.
  TimePoint arrival = after(calendar_.now(), latency);
  if (shape.ordered) arrival = last_arrival_ = std::max(arrival, last_arrival_);
  co_await Delay(calendar_, arrival);
  if (!worked) co_return true;

  // 4. The last packet's work.
  Station::Use use = channel_.receiver_.core().use(work, {}, kWorkPriority);
  const Served served = co_await use;
  co_return served == Served::done;
}

// What packets cost the cores at either end, as they come in at the lane's rate: at the receiver
// all but the last one, at the sender each with its acknowledgement.
void FluidChannel::begin_packet_work(const Part& part, const FluidNetwork::Way& way) {
  const ChannelShape& shape = channel_.shape_;
  const Duration spacing = part.wire / way.rate / part.packets;
  const Duration there = way.latency_of(part.frame);
  const Duration back = way.latency_of(shape.ack_wire) + shape.ack_wire / way.rate;
  if (part.packets > 1)
    tasks_.spawn(packet_work(channel_.receiver_, shape.receiver_packet_work, part.packets - 1,
                             there, spacing));
  if (shape.sender_packet_work > Duration{})
    tasks_.spawn(packet_work(channel_.sender_, shape.sender_packet_work, part.packets,
                             there + shape.receiver_packet_work + back, spacing));
}

Task<> FluidChannel::packet_work(Thread thread, Duration work, std::int64_t packets, Duration first,
                                 Duration spacing) {
  co_await Delay(calendar_, first);
  while (packets > 0) {
    const std::int64_t some = std::min(packets, kWorkedAtOnce);
    co_await Delay(calendar_, spacing * some);
    thread.core().post(thread.time_for(work * some), kWorkPriority);
    packets -= some;
  }
}

std::vector<Message*> FluidChannel::give_up() {
  std::vector<Message*> messages;
  while (!under_way_.empty()) messages.push_back(under_way_.back()->take());
  ++life_;
  lanes_free_ = lanes_;
  if (!channel_.closed_) ++network_.counters().failures;
  return messages;
}

}  // namespace orrery
