#include "scenarios/fleet_spec.hpp"

namespace orrery {

const Declarations& FleetSection::declarations() {
  static const Declarations all = Declare<FleetSection>("fleet").build();
  return all;
}
const Declarations& FleetEventSpec::declarations() {
  static const Declarations all = Declare<FleetEventSpec>("events").build();
  return all;
}
void load_fleet(const TextNode&, ProfileLibrary&, Scenario&) {}

}  // namespace orrery
