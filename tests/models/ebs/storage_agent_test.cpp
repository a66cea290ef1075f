// The storage agent's data path: what one I/O takes, how it is split, which thread serves which
// queue.
#include "models/ebs/storage_agent.hpp"

#include <gmock/gmock.h>
#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "tests/models/ebs/rig.hpp"
#include "tests/models/volume/block_volume_contract.hpp"

namespace orrery {
namespace storage_agent_test {

template <std::size_t N>
struct VolumeOf : EbsRig {
  VolumeOf() : EbsRig(options_for(architectures()[N])) {}
};
using Volumes = testing::Types<VolumeOf<0>, VolumeOf<1>, VolumeOf<2>, VolumeOf<3>, VolumeOf<4>,
                               VolumeOf<5>, VolumeOf<6>, VolumeOf<7>, VolumeOf<8>>;
struct NameOfVolume {
  template <class Rig>
  static std::string GetName(int i) {
    return name_of(architectures()[static_cast<std::size_t>(i)]);
  }
};
INSTANTIATE_TYPED_TEST_SUITE_P(Ebs, BlockVolumeContract, Volumes, NameOfVolume);

class StorageAgentTest : public testing::TestWithParam<Architecture> {
 protected:
  EbsOptions options() const { return options_for(GetParam()); }
};
INSTANTIATE_TEST_SUITE_P(Architectures, StorageAgentTest, testing::ValuesIn(architectures()),
                         [](const auto& info) { return name_of(info.param); });

// The steps of Figs. 10, 12 and 13 of SIGCOMM'22 added up, with one replica, so that nothing forks.
class Steps {
 public:
  explicit Steps(EbsRig& rig)
      : rig_(rig),
        p_(rig.options.profile),
        frontend_(rig.connect(rig.volume().thread_of(0), 0)),
        backend_(rig.backend(0, 1)) {}

  Duration write(Bytes length) {
    const bool encrypted = rig_.options.encrypted;
    AgentSite& site = rig_.agent().site();
    return admission() + fetching(length) + site.submit_work(blocks_of(length), encrypted) +
           frontend_->send_work(Side::client, length) + fpga(length, true) +
           rig_.delivery(*frontend_, Side::client, length) +
           frontend_->receive_work(Side::server, length) + server(p_.block_server_write) +
           backend(length, {}, p_.chunk_server_write, rig_.disk(1).write_time) +
           frontend_->send_work(Side::server, {}) + rig_.delivery(*frontend_, Side::server, {}) +
           frontend_->receive_work(Side::client, {}) + site.complete_work(0, encrypted);
  }
  Duration read(Bytes length) {
    const bool encrypted = rig_.options.encrypted;
    AgentSite& site = rig_.agent().site();
    return admission() + site.submit_work(0, encrypted) + frontend_->send_work(Side::client, {}) +
           rig_.delivery(*frontend_, Side::client, {}) + frontend_->receive_work(Side::server, {}) +
           server(p_.block_server_read) +
           backend({}, length, p_.chunk_server_read, rig_.disk(1).read_time) +
           frontend_->send_work(Side::server, length) +
           rig_.delivery(*frontend_, Side::server, length) + fpga(length, false) +
           frontend_->receive_work(Side::client, length) +
           site.complete_work(blocks_of(length), encrypted) + fetching(length);
  }

 private:
  bool on_dpu() const { return rig_.options.on_dpu; }
  bool offloaded() const { return find_stack(rig_.options.frontend)->traits.data_path_in_fpga; }
  Duration server(Duration reference) { return rig_.storage(0).cpu().time_for(reference); }
  Duration admission() const {
    return offloaded() ? rig_.options.dpu.fpga_qos + rig_.options.dpu.fpga_block_table : Duration{};
  }
  // Between guest memory and the agent's in software; the same on the way out and back.
  Duration fetching(Bytes length) const {
    if (!on_dpu() || offloaded()) return {};
    return length / rig_.options.dpu.host_pcie_goodput +
           length / rig_.options.dpu.internal_pcie_goodput;
  }
  // Between the agent and the NIC: the internal link, or the pipeline.
  Duration fpga(Bytes length, bool out) const {
    const DpuProfile& d = rig_.options.dpu;
    if (!on_dpu()) return {};
    if (!offloaded()) return length / d.internal_pcie_goodput;
    return length / d.host_pcie_goodput + length / d.fpga_line_rate + d.fpga_dma + d.fpga_crc +
           (rig_.options.encrypted ? d.fpga_sec : Duration{}) +
           (out ? d.fpga_pktgen : d.fpga_addr_table);
  }
  Duration backend(Bytes there, Bytes back, Duration work, Duration disk) {
    return backend_.send_work(Side::client, there) + rig_.delivery(backend_, Side::client, there) +
           backend_.receive_work(Side::server, there) + server(work) + disk +
           backend_.send_work(Side::server, back) + rig_.delivery(backend_, Side::server, back) +
           backend_.receive_work(Side::client, back);
  }

  EbsRig& rig_;
  const EbsProfile& p_;
  std::unique_ptr<Connection> frontend_;
  Connection& backend_;
};

TEST_P(StorageAgentTest, an_io_alone_takes_the_sum_of_its_steps) {
  for (const bool encrypted : {false, true}) {
    EbsOptions one = options();
    one.replicas = 1;
    one.quorum = 1;
    one.encrypted = encrypted;
    EbsRig rig(one);
    Steps steps(rig);
    for (const Bytes length : {kBlock, kibibytes(64), kibibytes(128)}) {
      EXPECT_EQ(rig.alone(Direction::write, {}, length).took(), steps.write(length))
          << length.count();
      EXPECT_EQ(rig.alone(Direction::read, {}, length).took(), steps.read(length))
          << length.count();
    }
  }
}

TEST_P(StorageAgentTest, an_io_alone_waits_for_no_core_and_is_charged_what_each_of_them_works) {
  EbsRig rig(options());
  const EbsProfile& p = rig.options.profile;
  for (const Direction direction : {Direction::write, Direction::read}) {
    const bool write = direction == Direction::write;
    const auto& io = rig.alone(direction, {}, kBlock);
    for (const StageId s : {stage::kQos, stage::kAgent, stage::kPcie, stage::kBlockServer,
                            stage::kChunkServer, stage::kSsd})
      EXPECT_EQ(io.io.ledger.waited(s), Duration{}) << kStageNames[s];
    Cpu& server = rig.storage(0).cpu();
    EXPECT_EQ(io.in(stage::kBlockServer),
              server.time_for(write ? p.block_server_write : p.block_server_read));
    EXPECT_EQ(io.in(stage::kChunkServer),
              server.time_for(write ? p.chunk_server_write : p.chunk_server_read));
    EXPECT_EQ(io.in(stage::kSsd), write ? rig.disk(0).write_time : rig.disk(0).read_time);
  }
}

// Payload that passes the compute server's ports.
Bytes payload_through(EbsRig& rig, Direction direction, Bytes offset, Bytes length) {
  Bytes seen;
  std::vector<Port*> links;
  rig.frontend_fabric().collect_links(rig.compute(), links);
  for (Port* link : links) {
    const bool leaves = link->name().find("/port-") != std::string::npos;
    if (leaves != (direction == Direction::write)) continue;
    drop_if(*link, [&seen](const Packet& packet) {
      if (!packet.is_ack) seen += Bytes{packet.payload};
      return false;
    });
  }
  const auto& io = rig.alone(direction, offset, length);
  EXPECT_EQ(io.status, IoStatus::done);
  EXPECT_EQ(io.ends, 1);
  for (Port* link : links) link->set_filter({});
  return seen;
}

TEST_P(StorageAgentTest, a_mebibyte_and_what_straddles_segments_end_well_with_every_byte_once) {
  const Bytes segment = ebs_profile().segment, sector = ebs_profile().sector;
  const std::pair<Bytes, Bytes> cases[] = {
      {Bytes{}, mebibytes(1)},
      {kBlock, mebibytes(1)},
      {segment - kBlock, kBlock * 2},
      {segment - kibibytes(512), mebibytes(1)},
      {sector - Bytes{512}, Bytes{1024}},
      {segment * 2 - Bytes{512}, kibibytes(128)},
      {segment * 3 - mebibytes(2), mebibytes(4)},
      {segment * 6 - mebibytes(1), mebibytes(1)},
  };
  for (const auto& [offset, length] : cases) {
    EbsRig rig(options());
    EXPECT_EQ(payload_through(rig, Direction::write, offset, length), length);
    EXPECT_EQ(rig.on_disks(Direction::write), length * 3);
    EXPECT_EQ(payload_through(rig, Direction::read, offset, length), length);
    EXPECT_EQ(rig.on_disks(Direction::read), length);
    rig.expect_nothing_left();
  }
}

// No two pieces that were read lie over each other.
bool is_disjoint(const FakeSsd& disk) {
  std::map<std::int64_t, std::int64_t> ends;
  for (const FakeSsd::Seen& seen : disk.seen)
    if (seen.direction == Direction::read)
      if (!ends.emplace(seen.offset.count(), (seen.offset + seen.length).count()).second)
        return false;
  std::int64_t last = 0;
  for (const auto& [begin, end] : ends) {
    if (begin < last) return false;
    last = end;
  }
  return true;
}

TEST_P(StorageAgentTest, ios_of_any_size_anywhere_reach_the_disks_whole_and_once) {
  const bool passed = rc::check([this] {
    EbsOptions some = options();
    some.profile.sector = kibibytes(4 << *rc::gen::inRange(0, 9));
    some.profile.segment = mebibytes(1 << *rc::gen::inRange(0, 4));
    some.profile.largest_rpc = kibibytes(4 << *rc::gen::inRange(0, 7));
    EbsRig rig(some);
    const std::int64_t end = rig.volume().size().count() / 512;
    const auto from = *rc::gen::inRange<std::int64_t>(0, end);
    const auto count =
        *rc::gen::inRange<std::int64_t>(1, std::min<std::int64_t>(2049, end - from + 1));
    const auto direction = *rc::gen::element(Direction::read, Direction::write);
    const Bytes length{count * 512};
    const auto& io = rig.alone(direction, Bytes{from * 512}, length);
    RC_ASSERT(io.ends == 1);
    RC_ASSERT((io.status == IoStatus::done));
    RC_ASSERT(io.io.ledger.total() == io.took());
    RC_ASSERT(rig.on_disks(direction) == length * (direction == Direction::write ? 3 : 1));
    const int parts = rig.volume().segments().parts_of(Bytes{from * 512}, length);
    std::int64_t requests = 0;
    for (const FakeSsd* disk : rig.all_disks()) {
      RC_ASSERT(is_disjoint(*disk));
      requests += disk->count(direction);
    }
    RC_ASSERT(requests == parts * (direction == Direction::write ? 3 : 1));
  });
  EXPECT_TRUE(passed);
}

TEST_P(StorageAgentTest, a_split_io_ends_with_its_slowest_part) {
  const Bytes at = ebs_profile().segment - kBlock;
  const Duration slow = milliseconds(20);
  for (const std::size_t server : {0, 1}) {  // segments 0 and 1; replicas of both are on 2 and 3
    EbsRig rig(options());
    const std::size_t only =
        server == 0 ? 1 : 0;  // server 1 holds replicas of 0 alone, 0 of 1 alone
    for (std::size_t d = 0; d < rig.options.disks; ++d) rig.disk(only, d).write_time = slow;
    const auto& io = rig.alone(Direction::write, at, kBlock * 2);
    EXPECT_EQ(io.in(stage::kSsd), slow);
    EXPECT_GE(io.took(), slow);
    EXPECT_EQ(io.io.ledger.total(), io.took());
  }
}

TEST_P(StorageAgentTest, a_queue_is_served_by_its_thread_alone) {
  for (const std::size_t first : {0, 3}) {
    EbsOptions some = options();
    some.first_thread = first;
    EbsRig rig(some);
    const auto& threads = rig.agent().site().threads();
    const auto pairs = static_cast<std::size_t>(rig.options.profile.queue_pairs);
    for (std::uint32_t queue = 0; queue < 20; ++queue) {
      const std::size_t thread = rig.volume().thread_of(queue);
      EXPECT_EQ(thread, (first + queue % pairs) % threads.size());
      if (threads[thread].is_floating() || GetParam().stack == "kernel_tcp") continue;
      std::vector<std::int64_t> before, after;
      const auto count = [&rig](std::vector<std::int64_t>& served) {
        for (std::size_t core = 0; core < rig.agent_cpu().cores(); ++core)
          served.push_back(
              rig.agent_cpu().core(core).books().snapshot(rig.calendar().now()).served);
      };
      count(before);
      rig.alone(Direction::write, {}, kBlock, queue);
      count(after);
      for (std::size_t core = 0; core < before.size(); ++core)
        EXPECT_EQ(after[core] > before[core], core == thread) << "queue " << queue;
    }
  }
}

TEST_P(StorageAgentTest, every_thread_has_a_connection_of_its_own_to_every_server_it_talks_to) {
  EbsRig rig(options());
  const std::size_t threads = rig.agent().site().threads().size();
  EXPECT_TRUE(rig.frontends().empty());
  for (int repeat = 0; repeat < 2; ++repeat)
    for (std::uint32_t queue = 0; queue < 8; ++queue)
      for (std::int64_t segment = 0; segment < 4; ++segment)
        rig.alone(Direction::write, rig.options.profile.segment * segment, kBlock, queue);
  EXPECT_EQ(rig.frontends().size(), std::min<std::size_t>(8, threads) * rig.options.servers);
  std::set<std::pair<std::uint16_t, std::uint32_t>> tuples;
  for (const Connection* c : rig.frontends())
    tuples.emplace(c->five_tuple().source_port, c->five_tuple().destination);
  EXPECT_EQ(tuples.size(), rig.frontends().size());
}

TEST(StorageAgent, lets_go_of_what_it_has_closed_when_nothing_is_under_way_there) {
  EbsOptions impatient;
  impatient.profile.rpc_timeout = milliseconds(10);
  impatient.profile.retry_delay = milliseconds(1);
  impatient.profile.io_timeout = seconds(10);
  EbsRig rig(impatient);
  rig.storage(0).set_up(false);
  rig.submit(Direction::write, {}, kBlock);
  for (int i = 0; i < 500; ++i) {
    rig.calendar().run_until(kStart + milliseconds(10 * i));
    ASSERT_LE(rig.agent().connections_closing(), 2u);
  }
  EXPECT_GT(rig.agent().reconnects(), 200);
}

TEST(StorageAgent, waits_for_qos_before_anything_else) {
  EbsOptions limited;
  limited.limits = {Iops{1000}, std::nullopt, Duration{}};
  EbsRig rig(limited);
  for (int i = 0; i < 5; ++i) rig.submit(Direction::write, kBlock * i, kBlock);
  run_dry(rig.calendar());
  const Duration alone = rig.outcomes().front().took();
  for (int i = 0; i < 5; ++i) {
    const auto& io = rig.outcomes()[static_cast<std::size_t>(i)];
    EXPECT_EQ(io.io.ledger.waited(stage::kQos), milliseconds(i));
    EXPECT_EQ(io.took(), alone + milliseconds(i));
  }
}

TEST(EbsVolume, grows_within_its_segments_and_snapshots_change_nothing) {
  EbsRig rig;
  const Bytes all = rig.volume().segments().size();
  EXPECT_EQ(rig.volume().size(), all);
  EXPECT_TRUE(rig.volume().resize(mebibytes(1)));
  EXPECT_EQ(rig.volume().size(), mebibytes(1));
  EXPECT_FALSE(rig.volume().resize(all + kBlock));
  EXPECT_EQ(rig.volume().size(), mebibytes(1));
  const Duration before = rig.alone(Direction::write, {}, kBlock).took();
  EXPECT_TRUE(rig.volume().snapshot("before"));
  EXPECT_EQ(rig.alone(Direction::write, {}, kBlock).took(), before);
}

}  // namespace storage_agent_test
}  // namespace orrery
