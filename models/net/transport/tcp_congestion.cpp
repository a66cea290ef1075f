#include <algorithm>
#include <cmath>

#include "models/net/transport/congestion.hpp"
#include "sim/assert.hpp"

namespace orrery {

namespace {

// Slow start and what all three share; windows as doubles, since they grow by fractions of a
// segment.
class TcpCongestion : public Congestion {
 public:
  explicit TcpCongestion(const TcpWindow& window)
      : Congestion(window.segment * window.initial_segments),
        segment_(static_cast<double>(window.segment)),
        cwnd_(static_cast<double>(window_)) {
    set(cwnd_);
  }

  void acknowledged(const AckSample& sample) override {
    if (sample.acked == 0 || !sample.limited) return;
    if (cwnd_ < ssthresh_) set(std::min(cwnd_ + static_cast<double>(sample.acked), ssthresh_));
    else set(avoid(sample));
  }
  void lost(TimePoint now) override {
    ssthresh_ = std::max(reduced(now), 2 * segment_);
    set(ssthresh_);
  }
  void timed_out(TimePoint now) override {
    ssthresh_ = std::max(reduced(now), 2 * segment_);
    set(segment_);
  }

 protected:
  // The window after an acknowledgement in congestion avoidance, and after a loss.
  virtual double avoid(const AckSample& sample) = 0;
  virtual double reduced(TimePoint now) = 0;
  void set(double cwnd) {
    constexpr double kLargest = 1 << 30;  // RFC 7323: the largest window that can be said
    cwnd_ = std::clamp(cwnd, segment_, kLargest);
    window_ = static_cast<std::int64_t>(cwnd_);
    // Linux: TSO goes when a third of the window is free (tcp_tso_win_divisor), never below two
    // segments.
    burst_ = static_cast<std::int64_t>(std::max(std::min(cwnd_ / 3, most_burst_), 2 * segment_));
  }

  double segment_;
  double cwnd_;
  double ssthresh_ = 1e18;
  double most_burst_ = 1e18;
};

// RFC 5681, counting bytes.
class Reno : public TcpCongestion {
 public:
  using TcpCongestion::TcpCongestion;

 protected:
  double avoid(const AckSample& sample) override {
    return cwnd_ + segment_ * static_cast<double>(sample.acked) / cwnd_;
  }
  double reduced(TimePoint) override { return cwnd_ / 2; }
};

// RFC 9438. Windows in segments, times in seconds.
class Cubic final : public TcpCongestion {
 public:
  using TcpCongestion::TcpCongestion;

 protected:
  double avoid(const AckSample& sample) override {
    const double window = cwnd_ / segment_;
    const double acked = static_cast<double>(sample.acked) / segment_;
    if (!in_epoch_) begin_epoch(sample.now, window);
    if (sample.rtt > Duration{}) rtt_ = to_seconds(sample.rtt);
    const double t = to_seconds(sample.now - epoch_) + rtt_;
    const double target = std::clamp(kScale * std::pow(t - k_, 3) + w_max_, window, 1.5 * window);
    // What Reno would have, with the increase that makes up for the smaller cut.
    const double alpha = estimate_ < prior_ ? 3 * (1 - kBeta) / (1 + kBeta) : 1;
    estimate_ += alpha * acked / window;
    const double next = window + (target - window) / window * acked;
    return std::max(next, estimate_) * segment_;
  }
  double reduced(TimePoint) override {
    const double window = cwnd_ / segment_;
    prior_ = window;
    w_max_ = window < w_max_ ? window * (1 + kBeta) / 2 : window;  // fast convergence
    in_epoch_ = false;
    return cwnd_ * kBeta;
  }

 private:
  static constexpr double kScale = 0.4;  // C
  static constexpr double kBeta = 0.7;

  void begin_epoch(TimePoint now, double window) {
    in_epoch_ = true;
    epoch_ = now;
    if (w_max_ < window) w_max_ = window;
    k_ = std::cbrt((w_max_ - window) / kScale);
    estimate_ = window;
  }

  bool in_epoch_ = false;
  TimePoint epoch_{};
  double w_max_ = 0, k_ = 0, estimate_ = 0, rtt_ = 0;
  double prior_ = 0;  // the window before the last cut
};

// RFC 8257: as Reno, and once per round trip a cut by half the share of marked bytes.
class Dctcp final : public Reno {
 public:
  explicit Dctcp(const TcpWindow& window) : Reno(window) {
    hears_all_ = true;
    // It measures the share of marked frames, but a burst is marked as one: no more than a block.
    most_burst_ = 3 * segment_;
    set(cwnd_);
  }
  void acknowledged(const AckSample& sample) override {
    const auto bytes = static_cast<double>(std::max<std::int64_t>(sample.acked, 1));
    seen_ += bytes;
    if (sample.marked) marked_ += bytes;
    if (sample.round) {
      constexpr double kGain = 1.0 / 16;
      alpha_ += kGain * (marked_ / seen_ - alpha_);
      if (marked_ > 0) {
        set(cwnd_ * (1 - alpha_ / 2));
        ssthresh_ = cwnd_;
      }
      seen_ = marked_ = 0;
    }
    if (sample.marked && cwnd_ < ssthresh_) {  // the first mark ends slow start
      ssthresh_ = cwnd_;
      return;
    }
    Reno::acknowledged(sample);
  }

 private:
  double alpha_ = 1;
  double seen_ = 0, marked_ = 0;
};

}  // namespace

std::unique_ptr<Congestion> make_reno(const TcpWindow& w) { return std::make_unique<Reno>(w); }
std::unique_ptr<Congestion> make_cubic(const TcpWindow& w) { return std::make_unique<Cubic>(w); }
std::unique_ptr<Congestion> make_dctcp(const TcpWindow& w) { return std::make_unique<Dctcp>(w); }

std::unique_ptr<Congestion> make_tcp_congestion(std::string_view name, const TcpWindow& window) {
  if (name == "reno") return make_reno(window);
  if (name == "cubic") return make_cubic(window);
  ORRERY_INVARIANT(name == "dctcp", "congestion", "no such congestion control");
  return make_dctcp(window);
}

}  // namespace orrery
