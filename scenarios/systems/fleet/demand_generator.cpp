// Keys of a generator, settled and turned into what is drawn.
#include "scenarios/systems/fleet/demand_generator.hpp"

#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "models/control/demand/dlrm_mix.hpp"
#include "models/control/demand/pod_generator.hpp"
#include "scenarios/text/value_text.hpp"

namespace orrery {

namespace {

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
    if (source.arrival == "deployments") source.per_hour = control::dlrm::kCreationsPerHour;
    else source.over = runtime > source.at ? runtime - source.at : Duration{};
  }
  if (!source.pods && !source.per_hour && !source.per_second)
    throw InputError(source.mark, "missing key 'pods' (how many, where no rate is given)");
}

control::Arrivals arrivals_of(const DemandSource& source) {
  using Kind = control::Arrivals::Kind;
  control::Arrivals arrivals;
  arrivals.kind = source.arrival == "at_once"       ? Kind::at_once
                  : source.arrival == "deployments" ? Kind::deployments
                                                    : Kind::poisson;
  arrivals.pods = source.pods;
  arrivals.at = source.at;
  arrivals.over = source.over;
  if (source.per_second) arrivals.per_second = *source.per_second;
  else if (source.per_hour) arrivals.per_second = *source.per_hour / 3600;
  arrivals.app_size = source.app_size;
  return arrivals;
}

// The key `lifetime` where it is a duration; none: forever.
std::optional<Duration> fixed_lifetime(const DemandSource& source) {
  if (source.lifetime == "trace" || source.lifetime == "forever") return std::nullopt;
  Declaration declaration;
  declaration.name = "lifetime";
  declaration.quantity = Quantity::duration;
  declaration.limits = any_duration();
  try {
    return std::get<Duration>(
        parse_value(TextNode::scalar(source.lifetime, source.mark_of("lifetime")), declaration));
  } catch (const InputError& error) {
    throw InputError(error.mark(), error.message(), "or `forever`, or `trace`");
  }
}

control::GeneratorSpec spec_of(const DemandSource& source, std::uint32_t storage_class) {
  control::GeneratorSpec spec;
  spec.name = source.name;
  spec.has_drawn_lifetimes = source.lifetime == "trace";
  spec.lifetime = fixed_lifetime(source);
  spec.common = common_pod(source);
  if (source.kind == kUniform)
    spec.size = {std::llround(*source.cpu * 1000), *source.memory, source.disk.value_or(Bytes{})};
  spec.disk_scale = source.disk_scale;
  spec.volumes_per_pod = source.volumes_per_pod;
  spec.storage_class = storage_class;
  spec.snapshot_reserved = source.snapshot_reserved;
  spec.arrivals = arrivals_of(source);
  spec.app_size = source.app_size;
  spec.replicas = source.replicas;
  return spec;
}

}  // namespace

void generate_pods(DemandSource& source, std::uint32_t storage_class, std::uint64_t seed,
                   std::size_t index, Duration runtime, DemandDraft& draft) {
  settle_arrivals(source, runtime);
  control::PodGenerator generator(spec_of(source, storage_class), seed, index, runtime,
                                  demand_limits::kPods);
  if (static_cast<std::int64_t>(generator.pods()) > demand_limits::kClaims / source.volumes_per_pod)
    throw InputError(source.mark_of("volumes_per_pod"),
                     fmt::format("more than {} claims", demand_limits::kClaims));
  generator.generate([&draft] { return draft.next_cluster(); },
                     [&](control::PodSpec pod) {
                       if (const std::string trouble = draft.add(std::move(pod)); !trouble.empty())
                         throw InputError(source.mark, trouble);
                     });
}

}  // namespace orrery
