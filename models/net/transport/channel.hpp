// One direction of a connection: messages cut into segments, sent within a window over one path or several, and again if lost.
//
// A segment is what one packet carries: a TSO burst of TCP, a run of RDMA frames, a block of SOLAR. It leaves when its path has
// room in the window of congestion control and receiver; otherwise the message waits in order: that is the back-pressure of
// `send`. Segments with payload are acknowledged at once by a small packet on the reverse path; those without (RPC requests and
// replies of header size) by whatever follows the other way, or after `ack_delay`.
//
// How losses are found and mended (Recovery):
//   none       a lost packet fails its message
//   selective  TCP: the receiver keeps what comes out of order and says so (SACK); what was sent before something that has arrived
//              is lost, since a path is a FIFO (RACK, RFC 8985, without reordering); else a timeout, doubled each time (RFC 6298)
//   any_path   SOLAR: the same within each path, sent again on any path, delivered in any order; after `dead_after` timeouts in a row a
//              path is given up, drawn anew, and used again once a probe has come back
//   go_back_n  RDMA: the receiver refuses what is out of order, of a burst the frames behind a gap as well; the sender starts again
//              from there
// A connection that hears nothing for `give_up` fails: every message under way does, and it begins anew.
//
// Over a fabric without packets (`network: fluid`) a FluidChannel carries the messages, and of all this only their order is left.
//
// A stream's messages are delivered in order. A packet that waits for a core of its receiver is lost with it. A channel lives as
// long as packets of it may be under way.
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
#include "sim/ring.hpp"
#include "sim/task.hpp"

namespace orrery {

class FluidChannel;
struct Message;

// Frames of a packet: each is a bit.
constexpr std::int64_t kMostFrames = 64;

enum class Recovery : std::uint8_t { none, selective, any_path, go_back_n };

struct ChannelShape {
  Bytes window;          // bytes of payload in flight per path, whatever congestion control allows
  Bytes packet_payload;  // payload of one packet or TSO burst
  Bytes frame_payload;   // payload of one frame on the wire
  Bytes frame_header;    // all headers of one frame, Ethernet overhead included
  Bytes message_header;  // RPC and EBS headers, once per message
  Bytes ack_wire;        // an acknowledgement on the wire
  TrafficClass traffic_class = TrafficClass::tcp;
  TrafficClass ack_class = TrafficClass::tcp;
  // Work that each data packet costs the core at either end: on arrival at the receiver, on its ACK at the sender.
  Duration receiver_packet_work{};
  Duration sender_packet_work{};
  // Work per 4 KiB that is sent again, and that arrives again; the first time is the stack's to charge.
  Duration resent_block_work{};
  Duration duplicate_block_work{};

  Recovery recovery = Recovery::none;
  bool ordered = true;
  Duration ack_delay{};
  Duration least_timeout{}, most_timeout{};
  bool measured_timeout =
      false;           // from round trips (RFC 6298), never below the least; else the least
  double backoff = 1;  // of timeouts in a row
  std::int64_t dead_after = 0;  // 0: a path is never given up
  Duration give_up{};
  bool telemetry = false;
  std::function<std::unique_ptr<Congestion>()> congestion;  // empty: the window alone
};

// A path of a connection, which both its directions use.
struct Lane {
  FiveTuple flow;  // from client to server
  Duration end_latency{};
  std::uint32_t epoch = 0;  // of the fabric's routes, when these were found
  Route* there = nullptr;
  Route* back = nullptr;
};

class alignas(64) Channel final : public PacketSink {
 public:
  // `forward`: from the lanes' client to their server. `sender`, `receiver`: who does the work per packet. Lanes and shape outlive
  // the channel.
  Channel(Fabric& fabric, const ChannelShape& shape, std::span<Lane> lanes, bool forward,
          Thread sender, Thread receiver);
  ~Channel();
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  // The other direction of the connection, whose acknowledgements ride on this one's packets.
  void set_peer(Channel& peer) { peer_ = &peer; }

  class Send;
  // Completes when the last segment of the message has been handed to the receiver; false if the connection failed or is closed.
  // `waited` tells how long it waited: for the window, in port queues, for the receiver's core, for what was sent before it, and
  // for being sent again. Destroying the waiter takes back what has not been sent; what has, arrives for nobody.
  Send send(Bytes payload);

  // Fails what is under way and all that comes.
  void close();
  bool closed() const { return closed_; }

  std::int64_t messages_lost() const { return messages_lost_; }
  Bytes in_flight() const;
  // Of the first path; for tests.
  std::int64_t window() const { return window_of(paths_.front()); }
  const Congestion* congestion() const { return paths_.front().congestion.get(); }

 private:
  friend class FluidChannel;
  // Sent and not acknowledged.
  struct alignas(64) Segment {
    Message* message = nullptr;  // none: delivered, given up, or a probe
    TimePoint sent_at{};
    TimePoint arrived{};        // less the time it had waited until then
    std::uint64_t missing = 0;  // frames that the receiver lacks
    std::uint64_t unacked = 0;  // frames that the sender does not know to have arrived
    std::uint64_t resend = 0;   // of these, found lost and not sent again yet
    std::int32_t payload = 0;
    std::int32_t flight = 0;  // bytes that count as in flight
    std::uint32_t order = 0;  // of its last transmission
    std::uint8_t frames = 1;
    bool headed = false;  // begins a message
    bool again = false;   // was sent more than once
    bool probe = false;
  };
  // There are thousands of paths, and a packet finds its own in no cache: what each one touches is in the first two lines.
  struct alignas(64) Path {
    Route* forward = nullptr;  // the lane's, as of `epoch`
    Route* back = nullptr;
    Ring<Segment, 1> segments;  // from sequence number `base`
    std::int64_t in_flight = 0;
    std::uint32_t base = 0;
    std::uint32_t expected = 0;  // the receiver's: all before have arrived
    std::uint32_t order = 0;     // of the last transmission
    std::uint32_t newest = 0;    // order of the newest transmission known to have arrived

    std::uint32_t epoch = 0;
    std::uint32_t round_end = 0;
    std::int32_t lost = 0;  // segments with frames to send again
    std::int32_t timeouts = 0;
    bool recovering = false;
    bool dead = false;
    bool refused = false;    // the receiver has said so and waits
    bool ack_owed = false;   // the receiver's
    bool held = false;       // until `not_before`
    bool paced = false;      // as congestion control has said last, like `window`
    bool hears_all = false;  // congestion control
    std::int64_t window = 0;
    TimePoint progress{};  // last time something was heard, or sent after silence
    TimePoint heard{};     // since when nothing has been heard
    Duration srtt{}, rttvar{};

    std::unique_ptr<Congestion> congestion;
    Lane* lane = nullptr;
    std::uint32_t recovery_end = 0;
    TimePoint ack_due{};
    TimePoint not_before{};
    std::uint32_t next() const { return base + static_cast<std::uint32_t>(segments.size()); }
    Segment& at(std::uint32_t sequence) { return segments[sequence - base]; }
    bool holds(std::uint32_t sequence) const { return sequence - base < segments.size(); }
  };
  // Lost on one path, to be sent on any.
  struct Stray {
    Message* message = nullptr;
    std::int32_t payload = 0;
    bool headed = false;
  };

  void packet_arrived(Packet* packet) override;
  void packet_dropped(Packet* packet) override;

  // The sender.
  void pump();
  void send_what_fits();
  bool send_again();
  std::int64_t window_of(const Path& path) const { return path.window; }
  void note_window(Path& path);
  // Bytes of payload that may leave now, less than 0 if none may.
  std::int64_t room_on(Path& path, std::int64_t payload);
  bool ack_is_near(Path& path) const;
  int path_with_room(std::int64_t payload, std::int64_t* allowed);
  void emit(Message* message, int path, std::int64_t payload, bool headed);
  void transmit(int path, std::uint32_t sequence, std::uint64_t frames);
  void acknowledge(int path, const Packet& ack);
  void acknowledge_through(Path& path, std::uint32_t sequence, AckSample& sample);
  void note_acked(Path& path, Segment& segment, AckSample& sample);
  void find_lost(Path& path, std::uint32_t before);
  void set_lost(Path& path, Segment& segment);
  void go_back(Path& path);
  void note_loss(Path& path);
  void note_disturbance();
  void note_progress(Path& path, TimePoint now);
  void measure(Path& path, Duration rtt);
  Duration timeout_of(const Path& path) const;
  void timed_out(int path);
  void redraw(int path);
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
  void answer(Packet* packet, bool refusal);
  void pay_for_duplicate(const Packet& packet);
  void deliver(int path, std::uint32_t from, std::uint32_t to);
  void hand_over(Segment& segment);
  void owe_ack(int path);
  static void acks_due(void* channel);

  void settle(Message* message);
  void take_back(Message* message);
  void give_back(Packet* packet);

  // What every packet touches comes first.
  Fabric& fabric_;
  const ChannelShape& shape_;
  Channel* peer_ = nullptr;
  std::span<Path> paths_;
  Message* first_ = nullptr;  // messages with payload not yet sent
  bool forward_;
  bool closed_ = false;
  bool pumping_ = false;

  Message* last_ = nullptr;
  Ring<Stray> strays_;
  Timer retransmit_;
  Timer acks_;
  boost::container::small_vector<Path, 1> all_paths_;
  Timer paced_;
  Thread sender_;
  Thread receiver_;
  std::int64_t messages_lost_ = 0;
  TaskScope arriving_;                   // packets that wait for the receiver's core
  std::unique_ptr<FluidChannel> fluid_;  // none: packets

 public:
  class [[nodiscard]] Send {
   public:
    Send(Channel& channel, Bytes payload) : channel_(channel), payload_(payload) {}
    Send(const Send&) = delete;
    Send& operator=(const Send&) = delete;
    ~Send() {
      if (message_ != nullptr) channel_.take_back(message_);
    }
    bool await_ready() const { return channel_.closed_; }
    void await_suspend(std::coroutine_handle<> waiter);
    bool await_resume() const { return arrived_; }
    Duration waited() const { return waited_; }
    // Whether a part of it was sent again, or it waited for what was.
    bool disturbed() const { return disturbed_; }

   private:
    friend class Channel;
    Channel& channel_;
    Bytes payload_;
    Message* message_ = nullptr;
    std::coroutine_handle<> waiter_;
    Duration waited_{};
    bool arrived_ = false;
    bool disturbed_ = false;
  };
};

inline Channel::Send Channel::send(Bytes payload) { return Send(*this, payload); }

}  // namespace orrery
