#include <algorithm>
#include <array>

#include "models/net/port.hpp"
#include "models/net/transport/congestion.hpp"

namespace orrery {

namespace {

class Hpcc final : public Congestion {
 public:
  explicit Hpcc(const HpccParameters& p)
      : Congestion(p.initial), p_(p), w_(static_cast<double>(p.initial)), reference_(w_) {
    hears_all_ = true;
  }

  void acknowledged(const AckSample& sample) override {
    if (sample.telemetry == nullptr || sample.route == nullptr) return;
    const bool known = sample.route->id == route_;
    const double u = known ? utilisation(sample) : 0;
    route_ = sample.route->id;
    last_ = sample.telemetry->hops;
    if (!known) return;
    w_ = next_window(u, sample.round);
    apply();
  }
  // A loss says nothing that the queues did not say before.
  void lost(TimePoint) override {}
  void timed_out(TimePoint) override {
    w_ = reference_ = static_cast<double>(p_.least);
    stage_ = 0;
    apply();
  }

 private:
  // MeasureInflight: of the busiest hop, what is in flight over what fits, averaged over a round
  // trip.
  double utilisation(const AckSample& sample) {
    const double t = static_cast<double>(p_.base_rtt.count());
    double most = 0;
    Duration tau = p_.base_rtt;
    // Hop 0 is the sender's own NIC.
    for (std::size_t i = 1; i < sample.route->length; ++i) {
      const Telemetry::Hop& now = sample.telemetry->hops[i];
      const Telemetry::Hop& before = last_[i];
      const Duration apart = now.at - before.at;
      if (apart.count() <= 0) continue;
      const double per_byte = sample.route->ports[i]->rate().picoseconds_per_byte();
      const double rate = static_cast<double>(now.bytes_sent - before.bytes_sent) /
                          static_cast<double>(apart.count());
      const double queue = static_cast<double>(std::min(now.queued, before.queued));
      const double u = queue * per_byte / t + rate * per_byte;
      if (u <= most) continue;
      most = u;
      tau = apart;
    }
    const double share = std::min(1.0, static_cast<double>(tau.count()) / t);
    average_ = (1 - share) * average_ + share * most;
    return average_;
  }

  // ComputeWind.
  double next_window(double u, bool update_reference) {
    const auto additive = static_cast<double>(p_.additive);
    double w = 0;
    if (u >= p_.eta || stage_ >= p_.max_stage) {
      w = reference_ / (u / p_.eta) + additive;
      if (update_reference) {
        stage_ = 0;
        reference_ = w;
      }
    } else {
      w = reference_ + additive;
      if (update_reference) {
        ++stage_;
        reference_ = w;
      }
    }
    const double most = static_cast<double>(p_.initial);
    reference_ = std::clamp(reference_, static_cast<double>(p_.least), most);
    return std::clamp(w, static_cast<double>(p_.least), most);
  }

  void apply() {
    window_ = static_cast<std::int64_t>(w_);
    // R = W / T; at the initial window that is the NIC's own rate.
    pace_ = window_ < p_.initial ? static_cast<double>(p_.base_rtt.count()) / w_ : 0;
  }

  HpccParameters p_;
  double w_, reference_;
  double average_ = 0;
  std::int64_t stage_ = 0;
  std::uint64_t route_ = 0;  // by its number: a route may be in the place of another
  std::array<Telemetry::Hop, Telemetry::kMaxHops> last_{};
};

}  // namespace

std::unique_ptr<Congestion> make_hpcc(const HpccParameters& p) { return std::make_unique<Hpcc>(p); }

}  // namespace orrery
