#include "scenarios/capacity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/systems/system_kind.hpp"

namespace orrery {

namespace capacity {

Factor factor_in(const TextNode& root, std::string_view section, std::string_view key,
                 std::int64_t value) {
  Factor factor{fmt::format("{}.{}", section, key), static_cast<double>(value), {}};
  if (const TextNode::Entry* part = root.entry(section))
    if (const TextNode::Entry* entry = part->value.entry(key)) factor.mark = entry->value.mark;
  return factor;
}

void refuse(std::vector<Factor> factors, const SourceMark& otherwise, const std::string& message) {
  std::stable_sort(factors.begin(), factors.end(),
                   [](const Factor& a, const Factor& b) { return a.value > b.value; });
  for (const Factor& factor : factors)
    if (factor.mark) throw InputError(*factor.mark, message);
  throw InputError(otherwise, message);
}

}  // namespace capacity

using capacity::Factor;
using capacity::factor_in;
using capacity::refuse;

void check_machines(const TextNode& root, const Scenario& s) {
  const std::int64_t ssds = s.storage.servers * s.storage.ssds_per_server;
  if (s.kind->has_ssds && ssds > capacity::kSsds)
    refuse(
        {factor_in(root, "storage", "ssds_per_server", s.storage.ssds_per_server),
         factor_in(root, "storage", "servers", s.storage.servers)},
        root.mark,
        fmt::format("{} SSDs on {} storage servers each are more than the {} that a run can hold",
                    s.storage.ssds_per_server, s.storage.servers, capacity::kSsds));
  if (!s.kind->has_network) return;
  const std::int64_t volumes = s.compute.servers * s.volumes.per_server;
  const std::vector<Factor> of_volumes = {
      factor_in(root, "volumes", "per_server", s.volumes.per_server),
      factor_in(root, "compute", "servers", s.compute.servers)};
  if (volumes > capacity::kVolumes)
    refuse(of_volumes, root.mark,
           fmt::format("{} volumes on {} compute servers each are more than the {} that a run can "
                       "hold",
                       s.volumes.per_server, s.compute.servers, capacity::kVolumes));
  if (s.kind->check_size != nullptr) s.kind->check_size(root, s);
}

void JobCapacity::add(const TextNode& text, const JobSpec& job, std::int64_t volumes) {
  const auto factor = [&text](std::string_view key, double value) {
    const TextNode::Entry* entry = text.entry(key);
    return Factor{std::string(key), value,
                  entry == nullptr ? std::nullopt : std::optional(entry->value.mark)};
  };
  const auto as_number = [](std::int64_t count) { return static_cast<double>(count); };
  const std::string on = fmt::format("{} {}", volumes, volumes == 1 ? "volume" : "volumes");
  const Factor numjobs = factor("numjobs", as_number(job.numjobs));
  const Factor per_server = factor_in(root_, "volumes", "per_server", volumes);

  threads_ += job.numjobs * volumes;
  if (threads_ > capacity::kThreads)
    refuse({numjobs, per_server}, text.mark,
           fmt::format("numjobs of {} on {} makes {} threads of all jobs, more than the {} that a "
                       "run can hold",
                       job.numjobs, on, threads_, capacity::kThreads));
  if (job.open_loop()) {
    const double rate = job.rate_iops->per_second();
    if (rate * as_number(job.numjobs * volumes) > capacity::kArrivalsPerSecond)
      refuse({factor("rate_iops", rate), numjobs, per_server}, text.mark,
             fmt::format("rate_iops of {:.4g} in {} threads on {} is more than {:.0e} arrivals per "
                         "second",
                         rate, job.numjobs, on, capacity::kArrivalsPerSecond));
  }
  if (job.open_loop() && !job.iodepth) return;
  const std::int64_t depth = job.iodepth.value_or(1);
  in_flight_ += depth * job.numjobs * volumes;
  const Factor iodepth = factor("iodepth", as_number(depth));
  if (in_flight_ > capacity::kInFlight)
    refuse(
        {iodepth, numjobs, per_server}, text.mark,
        fmt::format("iodepth of {} in {} threads on {} makes {} I/Os in flight of all jobs, more "
                    "than the {} that a run can hold",
                    depth, job.numjobs, on, in_flight_, capacity::kInFlight));
  const BlockSizesText sizes = job.sizes();
  const double mean = job.read_share() * sizes.read.mean_bytes() +
                      (1 - job.read_share()) * sizes.write.mean_bytes();
  bytes_ += mean * as_number(depth * job.numjobs * volumes);
  if (bytes_ > as_number(capacity::kBytesInFlight))
    refuse({iodepth, numjobs, per_server}, text.mark,
           fmt::format("iodepth of {} in {} threads on {} makes {:.4g} GiB in flight of all jobs, "
                       "more than the {} GiB that a run can hold",
                       depth, job.numjobs, on, bytes_ / 0x1p30, capacity::kBytesInFlight >> 30));
}

}  // namespace orrery
