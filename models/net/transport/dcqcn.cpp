#include <algorithm>

#include "models/net/transport/congestion.hpp"

namespace orrery {

namespace {

// Timers are not run but caught up with when something is heard.
class Dcqcn final : public Congestion {
 public:
  explicit Dcqcn(const DcqcnParameters& p)
      : Congestion(p.window),
        p_(p),
        line_(p.line_rate.bits_per_second()),
        rate_(line_),
        target_(line_) {}

  void acknowledged(const AckSample& sample) override {
    if (rate_ < line_) {
      sent_ += sample.acked;
      catch_up(sample.now);
    }
    if (sample.marked && sample.now >= next_cut_) cut(sample.now);
  }
  void lost(TimePoint now) override { cut(now); }
  void timed_out(TimePoint now) override { cut(now); }

 private:
  void cut(TimePoint now) {
    catch_up(now);
    next_cut_ = now + p_.cut_interval;
    target_ = rate_;
    set(rate_ * (1 - alpha_ / 2));
    alpha_ = (1 - p_.gain) * alpha_ + p_.gain;
    alpha_at_ = increase_at_ = now;
    by_timer_ = by_bytes_ = 0;
    sent_ = 0;
  }

  void catch_up(TimePoint now) {
    while (now - alpha_at_ >= p_.alpha_interval && alpha_ > 1e-6) {
      alpha_ *= 1 - p_.gain;
      alpha_at_ += p_.alpha_interval;
    }
    while (rate_ < line_ && now - increase_at_ >= p_.increase_interval) {
      increase_at_ += p_.increase_interval;
      ++by_timer_;
      increase();
    }
    while (rate_ < line_ && sent_ >= p_.increase_bytes) {
      sent_ -= p_.increase_bytes;
      ++by_bytes_;
      increase();
    }
  }

  void increase() {
    const std::int64_t most = std::max(by_timer_, by_bytes_);
    const std::int64_t least = std::min(by_timer_, by_bytes_);
    if (least > p_.fast_recovery_stages) target_ += p_.hyper_additive.bits_per_second();
    else if (most > p_.fast_recovery_stages) target_ += p_.additive.bits_per_second();
    target_ = std::min(target_, line_);
    set((target_ + rate_) / 2);
  }

  void set(double rate) {
    rate_ = std::clamp(rate, p_.least_rate.bits_per_second(), line_);
    if (rate_ > 0.999 * line_) rate_ = line_;
    pace_ = rate_ < line_ ? 8e12 / rate_ : 0;
    // A NIC spaces frames, and hears of marks once in a cut interval: a burst is no longer than
    // that.
    burst_ = static_cast<std::int64_t>(rate_ / 8 * to_seconds(p_.cut_interval));
  }

  DcqcnParameters p_;
  double line_, rate_, target_;
  double alpha_ = 1;
  TimePoint next_cut_{}, alpha_at_{}, increase_at_{};
  std::int64_t by_timer_ = 0, by_bytes_ = 0;
  std::int64_t sent_ = 0;
};

}  // namespace

std::unique_ptr<Congestion> make_dcqcn(const DcqcnParameters& p) {
  return std::make_unique<Dcqcn>(p);
}

}  // namespace orrery
