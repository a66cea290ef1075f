// What is built of a scenario: where agents run, where segments and their replicas lie.
#include "scenarios/system.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <set>

#include "models/ssd/nand_ssd.hpp"
#include "scenarios/text/document.hpp"
#include "tests/models/net/rig.hpp"

namespace orrery {
namespace system_test {

Scenario scenario(const std::vector<std::string>& set = {}) {
  TextNode text = parse_document(R"(
scenario: system
system: ebs
compute: {servers: 2, guest: none}
storage: {servers: 6, racks: 3, ssds_per_server: 2}
volumes: {per_server: 2, size: 160GiB}
workload: [{name: job}]
profiles: {ebs2: {segment: 32GiB}}
)",
                                 "system.yaml");
  for (const std::string& assignment : set) apply_override(text, assignment);
  ProfileLibrary library({"scenarios/profiles"}, disk_reader(), disk_lister(), model_catalogue());
  return load_scenario(text, library);
}

class Room {
 public:
  explicit Room(const std::vector<std::string>& set = {})
      : of(scenario(set)), system(calendar, scope, of) {}
  ~Room() { scope.clear(); }

  IoStatus serve(BlockVolume& volume, Direction direction, Bytes offset, Bytes length = kBlock) {
    IoStatus status = IoStatus::failed;
    scope.spawn(serving(volume, direction, offset, length, status));
    run_dry(calendar);
    return status;
  }
  // Storage servers whose disks have been worked on since the last time this was asked.
  std::set<std::size_t> touched() {
    std::set<std::size_t> servers;
    for (std::size_t s = 0; s < system.storage_nodes().size(); ++s) {
      std::int64_t served = 0;
      for (const auto& ssd : system.storage_nodes()[s]->ssds()) {
        std::vector<Station*> stations;
        ssd->collect_stations(stations);
        for (Station* station : stations)
          served += station->books().snapshot(calendar.now()).served;
      }
      if (served != served_[s]) servers.insert(s);
      served_[s] = served;
    }
    return servers;
  }
  // Payload that arrived at each storage server over the frontend.
  std::int64_t packets_to(std::size_t server) {
    std::vector<Port*> links;
    system.fabrics()[0]->collect_links(*system.storage_nodes()[server], links);
    std::int64_t sum = 0;
    for (Port* link : links)
      if (link->name().find("->storage") != std::string::npos) sum += link->packets_in();
    return sum;
  }

  Scenario of;
  Calendar calendar;
  TaskScope scope;
  System system;

 private:
  Task<> serving(BlockVolume& volume, Direction direction, Bytes offset, Bytes length,
                 IoStatus& status) {
    Io io;
    io.direction = direction;
    io.offset = offset;
    io.length = length;
    io.ledger = Ledger(calendar.now());
    Task<IoStatus> work = volume.submit(io);
    status = co_await work;
  }
  std::map<std::size_t, std::int64_t> served_;
};

TEST(System, gives_a_dpu_to_compute_servers_whose_agent_runs_there) {
  for (const auto& [set, site] : {std::pair{"frontend.stack=luna", "host"},
                                  {"frontend.stack=kernel_tcp", "host"},
                                  {"frontend.stack=solar", "dpu, offloaded"},
                                  {"frontend.stack=solar_star", "dpu"},
                                  {"frontend={stack: luna, agent: dpu}", "dpu"}}) {
    Room room({set});
    EXPECT_EQ(room.system.agent_site(), site) << set;
    for (const auto& node : room.system.compute_nodes())
      EXPECT_EQ(node->dpu() != nullptr, std::string(site) != "host") << set;
    for (const auto& node : room.system.storage_nodes()) EXPECT_EQ(node->dpu(), nullptr);
  }
}

TEST(System, names_volumes_as_the_scenario_does) {
  Room room;
  std::vector<std::string> names;
  for (const auto& volume : room.system.volumes()) {
    names.push_back(volume->name());
    EXPECT_EQ(volume->size(), room.of.volumes.size);
  }
  EXPECT_EQ(names, room.of.volume_names());
}

TEST(System, every_address_of_every_volume_is_served_up_to_its_last_byte) {
  Room room;
  for (const auto& volume : room.system.volumes())
    for (Bytes at{}; at < volume->size(); at += gibibytes(16))
      for (const Direction direction : {Direction::read, Direction::write}) {
        EXPECT_EQ(room.serve(*volume, direction, at), IoStatus::done) << at.count();
        EXPECT_EQ(room.serve(*volume, direction, at + gibibytes(16) - kBlock), IoStatus::done);
      }
}

TEST(System, segments_are_dealt_out_to_block_servers_in_turn) {
  Room room;
  std::vector<std::size_t> owners;
  for (const auto& volume : room.system.volumes())
    for (Bytes at{}; at < volume->size(); at += gibibytes(32)) {
      std::vector<std::int64_t> before, after;
      for (std::size_t s = 0; s < 6; ++s) before.push_back(room.packets_to(s));
      room.serve(*volume, Direction::write, at);
      for (std::size_t s = 0; s < 6; ++s) after.push_back(room.packets_to(s));
      for (std::size_t s = 0; s < 6; ++s)
        if (after[s] > before[s]) owners.push_back(s);
    }
  ASSERT_EQ(owners.size(), 20u);  // four volumes of five segments, one owner each
  for (std::size_t i = 0; i < owners.size(); ++i) EXPECT_EQ(owners[i], i % 6) << "segment " << i;
}

TEST(System, replicas_lie_on_other_servers_than_the_block_server_in_racks_of_their_own) {
  Room room;
  room.touched();
  std::size_t segment = 0;
  std::set<std::set<std::size_t>> placements;
  for (const auto& volume : room.system.volumes())
    for (Bytes at{}; at < volume->size(); at += gibibytes(32), ++segment) {
      room.serve(*volume, Direction::write, at);
      const std::set<std::size_t> replicas = room.touched();
      EXPECT_EQ(replicas.size(), 3u);
      EXPECT_EQ(replicas.count(segment % 6), 0u) << "on the block server's own node";
      std::set<std::size_t> racks;
      for (const std::size_t server : replicas) racks.insert(server / 2);  // two servers to a rack
      EXPECT_EQ(racks.size(), 3u);
      placements.insert(replicas);

      // A second write goes to the same places, a read to one of them.
      room.serve(*volume, Direction::write, at + kBlock);
      EXPECT_EQ(room.touched(), replicas);
      room.serve(*volume, Direction::read, at + mebibytes(64));
      const std::set<std::size_t> read = room.touched();
      ASSERT_EQ(read.size(), 1u);
      EXPECT_EQ(replicas.count(*read.begin()), 1u);
    }
  EXPECT_GT(placements.size(), 3u);  // and not always the same
}

TEST(System, replicas_share_racks_where_there_are_too_few) {
  Room room({"storage.racks=2"});
  room.touched();
  for (Bytes at{}; at < gibibytes(160); at += gibibytes(32)) {
    room.serve(*room.system.volumes()[0], Direction::write, at);
    EXPECT_EQ(room.touched().size(), 3u);
  }
}

TEST(System, a_mebibyte_across_a_segment_boundary_is_whole_on_disk) {
  for (const std::string stack : {"kernel_tcp", "luna", "solar"}) {
    Room room({"frontend.stack=" + stack});
    const auto written = [&room] {
      double us = 0;
      for (const auto& node : room.system.storage_nodes())
        for (const auto& ssd : node->ssds()) {
          std::vector<Station*> stations;
          ssd->collect_stations(stations);
          for (Station* station : stations)
            if (station->name().ends_with("link_write"))
              us += static_cast<double>(station->books().snapshot(room.calendar.now()).busy) * 1e-6;
        }
      return us;
    };
    EXPECT_EQ(room.serve(*room.system.volumes()[0], Direction::write,
                         gibibytes(32) - kibibytes(512), mebibytes(1)),
              IoStatus::done);
    const auto rate = bind<NandSsdProfile>(room.of.profile("p4510-4tb")).link_write;
    EXPECT_NEAR(written(), to_microseconds(mebibytes(3) / rate), 1e-3) << stack;
  }
}

}  // namespace system_test
}  // namespace orrery
