// How a fabric's ports treat their queue classes.
//
// Strict classes go first, in the order control, solar, tcp, rdma; weighted ones share what is left
// by deficit round robin (Shreedhar and Varghese, SIGCOMM'95) in proportion to their weights.
// Marking (ECN) begins where a packet finds `mark_from` of waiting before it and rises linearly to
// `mark_probability` at `mark_to`, beyond which all are marked; with both equal it is DCTCP's step.
// Thresholds are times, so that they scale with a port's rate. A lossless class is stopped upstream
// (PFC, IEEE 802.1Qbb) before it overflows.
#pragma once

#include <array>
#include <string_view>

#include "models/net/packet.hpp"
#include "sim/params.hpp"

namespace orrery {

struct QueueProfile {
  std::string schedule;  // strict or weighted
  std::int64_t weight = 0;
  Duration mark_from{}, mark_to{};
  double mark_probability = 0;
  bool lossless = false;
  static const Declarations& declarations();
  bool is_strict() const { return schedule == "strict"; }
};

// By class.
using QueueProfiles = std::array<QueueProfile, kTrafficClasses>;

// The profile that a class takes: queue-control, queue-solar, queue-tcp, queue-rdma.
constexpr std::array<std::string_view, kTrafficClasses> kQueueProfileNames = {
    "queue-control", "queue-solar", "queue-tcp", "queue-rdma"};

// All strict, nothing marked, nothing lossless.
QueueProfiles plain_queues();

}  // namespace orrery
