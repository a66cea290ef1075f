#include "models/faults/reachability.hpp"

#include <optional>

namespace orrery {

namespace {

bool reaches_another(const Fabric& fabric, Fabric::ServerId id) {
  for (Fabric::ServerId other = 0; other < fabric.servers(); ++other)
    if (other != id && fabric.route({id, other, 1, 1, 17}).length > 0 &&
        fabric.route({other, id, 1, 1, 17}).length > 0)
      return true;
  return false;
}

}  // namespace

CutOff cut_off_by(FaultDomain& domain, const std::vector<FaultSpec>& faults, std::uint64_t seed) {
  const std::vector<Equipment> all = equipment_of(domain);
  std::optional<std::size_t> first;
  for (std::size_t f = 0; f < faults.size(); ++f) {
    const FaultSpec& fault = faults[f];
    if (fault.recurs() || *fault.at != Duration{} || fault.lasts || !kind_of(fault).takes_down)
      continue;
    if (!first) first = f;
    for (const std::size_t target : struck_by(fault, f, all, seed))
      for (Fabric::Link* link : links_taken_down(domain, fault, all[target]))
        link->usable = link->bond_uses = false;
  }
  if (!first) return {};
  for (const Fabric* fabric : domain.fabrics())
    for (Fabric::ServerId id = 0; fabric->servers() > 1 && id < fabric->servers(); ++id)
      if (!reaches_another(*fabric, id)) return {&fabric->node_of(id), fabric, *first};
  return {};
}

}  // namespace orrery
