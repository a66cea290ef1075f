// One direction of a connection: messages cut into packets, sent within a window over one path or several.
//
// A stream has one path (its 5-tuple) and arrives in order because the path is a FIFO; SOLAR has several and needs no order. A
// packet leaves when its path has window room, whole packets at a time and at least one; otherwise the message waits in order:
// that is the back-pressure of `send`. Every packet with payload is acknowledged by a small packet on the reverse path, which
// opens the window; packets without payload (RPC requests and replies of header size) are acknowledged by whatever follows on
// the connection and cost no packet of their own.
//
// Without retransmission a lost packet fails its message; the window room it held is given back. A packet that waits for a core
// of its receiver is lost with it. A channel lives as long as packets of it may be under way.
#pragma once

#include <boost/container/small_vector.hpp>
#include <coroutine>
#include <span>

#include "models/host/cpu.hpp"
#include "models/net/fabric.hpp"
#include "models/net/packet.hpp"
#include "sim/task.hpp"

namespace orrery {

struct Message;

struct ChannelShape {
  Bytes window;          // bytes of payload in flight per path
  Bytes packet_payload;  // payload of one packet or TSO burst
  Bytes frame_payload;   // payload of one frame on the wire
  Bytes frame_header;    // all headers of one frame, Ethernet overhead included
  Bytes message_header;  // RPC and EBS headers, once per message
  Bytes ack_wire;        // an acknowledgement on the wire
  TrafficClass traffic_class = TrafficClass::bulk;
  TrafficClass ack_class = TrafficClass::bulk;
  // Work that each data packet costs the core at either end: on arrival at the receiver, on its ACK at the sender.
  Duration receiver_packet_work{};
  Duration sender_packet_work{};
};

class Channel final : public PacketSink {
 public:
  // A path's routes, there and back; whoever made the channel keeps them.
  struct Path {
    Route* forward;
    Route* back;
    std::int64_t in_flight = 0;
  };
  // `sender`, `receiver`: who does the work per packet. The shape outlives the channel.
  Channel(Fabric& fabric, const ChannelShape& shape, std::span<const Path> paths, Thread sender,
          Thread receiver);
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  class Send;
  // Completes when the last packet of the message has been handed to the receiver; false if one was lost or the channel is
  // closed. `waited` tells how long it waited for the window, in port queues and for the receiver's core, along its last packet.
  // Destroying the waiter takes back what has not been sent; what has, arrives for nobody.
  Send send(Bytes payload);

  // Fails what is under way and all that comes.
  void close();
  bool closed() const { return closed_; }

  std::int64_t messages_lost() const { return messages_lost_; }
  Bytes in_flight() const;

 private:
  friend struct Message;
  void data_arrived(Packet* packet, Message* message);
  void data_dropped(Packet* packet, Message* message);
  // An acknowledgement's.
  void packet_arrived(Packet* packet) override;
  void packet_dropped(Packet* packet) override;

  void pump();
  void send_what_fits();
  int path_with_room(std::int64_t payload);
  void emit(Message* message, int path, std::int64_t payload);
  void receive(Packet* packet, Message* message);
  Task<> receive_on_core(Packet* packet, Message* message);
  void settle(Message* message);
  void take_back(Message* message);
  std::int32_t wire_bytes(std::int64_t bytes, std::int32_t* frame) const;

  Fabric& fabric_;
  const ChannelShape& shape_;
  Message* first_ = nullptr;  // messages with payload not yet sent
  Message* last_ = nullptr;
  int next_path_ = 0;
  bool closed_ = false;
  bool pumping_ = false;
  boost::container::small_vector<Path, 1> paths_;
  Thread sender_;
  Thread receiver_;
  std::int64_t messages_lost_ = 0;
  TaskScope arriving_;  // packets that wait for the receiver's core

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

   private:
    friend class Channel;
    Channel& channel_;
    Bytes payload_;
    Message* message_ = nullptr;
    std::coroutine_handle<> waiter_;
    Duration waited_{};
    bool arrived_ = false;
  };
};

inline Channel::Send Channel::send(Bytes payload) { return Send(*this, payload); }

}  // namespace orrery
