// An output port: byte-buffered queues by class before a link of a given rate and latency.
//
// An idle port sends at once and costs one event, the packet's arrival at the next hop; only while
// packets wait does a transmit-complete event run. Which class is served next, and where packets
// are marked, say the queue profiles. What does not fit is dropped at the tail, a burst frame by
// frame: a queue holds at most `buffer`, and in a switch at most `alpha` times what is left of the
// buffer that its ports share (dynamic thresholds, Choudhury and Hahne, 1998). A lossless class is
// stopped upstream instead: when what came in by one link exceeds a share of the free buffer, its
// sender is told to pause (PFC), and to resume when two frames less wait; word travels as long as
// the link. Hooks for faults: rate, pause per class, up/down (what is queued or on the wire is
// lost) and a filter that loses or damages.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>

#include "models/net/object_pool.hpp"
#include "models/net/packet.hpp"
#include "models/net/queues.hpp"
#include "sim/calendar.hpp"
#include "sim/units.hpp"

namespace orrery {

// What a switch's ports share.
struct SwitchBuffer {
  std::int64_t capacity = 0;
  double alpha = 1;      // a queue may hold this multiple of what is free
  double pfc_share = 0;  // of what is free, what one link may have waiting before it is paused
  std::int64_t used = 0;
  std::int64_t peak = 0;
  std::int64_t free() const { return capacity - used; }
};

class alignas(64) Port {
 public:
  struct Counters {
    std::int64_t packets_in = 0;
    std::int64_t packets_sent = 0;     // left the queue for the wire
    std::int64_t packets_passed = 0;   // arrived at the other end
    std::int64_t packets_dropped = 0;  // tail drop, filter, port down, lost or damaged on the wire
    std::int64_t bytes_dropped = 0;
    std::int64_t packets_marked = 0;
  };
  // What becomes of a packet that arrives: it goes on, it is lost, or it is sent and found damaged
  // at the other end. A filter may also take frames out of a burst with `lose_frames`.
  enum class Fate : std::uint8_t { passes, dropped, damaged };
  using Filter = std::function<Fate(Packet&)>;

  static constexpr double kSlowest = 1e6;  // bits per second; the time of a packet is exact above

  // `packets`: whose packets pass here. Packets, queues and the shared buffer (of a switch; a NIC
  // has none) outlive the port.
  Port(Calendar& calendar, Pool<Packet>& packets, std::string name, BitRate rate, Duration latency,
       Bytes buffer, const QueueProfiles& queues, SwitchBuffer* shared = nullptr);
  Port(const Port&) = delete;
  Port& operator=(const Port&) = delete;

  // Takes over a packet that stands before this port.
  void accept(Packet* packet);

  // At least kSlowest; to stop a port, pause it.
  void set_rate(BitRate rate);
  void pause(TrafficClass traffic_class);
  void resume(TrafficClass traffic_class);
  void set_up(bool up);
  // Asked for each packet that arrives; an empty function lets all pass.
  void set_filter(Filter filter);
  // Takes frames out of a packet's burst; what is left may be nothing. Counts them as lost here.
  void lose_frames(Packet& packet, std::uint64_t frames);
  // The same of frames that take their time on the wire and are found damaged after it. False if
  // none is left whole; then the packet keeps them and its fate is to be `damaged`.
  bool damage_frames(Packet& packet, std::uint64_t frames);

  const std::string& name() const { return name_; }
  BitRate rate() const { return rate_; }
  Duration latency() const { return latency_; }
  bool up() const { return up_; }
  Bytes queued() const { return Bytes{queued_total_}; }
  Bytes peak_queued() const { return Bytes{peak_queued_}; }
  void forget_peak() { peak_queued_ = queued_total_; }
  // Both look at every packet of the pool; the others below do not.
  Counters counters(TrafficClass traffic_class) const;
  Counters totals() const;
  // Packets queued or on the wire: in - passed - dropped.
  std::int64_t in_flight() const;
  std::int64_t packets_in() const;
  Bytes bytes_in() const { return Bytes{bytes_in_}; }
  std::int64_t packets_dropped() const;
  // In = sent + dropped before that + queued, in every class.
  bool is_balanced() const;
  // Frames that bursts lost here and went on without.
  std::int64_t frames_lost() const { return frames_lost_; }
  std::int64_t packets_marked() const;
  // How often PFC stopped this port.
  std::int64_t times_stopped() const { return times_stopped_; }
  // The last moment at which PFC held a class here: now, if it does.
  TimePoint held_until(TrafficClass traffic_class) const;
  // Time spent sending, for utilisation.
  Duration busy_time() const { return busy_; }

 private:
  struct Queue {
    Packet* first = nullptr;
    Packet* last = nullptr;
    std::int64_t bytes = 0;
    std::int64_t packets = 0;
    std::int64_t deficit = 0;    // deficit round robin
    std::int64_t mark_from = 0;  // bytes; 0: no marking
    std::int64_t mark_to = 0;
    bool paused = false;
  };
  // PFC, kept by the sender of a link for a lossless class: what of it waits in the switch at the
  // other end.
  struct Downstream {
    Port* port = nullptr;
    TrafficClass traffic_class{};
    std::int64_t waiting = 0;
    bool told_to_stop = false;  // as the switch last said
    bool stopped = false;       // as has been heard
  };
  struct Lost {
    std::int64_t packets = 0;
    std::int64_t bytes = 0;
    std::int64_t packets_unsent = 0;  // of these, before they were on the wire
  };

  static constexpr int kTimeBits = 20;
  static std::uint64_t time_per_byte(BitRate rate);
  Duration time_for(std::int32_t bytes) const {
    constexpr std::uint64_t kHalf = std::uint64_t{1} << (kTimeBits - 1);
    return Duration{static_cast<std::int64_t>(
        (static_cast<std::uint64_t>(bytes) * time_per_byte_ + kHalf) >> kTimeBits)};
  }
  void transmit(Packet* packet);
  bool enqueue(Packet* packet, Queue& queue);
  Packet* dequeue(Queue& queue);
  Queue* next_queue();
  void mark(Packet* packet, const Queue& queue, std::int64_t found);
  void note_thresholds();
  std::int64_t room_in(const Queue& queue) const;
  void drain();
  void drop(Packet* packet, bool sent);
  void note_hindrance();
  bool anything_to_send() const;
  void count_from(Packet* packet, std::int64_t bytes);
  static void arrived_at_next(void* packet);
  static void transmit_complete(void* port);
  static void heard_of_pause(void* downstream);

  // What every packet touches comes first.
  Calendar& calendar_;
  std::uint64_t time_per_byte_;  // in units of 2^-kTimeBits ps
  Duration latency_;
  TimePoint free_at_{};
  Duration busy_{};
  std::int64_t queued_total_ = 0;
  bool up_ = true;
  bool hindered_ = false;  // down, filtered or paused: not the plain path
  // Counted for each packet; all else follows from these, the losses and the queues.
  std::array<std::int64_t, kTrafficClasses> packets_in_{};
  std::array<std::int64_t, kTrafficClasses> packets_sent_{};
  std::int64_t bytes_in_ = 0;

  Pool<Packet>& packets_;
  const QueueProfiles& profiles_;
  SwitchBuffer* shared_;
  std::int64_t buffer_;
  std::int64_t peak_queued_ = 0;
  std::int64_t bytes_unsent_ = 0;  // came in and were lost before the wire
  std::int64_t frames_lost_ = 0;
  std::int64_t times_stopped_ = 0;
  std::uint64_t coins_ = 0;  // drawn for marks
  std::uint64_t coin_seed_;
  std::size_t turn_ = 0;  // of the weighted classes
  bool turn_begun_ = false;
  std::array<Queue, kTrafficClasses> queues_;
  std::array<std::int64_t, kTrafficClasses> marked_{};
  std::array<Downstream, kTrafficClasses> downstream_;
  std::array<Lost, kTrafficClasses> lost_;
  std::string name_;
  BitRate rate_;
  Filter filter_;
  Timer drain_timer_;
  std::array<TimePoint, kTrafficClasses> released_{};  // by PFC, the last time
};

}  // namespace orrery
