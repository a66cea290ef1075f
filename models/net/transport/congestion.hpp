// Congestion control of one path: how much may be in flight, and how fast it may leave.
//
// The channel tells what it hears; the algorithm sets a window and, where it paces, a rate. Window
// in bytes of payload.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string_view>

#include "models/net/packet.hpp"
#include "sim/units.hpp"

namespace orrery {

struct AckSample {
  TimePoint now{};
  Duration rtt{};              // zero: not measured
  std::int64_t acked = 0;      // bytes newly acknowledged
  bool news = false;           // something is acknowledged newly, be it without bytes
  std::int64_t in_flight = 0;  // before that
  bool marked = false;         // it carries a mark
  // The first one for what was sent after the last such: once per round trip.
  bool round = false;
  bool limited = false;                  // the window was full
  const Telemetry* telemetry = nullptr;  // of the way there
  const Route* route = nullptr;
};

class Congestion {
 public:
  virtual ~Congestion() = default;
  virtual void acknowledged(const AckSample& sample) = 0;
  // A loss was found, the first in what was in flight.
  virtual void lost(TimePoint now) = 0;
  virtual void timed_out(TimePoint now) = 0;

  std::int64_t window() const { return window_; }
  // Picoseconds per byte of payload; 0 as fast as the NIC sends.
  double pace() const { return pace_; }
  // Most bytes of a burst while others are in flight: what is heard comes once per burst.
  std::int64_t burst() const { return burst_; }
  // Whether it has to hear of acknowledgements that carry no mark and found the window not full.
  bool hears_all() const { return hears_all_ || pace_ > 0; }

 protected:
  explicit Congestion(std::int64_t window) : window_(window) {}
  std::int64_t window_;
  double pace_ = 0;
  std::int64_t burst_ = std::numeric_limits<std::int64_t>::max();
  bool hears_all_ = false;
};

// TCP's (RFC 5681, 9438, 8257): slow start from an initial window of segments, then by algorithm.
struct TcpWindow {
  std::int64_t segment = 0;  // bytes
  std::int64_t initial_segments = 10;
};
std::unique_ptr<Congestion> make_reno(const TcpWindow& window);
std::unique_ptr<Congestion> make_cubic(const TcpWindow& window);
std::unique_ptr<Congestion> make_dctcp(const TcpWindow& window);
// By name, of reno, cubic, dctcp.
std::unique_ptr<Congestion> make_tcp_congestion(std::string_view name, const TcpWindow& window);

// HPCC (SIGCOMM'19, Algorithm 1): telemetry of every hop, the reference window renewed once per
// round trip.
struct HpccParameters {
  double eta = 0;              // target utilisation
  std::int64_t max_stage = 0;  // additive steps before a multiplicative one
  std::int64_t additive = 0;   // W_AI, bytes
  Duration base_rtt{};         // T
  std::int64_t initial = 0;    // and largest window, bytes: B x T
  std::int64_t least = 0;      // bytes: one packet
};
std::unique_ptr<Congestion> make_hpcc(const HpccParameters& parameters);

// DCQCN (SIGCOMM'15): a rate cut on marks, recovered in stages by a timer and a byte counter.
struct DcqcnParameters {
  double gain = 0;               // g of the estimate alpha
  Duration cut_interval{};       // between congestion notifications
  Duration alpha_interval{};     // without one, alpha decays
  Duration increase_interval{};  // timer of rate increases
  std::int64_t increase_bytes = 0;
  std::int64_t fast_recovery_stages = 0;
  BitRate additive, hyper_additive;
  BitRate line_rate, least_rate;
  std::int64_t window = 0;
};
std::unique_ptr<Congestion> make_dcqcn(const DcqcnParameters& parameters);

}  // namespace orrery
