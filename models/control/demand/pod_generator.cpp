// Pods of a generator: their sizes, names, claims and replicas.
#include "models/control/demand/pod_generator.hpp"

#include <fmt/format.h>

#include <cmath>
#include <string_view>
#include <utility>

#include "models/control/demand/dlrm_mix.hpp"

namespace orrery::control {

namespace {

RandomStream demand_stream(std::uint64_t seed, std::size_t index, std::string_view what) {
  return RandomStream(seed, fmt::format("demand/{}/{}", index, what));
}

}  // namespace

void split_disk(PodSpec& pod, Bytes size, std::int64_t volumes, std::uint32_t storage_class) {
  const std::int64_t mebibyte = mebibytes(1).count();
  const std::int64_t whole = (size.count() + mebibyte / 2) / mebibyte;
  for (std::int64_t i = 0; i < volumes; ++i) {
    const std::int64_t part = whole / volumes + (i < whole % volumes ? 1 : 0);
    if (part == 0) break;
    ClaimSpec claim;
    claim.name = fmt::format("data-{}", i);
    claim.size = mebibytes(part);
    claim.storage_class = storage_class;
    pod.claims.push_back(std::move(claim));
  }
}

std::string data_holder(std::int64_t cluster, std::int64_t zone) {
  return fmt::format("ob.cluster{}.zone{}", cluster, zone);
}

PodGenerator::PodGenerator(GeneratorSpec spec, std::uint64_t seed, std::size_t index,
                           Duration runtime, std::int64_t most)
    : spec_(std::move(spec)),
      sizes_(demand_stream(seed, index, "sizes")),
      lifetimes_(demand_stream(seed, index, "lifetimes")),
      times_(draw_arrivals(spec_.arrivals, demand_stream(seed, index, "arrivals"), runtime, most)) {
}

void PodGenerator::generate(const std::function<std::int64_t()>& next_cluster,
                            const std::function<void(PodSpec)>& take) {
  GeneratorSpec::Size size = spec_.size.value_or(GeneratorSpec::Size{});
  std::int64_t cluster = 0;
  for (std::size_t i = 0; i < times_.size(); ++i) {
    const auto number = static_cast<std::int64_t>(i);
    const std::int64_t zone = spec_.replicas > 0 ? number % spec_.replicas : 0;
    if (zone == 0) {
      if (spec_.replicas > 0) cluster = next_cluster();
      if (!spec_.size) {
        const dlrm::PodSize drawn = dlrm::draw_size(sizes_);
        size.cpu_millis = drawn.cores * 1000;
        size.memory = gibibytes(drawn.memory_gib);
        size.disk = Bytes{std::llround(static_cast<double>(gibibytes(drawn.disk_gib).count()) *
                                       spec_.disk_scale)};
      }
    }
    PodSpec pod = spec_.common;
    pod.cpu_millis = size.cpu_millis;
    pod.memory = size.memory;
    pod.name = fmt::format("{0}/{0}-{1}", spec_.name, i);
    pod.app = fmt::format("{}-app-{}", spec_.name, number / spec_.app_size);
    pod.created = times_[i];
    pod.lifetime = spec_.has_drawn_lifetimes ? dlrm::draw_lifetime(lifetimes_) : spec_.lifetime;
    if (spec_.replicas > 0) pod.data_holder = data_holder(cluster, zone + 1);
    split_disk(pod, size.disk, spec_.volumes_per_pod, spec_.storage_class);
    for (ClaimSpec& claim : pod.claims) claim.snapshot_reserved = spec_.snapshot_reserved;
    take(std::move(pod));
  }
}

}  // namespace orrery::control
