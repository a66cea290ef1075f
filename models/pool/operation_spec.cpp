#include "models/pool/operation_spec.hpp"

namespace orrery {

const Declarations& OperationSpec::declarations() {
  using S = OperationSpec;
  static const Declarations all =
      Declare<S>("operations on a pool while I/O runs")
          .field("kind", &S::kind, "what is done")
          .one_of({"hot_upgrade", "hot_migration", "snapshot", "resize"})
          .field("at", &S::at, "when, from the start of the run", any_duration())
          .field("node", &S::node, "hot_upgrade: whose engine; a pattern names several")
          .otherwise(std::string{})
          .field("mode", &S::mode,
                 "hot_upgrade, inherit: connections are handed over; reconnect: hosts that know of "
                 "upgrades connect anew; stock_reconnect: hosts that do not")
          .one_of({"inherit", "reconnect", "stock_reconnect"})
          .otherwise(std::string{"inherit"})
          .field("volume", &S::volume, "hot_migration, snapshot, resize: which volume (host/name)")
          .otherwise(std::string{})
          .field("to", &S::to, "hot_migration: node to which it moves; by the policy if not given")
          .otherwise(std::string{})
          .field("size", &S::size, "resize: the new size", at_least(0))
          .otherwise(Bytes{})
          .field("name", &S::name, "snapshot: its name")
          .otherwise(std::string{})
          .build();
  return all;
}

}  // namespace orrery
