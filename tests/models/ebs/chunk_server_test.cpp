// The chunk server: whose thread works, and where on which disk data goes.
#include "models/ebs/chunk_server.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <deque>
#include <map>
#include <set>

#include "tests/models/ebs/rig.hpp"

namespace orrery {
namespace chunk_server_test {

struct Answer {
  IoStatus status = IoStatus::failed;
  Ledger ledger;
  TimePoint at{};
};

class ChunkServerTest : public testing::Test {
 protected:
  static EbsOptions options() {
    EbsOptions options;
    options.disks = 4;
    return options;
  }
  Answer& serve(Direction direction, std::uint64_t segment, Bytes offset, Bytes length) {
    Answer& out = all_.emplace_back();
    rig_.scope().spawn(serving(direction, {segment, offset, length, nullptr}, out));
    return out;
  }
  Task<> serving(Direction direction, SegmentRange range, Answer& out) {
    out.ledger = Ledger(calendar().now());
    ChunkServer& server = rig_.chunk_server(0);
    Task<IoStatus> work = direction == Direction::write
                              ? server.append(rig_.backend(1, 0), range, out.ledger)
                              : server.read(rig_.backend(1, 0), range, out.ledger);
    out.status = co_await work;
    out.at = calendar().now();
  }
  Calendar& calendar() { return rig_.calendar(); }
  void run() { run_dry(calendar()); }
  // The disk of server 0 that saw exactly one request.
  FakeSsd& the_disk_used() {
    for (std::size_t d = 0; d < rig_.options.disks; ++d)
      if (!rig_.disk(0, d).seen.empty()) return rig_.disk(0, d);
    throw std::out_of_range("no disk was used");
  }

  EbsRig rig_{options()};
  std::deque<Answer> all_;
};

TEST_F(ChunkServerTest, an_append_takes_its_core_time_and_the_disks) {
  const Answer& write = serve(Direction::write, 7, Bytes{}, kBlock);
  run();
  EXPECT_EQ(write.status, IoStatus::done);
  const Duration work = rig_.storage(0).cpu().time_for(rig_.options.profile.chunk_server_write);
  EXPECT_EQ(write.ledger.served(stage::kChunkServer), work);
  EXPECT_EQ(write.ledger.served(stage::kSsd), the_disk_used().write_time);
  EXPECT_EQ(write.ledger.total(), work + the_disk_used().write_time);
}

TEST_F(ChunkServerTest, a_read_takes_its_core_time_and_the_disks) {
  const Answer& read = serve(Direction::read, 7, Bytes{}, kBlock);
  run();
  EXPECT_EQ(read.status, IoStatus::done);
  const Duration work = rig_.storage(0).cpu().time_for(rig_.options.profile.chunk_server_read);
  EXPECT_EQ(read.ledger.served(stage::kChunkServer), work);
  EXPECT_EQ(read.ledger.total(), work + the_disk_used().read_time);
}

TEST_F(ChunkServerTest, appends_to_one_log_per_disk_whatever_the_addresses) {
  for (std::uint64_t segment = 0; segment < 40; ++segment)
    for (int i = 0; i < 5; ++i)
      serve(Direction::write, segment, kBlock * static_cast<std::int64_t>(segment * 7 % 11),
            kBlock * (1 + i));
  run();
  Bytes written;
  for (std::size_t d = 0; d < rig_.options.disks; ++d) {
    Bytes head;
    for (const FakeSsd::Seen& seen : rig_.disk(0, d).seen) {
      EXPECT_EQ(seen.direction, Direction::write);
      EXPECT_EQ(seen.offset, head);
      head += seen.length;
    }
    EXPECT_GT(head, Bytes{}) << "no segment on disk " << d;
    written += head;
  }
  EXPECT_EQ(written, kBlock * 40 * 15);
}

TEST_F(ChunkServerTest, a_log_starts_over_at_the_disks_end) {
  const Bytes large = kibibytes(128);
  auto small = std::make_unique<FakeSsd>(calendar(), "small", large * 3 + kBlock);
  FakeSsd& disk = *small;
  Node node(calendar(), "node", shipped<NodeProfile>("storage-25g"));
  node.insert_ssd(std::move(small));
  ChunkServer server(node, {Thread::pinned(node.cpu(), 0)}, rig_.options.profile);
  const auto append = [](ChunkServer& s, Connection& c, Bytes length) -> Task<> {
    Ledger ledger(kStart);
    Task<IoStatus> work = s.append(c, {1, Bytes{}, length, nullptr}, ledger);
    co_await work;
  };
  TaskScope scope;
  for (int i = 0; i < 7; ++i) scope.spawn(append(server, rig_.backend(1, 0), large));
  run();
  std::vector<std::int64_t> at;
  for (const FakeSsd::Seen& seen : disk.seen) at.push_back(seen.offset / large);
  EXPECT_THAT(at, testing::ElementsAre(0, 1, 2, 0, 1, 2, 0));
}

TEST_F(ChunkServerTest, data_lies_at_one_place_sector_by_sector) {
  const Bytes sector = rig_.options.profile.sector;
  for (int repeat = 0; repeat < 2; ++repeat)
    for (std::int64_t s = 0; s < 4; ++s)
      for (const Bytes within : {Bytes{}, kBlock, sector - kBlock})
        serve(Direction::read, 3, sector * s + within, kBlock);
  run();
  std::size_t reads = 0;
  std::map<std::pair<std::size_t, std::int64_t>, int> places;
  for (std::size_t d = 0; d < rig_.options.disks; ++d)
    for (const FakeSsd::Seen& seen : rig_.disk(0, d).seen) {
      EXPECT_LE(seen.offset + seen.length, rig_.disk(0, d).capacity());
      ++places[{d, seen.offset.count()}];
      ++reads;
    }
  EXPECT_EQ(reads, 24u);
  EXPECT_EQ(places.size(), 12u);  // the same twice, and no two in one place
  for (const auto& [place, count] : places) EXPECT_EQ(count, 2);
}

TEST_F(ChunkServerTest, sectors_are_spread_over_all_disks) {
  constexpr int kSectors = 4000;
  for (int s = 0; s < kSectors; ++s)
    serve(Direction::read, static_cast<std::uint64_t>(s % 16),
          rig_.options.profile.sector * (s / 16 % 16384), kBlock);
  run();
  const double share = kSectors / static_cast<double>(rig_.options.disks);
  for (std::size_t d = 0; d < rig_.options.disks; ++d)
    EXPECT_NEAR(static_cast<double>(rig_.disk(0, d).seen.size()), share, 4.5 * std::sqrt(share))
        << d;
}

TEST_F(ChunkServerTest, a_segment_has_one_thread_and_segments_have_many) {
  const Answer& first = serve(Direction::write, 5, Bytes{}, kBlock);
  const Answer& second = serve(Direction::write, 5, kBlock, kBlock);
  run();
  const Duration work = rig_.storage(0).cpu().time_for(rig_.options.profile.chunk_server_write);
  EXPECT_EQ(second.at - first.at, work);

  for (std::uint64_t segment = 0; segment < 200; ++segment)
    serve(Direction::write, segment, Bytes{}, kBlock);
  run();
  const EbsProfile& p = rig_.options.profile;
  std::int64_t used = 0;
  for (std::size_t core = 0; core < rig_.storage(0).cpu().cores(); ++core) {
    const bool is_its_own = static_cast<std::int64_t>(core) >= p.block_server_threads;
    const auto served = rig_.storage(0).cpu().core(core).books().snapshot(calendar().now()).served;
    if (!is_its_own) {
      EXPECT_EQ(served, 0) << "a block server's core";
    }
    used += is_its_own && served > 0;
  }
  EXPECT_EQ(used, p.chunk_server_threads);
}

TEST_F(ChunkServerTest, a_failed_disk_or_machine_fails_the_request) {
  for (std::size_t d = 0; d < rig_.options.disks; ++d) rig_.disk(0, d).fails = true;
  const Answer& write = serve(Direction::write, 5, Bytes{}, kBlock);
  const Answer& read = serve(Direction::read, 5, Bytes{}, kBlock);
  run();
  EXPECT_EQ(write.status, IoStatus::failed);
  EXPECT_EQ(read.status, IoStatus::failed);
  for (std::size_t d = 0; d < rig_.options.disks; ++d) rig_.disk(0, d).fails = false;
  rig_.storage(0).set_up(false);
  const Answer& down = serve(Direction::write, 5, Bytes{}, kBlock);
  run();
  EXPECT_EQ(down.status, IoStatus::failed);
}

}  // namespace chunk_server_test
}  // namespace orrery
