// Names of states, and which may follow which.
#include "models/control/objects.hpp"

#include <array>

namespace orrery::control {

namespace {
template <class State, std::size_t n>
std::string_view name_in(const std::array<std::string_view, n>& names, State value) {
  return names.at(static_cast<std::size_t>(value));
}
}  // namespace

std::string_view name_of(PositionAdvice value) {
  static constexpr std::array<std::string_view, 5> names{"", "MustLocal", "PreferLocal",
                                                         "PreferRemote", "MustRemote"};
  return name_in(names, value);
}

std::optional<PositionAdvice> position_from(std::string_view text) {
  for (int i = 0; i < 5; ++i)
    if (const auto value = static_cast<PositionAdvice>(i); name_of(value) == text) return value;
  return std::nullopt;
}

std::string_view name_of(PoolStatus value) {
  static constexpr std::array<std::string_view, 5> names{"unknown", "ready", "locked", "offline",
                                                         "deleted"};
  return name_in(names, value);
}

std::string_view name_of(VolumeStatus value) {
  static constexpr std::array<std::string_view, 3> names{"creating", "ready", "deleted"};
  return name_in(names, value);
}

std::string_view name_of(SnapshotStatus value) {
  static constexpr std::array<std::string_view, 6> names{"creating", "ready", "merging",
                                                         "merged",   "error", "deleted"};
  return name_in(names, value);
}

std::string_view name_of(MigrationPhase value) {
  static constexpr std::array<std::string_view, 6> names{"Pending", "CreatingVolume", "SetupPipe",
                                                         "Syncing", "Cleaning",       "Finished"};
  return name_in(names, value);
}

std::string_view name_of(MigrationStatus value) {
  static constexpr std::array<std::string_view, 3> names{"Working", "Error", "Finished"};
  return name_in(names, value);
}

bool may_follow(PoolStatus from, PoolStatus to) {
  switch (to) {
    case PoolStatus::unknown: return from == PoolStatus::ready;
    case PoolStatus::ready: return from != PoolStatus::ready && from != PoolStatus::deleted;
    case PoolStatus::locked: return from == PoolStatus::ready;
    case PoolStatus::offline: return from != PoolStatus::offline && from != PoolStatus::deleted;
    case PoolStatus::deleted: return from == PoolStatus::unknown || from == PoolStatus::offline;
  }
  return false;
}

bool may_follow(VolumeStatus from, VolumeStatus to) {
  return to == VolumeStatus::ready     ? from == VolumeStatus::creating
         : to == VolumeStatus::deleted ? from != VolumeStatus::deleted
                                       : false;
}

bool may_follow(SnapshotStatus from, SnapshotStatus to) {
  switch (to) {
    case SnapshotStatus::creating: return false;
    case SnapshotStatus::ready: return from == SnapshotStatus::creating;
    case SnapshotStatus::merging: return from == SnapshotStatus::ready;
    case SnapshotStatus::merged: return from == SnapshotStatus::merging;
    case SnapshotStatus::error:
      return from == SnapshotStatus::creating || from == SnapshotStatus::merging;
    case SnapshotStatus::deleted: return from != SnapshotStatus::deleted;
  }
  return false;
}

bool may_follow(MigrationPhase from, MigrationPhase to) {
  return static_cast<int>(to) == static_cast<int>(from) + 1;
}

}  // namespace orrery::control
