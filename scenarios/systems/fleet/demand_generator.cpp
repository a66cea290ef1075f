#include "scenarios/systems/fleet/demand_generator.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "scenarios/systems/fleet/dlrm_mix.hpp"
#include "scenarios/text/value_text.hpp"
#include "sim/random.hpp"

namespace orrery {

namespace {

constexpr Duration kLatest = Duration::max();

Duration sum(Duration a, Duration b) { return a > kLatest - b ? kLatest : a + b; }

// Settles what is not given: a span for a number of pods, a rate for none.
void settle_arrivals(DemandSource& source, Duration runtime) {
  const bool has_rate = source.per_hour || source.per_second;
  if (source.arrival == "at_once") {
    if (has_rate || source.over)
      throw InputError(source.mark_of(source.over       ? "over"
                                      : source.per_hour ? "per_hour"
                                                        : "per_second"),
                       "pods that come at once have neither span nor rate");
  } else if (!has_rate && !source.over) {
    if (source.arrival == "deployments") source.per_hour = dlrm::kCreationsPerHour;
    else source.over = runtime > source.at ? runtime - source.at : Duration{};
  }
  if (!source.pods && !source.per_hour && !source.per_second)
    throw InputError(source.mark, "missing key 'pods' (how many, where no rate is given)");
}

// When the pods come, in order.
std::vector<Duration> draw_arrivals(const DemandSource& source, RandomStream random,
                                    Duration runtime) {
  const bool in_apps = source.arrival == "deployments";
  const std::int64_t size = in_apps ? source.app_size : 1;
  std::vector<Duration> times;
  if (source.arrival == "at_once") {
    times.assign(static_cast<std::size_t>(*source.pods), source.at);
    return times;
  }
  // The beginnings of apps, or of single pods.
  std::vector<Duration> starts;
  if (source.over) {
    starts.resize(static_cast<std::size_t>((*source.pods + size - 1) / size));
    for (Duration& start : starts) start = sum(source.at, random.uniform({}, *source.over));
    std::sort(starts.begin(), starts.end());
  } else {
    const double per_second = source.per_second ? *source.per_second : *source.per_hour / 3600;
    const Duration gap = seconds(static_cast<double>(size) / per_second);
    const std::int64_t most = source.pods ? (*source.pods + size - 1) / size : demand_limits::kPods;
    Duration at = source.at;
    while (static_cast<std::int64_t>(starts.size()) < most) {
      at = sum(at, random.exponential(gap));
      if (!source.pods && at > runtime) break;
      starts.push_back(at);
    }
  }
  const Duration step = Duration{60'000'000'000'000 / dlrm::kMostPerMinute};
  const auto pods = source.pods ? static_cast<std::size_t>(*source.pods)
                                : std::numeric_limits<std::size_t>::max();
  for (Duration at : starts)
    for (std::int64_t i = 0; i < size && times.size() < pods; ++i) {
      if (static_cast<std::int64_t>(times.size()) > demand_limits::kPods) return times;
      times.push_back(at);
      at = sum(at, step);
    }
  return times;
}

// How long a pod lives: a function of the key `lifetime`.
class Lifetimes {
 public:
  Lifetimes(const DemandSource& source, RandomStream random)
      : is_trace_(source.lifetime == "trace"), random_(std::move(random)) {
    if (is_trace_ || source.lifetime == "forever") return;
    Declaration declaration;
    declaration.name = "lifetime";
    declaration.quantity = Quantity::duration;
    declaration.limits = any_duration();
    try {
      fixed_ = std::get<Duration>(
          parse_value(TextNode::scalar(source.lifetime, source.mark_of("lifetime")), declaration));
    } catch (const InputError& error) {
      throw InputError(error.mark(), error.message(), "or `forever`, or `trace`");
    }
  }
  std::optional<Duration> draw() {
    if (is_trace_) return dlrm::draw_lifetime(random_);
    return fixed_;
  }

 private:
  bool is_trace_;
  std::optional<Duration> fixed_;
  RandomStream random_;
};

}  // namespace

void generate_pods(DemandSource& source, std::uint32_t storage_class, std::uint64_t seed,
                   std::size_t index, Duration runtime, DemandDraft& draft) {
  settle_arrivals(source, runtime);
  const auto stream = [&](std::string_view what) {
    return RandomStream(seed, fmt::format("demand/{}/{}", index, what));
  };
  RandomStream sizes = stream("sizes");
  Lifetimes lifetimes(source, stream("lifetimes"));
  const std::vector<Duration> times = draw_arrivals(source, stream("arrivals"), runtime);
  if (static_cast<std::int64_t>(times.size()) > demand_limits::kClaims / source.volumes_per_pod)
    throw InputError(source.mark_of("volumes_per_pod"),
                     fmt::format("more than {} claims", demand_limits::kClaims));
  control::PodSpec common = common_pod(source);
  Bytes disk;
  if (source.kind == kUniform) {
    common.cpu_millis = std::llround(*source.cpu * 1000);
    common.memory = *source.memory;
    disk = source.disk.value_or(Bytes{});
  }

  std::int64_t cluster = 0;
  for (std::size_t i = 0; i < times.size(); ++i) {
    const auto number = static_cast<std::int64_t>(i);
    const std::int64_t zone = source.replicas > 0 ? number % source.replicas : 0;
    if (zone == 0) {
      if (source.replicas > 0) cluster = draft.next_cluster();
      if (source.kind == kDlrm) {
        const dlrm::PodSize size = dlrm::draw_size(sizes);
        common.cpu_millis = size.cores * 1000;
        common.memory = gibibytes(size.memory_gib);
        disk = Bytes{std::llround(static_cast<double>(gibibytes(size.disk_gib).count()) *
                                  source.disk_scale)};
      }
    }
    control::PodSpec pod = common;
    pod.name = fmt::format("{0}/{0}-{1}", source.name, i);
    pod.app = fmt::format("{}-app-{}", source.name, number / source.app_size);
    pod.created = times[i];
    pod.lifetime = lifetimes.draw();
    if (source.replicas > 0) pod.data_holder = DemandDraft::data_holder(cluster, zone + 1);
    DemandDraft::split_disk(pod, disk, source.volumes_per_pod, storage_class);
    for (control::ClaimSpec& claim : pod.claims) claim.snapshot_reserved = source.snapshot_reserved;
    if (const std::string trouble = draft.add(std::move(pod)); !trouble.empty())
      throw InputError(source.mark, trouble);
  }
}

}  // namespace orrery
