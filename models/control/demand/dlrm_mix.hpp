// What pods of Alibaba's trace gpu-v2025 (role CN) ask for and how long they live, from its
// published statistics.
//
// Sizes are a mixture. With probability c_i / 16,485 a pod is one of the four commonest (cpu,
// memory GiB, disk GiB):
//
//   (64, 320, 255) 4371    (96, 480, 255) 2675    (48, 200, 680) 1292    (48, 240, 255) 1162
//
// and else it is (Q_cpu(u), Q_memory(v), Q_disk(w)) with u, w uniform and independent, where Q is
// the quantile function through the published minimum, p50, p90 and maximum, log-linear between
// them and rounded to whole cores and GiB:
//
//               min  p50  p90   max
//   cpu           2   64   96   192
//   memory GiB   16  320  480  1000
//   disk GiB     80  255  680   996
//
// Since each published quantile is also the value of a common tuple, the mixture keeps the
// marginals of the whole: it has the four of the table itself. Assumed: the remainder's own
// marginals are those of the whole; of its ranks, v = u with probability 0.9 (a rank correlation of
// 0.9: big in cores is big in memory), else independent; its disk is independent of both. Not
// reproduced: that disks have 26 distinct sizes only.
//
// Lifetimes are those of the 12,390 instances whose both ends were seen: p10 128 s, p50 8,410 s,
// p90 287,349 s, maximum 2,462,429 s, log-linear between them, from 1 s (assumed) at the bottom.
// They leave out whoever outlived the month.
#pragma once

#include <cstdint>

#include "sim/random.hpp"
#include "sim/units.hpp"

namespace orrery::control::dlrm {

// Published rates: pods created per hour on average, and most in one minute.
inline constexpr double kCreationsPerHour = 22.3;
inline constexpr std::int64_t kMostPerMinute = 179;

struct PodSize {
  std::int64_t cores = 0;
  std::int64_t memory_gib = 0;
  std::int64_t disk_gib = 0;
};

PodSize draw_size(RandomStream& random);
Duration draw_lifetime(RandomStream& random);

}  // namespace orrery::control::dlrm
