#include "models/workload/job.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string_view>

namespace orrery {
namespace {

constexpr std::int64_t kDepthLimit = 1 << 20;
constexpr std::int64_t kMostThreads = 1 << 16;
constexpr double kSlowest = 1e-6;  // per thread: below it the clock sees one at most
constexpr double kFastest = 1e7;   // per thread: beyond what any device serves
constexpr Bytes kLargestIo = mebibytes(64);
constexpr Bytes kSector{512};
constexpr double kLargestTheta = 100;  // nearly all I/Os go to one block long before
constexpr double kNearOne = 1e-6;      // nearer to 1 its sums lose their digits
constexpr double kFioZipfTheta = 1.1;  // FIO_DEF_ZIPF

// A key bound from a document that left it out may hold an empty text.
bool given(const std::optional<std::string>& text) { return text && !text->empty(); }

enum class Distribution { uniform, zipf, unknown };
struct DistributionText {
  Distribution kind = Distribution::uniform;
  double theta = kFioZipfTheta;
};

DistributionText parse_distribution(std::string_view text) {
  if (text == "random") return {};
  DistributionText out{Distribution::zipf};
  if (text == "zipf") return out;
  constexpr std::string_view kPrefix = "zipf:";
  if (!text.starts_with(kPrefix)) return {Distribution::unknown};
  text.remove_prefix(kPrefix.size());
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), out.theta);
  if (failure != std::errc{} || end != text.data() + text.size()) out.kind = Distribution::unknown;
  return out;
}

bool mixed(const std::string& rw) { return rw == "rw" || rw == "readwrite" || rw == "randrw"; }

}  // namespace

const Declarations& JobSpec::declarations() {
  static const Declarations all =
      Declare<JobSpec>("a job in fio's words, run against every volume it matches")
          .field("name", &JobSpec::name, "name of the job in results")
          .field("filename", &JobSpec::filename,
                 "volumes it runs on, by name with *, ? and [...]: compute-*/volume-0")
          .otherwise(std::string("*"))
          .field("rw", &JobSpec::rw, "direction, and sequential or random")
          .one_of({"read", "write", "randread", "randwrite", "rw", "readwrite", "randrw"})
          .otherwise(std::string("read"))
          .field("rwmixread", &JobSpec::rwmixread,
                 "percentage of reads in a mixed job; 50 if not given", between(0, 100))
          .field("bs", &JobSpec::bs,
                 "block size, or read,write sizes: 4k or 4k,64k; 4k if not given")
          .field("bssplit", &JobSpec::bssplit,
                 "mix of sizes, size/percentage:..., reads,writes: 4k/10:64k/90; or s22-production")
          .field("iodepth", &JobSpec::iodepth,
                 "I/Os in flight per thread; 1 in a closed loop if not given, unbounded in an open "
                 "one",
                 between(1, static_cast<double>(kDepthLimit)))
          .field("numjobs", &JobSpec::numjobs,
                 "threads per volume, each with its own iodepth and rate",
                 between(1, static_cast<double>(kMostThreads)))
          .otherwise(std::int64_t{1})
          .field("rate_iops", &JobSpec::rate_iops,
                 "arrivals per second and thread; makes the job an open loop",
                 between(kSlowest, kFastest))
          .field("rate_process", &JobSpec::rate_process, "arrivals at equal distances or at random")
          .one_of({"linear", "poisson"})
          .otherwise(std::string("linear"))
          .field("random_distribution", &JobSpec::random_distribution,
                 "where random I/Os go: random (uniform) or zipf:theta")
          .otherwise(std::string("random"))
          .field("runtime", &JobSpec::runtime, "simulated time that is measured", any_duration())
          .otherwise(Duration{std::chrono::seconds(1)})
          .field("ramp_time", &JobSpec::ramp_time,
                 "simulated time before measurement; if not given, warm-up is found within the "
                 "runtime "
                 "and left out",
                 any_duration())
          .field("size", &JobSpec::size,
                 "length of the range of offsets; to the volume's end if not given",
                 between(1, 0x1p50))
          .field("offset", &JobSpec::offset, "start of the range of offsets", between(0, 0x1p50))
          .otherwise(Bytes{})
          .build();
  return all;
}

std::optional<JobSpec::Finding> JobSpec::check() const {
  if (given(bs) && given(bssplit))
    return Finding{"bssplit", "bs and bssplit both say how large I/Os are: give one of them"};
  const BlockSizesText blocks = sizes();
  const char* const blocks_key = given(bssplit) ? "bssplit" : "bs";
  if (blocks.error) return Finding{blocks_key, *blocks.error};
  for (const Direction d : {Direction::read, Direction::write})
    if (has(d) && blocks.of(d).largest() > kLargestIo)
      return Finding{blocks_key, "an I/O of " + std::to_string(blocks.of(d).largest().count()) +
                                     " bytes is larger than 64 MiB"};
  if (runtime <= Duration{}) return Finding{"runtime", "a runtime of 0 measures nothing"};
  if (to_seconds(runtime) + to_seconds(ramp_time.value_or(Duration{})) > *any_duration().max)
    return Finding{"runtime", "ramp_time and runtime together are longer than 104 days"};
  if (iodepth && *iodepth < 1) return Finding{"iodepth", "iodepth must be at least 1"};
  if (numjobs < 1) return Finding{"numjobs", "numjobs must be at least 1"};
  if (rate_iops && !(rate_iops->per_second() > 0))
    return Finding{"rate_iops", "rate_iops must be more than 0; leave it out for a closed loop"};
  const DistributionText where = parse_distribution(random_distribution);
  if (where.kind == Distribution::unknown)
    return Finding{"random_distribution", "expected random or zipf:theta, as in zipf:1.1, got '" +
                                              random_distribution + "'"};
  if (where.kind == Distribution::zipf && !(where.theta > 0 && where.theta <= kLargestTheta))
    return Finding{"random_distribution", "zipf needs a theta above 0, and of 100 at most"};
  if (where.kind == Distribution::zipf && std::abs(where.theta - 1) < kNearOne)
    return Finding{
        "random_distribution",
        "zipf is not defined for a theta of exactly 1, here as in fio: take 0.99 or 1.01"};
  for (const Direction d : {Direction::read, Direction::write})
    if (size && has(d) && *size < blocks.of(d).largest())
      return Finding{"size", "size is smaller than the largest block of " +
                                 std::to_string(blocks.of(d).largest().count()) + " bytes"};
  return std::nullopt;
}

std::optional<JobSpec::Finding> JobSpec::check(Bytes volume) const {
  if (auto problem = check()) return problem;
  if (offset >= volume) return Finding{"offset", "offset lies beyond the end of the volume"};
  if (size && offset + *size > volume) return Finding{"size", "the range ends beyond the volume"};
  const BlockSizesText blocks = sizes();
  for (const Direction d : {Direction::read, Direction::write})
    if (has(d) && volume - offset < blocks.of(d).largest())
      return Finding{size ? "size" : "offset", "no block fits between offset and the volume's end"};
  return std::nullopt;
}

std::optional<JobSpec::Finding> JobSpec::check_sectors() const {
  const BlockSizesText blocks = sizes();
  for (const Direction d : {Direction::read, Direction::write}) {
    if (!has(d)) continue;
    for (const BlockSizes::Share& share : blocks.of(d).shares())
      if (share.size % kSector != Bytes{})
        return Finding{given(bssplit) ? "bssplit" : "bs",
                       "an I/O of " + std::to_string(share.size.count()) +
                           " bytes is not a multiple of 512, the sector of a block device"};
  }
  if (offset % kSector != Bytes{})
    return Finding{"offset", "offset is not a multiple of 512 bytes, the sector of a block device"};
  return std::nullopt;
}

std::vector<JobSpec::Finding> JobSpec::notes() const {
  std::vector<Finding> out;
  if (rwmixread && !mixed(rw)) out.push_back({"rwmixread", "has no effect: rw is " + rw});
  if (random_distribution != "random" && !random())
    out.push_back({"random_distribution", "has no effect: " + rw + " is sequential"});
  if (rate_process != "linear" && !rate_iops)
    out.push_back({"rate_process", "has no effect without rate_iops"});
  for (const std::string& note : sizes().notes) out.push_back({"bssplit", note});
  return out;
}

bool JobSpec::random() const { return rw.starts_with("rand"); }

double JobSpec::read_share() const {
  if (mixed(rw)) return static_cast<double>(rwmixread.value_or(50)) / 100;
  return rw == "read" || rw == "randread" ? 1 : 0;
}

BlockSizesText JobSpec::sizes() const {
  if (given(bssplit)) return parse_bssplit(*bssplit);
  return parse_bs(given(bs) ? *bs : "4k");
}

std::optional<double> JobSpec::zipf_theta() const {
  const DistributionText where = parse_distribution(random_distribution);
  if (!random() || where.kind != Distribution::zipf) return std::nullopt;
  return where.theta;
}

}  // namespace orrery
