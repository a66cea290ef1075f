// Jobs straight on a device.
#include <gmock/gmock.h>

#include "models/ssd/nand_ssd.hpp"
#include "tests/integration/runs.hpp"
#include "tests/scenarios/text/input_cases.hpp"

namespace orrery {
namespace device_test {

const std::string kDevice = R"(
scenario: device
system: device
storage: {servers: 1, ssds_per_server: 1}
workload:
  - {name: job, rw: randread, bs: 4k, iodepth: 1, ramp_time: 1ms, runtime: 20ms}
)";

NandSsdProfile p4510() { return bind<NandSsdProfile>(scenario_of(kDevice).profile("p4510-4tb")); }

TEST(Device, a_random_read_alone_takes_the_sum_of_the_drives_parts) {
  const NandSsdProfile p = p4510();
  const Json summary = run(scenario_of(kDevice));
  expect_sound(summary);
  const Duration sum =
      p.random_read_command + p.read_time + kBlock / p.channel_rate + kBlock / p.link_read;
  EXPECT_DOUBLE_EQ(figure(summary, "jobs.0.read.lat_ns.min"), to_nanoseconds(sum));
  EXPECT_DOUBLE_EQ(figure(summary, "jobs.0.read.lat_ns.max"), to_nanoseconds(sum));
}

TEST(Device, jobs_may_use_all_of_it_and_no_more) {
  const std::int64_t capacity = p4510().capacity.count();
  const auto with = [](const std::string& where, std::int64_t bytes) {
    return scenario_of(kDevice, {"workload.0." + where + "=" + std::to_string(bytes) + "B"});
  };
  EXPECT_EQ(with("size", capacity).volume_size(), Bytes{capacity});
  const Json far = run(with("offset", capacity - 4096 * 4));
  expect_sound(far);
  EXPECT_GT(figure(far, "jobs.0.ios.done"), 100);
  EXPECT_EQ(error_of([&] { with("size", capacity + 1); }),
            "--set workload.0.size=" + std::to_string(capacity + 1) +
                "B:1:17: error: the range ends beyond the volume");
  EXPECT_EQ(error_of([&] { with("offset", capacity); }),
            "--set workload.0.offset=" + std::to_string(capacity) +
                "B:1:19: error: offset lies beyond the end of the volume");
}

TEST(Device, what_is_said_of_volumes_is_noted_as_without_effect) {
  const Scenario scenario = scenario_of(kDevice, {"volumes.size=8TiB"});
  EXPECT_THAT(scenario.notes, testing::ElementsAre(testing::HasSubstr(
                                  "`volumes` changes nothing in a system of kind device")));
  EXPECT_EQ(scenario.volume_size(), p4510().capacity);
}

}  // namespace device_test
}  // namespace orrery
