// Flows that never end over a fabric, and what a port looks like meanwhile.
#pragma once

#include <gmock/gmock.h>

#include <algorithm>
#include <bit>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "sim/quantile.hpp"
#include "tests/models/net/rig.hpp"

namespace orrery {

// Keeps a connection's send queue filled.
class EndlessFlow {
 public:
  EndlessFlow(Calendar& calendar, std::unique_ptr<Connection> connection, Bytes message,
              int outstanding)
      : calendar_(calendar), connection_(std::move(connection)), message_(message) {
    for (int i = 0; i < outstanding; ++i) ready_.push_back(i);
  }
  void start() {
    for (std::size_t i = 0; i < ready_.size(); ++i) tasks_.spawn(send());
  }
  void start_at(TimePoint when) { tasks_.spawn(start_later(when)); }
  // No new messages.
  void stop() { stopped_ = true; }
  std::int64_t delivered() const { return delivered_; }
  std::int64_t failed() const { return failed_; }
  bool idle() const { return tasks_.size() == 0; }
  Connection& connection() { return *connection_; }
  Channel& channel() { return connection_->channel(Side::client); }

 private:
  Task<> start_later(TimePoint when) {
    co_await Delay(calendar_, when);
    start();
  }
  Task<> send() {
    while (!stopped_) {
      Delivery delivery = connection_->deliver(Side::client, message_, {});
      const bool arrived = co_await delivery;
      if (arrived) delivered_ += message_.count();
      else ++failed_;
      if (!arrived && connection_->closed()) co_return;
    }
  }

  Calendar& calendar_;
  std::unique_ptr<Connection> connection_;
  Bytes message_;
  std::vector<int> ready_;
  std::int64_t delivered_ = 0, failed_ = 0;
  bool stopped_ = false;
  TaskScope tasks_;
};

// A source port with which a flow's way there ends with `last` (or passes it anywhere).
inline std::uint16_t port_through(Fabric& fabric, std::uint32_t from, std::uint32_t to,
                                  const Port& through, std::uint8_t protocol,
                                  std::uint16_t first = 50000, std::size_t paths = 1) {
  for (std::uint16_t p = first;; p = static_cast<std::uint16_t>(p + 1)) {
    bool all = true;
    for (std::size_t i = 0; i < paths; ++i) {
      const Route route =
          fabric.route({from, to, static_cast<std::uint16_t>(p + i), 8800, protocol});
      all &= std::find(route.ports.begin(), route.ports.begin() + route.length, &through) !=
             route.ports.begin() + route.length;
    }
    if (all) return p;
  }
}

// Loses every n-th frame with payload that a port is given.
inline void lose_every(Port& port, std::int64_t n) {
  port.set_filter([&port, n, seen = std::int64_t{0}](Packet& packet) mutable {
    if (packet.is_ack || packet.payload == 0) return Port::Fate::passes;
    std::uint64_t lost = 0;
    for (std::uint64_t left = packet.frames; left != 0; left &= left - 1)
      if (++seen % n == 0) lost |= left & (~left + 1);
    port.lose_frames(packet, lost);
    return Port::Fate::passes;
  });
}

// Time-weighted queue of a port, by looking every `interval`.
struct QueueSamples {
  std::vector<double> bytes;
  double mean() const {
    double sum = 0;
    for (const double b : bytes) sum += b;
    return sum / static_cast<double>(bytes.size());
  }
  double quantile(double share) {
    std::sort(bytes.begin(), bytes.end());
    return lower_quantile(bytes, share);
  }
};

inline void run_to(Calendar& calendar, TimePoint when) {
  calendar.run_until(when);
  calendar.advance_to(when);
}

inline QueueSamples watch(Calendar& calendar, const Port& port, Duration span, Duration interval) {
  QueueSamples samples;
  const TimePoint end = calendar.now() + span;
  while (calendar.now() < end) {
    run_to(calendar, calendar.now() + interval);
    samples.bytes.push_back(static_cast<double>(port.queued().count()));
  }
  return samples;
}

// A link's share of time spent sending over a span.
class Utilisation {
 public:
  Utilisation(const Calendar& calendar, const Port& port)
      : calendar_(calendar), port_(port), from_(calendar.now()), busy_(port.busy_time()) {}
  double value() const {
    return to_seconds(port_.busy_time() - busy_) / to_seconds(calendar_.now() - from_);
  }

 private:
  const Calendar& calendar_;
  const Port& port_;
  TimePoint from_;
  Duration busy_;
};

}  // namespace orrery
