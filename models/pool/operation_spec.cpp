#include "models/pool/operation_spec.hpp"

#include <algorithm>

namespace orrery {

namespace {

bool holds(const std::vector<std::string_view>& keys, std::string_view key) {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

std::vector<std::string> names_of_operations() {
  std::vector<std::string> names;
  for (const OperationKind& kind : operation_kinds()) names.emplace_back(kind.name);
  return names;
}

}  // namespace

const std::vector<OperationKind>& operation_kinds() {
  static const std::vector<OperationKind> all = {{"hot_upgrade", {"node"}, {"mode"}},
                                                 {"hot_migration", {"volume"}, {"to"}},
                                                 {"snapshot", {"volume"}, {"name"}},
                                                 {"resize", {"volume", "size"}, {}}};
  return all;
}

const OperationKind& kind_of(const OperationSpec& operation) {
  return *std::find_if(operation_kinds().begin(), operation_kinds().end(),
                       [&](const OperationKind& kind) { return kind.name == operation.kind; });
}

bool OperationKind::has(std::string_view key) const {
  return key == "kind" || key == "at" || holds(needs, key) || holds(takes, key);
}

const Declarations& OperationSpec::declarations() {
  using S = OperationSpec;
  static const Declarations all =
      Declare<S>("operations on a pool while I/O runs")
          .field("kind", &S::kind, "what is done")
          .one_of(names_of_operations())
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
          .field("size", &S::size, "resize: the new size", between(0, 0x1p50))
          .otherwise(Bytes{})
          .field("name", &S::name, "snapshot: its name")
          .otherwise(std::string{})
          .build();
  return all;
}

}  // namespace orrery
