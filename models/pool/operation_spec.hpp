// What is done to a pool while I/O runs, as it is asked for:
//
//   {kind: hot_upgrade, node: storage-1, at: 2s, mode: inherit}
//   {kind: hot_migration, volume: compute-0/db, to: storage-0, at: 5s}
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/params.hpp"

namespace orrery {

struct OperationSpec {
  std::string kind;
  Duration at{};
  std::string node;
  std::string mode = "inherit";
  std::string volume;
  std::string to;
  Bytes size;
  std::string name;
  static const Declarations& declarations();
};

// What is done, and the keys that say more of it besides its kind and time.
struct OperationKind {
  std::string_view name;
  std::vector<std::string_view> needs;
  std::vector<std::string_view> takes;
  bool has(std::string_view key) const;
};
const std::vector<OperationKind>& operation_kinds();
const OperationKind& kind_of(const OperationSpec& operation);

}  // namespace orrery
