// What is done to a pool while I/O runs, as it is asked for:
//
//   {kind: hot_upgrade, node: storage-1, at: 2s, mode: inherit}
//   {kind: hot_migration, volume: compute-0/db, to: storage-0, at: 5s}
#pragma once

#include <string>

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

}  // namespace orrery
