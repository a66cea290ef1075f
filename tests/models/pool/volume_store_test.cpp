#include "models/pool/volume_store.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <set>

#include "tests/models/pool/rig.hpp"

namespace orrery {
namespace volume_store_test {

TEST(VolumeStore, uses_the_whole_clusters_of_its_devices) {
  PoolRig rig({mebibytes(5), mebibytes(8)});
  EXPECT_EQ(rig.store->capacity(), mebibytes(12));
  EXPECT_EQ(rig.store->free(), mebibytes(12));
  EXPECT_EQ(rig.store->free(0), mebibytes(4));
}

TEST(VolumeStore, a_thick_volume_takes_its_space_and_gives_it_back) {
  PoolRig rig;
  LogicalVolume& v = rig.create({.name = "v", .size = mebibytes(101)});
  EXPECT_EQ(v.size(), mebibytes(102));
  EXPECT_EQ(rig.store->used(), mebibytes(102));
  EXPECT_EQ(rig.store->find("v"), &v);
  EXPECT_TRUE(rig.store->remove(v));
  EXPECT_EQ(rig.store->used(), Bytes{});
  EXPECT_EQ(rig.store->find("v"), nullptr);
}

TEST(VolumeStore, what_does_not_fit_is_not_created_unless_it_is_thin) {
  PoolRig rig({mebibytes(8), mebibytes(8)});
  EXPECT_EQ(rig.store->create({.name = "a", .size = mebibytes(18)}), nullptr);
  EXPECT_EQ(rig.store->create({.name = "b", .size = mebibytes(10), .devices = {1}}), nullptr);
  EXPECT_EQ(rig.store->create({.name = "c", .size = Bytes{}}), nullptr);
  EXPECT_EQ(rig.store->used(), Bytes{});
  rig.create({.name = "d", .size = mebibytes(180), .is_thin = true});
  rig.create({.name = "e", .size = mebibytes(16)});
  EXPECT_EQ(rig.store->create({.name = "e", .size = mebibytes(2), .is_thin = true}), nullptr);
  EXPECT_EQ(rig.store->free(), Bytes{});
}

TEST(VolumeStore, linear_volumes_begin_where_most_is_free_and_stay_in_one_piece) {
  PoolRig rig({mebibytes(20), mebibytes(24)});
  LogicalVolume& a = rig.create({.name = "a", .size = mebibytes(8)});
  LogicalVolume& b = rig.create({.name = "b", .size = mebibytes(8)});
  LogicalVolume& c = rig.create({.name = "c", .size = mebibytes(4)});
  EXPECT_EQ(a.direct(Direction::write, Bytes{}, mebibytes(8)).ssd, rig.ssds[1].get());
  EXPECT_EQ(b.direct(Direction::write, Bytes{}, mebibytes(8)).ssd, rig.ssds[0].get());
  EXPECT_EQ(c.direct(Direction::write, Bytes{}, mebibytes(4)).ssd, rig.ssds[1].get());
  // The hole of 8 MiB is the best place for what needs 6.
  EXPECT_TRUE(rig.store->remove(a));
  LogicalVolume& d = rig.create({.name = "d", .size = mebibytes(6)});
  EXPECT_EQ(d.direct(Direction::write, Bytes{}, mebibytes(6)).offset, Bytes{});
  // One that fits on no device goes on on the next.
  LogicalVolume& e = rig.create({.name = "e", .size = mebibytes(26)});
  EXPECT_EQ(e.size(), mebibytes(26));
  EXPECT_EQ(rig.store->free(), Bytes{});
}

TEST(VolumeStore, a_striped_volume_takes_the_same_of_each_of_its_devices) {
  PoolRig rig({mebibytes(20), mebibytes(10), mebibytes(20)});
  LogicalVolume& v =
      rig.create({.name = "v", .size = mebibytes(7), .layout = Layout::striped, .devices = {0, 2}});
  EXPECT_EQ(v.size(), mebibytes(8));
  EXPECT_EQ(rig.store->free(0), mebibytes(16));
  EXPECT_EQ(rig.store->free(1), mebibytes(10));
  EXPECT_EQ(rig.store->free(2), mebibytes(16));
  EXPECT_EQ(rig.store->create({.name = "w", .size = mebibytes(33), .layout = Layout::striped}),
            nullptr);
  EXPECT_EQ(rig.store->used(), mebibytes(8));
}

TEST(VolumeStore, volumes_grow_and_shrink) {
  PoolRig rig({mebibytes(20)});
  LogicalVolume& v = rig.create({.name = "v", .size = mebibytes(4)});
  EXPECT_TRUE(v.resize(mebibytes(8)));
  EXPECT_EQ(rig.store->used(), mebibytes(8));
  EXPECT_NE(v.direct(Direction::write, Bytes{}, mebibytes(8)).ssd, nullptr);
  EXPECT_FALSE(v.resize(mebibytes(22)));
  EXPECT_FALSE(v.resize(Bytes{}));
  EXPECT_EQ(v.size(), mebibytes(8));
  EXPECT_TRUE(v.resize(mebibytes(3)));
  EXPECT_EQ(v.size(), mebibytes(4));
  EXPECT_EQ(rig.store->used(), mebibytes(4));

  LogicalVolume& thin = rig.create({.name = "t", .size = mebibytes(4), .is_thin = true});
  EXPECT_TRUE(thin.resize(gibibytes(4)));
  EXPECT_EQ(rig.store->used(), mebibytes(4));
  EXPECT_EQ(rig.write(thin, gibibytes(4) - kBlock, kBlock).status, IoStatus::done);
  EXPECT_EQ(rig.store->used(), mebibytes(6));
  EXPECT_TRUE(thin.resize(gibibytes(2)));
  EXPECT_EQ(rig.store->used(), mebibytes(4));
}

TEST(VolumeStore, a_striped_volume_grows_on_all_of_its_devices_or_not_at_all) {
  PoolRig rig({mebibytes(10), mebibytes(6)});
  LogicalVolume& v = rig.create({.name = "v", .size = mebibytes(8), .layout = Layout::striped});
  EXPECT_TRUE(v.resize(mebibytes(12)));
  EXPECT_EQ(rig.store->free(0), mebibytes(4));
  EXPECT_EQ(rig.store->free(1), Bytes{});
  EXPECT_FALSE(v.resize(mebibytes(14)));
  EXPECT_EQ(v.size(), mebibytes(12));
  EXPECT_TRUE(v.resize(mebibytes(4)));
  EXPECT_EQ(rig.store->free(1), mebibytes(4));
}

TEST(VolumeStore, a_snapshot_costs_nothing_until_something_is_written) {
  PoolRig rig;
  LogicalVolume& v = rig.create({.name = "v", .size = mebibytes(16)});
  LogicalVolume* s = rig.store->snapshot(v, "s");
  ASSERT_NE(s, nullptr);
  EXPECT_EQ(s->size(), v.size());
  EXPECT_EQ(rig.store->used(), mebibytes(16));
  rig.write(v, Bytes{}, kBlock);
  EXPECT_EQ(rig.store->used(), mebibytes(18));
  EXPECT_EQ(rig.store->snapshot(v, "s"), nullptr);
  EXPECT_EQ(rig.store->snapshot(*s, "of-a-snapshot"), nullptr);
  EXPECT_EQ(rig.store->clone(v, "of-a-volume"), nullptr);
  EXPECT_FALSE(s->resize(mebibytes(32)));
  EXPECT_TRUE(rig.store->remove(*s));
  EXPECT_EQ(rig.store->used(), mebibytes(16));
}

TEST(VolumeStore, chains_are_as_long_as_the_limit_and_shorter_when_a_snapshot_goes) {
  VolumeStoreProfile profile;
  profile.chain_limit = 3;
  PoolRig rig({gibibytes(1)}, profile);
  LogicalVolume& v = rig.create({.name = "v", .size = mebibytes(16)});
  LogicalVolume* s1 = rig.store->snapshot(v, "s1");
  LogicalVolume* s2 = rig.store->snapshot(v, "s2");
  LogicalVolume* s3 = rig.store->snapshot(v, "s3");
  ASSERT_TRUE(s1 != nullptr && s2 != nullptr && s3 != nullptr);
  EXPECT_EQ(v.depth(), 3);
  EXPECT_EQ(s1->depth(), 0);
  EXPECT_EQ(rig.store->snapshot(v, "s4"), nullptr);
  EXPECT_FALSE(v.snapshot("s4"));
  LogicalVolume* c = rig.store->clone(*s3, "c");
  ASSERT_NE(c, nullptr);
  EXPECT_EQ(rig.store->snapshot(*c, "of-c"), nullptr);
  EXPECT_TRUE(rig.store->remove(*s2));
  EXPECT_EQ(v.depth(), 2);
  EXPECT_NE(rig.store->snapshot(v, "s4"), nullptr);
}

TEST(VolumeStore, a_snapshot_with_clones_stays_until_they_are_gone_or_inflated) {
  PoolRig rig;
  LogicalVolume& v = rig.create({.name = "v", .size = mebibytes(8)});
  LogicalVolume& s = *rig.store->snapshot(v, "s");
  LogicalVolume& c1 = *rig.store->clone(s, "c1");
  LogicalVolume& c2 = *rig.store->clone(s, "c2");
  EXPECT_TRUE(c1.is_thin());
  EXPECT_EQ(c1.allocated(), mebibytes(8));
  EXPECT_EQ(rig.store->used(), mebibytes(8));
  EXPECT_FALSE(rig.store->remove(s));
  EXPECT_TRUE(rig.store->remove(c1));
  EXPECT_FALSE(rig.store->remove(s));
  rig.write(c2, mebibytes(2), kBlock);
  EXPECT_TRUE(rig.inflate(c2));
  EXPECT_EQ(c2.depth(), 0);
  EXPECT_EQ(rig.store->used(), mebibytes(16));
  EXPECT_EQ(rig.store->clusters_copied(), 4u);
  EXPECT_TRUE(rig.store->remove(s));
  EXPECT_EQ(rig.store->used(), mebibytes(16));
  // The origin has its clusters for itself again.
  EXPECT_EQ(rig.write(v, Bytes{}, kBlock).latency(), microseconds(12));
}

TEST(VolumeStore, a_snapshot_of_a_clone_stands_between_it_and_its_origin) {
  PoolRig rig;
  LogicalVolume& v = rig.create({.name = "v", .size = mebibytes(8)});
  LogicalVolume& s = *rig.store->snapshot(v, "s");
  LogicalVolume& c = *rig.store->clone(s, "c");
  LogicalVolume& sc = *rig.store->snapshot(c, "sc");
  EXPECT_EQ(c.depth(), 2);
  EXPECT_FALSE(rig.store->remove(s));
  EXPECT_TRUE(rig.store->remove(sc));
  EXPECT_EQ(c.depth(), 1);
  EXPECT_FALSE(rig.store->remove(s));
  EXPECT_TRUE(rig.store->remove(c));
  EXPECT_TRUE(rig.store->remove(s));
}

TEST(VolumeStore, inflating_copies_cluster_after_cluster_and_fails_where_space_ends) {
  PoolRig rig({mebibytes(12)});
  LogicalVolume& v = rig.create({.name = "v", .size = mebibytes(8)});
  LogicalVolume& s = *rig.store->snapshot(v, "s");
  LogicalVolume& c = *rig.store->clone(s, "c");
  const TimePoint before = rig.clock.now();
  EXPECT_FALSE(rig.inflate(c));
  EXPECT_EQ(rig.clock.now() - before, 2 * microseconds(80 + 12));
  EXPECT_FALSE(rig.store->remove(s));
  EXPECT_EQ(rig.store->out_of_space(), 0u);
  EXPECT_TRUE(rig.store->is_consistent());
  EXPECT_TRUE(rig.store->remove(v));
  EXPECT_FALSE(rig.inflate(c));  // the snapshot still has them
  EXPECT_FALSE(rig.inflate(s));
}

TEST(VolumeStore, nothing_but_io_happens_to_a_volume_that_is_being_inflated) {
  PoolRig rig;
  LogicalVolume& v = rig.create({.name = "v", .size = mebibytes(8)});
  LogicalVolume& s = *rig.store->snapshot(v, "s");
  LogicalVolume& c = *rig.store->clone(s, "c");
  std::optional<bool> result;
  {
    TaskScope abandoned;
    abandoned.spawn(PoolRig::finish(rig.store->inflate(c), result));
    EXPECT_FALSE(rig.store->remove(c));
    EXPECT_FALSE(c.snapshot("sc"));
    EXPECT_FALSE(c.resize(mebibytes(4)));
    EXPECT_EQ(rig.write(c, Bytes{}, kBlock).status, IoStatus::done);
    EXPECT_EQ(result, true);
  }
  LogicalVolume& d = *rig.store->clone(s, "d");
  {
    TaskScope abandoned;
    abandoned.spawn(PoolRig::finish(rig.store->inflate(d), result));
  }
  EXPECT_TRUE(rig.store->remove(d));  // with the copy that was under way
  EXPECT_TRUE(rig.store->is_consistent());
}

// Whatever happens: the books agree, contents are what was written, and nothing writes to what a
// snapshot holds.
RC_GTEST_PROP(VolumeStore, keeps_its_books_and_its_snapshots, ()) {
  VolumeStoreProfile profile;
  profile.cluster = kibibytes(64);
  profile.strip = kibibytes(16);
  profile.copy_chunk = kibibytes(32);
  profile.chain_limit = 4;
  PoolRig rig({kibibytes(64 * 40), kibibytes(64 * 25), kibibytes(64 * 30)}, profile);
  VolumeStore& store = *rig.store;

  using Devices = std::vector<std::uint32_t>;
  using Stamps = std::vector<std::uint64_t>;
  std::map<std::string, Stamps> model;
  struct Address {
    Ssd* ssd;
    Bytes offset;
    bool operator==(const Address&) const = default;
  };
  const auto addresses = [](const LogicalVolume& v) {
    std::vector<Address> all;
    for (Bytes at{}; at < v.size(); at += kBlock) {
      const auto d = v.direct(Direction::read, at, kBlock);
      all.push_back({d.ssd, d.offset});
    }
    return all;
  };
  std::map<std::string, std::vector<Address>> frozen;
  const auto some_volume = [&]() -> LogicalVolume& {
    const auto all = store.volumes();
    return *all[static_cast<std::size_t>(*rc::gen::inRange<std::int64_t>(0, std::ssize(all)))];
  };

  int names = 0;
  std::uint64_t stamp = 0;
  const int steps = *rc::gen::inRange(1, 60);
  for (int step = 0; step < steps; ++step) {
    const std::string name = "v" + std::to_string(++names);
    const int what = store.volumes().empty() ? 0 : *rc::gen::inRange(0, 12);
    rig.forget_seen();
    if (what == 0) {
      VolumeStore::Request request{name, kBlock * *rc::gen::inRange(1, 400)};
      request.layout = *rc::gen::element(Layout::linear, Layout::striped);
      request.is_thin = *rc::gen::arbitrary<bool>();
      request.devices = *rc::gen::element(Devices{}, Devices{1}, Devices{2, 0});
      if (LogicalVolume* v = store.create(request)) {
        RC_ASSERT(v->size() >= request.size);
        v->remember_contents();
        model[name].resize(static_cast<std::size_t>(blocks_of(v->size())));
      }
    } else if (what == 1) {
      LogicalVolume& v = some_volume();
      const std::string gone = v.name();
      if (store.remove(v)) {
        model.erase(gone);
        frozen.erase(gone);
      }
    } else if (what == 2) {
      LogicalVolume& v = some_volume();
      if (LogicalVolume* s = store.snapshot(v, name)) {
        model[name] = model[v.name()];
        frozen[name] = addresses(*s);
      }
    } else if (what == 3) {
      LogicalVolume& s = some_volume();
      if (store.clone(s, name) != nullptr) model[name] = model[s.name()];
    } else if (what == 4) {
      LogicalVolume& v = some_volume();
      if (v.resize(kBlock * *rc::gen::inRange(1, 400)))
        model[v.name()].resize(static_cast<std::size_t>(blocks_of(v.size())));
    } else if (what == 5) {
      rig.inflate(some_volume());
    } else {
      // Two writes and a read at once.
      LogicalVolume& v = some_volume();
      for (int i = 0; i < 2; ++i) {
        const std::int64_t blocks = blocks_of(v.size());
        const std::int64_t first = *rc::gen::inRange<std::int64_t>(0, blocks);
        const std::int64_t count = std::min(blocks - first, *rc::gen::inRange<std::int64_t>(1, 60));
        rig.start(v, Direction::read, kBlock * first, kBlock * count);
        rig.start(v, Direction::write, kBlock * first, kBlock * count, ++stamp);
        if (i == 1 || *rc::gen::arbitrary<bool>()) rig.clock.run_until(kNever);
      }
      for (const auto& ended : rig.all) {
        RC_ASSERT(ended->status.has_value());
        RC_ASSERT(ended->io.ledger.total() == ended->latency());
      }
      // Of two at once, either may be the last; the contents tell which, and never another.
      Stamps& stamps = model[v.name()];
      std::vector<std::set<std::uint64_t>> may(stamps.size());
      for (std::size_t b = 0; b < stamps.size(); ++b) may[b].insert(stamps[b]);
      for (const auto& ended : rig.all) {
        if (ended->io.direction != Direction::write || ended->status != IoStatus::done) continue;
        for (std::int64_t b = 0; b < blocks_of(ended->io.length); ++b) {
          auto& of_block = may[static_cast<std::size_t>(ended->io.offset / kBlock + b)];
          of_block.erase(stamps[static_cast<std::size_t>(ended->io.offset / kBlock + b)]);
          of_block.insert(ended->io.stamp);
        }
      }
      for (std::size_t b = 0; b < stamps.size(); ++b) {
        stamps[b] = v.read(kBlock * static_cast<std::int64_t>(b));
        RC_ASSERT(may[b].contains(stamps[b]));
      }
      rig.all.clear();
    }

    RC_ASSERT(store.is_consistent());
    RC_ASSERT(store.used() + store.free() == store.capacity());
    std::set<std::pair<const Ssd*, std::int64_t>> held;
    for (const auto& [snapshot, places] : frozen) {
      RC_ASSERT(addresses(*store.find(snapshot)) == places);
      for (const Address& a : places)
        if (a.ssd != nullptr) held.emplace(a.ssd, a.offset.count());
    }
    for (const auto& ssd : rig.ssds)
      for (const auto& seen : ssd->seen) {
        if (seen.direction != Direction::write) continue;
        for (Bytes at = seen.offset; at < seen.offset + seen.length; at += kBlock)
          RC_ASSERT(!held.contains({ssd.get(), at.count()}));
      }
    for (const auto& [volume, stamps] : model)
      RC_ASSERT(store.find(volume)->contents()->copy(Bytes{}, store.find(volume)->size()) ==
                stamps);
    RC_ASSERT(model.size() == store.volumes().size());
  }
  while (!store.volumes().empty())
    for (std::size_t i = store.volumes().size(); i-- > 0;) store.remove(*store.volumes()[i]);
  RC_ASSERT(store.used() == Bytes{});
  RC_ASSERT(store.is_consistent());
}

}  // namespace volume_store_test
}  // namespace orrery
