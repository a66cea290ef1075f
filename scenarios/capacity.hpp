// What one run can hold: the products of a scenario's counts that end as objects in memory. Each
// alone costs some 1 to 4 GB at its limit; what lies beyond is refused at the key that asks for
// most of it, before anything is built. How long a run takes is no matter of limits.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/scenario.hpp"
#include "scenarios/text/text_node.hpp"

namespace orrery {

namespace capacity {
inline constexpr std::int64_t kVolumes = 1 << 17;
inline constexpr std::int64_t kSsds = 1 << 16;
inline constexpr std::int64_t kSegments = 1 << 22;
inline constexpr std::int64_t kEbsStorageServers = 1 << 10;  // each is connected to each
inline constexpr std::int64_t kThreads = 1 << 18;
inline constexpr std::int64_t kInFlight = 1 << 20;
inline constexpr std::int64_t kBytesInFlight = std::int64_t{1} << 36;
inline constexpr double kArrivalsPerSecond = 1e9;       // of a job
inline constexpr std::int64_t kCacheEntries = 1 << 26;  // of all databases, blocks and rows

// A factor of a product, and where it was given if it was.
struct Factor {
  std::string name;
  double value;
  std::optional<SourceMark> mark;
};
Factor factor_in(const TextNode& root, std::string_view section, std::string_view key,
                 std::int64_t value);
// Throws InputError where the largest of the factors was given.
[[noreturn]] void refuse(std::vector<Factor> factors, const SourceMark& otherwise,
                         const std::string& message);
}  // namespace capacity

// Machines, volumes, and what else a kind of system has many of. Throws InputError.
void check_machines(const TextNode& root, const Scenario& scenario);

// What a scenario's jobs have in flight, one after the other.
class JobCapacity {
 public:
  explicit JobCapacity(const TextNode& root) : root_(root) {}

  // `text` is the job's own mapping, `volumes` how many it runs on. Throws InputError.
  void add(const TextNode& text, const JobSpec& job, std::int64_t volumes);

 private:
  const TextNode& root_;
  std::int64_t threads_ = 0, in_flight_ = 0;
  double bytes_ = 0;
};

}  // namespace orrery
