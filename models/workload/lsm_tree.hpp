// The shape of a leveled LSM tree, as counts: bytes per level, files of level 0, and what a
// compaction would read and write.
//
// Levels grow by `ratio` from the last one, which holds the data set, upwards (RocksDB's
// level_compaction_dynamic_level_bytes): the first level's target is the last that is not above
// `base`. A full level 0 is merged with all of level 1. Of a level above its target one file is
// merged with what it overlaps in the next one, files in turn over the range of keys. Updates are
// spread evenly: of a and b bytes within a range of which the data set has d, a*b/d are of the same
// keys and merge to one.
//
// Every merge gives the range of keys that it rewrites another generation: what a cache holds of
// the old files is worth nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/ring.hpp"
#include "sim/units.hpp"

namespace orrery {

struct LsmShape {
  Bytes data{};  // the data set, which the tree begins with
  Bytes base{};  // level 1 is not larger
  double ratio = 10;
  Bytes file{};
  std::int64_t level0_trigger = 4;
};

class LsmTree {
 public:
  explicit LsmTree(const LsmShape& shape);

  struct File {
    std::uint64_t number = 0;
    double bytes = 0;
  };
  // From `level` to the next one.
  struct Compaction {
    std::size_t level = 0;
    std::size_t files = 0;        // of level 0
    double input = 0;             // bytes of `level`
    double overlap = 0;           // bytes of the next one
    double output = 0;            // what they become there
    double begin = 0, range = 1;  // of the keys, 0..1
  };

  void add_level0(double bytes);
  // The next one that there is need for and that does not touch one under way, most urgent first;
  // it is under way then.
  std::optional<Compaction> pick();
  void finish(const Compaction& compaction);

  std::size_t levels() const { return bytes_.size(); }  // level 0 included
  double bytes(std::size_t level) const { return bytes_[level]; }
  double target(std::size_t level) const { return target_[level]; }
  const Ring<File>& level0() const { return level0_; }
  // Of the file of this level that holds the key at `position` (0..1) of the range.
  std::uint32_t generation(std::size_t level, double position) const {
    return generations_[level][slot_of(position)];
  }

 private:
  std::size_t slot_of(double position) const;
  double merged(double a, double b, double range) const;
  double urgency(std::size_t level) const;

  LsmShape shape_;
  std::vector<double> bytes_, target_;
  std::vector<double> under_way_;  // bytes of a level that a compaction moves away
  std::vector<int> busy_;          // compactions from this level
  std::vector<double> next_;       // where the next file begins, 0..1
  Ring<File> level0_;
  std::uint64_t files_ = 0;
  std::vector<std::vector<std::uint32_t>> generations_;
};

}  // namespace orrery
