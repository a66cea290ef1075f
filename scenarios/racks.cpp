#include "scenarios/racks.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "models/net/fabric.hpp"
#include "scenarios/scenario.hpp"
#include "scenarios/systems/system_kind.hpp"

namespace orrery {

namespace {

// Racks that were given must hold their servers; those that were not are as many as it takes.
void place_in_racks(const TextNode& root, std::string_view section_name, std::int64_t servers,
                    std::int64_t per_rack, std::int64_t& racks) {
  const std::int64_t needed = (servers + per_rack - 1) / per_rack;
  if (racks == 0) racks = needed;
  // What was said last, on the command line, is what has to change.
  SourceMark mark = place_of(root, section_name, "racks");
  const SourceMark of_servers = place_of(root, section_name, "servers");
  if (of_servers.file.starts_with("--") && !mark.file.starts_with("--")) mark = of_servers;
  if (racks > servers)
    throw InputError(mark, fmt::format("{} racks for {} {} servers: some would be empty", racks,
                                       servers, section_name));
  const std::int64_t fullest = (servers + racks - 1) / racks;
  if (fullest > per_rack)
    throw InputError(
        mark,
        fmt::format("{} {} servers in {} {} put {} into one, whose ToRs have ports for {}", servers,
                    section_name, racks, racks == 1 ? "rack" : "racks", fullest, per_rack),
        fmt::format("it takes {} racks, or more servers_per_rack in the fabric's profile", needed));
}

}  // namespace

std::size_t rack_for(std::size_t index, std::int64_t servers, std::int64_t racks) {
  const auto per_rack = static_cast<std::size_t>((servers + racks - 1) / racks);
  return index / per_rack;
}

void place_in_racks(const TextNode& root, Scenario& s) {
  if (!s.kind->has_network) {
    s.compute.racks = s.storage.racks = 1;
    return;
  }
  const auto servers_per_rack = [&s](const std::string& fabric) {
    return bind<FabricProfile>(s.profile(fabric)).servers_per_rack;
  };
  const std::int64_t frontend = servers_per_rack(s.frontend.fabric);
  place_in_racks(root, "compute", s.compute.servers, frontend, s.compute.racks);
  // The same racks on both networks.
  const std::int64_t both =
      s.kind->has_backend ? std::min(frontend, servers_per_rack(s.backend.fabric)) : frontend;
  place_in_racks(root, "storage", s.storage.servers, both, s.storage.racks);
}

}  // namespace orrery
