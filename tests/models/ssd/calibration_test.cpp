// The rows that profile p4510-4tb was fitted to. They show that the fit is there; they prove
// nothing about the model.
#include "tests/models/ssd/rig.hpp"

namespace orrery {
namespace calibration_test {

// The datasheet rounds to whole microseconds and to two digits of GB/s.
constexpr double kTolerance = 0.05;

SsdOutcome drive(SsdLoad load) {
  SsdRig rig(ssd_profile("p4510-4tb"));
  // 100 ms fill the write buffer several times over: the drain limits hold.
  return rig.run(load, milliseconds(100), milliseconds(100));
}

void expect_published(double simulated, double published) {
  EXPECT_NEAR(simulated, published, published * kTolerance);
}

TEST(P4510Calibration, random_read_of_4_kib_takes_77_us) {
  expect_published(drive({.reads = 1}).mean_us, 77);
}
TEST(P4510Calibration, random_write_of_4_kib_takes_18_us) {
  expect_published(drive({.reads = 0}).mean_us, 18);
}
TEST(P4510Calibration, sequential_read_of_4_kib_takes_10_us) {
  expect_published(drive({.reads = 1, .sequential = true}).mean_us, 10);
}
TEST(P4510Calibration, sequential_write_of_4_kib_takes_12_us) {
  expect_published(drive({.reads = 0, .sequential = true}).mean_us, 12);
}
TEST(P4510Calibration, random_reads_reach_636_k_iops_at_64x4) {
  expect_published(drive({.reads = 1, .depth = 64, .jobs = 4}).iops, 636'000);
}
TEST(P4510Calibration, random_writes_reach_113_k_iops_at_64x4) {
  expect_published(drive({.reads = 0, .depth = 64, .jobs = 4}).iops, 113'000);
}
TEST(P4510Calibration, sequential_reads_of_128_kib_reach_3_gb_per_second) {
  expect_published(
      drive({.reads = 1, .sequential = true, .block = kibibytes(128), .depth = 64, .jobs = 4})
          .gigabytes_per_second,
      3.0);
}
TEST(P4510Calibration, sequential_writes_of_128_kib_reach_2_9_gb_per_second) {
  expect_published(
      drive({.reads = 0, .sequential = true, .block = kibibytes(128), .depth = 64, .jobs = 4})
          .gigabytes_per_second,
      2.9);
}

}  // namespace calibration_test
}  // namespace orrery
