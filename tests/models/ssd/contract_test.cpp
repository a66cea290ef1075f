// What every device model must keep, whatever is inside. Runs once per entry of the registry.
#include <gmock/gmock.h>
#include <rapidcheck.h>

#include <set>

#include "tests/models/ssd/rig.hpp"

namespace orrery {
namespace contract_test {

class SsdContract : public testing::TestWithParam<SsdEntry> {
 protected:
  Profile profile() const { return ssd_profile(std::string(GetParam().profile)); }
  // A closed loop around a device that takes no time never ends; such a device has no load to be
  // tested under.
  bool takes_time() const {
    SsdRig rig(profile());
    return rig.once(Direction::read, Bytes{0}, kBlock) > Duration{};
  }
};

std::string entry_name(const testing::TestParamInfo<SsdEntry>& info) {
  return std::string(info.param.name);
}
// A drive that reads and modifies units larger than a block does so in the background.
std::vector<SsdEntry> of_large_units() {
  SsdEntry entry = *find_ssd("nand_ssd");
  entry.profile = "d5-p5316";
  return {entry};
}
INSTANTIATE_TEST_SUITE_P(LargeUnits, SsdContract, testing::ValuesIn(of_large_units()), entry_name);
INSTANTIATE_TEST_SUITE_P(Registry, SsdContract,
                         testing::ValuesIn(all_ssds().begin(), all_ssds().end()), entry_name);

std::int64_t present(SsdRig& rig) {
  std::int64_t jobs = 0;
  for (Station* s : rig.stations()) jobs += s->queued() + s->busy();
  return jobs;
}

void expect_books_to_balance(SsdRig& rig) {
  for (Station* s : rig.stations()) {
    const StationStats::Snapshot books = s->books().snapshot(rig.calendar().now());
    EXPECT_TRUE(littles_law_holds(books)) << s->name();
    EXPECT_EQ(books.arrived, books.served + books.left + s->queued() + s->busy()) << s->name();
    EXPECT_LE(figures_between({}, books, s->servers()).utilisation, 1.0) << s->name();
  }
}

void run_dry(Calendar& calendar) {
  while (!calendar.empty()) calendar.run_until(calendar.next_time());
}

TEST_P(SsdContract, the_profile_gives_every_declared_parameter) {
  EXPECT_EQ(profile().parameters.size(), GetParam().declarations().fields.size());
  EXPECT_EQ(find_ssd(GetParam().name)->maker, GetParam().maker);
}

TEST_P(SsdContract, stations_have_names_of_their_own_under_the_name_of_the_device) {
  SsdRig rig(profile());
  std::set<std::string> names;
  for (Station* s : rig.stations()) {
    EXPECT_TRUE(names.insert(s->name()).second) << s->name();
    EXPECT_THAT(s->name(), testing::StartsWith("ssd/"));
  }
  EXPECT_EQ(rig.ssd().name(), "ssd");
}

TEST_P(SsdContract, time_is_charged_to_the_ssd_stage_and_to_no_other) {
  SsdRig rig(profile());
  for (const Direction direction : {Direction::read, Direction::write})
    for (const Bytes length : {kBlock, mebibytes(1)}) {
      Ledger ledger(rig.calendar().now());
      const TimePoint start = rig.calendar().now();
      IoStatus status = IoStatus::failed;
      TaskScope scope;
      scope.spawn(rig.submit(direction, mebibytes(5), length, &ledger, &status));
      while (scope.size() > 0) rig.calendar().run_until(rig.calendar().next_time());
      EXPECT_EQ(status, IoStatus::done);
      EXPECT_EQ(ledger.total(), rig.calendar().now() - start);
      EXPECT_EQ(ledger.waited(stage::kSsd) + ledger.served(stage::kSsd), ledger.total());
    }
}

TEST_P(SsdContract, requests_outside_the_device_fail_and_take_no_time) {
  SsdRig rig(profile());
  const Bytes capacity = rig.ssd().capacity();
  const std::vector<std::pair<Bytes, Bytes>> wrong = {
      {capacity, kBlock},   {capacity - kBlock, kBlock * 2}, {Bytes{-4096}, kBlock},
      {Bytes{0}, Bytes{0}}, {Bytes{0}, capacity + kBlock},   {Bytes{INT64_MAX}, Bytes{INT64_MAX}}};
  for (const Direction direction : {Direction::read, Direction::write})
    for (const auto& [offset, length] : wrong) {
      Ledger ledger;
      IoStatus status = IoStatus::done;
      TaskScope scope;
      scope.spawn(rig.submit(direction, offset, length, &ledger, &status));
      EXPECT_EQ(scope.size(), 0u);
      EXPECT_EQ(status, IoStatus::failed);
    }
  EXPECT_EQ(present(rig), 0);
}

TEST_P(SsdContract, any_requests_end_and_the_books_balance) {
  const Profile drive = profile();
  const bool held = rc::check([&] {
    SsdRig rig(drive);
    const std::int64_t capacity = rig.ssd().capacity().count();
    const int requests = *rc::gen::inRange(1, 40);
    std::vector<Ledger> ledgers(static_cast<std::size_t>(requests));
    std::vector<IoStatus> statuses(ledgers.size(), IoStatus::failed);
    TaskScope scope;
    for (std::size_t i = 0; i < ledgers.size(); ++i) {
      const auto direction = *rc::gen::element(Direction::read, Direction::write);
      // Any alignment and size, in a small region, so that requests meet; sometimes at the very
      // end.
      const std::int64_t length = *rc::gen::inRange<std::int64_t>(1, 3 << 20);
      const std::int64_t offset = *rc::gen::inRange<std::int64_t>(0, 8 << 20);
      const bool at_end = *rc::gen::element(false, false, true);
      scope.spawn(rig.submit(direction, Bytes{at_end ? capacity - length : offset}, Bytes{length},
                             &ledgers[i], &statuses[i]));
    }
    run_dry(rig.calendar());
    RC_ASSERT(scope.size() == 0u);
    for (const IoStatus status : statuses) RC_ASSERT(status == IoStatus::done);
    RC_ASSERT(present(rig) == 0);
    expect_books_to_balance(rig);
  });
  EXPECT_TRUE(held);
}

TEST_P(SsdContract, cancelled_requests_leave_every_station) {
  if (!takes_time()) return;
  for (const double reads : {1.0, 0.0, 0.5})
    for (const Bytes block : {kBlock, kibibytes(64), mebibytes(1)}) {
      SsdRig rig(profile());
      // run() ends by destroying the requests in flight, whatever they wait for.
      rig.run({.reads = reads, .block = block, .depth = 64}, Duration{}, milliseconds(5));
      run_dry(rig.calendar());
      EXPECT_EQ(present(rig), 0);
      expect_books_to_balance(rig);
      // And they leave nothing behind that a later request would wait for.
      SsdRig fresh(profile());
      const Bytes far = gibibytes(100);
      for (const Direction direction : {Direction::read, Direction::write})
        EXPECT_EQ(rig.once(direction, far, kBlock), fresh.once(direction, far, kBlock));
    }
}

TEST_P(SsdContract, a_request_is_cancelled_cleanly_at_any_moment) {
  for (const Direction direction : {Direction::read, Direction::write})
    for (const Bytes length : {kBlock, kibibytes(384)}) {
      SsdRig measured(profile());
      const Duration whole = measured.once(direction, gibibytes(1), length);
      for (int part = 0; part < 50; ++part) {
        SsdRig rig(profile());
        Ledger ledger;
        IoStatus status = IoStatus::failed;
        TaskScope scope;
        scope.spawn(rig.submit(direction, gibibytes(1), length, &ledger, &status));
        rig.calendar().run_until(kStart + scaled(whole, part / 50.0));
        scope.clear();
        run_dry(rig.calendar());
        ASSERT_EQ(present(rig), 0);
        ASSERT_EQ(rig.once(direction, gibibytes(2), length), whole);
      }
    }
}

TEST_P(SsdContract, a_station_that_fails_ends_requests_and_is_of_use_again_when_restored) {
  SsdRig counted(profile());
  for (std::size_t i = 0; i < counted.stations().size(); ++i)
    for (const Direction direction : {Direction::read, Direction::write}) {
      SsdRig rig(profile());
      Station& station = *rig.stations()[i];
      station.fail();
      std::vector<Ledger> ledgers(64);
      std::vector<IoStatus> statuses(ledgers.size());
      TaskScope scope;
      for (std::size_t k = 0; k < ledgers.size(); ++k)
        scope.spawn(rig.submit(direction, kBlock * static_cast<std::int64_t>(k), kBlock,
                               &ledgers[k], &statuses[k]));
      run_dry(rig.calendar());
      ASSERT_EQ(scope.size(), 0u) << station.name();
      station.restore();
      for (std::int64_t k = 64; k < 128; ++k) rig.once(direction, kBlock * k, kBlock);
    }
}

TEST_P(SsdContract, one_seed_gives_one_history) {
  if (!takes_time()) return;
  const SsdLoad load{.reads = 0.7, .depth = 32};
  SsdRig first(profile(), 7), second(profile(), 7), other(profile(), 8);
  first.run(load, Duration{}, milliseconds(20));
  second.run(load, Duration{}, milliseconds(20));
  other.run(load, Duration{}, milliseconds(20));
  EXPECT_EQ(first.samples(), second.samples());
  EXPECT_NE(first.samples(), other.samples());
}

TEST_P(SsdContract, deeper_queues_bring_no_fewer_requests_and_no_lower_latency) {
  if (!takes_time()) return;
  for (const double reads : {1.0, 0.0}) {
    SsdOutcome last;
    for (int depth = 1; depth <= 256; depth *= 2) {
      SsdRig rig(profile());
      const SsdOutcome now =
          rig.run({.reads = reads, .depth = depth}, milliseconds(200), milliseconds(150));
      // One request more or less falls into the span at either end.
      EXPECT_GE(static_cast<double>(now.count), static_cast<double>(last.count) * 0.998) << depth;
      EXPECT_GE(now.mean_us, last.mean_us * 0.998) << depth;
      // Little's law over the whole device: depth = throughput x latency.
      EXPECT_NEAR(now.iops * now.mean_us * 1e-6, depth, depth * 0.01);
      expect_books_to_balance(rig);
      last = now;
    }
  }
}

}  // namespace contract_test
}  // namespace orrery
