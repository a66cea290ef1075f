// The guest: what a virtual machine adds to each I/O of a volume attached to it.
#include "models/host/guest.hpp"

#include <gmock/gmock.h>

#include <memory>
#include <vector>

#include "tests/models/net/rig.hpp"
#include "tests/models/volume/block_volume_contract.hpp"
#include "tests/models/volume/fake_volume.hpp"

namespace orrery {
namespace guest_test {

constexpr Duration kService = microseconds(50);

class Guest {
 public:
  explicit Guest(const GuestProfile& of = shipped<GuestProfile>("linux-guest")) : profile(of) {
    auto attached = std::make_unique<FakeVolume>(clock, kService);
    fake = attached.get();
    guest = std::make_unique<GuestVolume>(clock, profile, std::move(attached));
  }
  Calendar& calendar() { return clock; }
  BlockVolume& volume() { return *guest; }

  struct Ended {
    IoStatus status = IoStatus::done;
    Duration took{};
    Ledger ledger;
  };
  void submit(std::uint32_t queue) { scope.spawn(io(queue)); }
  Task<> io(std::uint32_t queue) {
    Io io;
    io.queue = queue;
    io.length = kBlock;
    io.ledger = Ledger(clock.now());
    Task<IoStatus> work = guest->submit(io);
    const IoStatus status = co_await work;
    ended.push_back({status, clock.now() - io.ledger.start(), io.ledger});
  }
  Duration own() const { return profile.submit + profile.interrupt + profile.complete; }

  GuestProfile profile;
  Calendar clock;
  FakeVolume* fake = nullptr;
  std::unique_ptr<GuestVolume> guest;
  std::vector<Ended> ended;
  TaskScope scope;
};
INSTANTIATE_TYPED_TEST_SUITE_P(Guest, BlockVolumeContract, Guest);

TEST(GuestVolume, adds_submission_interrupt_and_completion_to_an_io_alone) {
  Guest guest;
  guest.submit(0);
  run_dry(guest.clock);
  const Guest::Ended& io = guest.ended.at(0);
  EXPECT_EQ(io.took, guest.own() + kService);
  EXPECT_EQ(io.ledger.served(stage::kGuest), guest.own());
  EXPECT_EQ(io.ledger.waited(stage::kGuest), Duration{});
  EXPECT_EQ(io.ledger.served(stage::kSsd), kService);
}

TEST(GuestVolume, gives_every_queue_a_vcpu_in_turn) {
  Guest guest;
  const auto vcpus = static_cast<std::uint32_t>(guest.profile.vcpus);
  ASSERT_EQ(guest.guest->cpu().cores(), vcpus);
  for (std::uint32_t queue = 0; queue < vcpus; ++queue) guest.submit(queue);
  run_dry(guest.clock);
  for (const Guest::Ended& io : guest.ended) EXPECT_EQ(io.took, guest.own() + kService);
  for (std::size_t i = 0; i < vcpus; ++i)
    EXPECT_EQ(guest.guest->cpu().core(i).books().snapshot(guest.clock.now()).served, 2) << i;
}

TEST(GuestVolume, makes_queues_of_one_vcpu_wait_for_each_other) {
  Guest guest;
  guest.submit(0);
  guest.submit(static_cast<std::uint32_t>(guest.profile.vcpus));
  run_dry(guest.clock);
  EXPECT_EQ(guest.ended.at(1).ledger.waited(stage::kGuest), guest.profile.submit);
  EXPECT_EQ(guest.ended.at(1).took, guest.own() + kService + guest.profile.submit);
}

TEST(GuestVolume, completes_before_it_submits_more) {
  GuestProfile profile = shipped<GuestProfile>("linux-guest");
  profile.vcpus = 1;
  profile.submit = 2 * kService;  // so that the first completion comes while submissions queue
  profile.interrupt = Duration{};
  Guest guest(profile);
  for (int i = 0; i < 4; ++i) guest.submit(0);
  run_dry(guest.clock);
  // Served while the second is being submitted: it is next, before the third.
  EXPECT_EQ(guest.ended.at(0).took, 2 * profile.submit + profile.complete);
}

TEST(GuestVolume, one_vcpu_bounds_the_rate_of_ios) {
  GuestProfile profile = shipped<GuestProfile>("linux-guest");
  profile.vcpus = 1;
  Guest guest(profile);
  constexpr int kIos = 1000;
  for (int i = 0; i < kIos; ++i) guest.submit(0);
  run_dry(guest.clock);
  const Duration work = (profile.submit + profile.complete) * kIos;
  EXPECT_GE(guest.clock.now() - kStart, work);
  EXPECT_LE(guest.clock.now() - kStart, work + kService + profile.interrupt);
}

TEST(GuestVolume, learns_of_a_failed_io_by_interrupt_too) {
  Guest guest;
  guest.fake->fails_at_once = true;
  guest.submit(0);
  run_dry(guest.clock);
  EXPECT_EQ(guest.ended.at(0).status, IoStatus::failed);
  EXPECT_EQ(guest.ended.at(0).took, guest.own());
}

TEST(GuestVolume, whose_machine_has_failed_fails_every_io_once) {
  Guest guest;
  for (std::uint32_t queue = 0; queue < 16; ++queue) guest.submit(queue);
  guest.clock.run_until(kStart + kService);
  guest.guest->cpu().fail();
  run_dry(guest.clock);
  ASSERT_EQ(guest.ended.size(), 16u);
  for (const Guest::Ended& io : guest.ended) EXPECT_EQ(io.status, IoStatus::failed);
}

TEST(GuestVolume, passes_name_size_resize_and_snapshot_on) {
  Guest guest;
  EXPECT_EQ(guest.volume().name(), guest.fake->name());
  EXPECT_TRUE(guest.volume().resize(gibibytes(2)));
  EXPECT_EQ(guest.fake->size(), gibibytes(2));
  EXPECT_EQ(guest.volume().size(), gibibytes(2));
  EXPECT_TRUE(guest.volume().snapshot("before"));
  EXPECT_THAT(guest.fake->snapshots, testing::ElementsAre("before"));
}

}  // namespace guest_test
}  // namespace orrery
