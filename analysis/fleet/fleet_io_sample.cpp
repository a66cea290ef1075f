#include "analysis/fleet/fleet_io_sample.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <deque>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <unordered_map>

#include "models/placement_rules.hpp"
#include "scenarios/text/text_node.hpp"
#include "sim/random.hpp"
#include "sim/written_size.hpp"

namespace orrery {

using Json = nlohmann::ordered_json;

namespace {

constexpr std::int64_t kSlots = 12;  // of a node of profile pool-25g
// Of the scenario's stores: an I/O of 4 KiB lies in one cluster whatever its size, and there are
// fewer of these to keep.
constexpr Bytes kCluster = mebibytes(64);

struct SsdSize {
  const char* profile;
  Bytes capacity;  // a little below the profile's
};
constexpr std::array<SsdSize, 2> kSsds = {
    {{"p4510-2tb", Bytes(2'000'000'000'000)}, {"p4510-4tb", Bytes(4'000'000'000'000)}}};

// The nodes of a placement by name, in its order, and who shares with whom.
struct Sharing {
  std::vector<std::string> names;
  std::unordered_map<std::string, std::size_t> ids;
  std::vector<std::vector<std::size_t>> peers;

  std::size_t id(const std::string& name) {
    const auto [found, is_new] = ids.emplace(name, names.size());
    if (is_new) {
      names.push_back(name);
      peers.emplace_back();
    }
    return found->second;
  }
};

Sharing sharing_of(const Json& placement) {
  Sharing sharing;
  std::set<std::pair<std::size_t, std::size_t>> seen;
  for (const Json& volume : placement) {
    const std::size_t host = sharing.id(volume.at("host").get<std::string>());
    const std::size_t pool = sharing.id(volume.at("pool").get<std::string>());
    if (host == pool || !seen.insert(std::minmax(host, pool)).second) continue;
    sharing.peers[host].push_back(pool);
    sharing.peers[pool].push_back(host);
  }
  return sharing;
}

// Nodes in the order in which they were reached.
std::vector<std::size_t> grown(const Sharing& sharing, std::size_t most, std::uint64_t seed) {
  RandomStream stream(seed, "fleet/io-sample");
  std::vector<bool> is_in(sharing.names.size());
  std::vector<std::size_t> order;
  while (order.size() < std::min(most, sharing.names.size())) {
    std::vector<std::size_t> sharers, others;
    for (std::size_t id = 0; id < sharing.names.size(); ++id)
      if (!is_in[id]) (sharing.peers[id].empty() ? others : sharers).push_back(id);
    const std::vector<std::size_t>& from = sharers.empty() ? others : sharers;
    std::deque<std::size_t> next{from[stream.below(from.size())]};
    is_in[next.front()] = true;
    while (!next.empty() && order.size() < most) {
      const std::size_t id = next.front();
      next.pop_front();
      order.push_back(id);
      for (const std::size_t peer : sharing.peers[id]) {
        if (is_in[peer]) continue;
        is_in[peer] = true;
        next.push_back(peer);
      }
    }
  }
  return order;
}

// A name in a comment of a YAML document.
std::string in_comment(std::string text) {
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  return text;
}

// In whole clusters, at least one.
Bytes scaled(Bytes size, double scale) {
  const auto bytes = static_cast<std::int64_t>(static_cast<double>(size.count()) * scale);
  return std::max(placement::whole_units_for(kCluster, Bytes(bytes)), kCluster);
}

}  // namespace

IoSample sample_of(const Json& placement, const std::vector<control::NodeSpec>& nodes,
                   std::size_t most, std::uint64_t seed) {
  const Sharing sharing = sharing_of(placement);
  std::unordered_map<std::string, const control::NodeSpec*> specs;
  for (const control::NodeSpec& node : nodes) specs.emplace(node.name, &node);
  IoSample sample;
  std::unordered_map<std::string, std::size_t> places;
  for (const std::size_t id : grown(sharing, most, seed)) {
    places.emplace(sharing.names[id], sample.nodes.size());
    sample.nodes.push_back(*specs.at(sharing.names[id]));
  }
  for (const Json& entry : placement) {
    const auto host = places.find(entry.at("host").get<std::string>());
    const auto pool = places.find(entry.at("pool").get<std::string>());
    if (host == places.end() || pool == places.end()) {
      sample.left_out += host != pool ? 1 : 0;
      continue;
    }
    IoSample::Volume volume;
    volume.host = host->second;
    volume.pool = pool->second;
    volume.size = Bytes(entry.at("bytes").get<std::int64_t>());
    volume.claim = entry.at("pod").get<std::string>() + " " + entry.at("claim").get<std::string>();
    volume.name =
        fmt::format("{}-{}", volume.is_remote() ? "remote" : "local", sample.volumes.size());
    sample.remote += volume.is_remote() ? 1 : 0;
    sample.volumes.push_back(std::move(volume));
  }
  return sample;
}

SampleDisks disks_of(const IoSample& sample) {
  Bytes largest;
  for (const control::NodeSpec& node : sample.nodes) largest = std::max(largest, node.disk);
  const SsdSize& ssd = largest <= kSsds[0].capacity * kSlots ? kSsds[0] : kSsds[1];
  SampleDisks disks;
  disks.profile = ssd.profile;
  disks.per_node = std::clamp<std::int64_t>(units_of(ssd.capacity, largest), 1, kSlots);

  // A volume takes up to a cluster more than its size.
  std::vector<double> wanted(sample.nodes.size());
  std::vector<std::int64_t> volumes(sample.nodes.size());
  for (const IoSample::Volume& volume : sample.volumes) {
    wanted[volume.pool] += static_cast<double>(volume.size.count());
    ++volumes[volume.pool];
  }
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const std::int64_t clusters = ssd.capacity / kCluster * disks.per_node - volumes[i];
    const double room = static_cast<double>(clusters) * static_cast<double>(kCluster.count());
    if (wanted[i] > room) disks.scale = std::min(disks.scale, room / wanted[i]);
  }
  // To three digits, down.
  if (disks.scale < 1) {
    const double digits = std::pow(10, 2 - std::floor(std::log10(disks.scale)));
    disks.scale = std::floor(disks.scale * digits) / digits;
  }
  return disks;
}

std::string io_scenario(const IoSample& sample, const SampleHead& head, const SampleLoad& load) {
  const SampleDisks disks = disks_of(sample);
  std::string out = fmt::format("{}: {} of its nodes, as they shared their disks at {}.\n",
                                kIoScenarioMark, sample.nodes.size(), head.at);
  if (sample.left_out > 0)
    out += fmt::format("# {} remote volumes lead out of the sample and are left out.\n",
                       sample.left_out);
  if (disks.scale < 1)
    out += fmt::format(
        "# Volumes have {} of their size, to fit the SSDs; what decides latency is where they "
        "lie.\n",
        disks.scale);
  out +=
      "# Each node is in a rack of its own. The storage node has no volumes and nothing to do.\n";
  for (std::size_t i = 0; i < sample.nodes.size(); ++i)
    out += fmt::format("#   compute-{}: {}\n", i, in_comment(sample.nodes[i].name));

  std::map<std::size_t, std::int64_t> served;
  std::map<std::size_t, std::set<std::size_t>> hosts;
  std::int64_t most_volumes = 0, most_nodes = 0;
  for (const IoSample::Volume& volume : sample.volumes) {
    if (!volume.is_remote()) continue;
    hosts[volume.pool].insert(volume.host);
    most_volumes = std::max(most_volumes, ++served[volume.pool]);
    most_nodes = std::max(most_nodes, std::ssize(hosts[volume.pool]));
  }
  TextNode name = TextNode::scalar(head.fleet + "-io");
  TextNode top = TextNode::map();
  top.entries.push_back({"scenario", {}, std::move(name)});
  top.entries.push_back(
      {"title",
       {},
       TextNode::scalar(fmt::format("local and remote volumes of {} at {}", head.fleet, head.at))});
  out += to_yaml(top);
  out += fmt::format(
      "system: pool\n"
      "seed: {}\n"
      "compute: {{servers: {}, racks: {}, node: pool-25g, ssd: {}, ssds_per_server: {}}}\n"
      "storage: {{servers: 1, racks: 1, node: pool-25g, ssds_per_server: 1}}\n"
      "volumes: {{per_server: 0}}\n"
      "pool: {{max_remote_volumes: {}, max_sharing_nodes: {}}}\n"
      "profiles:\n"
      "  lightpool: {{cluster: {}}}\n"
      "logical_volumes:\n",
      head.seed, sample.nodes.size(), sample.nodes.size(), disks.profile, disks.per_node,
      most_volumes, most_nodes, written_size(kCluster));
  for (const IoSample::Volume& volume : sample.volumes) {
    const bool is_native = sample.nodes[volume.pool].pool_mode == control::PoolMode::kernel_lvm;
    const Bytes size = disks.scale < 1 ? scaled(volume.size, disks.scale) : volume.size;
    out += fmt::format(
        "  - {{name: {}, host: compute-{}, on: compute-{}, path: {}, size: {}}}  # {}\n",
        volume.name, volume.host, volume.pool,
        volume.is_remote() ? "remote_tcp"
        : is_native        ? "native"
                           : "zero_copy",
        written_size(size), in_comment(volume.claim));
  }
  const std::string rw = load.read_percent == 0 ? "rw: randwrite"
                         : load.read_percent == 100
                             ? "rw: randread"
                             : fmt::format("rw: randrw, rwmixread: {}", load.read_percent);
  out += "workload:\n";
  for (const auto& [job, volumes] : {std::pair{"local", sample.local()}, {"remote", sample.remote}})
    if (volumes > 0)
      out += fmt::format(
          "  - {{name: {}, filename: \"*/{}-*\", {}, bs: 4k, rate_iops: {}, rate_process: poisson, "
          "ramp_time: 200ms, runtime: 1s}}\n",
          job, job, rw, load.iops);
  return out;
}

}  // namespace orrery
