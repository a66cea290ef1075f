// The block server: replication and its quorum, reads from one replica, threads.
#include "models/ebs/block_server.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <deque>
#include <set>

#include "tests/models/ebs/rig.hpp"

namespace orrery {
namespace block_server_test {

struct Answer {
  int ends = 0;
  IoStatus status = IoStatus::failed;
  Ledger ledger;
  TimePoint at{};
};

// Requests as if they had just come to the block server of segment 0, whose replicas are on servers
// 1, 2, 3.
class BlockServerRig {
 public:
  explicit BlockServerRig(EbsOptions options = {})
      : rig(std::move(options)), frontend(rig.connect(0, 0)) {}

  Answer& serve(Direction direction, Bytes offset = {}, Bytes length = kBlock,
                std::uint64_t segment = 0) {
    Answer& answer = answers.emplace_back();
    rig.scope().spawn(serving(direction, {segment, offset, length, nullptr}, answer));
    return answer;
  }
  Task<> serving(Direction direction, SegmentRange range, Answer& answer) {
    answer.ledger = Ledger(rig.calendar().now());
    BlockServer& server = rig.block_server(0);
    Task<IoStatus> work = direction == Direction::write
                              ? server.write(*frontend, range, answer.ledger)
                              : server.read(*frontend, range, answer.ledger);
    answer.status = co_await work;
    ++answer.ends;
    answer.at = rig.calendar().now();
  }
  void run() { run_dry(rig.calendar()); }
  Duration core_time(Duration reference) { return rig.storage(0).cpu().time_for(reference); }
  // Every disk of one server.
  void set_write_time(std::size_t server, Duration time) {
    for (std::size_t d = 0; d < rig.options.disks; ++d) rig.disk(server, d).write_time = time;
  }
  Bytes written_on(std::size_t server) {
    Bytes sum;
    for (std::size_t d = 0; d < rig.options.disks; ++d)
      sum += rig.disk(server, d).bytes(Direction::write);
    return sum;
  }

  EbsRig rig;
  std::unique_ptr<Connection> frontend;
  std::deque<Answer> answers;
};

EbsOptions with_quorum(int quorum) {
  EbsOptions options;
  options.quorum = quorum;
  return options;
}

class BlockServerTest : public testing::TestWithParam<std::string> {
 protected:
  static EbsOptions options() {
    EbsOptions options;
    options.frontend = options.backend = GetParam();
    return options;
  }
};
INSTANTIATE_TEST_SUITE_P(Stacks, BlockServerTest,
                         testing::Values("kernel_tcp", "luna", "rdma", "solar_star"),
                         [](const auto& info) { return info.param; });

// An acknowledgement that stands before a message at a NIC port.
Duration ack_time() { return Bytes{128} / shipped<NodeProfile>("storage-25g").nic_rate; }

TEST_P(BlockServerTest, a_write_with_one_replica_is_the_sum_of_its_steps) {
  EbsOptions one = options();
  one.replicas = 1;
  one.quorum = 1;
  BlockServerRig rig(one);
  Connection& backend = rig.rig.backend(0, 1);
  const EbsProfile& p = rig.rig.options.profile;
  const Duration sum =
      rig.frontend->receive_work(Side::server, kBlock) + rig.core_time(p.block_server_write) +
      backend.send_work(Side::client, kBlock) + rig.rig.delivery(backend, Side::client, kBlock) +
      backend.receive_work(Side::server, kBlock) + rig.core_time(p.chunk_server_write) +
      rig.rig.disk(1).write_time + backend.send_work(Side::server, {}) +
      rig.rig.delivery(backend, Side::server, {}) + backend.receive_work(Side::client, {}) +
      rig.frontend->send_work(Side::server, {});
  const Answer& write = rig.serve(Direction::write);
  rig.run();
  EXPECT_EQ(write.status, IoStatus::done);
  EXPECT_EQ(write.ledger.total(), sum);
  EXPECT_EQ(write.ledger.served(stage::kBlockServer), rig.core_time(p.block_server_write));
  EXPECT_EQ(write.ledger.served(stage::kChunkServer), rig.core_time(p.chunk_server_write));
  EXPECT_EQ(write.ledger.served(stage::kSsd), rig.rig.disk(1).write_time);
}

TEST_P(BlockServerTest, a_write_posts_one_copy_per_replica_before_the_first_leaves) {
  const auto took = [this](std::size_t replicas) {
    EbsOptions some = options();
    some.replicas = replicas;
    some.quorum = static_cast<int>(replicas);
    BlockServerRig rig(some);
    const Answer& write = rig.serve(Direction::write);
    rig.run();
    return write.ledger.total();
  };
  BlockServerRig rig(options());
  const Duration posting = rig.rig.backend(0, 1).send_work(Side::client, kBlock);
  const Duration reply = rig.rig.backend(0, 1).receive_work(Side::client, {});
  const Duration wire = Bytes{5000} / shipped<NodeProfile>("storage-25g").nic_rate;
  const Duration more = took(3) - took(1);
  // At most: two copies stand before the third at one NIC port, two acknowledgements before the
  // third at the thread.
  EXPECT_GE(more, posting * 2);
  EXPECT_LE(more, (posting + reply + wire + ack_time()) * 2);
}

TEST_P(BlockServerTest, a_read_is_the_sum_of_its_steps) {
  BlockServerRig rig(options());
  const EbsProfile& p = rig.rig.options.profile;
  const Answer& read = rig.serve(Direction::read);
  rig.run();
  std::size_t from = 1;
  while (rig.rig.disk(from, 0).seen.empty() && rig.rig.disk(from, 1).seen.empty()) ++from;
  Connection& backend = rig.rig.backend(0, from);
  EXPECT_EQ(read.status, IoStatus::done);
  EXPECT_EQ(read.ledger.total(),
            rig.frontend->receive_work(Side::server, {}) + rig.core_time(p.block_server_read) +
                backend.send_work(Side::client, {}) + rig.rig.delivery(backend, Side::client, {}) +
                backend.receive_work(Side::server, {}) + rig.core_time(p.chunk_server_read) +
                rig.rig.disk(from).read_time + backend.send_work(Side::server, kBlock) +
                rig.rig.delivery(backend, Side::server, kBlock) +
                backend.receive_work(Side::client, kBlock) +
                rig.frontend->send_work(Side::server, kBlock));
}

TEST(BlockServer, every_replica_of_a_write_gets_every_byte_once) {
  for (int quorum = 1; quorum <= 3; ++quorum) {
    BlockServerRig rig(with_quorum(quorum));
    rig.serve(Direction::write, {}, kibibytes(64));
    rig.run();
    EXPECT_EQ(rig.written_on(0), Bytes{});
    for (std::size_t replica = 1; replica <= 3; ++replica)
      EXPECT_EQ(rig.written_on(replica), kibibytes(64)) << replica;
    rig.rig.expect_nothing_left();
  }
}

TEST(BlockServer, a_write_ends_with_the_replica_that_completes_its_quorum) {
  const Duration times[] = {microseconds(100), microseconds(300), microseconds(600)};
  for (int quorum = 1; quorum <= 3; ++quorum) {
    BlockServerRig rig(with_quorum(quorum));
    for (std::size_t replica = 1; replica <= 3; ++replica)
      rig.set_write_time(replica, times[3 - replica]);
    const Answer& write = rig.serve(Direction::write);
    rig.run();
    EXPECT_EQ(write.status, IoStatus::done);
    EXPECT_EQ(write.ledger.served(stage::kSsd), times[quorum - 1]);
    EXPECT_EQ(write.ledger.total(), write.at - write.ledger.start());
    EXPECT_EQ(write.ends, 1);
  }
}

TEST(BlockServer, a_quorum_of_two_does_not_feel_one_slow_replica_which_runs_on) {
  const auto took = [](Duration slow, int quorum) {
    BlockServerRig rig(with_quorum(quorum));
    rig.set_write_time(2, slow);
    const Answer& write = rig.serve(Direction::write);
    rig.run();
    EXPECT_EQ(write.status, IoStatus::done);
    EXPECT_EQ(rig.written_on(2), kBlock);
    EXPECT_GE(rig.rig.calendar().now() - kStart, slow);
    rig.rig.expect_nothing_left();
    return write.ledger.total();
  };
  const Duration usual = EbsRig().disk(2).write_time;
  EXPECT_EQ(took(milliseconds(50), 2), took(milliseconds(5), 2));
  EXPECT_LE(took(milliseconds(5), 2), took(usual, 3));
  EXPECT_EQ(took(milliseconds(50), 3) - took(milliseconds(5), 3), milliseconds(45));
}

// With d of three replicas dead a write completes if the quorum is at most 3 - d, and fails
// otherwise.
TEST(BlockServer, a_write_completes_while_enough_replicas_are_alive) {
  for (int quorum = 1; quorum <= 3; ++quorum)
    for (int dead = 0; dead <= 3; ++dead) {
      BlockServerRig rig(with_quorum(quorum));
      for (int d = 0; d < dead; ++d) rig.rig.storage(static_cast<std::size_t>(1 + d)).set_up(false);
      const Answer& write = rig.serve(Direction::write);
      rig.run();
      EXPECT_EQ(write.ends, 1);
      EXPECT_EQ(write.status, quorum + dead <= 3 ? IoStatus::done : IoStatus::failed)
          << "quorum " << quorum << ", " << dead << " dead";
      rig.rig.expect_nothing_left();
    }
}

TEST(BlockServer, a_replica_whose_disk_fails_does_not_count) {
  for (int quorum = 1; quorum <= 3; ++quorum) {
    BlockServerRig rig(with_quorum(quorum));
    for (std::size_t d = 0; d < rig.rig.options.disks; ++d) rig.rig.disk(1, d).fails = true;
    const Answer& write = rig.serve(Direction::write);
    rig.run();
    EXPECT_EQ(write.status, quorum <= 2 ? IoStatus::done : IoStatus::failed) << quorum;
  }
}

TEST(BlockServer, a_write_that_cannot_reach_its_quorum_fails_as_soon_as_that_is_known) {
  BlockServerRig rig(with_quorum(3));
  rig.set_write_time(1, milliseconds(50));
  for (std::size_t d = 0; d < rig.rig.options.disks; ++d) rig.rig.disk(2, d).fails = true;
  const Answer& write = rig.serve(Direction::write);
  rig.run();
  EXPECT_EQ(write.status, IoStatus::failed);
  EXPECT_LT(write.at - kStart, milliseconds(1));
  EXPECT_EQ(rig.written_on(1), kBlock);  // the others run on
}

TEST(BlockServer, a_read_is_of_exactly_one_replica_and_a_range_always_of_the_same) {
  BlockServerRig rig;
  std::set<std::size_t> used;
  for (std::int64_t block = 0; block < 64; ++block) {
    std::vector<std::size_t> readers;
    for (int repeat = 0; repeat < 2; ++repeat) {
      for (FakeSsd* disk : rig.rig.all_disks()) disk->seen.clear();
      const Answer& read = rig.serve(Direction::read, kBlock * block);
      rig.run();
      ASSERT_EQ(read.status, IoStatus::done);
      EXPECT_EQ(rig.rig.on_disks(Direction::read), kBlock);
      for (std::size_t server = 0; server < 4; ++server)
        for (std::size_t d = 0; d < rig.rig.options.disks; ++d)
          if (!rig.rig.disk(server, d).seen.empty()) readers.push_back(server);
    }
    ASSERT_EQ(readers.size(), 2u);
    EXPECT_EQ(readers[0], readers[1]);
    used.insert(readers[0]);
  }
  EXPECT_THAT(used, testing::ElementsAre(1, 2, 3));  // and ranges are spread over all
}

TEST(BlockServer, a_read_of_a_dead_replica_goes_to_the_next) {
  BlockServerRig rig;
  rig.rig.storage(2).set_up(false);
  for (std::int64_t block = 0; block < 60; ++block) rig.serve(Direction::read, kBlock * block);
  rig.run();
  for (const Answer& read : rig.answers) {
    EXPECT_EQ(read.ends, 1);
    EXPECT_EQ(read.status, IoStatus::done);
  }
  std::int64_t read = 0;
  for (const std::size_t server : {1, 3})
    for (std::size_t d = 0; d < rig.rig.options.disks; ++d)
      read += rig.rig.disk(server, d).count(Direction::read);
  EXPECT_EQ(read, 60);
}

TEST(BlockServer, a_read_fails_when_all_replicas_are_dead) {
  BlockServerRig rig;
  for (const std::size_t server : {1, 2, 3}) rig.rig.storage(server).set_up(false);
  rig.serve(Direction::read, Bytes{});
  rig.run();
  EXPECT_EQ(rig.answers.front().ends, 1);
  EXPECT_EQ(rig.answers.front().status, IoStatus::failed);
}

TEST(BlockServer, is_joined_to_a_chunk_server_when_it_first_needs_it) {
  EbsOptions options;
  options.servers = 12;
  EbsRig rig(options);
  EXPECT_EQ(rig.backends_made(), 0);
  rig.alone(Direction::read, Bytes{}, kBlock);
  EXPECT_EQ(rig.backends_made(), 1);
  for (int i = 0; i < 3; ++i) rig.alone(Direction::write, Bytes{}, kBlock);
  EXPECT_EQ(rig.backends_made(), 3);
}

TEST(BlockServer, a_dead_replica_is_replaced_for_good) {
  EbsOptions options;
  options.servers = 6;
  BlockServerRig rig(options);
  rig.rig.block_server(0).set_spares([&](const std::vector<ChunkServer*>& held) -> ChunkServer* {
    for (const std::size_t spare : {4, 5}) {
      ChunkServer* const chunks = &rig.rig.chunk_server(spare);
      if (std::find(held.begin(), held.end(), chunks) == held.end()) return chunks;
    }
    return nullptr;
  });
  rig.rig.storage(2).set_up(false);
  rig.serve(Direction::write, Bytes{});
  rig.serve(Direction::write, kBlock);
  rig.run();
  for (const Answer& write : rig.answers) EXPECT_EQ(write.status, IoStatus::done);
  // Both writes of the segment went to the same one in its place.
  EXPECT_EQ(rig.rig.block_server(0).replicas_replaced(), 1);
  EXPECT_EQ(rig.rig.block_server(0).replicas_of(0)[1], &rig.rig.chunk_server(4));
  const TimePoint before = rig.rig.calendar().now();
  rig.serve(Direction::write, kBlock * 2);
  rig.run();
  EXPECT_EQ(rig.answers.back().status, IoStatus::done);
  EXPECT_LT(rig.rig.calendar().now() - before, milliseconds(100));
}

TEST(BlockServer, that_goes_down_fails_its_requests_once_at_any_moment) {
  for (const Direction direction : {Direction::read, Direction::write})
    for (int us = 0; us < 160; us += 3) {
      BlockServerRig rig;
      for (std::int64_t i = 0; i < 8; ++i) rig.serve(direction, kBlock * i);
      rig.rig.calendar().run_until(kStart + microseconds(us));
      rig.rig.storage(0).set_up(false);
      rig.run();
      for (const Answer& answer : rig.answers) ASSERT_EQ(answer.ends, 1) << us;
      rig.rig.expect_nothing_left();
    }
}

TEST(BlockServer, a_segments_requests_run_one_after_the_other_and_segments_side_by_side) {
  EbsOptions options;
  options.segments = 64;
  const Duration work = shipped<EbsProfile>("ebs2").block_server_write;
  {
    BlockServerRig rig(options);
    for (int i = 0; i < 10; ++i) rig.serve(Direction::write);
    rig.run();
    EXPECT_GE(rig.answers.back().at - rig.answers.front().at, work * 9);
  }
  BlockServerRig rig(options);
  for (std::uint64_t segment = 0; segment < 64; segment += 4)  // those of server 0
    rig.serve(Direction::write, {}, kBlock, segment);
  rig.run();
  std::int64_t threads = 0;
  for (std::size_t core = 0; core < rig.rig.storage(0).cpu().cores(); ++core)
    threads +=
        rig.rig.storage(0).cpu().core(core).books().snapshot(rig.rig.calendar().now()).served > 0;
  EXPECT_GT(threads, 3);
  EXPECT_LE(threads, rig.rig.options.profile.block_server_threads);
}

TEST(BlockServer, a_look_at_intervals_costs_every_arrival_up_to_one) {
  const auto took = [](Duration interval) {
    EbsOptions options;
    options.profile.poll_interval = interval;
    BlockServerRig rig(options);
    const Answer& write = rig.serve(Direction::write);
    rig.run();
    EXPECT_EQ(write.ledger.total(), write.at - write.ledger.start());
    return write.ledger.total();
  };
  const Duration interval = microseconds(8);
  const Duration more = took(interval) - took(Duration{});
  // Found by the block server, by a chunk server, and by the block server again.
  EXPECT_GT(more, Duration{});
  EXPECT_LE(more, interval * 3);
}

}  // namespace block_server_test
}  // namespace orrery
