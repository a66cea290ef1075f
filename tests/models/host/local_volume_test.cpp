// A local disk as a volume: the device and nothing else.
#include "models/host/local_volume.hpp"

#include "models/ssd/nand_ssd.hpp"
#include "tests/models/net/rig.hpp"
#include "tests/models/volume/block_volume_contract.hpp"

namespace orrery {
namespace local_volume_test {

struct LocalRig {
  Calendar& calendar() { return clock; }
  BlockVolume& volume() { return local; }
  std::unique_ptr<Ssd> make() {
    return ssd_maker(shipped_profile("p4510-4tb"))(clock, "server/ssd-0", 1);
  }
  Calendar clock;
  std::unique_ptr<Ssd> ssd = make();
  LocalVolume local{*ssd};
};
INSTANTIATE_TYPED_TEST_SUITE_P(Local, BlockVolumeContract, LocalRig);

Task<> serve(BlockVolume& volume, Io& io, IoStatus& status) {
  Task<IoStatus> work = volume.submit(io);
  status = co_await work;
}

TEST(LocalVolume, takes_what_the_device_takes_and_charges_it_to_the_device) {
  LocalRig rig;
  const auto profile = shipped<NandSsdProfile>("p4510-4tb");
  Io io;
  io.offset = gibibytes(7);
  io.length = kBlock;
  IoStatus status = IoStatus::failed;
  TaskScope scope;
  scope.spawn(serve(rig.local, io, status));
  run_dry(rig.clock);
  EXPECT_EQ(status, IoStatus::done);
  const Duration alone = profile.random_read_command + profile.read_time +
                         kBlock / profile.channel_rate + kBlock / profile.link_read;
  EXPECT_EQ(io.ledger.total(), alone);
  EXPECT_EQ(io.ledger.served(stage::kSsd), alone);
}

TEST(LocalVolume, is_the_whole_device_or_less_and_never_more) {
  LocalRig rig;
  const Bytes capacity = rig.ssd->capacity();
  EXPECT_EQ(rig.local.size(), capacity);
  EXPECT_EQ(rig.local.name(), rig.ssd->name());
  EXPECT_TRUE(rig.local.resize(gibibytes(1)));
  EXPECT_EQ(rig.local.size(), gibibytes(1));
  EXPECT_FALSE(rig.local.resize(capacity + kBlock));
  EXPECT_EQ(rig.local.size(), gibibytes(1));
  EXPECT_TRUE(rig.local.resize(capacity));
}

TEST(LocalVolume, keeps_no_snapshots) {
  LocalRig rig;
  EXPECT_FALSE(rig.local.snapshot("before"));
}

}  // namespace local_volume_test
}  // namespace orrery
