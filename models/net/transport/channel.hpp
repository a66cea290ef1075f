// One direction of a connection: messages cut into segments, sent within a window over one path or
// several, and again if lost.
//
// A segment is what one packet carries: a TSO burst of TCP, a run of RDMA frames, a block of SOLAR.
// It leaves when its path has room in the window of congestion control and receiver; otherwise the
// message waits in order: that is the back-pressure of `send`. Segments with payload are
// acknowledged at once by a small packet on the reverse path; those without (RPC requests and
// replies of header size) by whatever follows the other way, or after `ack_delay`.
//
// How losses are found and mended is its Recovery's (recovery.hpp). Sender: sender.cpp,
// acknowledgement.cpp; receiver: receiver.cpp; messages and the channel itself: lifetime.cpp.
//
// Timeouts count from when a packet has left its sender's NIC: what waits there, for others or
// because PFC holds the port, is not lost, and is not sent again before it was sent once. Nor do
// they run while PFC holds a port on the way: a lossless class waits there and loses nothing. A
// connection that hears nothing for `give_up` fails: every message under way does, and it begins
// anew.
//
// Over a fabric without packets (`network: fluid`) a FluidChannel carries the messages, and of all
// this only their order is left.
//
// A stream's messages are delivered in order. A packet that waits for a core of its receiver is
// lost with it. A channel lives as long as packets of it may be under way.
#pragma once

#include <boost/container/small_vector.hpp>
#include <coroutine>
#include <functional>
#include <memory>
#include <span>

#include "models/host/cpu.hpp"
#include "models/net/fabric.hpp"
#include "models/net/packet.hpp"
#include "models/net/transport/congestion.hpp"
#include "models/net/transport/message.hpp"
#include "models/net/transport/path.hpp"
#include "models/net/transport/shape.hpp"
#include "sim/ring.hpp"
#include "sim/task.hpp"
#include "sim/wait_queue.hpp"

namespace orrery {

class FluidChannel;
class alignas(64) Channel final : public PacketSink {
 public:
  // `forward`: from the paths' client to their server. `sender`, `receiver`: who does the work per
  // packet. Paths and shape outlive the channel.
  Channel(Fabric& fabric, const ChannelShape& shape, std::span<PathState> paths, bool forward,
          Thread sender, Thread receiver);
  ~Channel();
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  // The other direction of the connection, whose acknowledgements ride on this one's packets.
  void set_peer(Channel& peer) { peer_ = &peer; }

  class Send;
  // Completes when the last segment of the message has been handed to the receiver; false if the
  // connection failed or is closed. `waited` tells how long it waited: for the window, in port
  // queues, for the receiver's core, for what was sent before it, and for being sent again.
  // Destroying the waiter takes back what has not been sent; what has, arrives for nobody.
  Send send(Bytes payload);

  // Fails what is under way and all that comes.
  void close();
  bool closed() const { return closed_; }

  // No packet of it is under way.
  bool is_quiet() const { return under_way_ == 0; }

  std::int64_t messages_lost() const { return messages_lost_; }
  Bytes in_flight() const;
  // Of the first path; for tests.
  std::int64_t window() const { return window_of(paths_.front()); }
  const Congestion* congestion() const { return paths_.front().congestion.get(); }

  // The parts of the protocol that a recovery puts together.

  Fabric& fabric() { return fabric_; }
  const ChannelShape& shape() const { return shape_; }
  std::span<Path> paths() { return paths_; }
  Channel* peer() { return peer_; }
  // Bytes of payload that may leave on a path now, less than 0 if none may.
  std::int64_t room_on(Path& path, std::int64_t payload);
  // Frames of a segment leave, the first time or again.
  void transmit(int path, std::uint32_t sequence, std::uint64_t frames);
  // Everything before `sequence` has arrived; what is of no use to either end any more goes.
  void acknowledge_through(Path& path, std::uint32_t sequence, AckSample& sample);
  // What was sent before something that has arrived, and has not arrived itself, is lost: a path is
  // a FIFO.
  void find_overtaken(Path& path, std::uint32_t end);
  void set_lost(Path& path, Segment& segment);
  // To be sent before all else, on any path.
  void send_again_anywhere(const LostSegment& lost) { lost_segments_.push(lost); }
  // The packet turns round as its own acknowledgement.
  void answer(Packet* packet, bool refusal);
  // Who delivers a message pays for its bytes once.
  void pay_for_duplicate(const Packet& packet);
  void give_back(Packet* packet);

 private:
  friend class FluidChannel;
  void packet_arrived(Packet* packet) override;
  void packet_dropped(Packet* packet) override;
  void packet_waits_in_nic(const Packet& packet) override;
  void packet_left_nic(const Packet& packet, Duration waited) override;

  // The sender.
  void pump();
  void send_what_fits();
  bool send_again();
  std::int64_t window_of(const Path& path) const { return path.window; }
  void note_window(Path& path);
  bool ack_is_near(Path& path) const;
  int path_with_room(std::int64_t payload, std::int64_t* allowed);
  void emit(Message* message, int path, std::int64_t payload, bool headed);
  void acknowledge(int path, const Packet& ack);
  void note_acked(Path& path, Segment& segment, AckSample& sample);
  void go_back(Path& path);
  void note_loss(Path& path);
  void leave_queue(Message& message);
  void note_progress(Path& path, TimePoint now);
  void measure(Path& path, Duration rtt);
  Duration timeout_of(const Path& path) const;
  TimePoint timeout_at(const Path& path) const { return after(path.progress, timeout_of(path)); }
  TimePoint held_until(const Path& path) const;
  void timed_out(int path);
  void fail_all();
  void refresh(Path& path);
  std::int64_t bytes_of(const Segment& segment, std::uint64_t frames) const;
  std::int32_t wire_bytes(std::int64_t bytes, std::int32_t* frame) const;
  static void timer_fired(void* channel);
  static void pace_over(void* channel);

  // The receiver.
  void receive(Packet* packet);
  Task<> receive_on_core(Packet* packet);
  void send_ack(int path);
  void deliver(int path, std::uint32_t from, std::uint32_t to);
  void hand_over(Segment& segment);
  void owe_ack(int path);
  static void acks_due(void* channel);

  void settle(Message* message);
  void take_back(Message* message);

  // What every packet touches comes first.
  Fabric& fabric_;
  const ChannelShape& shape_;
  Channel* peer_ = nullptr;
  std::span<Path> paths_;
  WaitQueue<Message> waiting_;  // messages with payload not yet sent
  std::int32_t under_way_ = 0;  // packets
  bool forward_;
  bool closed_ = false;
  bool pumping_ = false;

  std::uint32_t disturbances_ = 0;  // losses for which all that waited then waits longer
  Ring<LostSegment> lost_segments_;
  Timer retransmit_;
  Timer acks_;
  boost::container::small_vector<Path, 1> all_paths_;
  Timer paced_;
  TimePoint paced_until_{};  // the earliest that a held path may go on, while armed
  Thread sender_;
  Thread receiver_;
  std::int64_t messages_lost_ = 0;
  TaskScope arriving_;                   // packets that wait for the receiver's core
  std::unique_ptr<FluidChannel> fluid_;  // none: packets

 public:
  class [[nodiscard]] Send : private MessageWaiter {
   public:
    Send(Channel& channel, Bytes payload) : channel_(channel), payload_(payload) {}
    Send(const Send&) = delete;
    Send& operator=(const Send&) = delete;
    ~Send() {
      if (message != nullptr) channel_.take_back(message);
    }
    bool await_ready() const { return channel_.closed_; }
    void await_suspend(std::coroutine_handle<> waiter);
    bool await_resume() const { return arrived; }
    Duration waited() const { return MessageWaiter::waited; }
    // Whether a part of it was sent again, or it waited for what was.
    bool disturbed() const { return MessageWaiter::disturbed; }

   private:
    Channel& channel_;
    Bytes payload_;
  };
};

inline Channel::Send Channel::send(Bytes payload) { return Send(*this, payload); }

}  // namespace orrery
