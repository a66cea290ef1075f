// An output port: byte-buffered queues by class before a link of a given rate and latency.
//
// An idle port sends at once and costs one event, the packet's arrival at the next hop; only while packets wait does a
// transmit-complete event run. Classes are served in strict order. A class whose buffer would overflow drops at the tail.
// Hooks for faults and flow control: rate, pause per class, up/down (what is queued or on the wire is lost) and a drop filter.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>

#include "models/net/packet.hpp"
#include "models/net/pool.hpp"
#include "sim/calendar.hpp"
#include "sim/units.hpp"

namespace orrery {

class alignas(64) Port {
 public:
  struct Counters {
    std::int64_t packets_in = 0;
    std::int64_t packets_sent = 0;     // left the queue for the wire
    std::int64_t packets_passed = 0;   // arrived at the other end
    std::int64_t packets_dropped = 0;  // tail drop, filter, port down, lost on the wire
    std::int64_t bytes_dropped = 0;
  };

  static constexpr double kSlowest = 1e6;  // bits per second; the time of a packet is exact above

  // `packets`: whose packets pass here; it outlives the port.
  Port(Calendar& calendar, Pool<Packet>& packets, std::string name, BitRate rate, Duration latency,
       Bytes buffer);
  Port(const Port&) = delete;
  Port& operator=(const Port&) = delete;

  // Takes over a packet that stands before this port.
  void accept(Packet* packet);

  // At least kSlowest; to stop a port, pause it.
  void set_rate(BitRate rate);
  void pause(TrafficClass traffic_class);
  void resume(TrafficClass traffic_class);
  void set_up(bool up);
  // Asked for each packet that arrives; true drops it. An empty function drops nothing.
  void set_drop_filter(std::function<bool(const Packet&)> filter);

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
  // Time spent sending, for utilisation.
  Duration busy_time() const { return busy_; }

 private:
  struct Queue {
    Packet* first = nullptr;
    Packet* last = nullptr;
    std::int64_t bytes = 0;
    std::int64_t packets = 0;
    bool paused = false;
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
  void drain();
  void drop(Packet* packet, bool sent);
  void note_hindrance();
  bool anything_to_send() const;
  static void arrived_at_next(void* packet);
  static void transmit_complete(void* port);

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
  std::int64_t buffer_;
  std::int64_t peak_queued_ = 0;
  std::array<Queue, kTrafficClasses> queues_;
  std::array<Lost, kTrafficClasses> lost_;
  std::string name_;
  BitRate rate_;
  std::function<bool(const Packet&)> filter_;
  Timer drain_timer_;
};

}  // namespace orrery
