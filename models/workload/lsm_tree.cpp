#include "models/workload/lsm_tree.hpp"

#include <algorithm>

#include "sim/assert.hpp"

namespace orrery {
namespace {
constexpr std::size_t kMostSlots = 1 << 16;  // ranges of keys that have a generation
}  // namespace

LsmTree::LsmTree(const LsmShape& shape) : shape_(shape) {
  std::vector<double> targets = {as_number(shape.data)};
  while (targets.back() > as_number(shape.base)) targets.push_back(targets.back() / shape.ratio);
  targets.push_back(0);  // level 0
  target_.assign(targets.rbegin(), targets.rend());
  bytes_ = target_;
  under_way_.assign(levels(), 0);
  busy_.assign(levels(), 0);
  next_.assign(levels(), 0);
  const auto slots = std::clamp<std::int64_t>(shape.data / shape.file, 1, kMostSlots);
  generations_.assign(levels(), std::vector<std::uint32_t>(static_cast<std::size_t>(slots), 0));
}

std::size_t LsmTree::slot_of(double position) const {
  const std::size_t slots = generations_[0].size();
  return std::min(static_cast<std::size_t>(position * static_cast<double>(slots)), slots - 1);
}

double LsmTree::merged(double a, double b, double range) const {
  const double all = as_number(shape_.data) * range;
  return std::min(a + b - a * b / all, all);
}

void LsmTree::add_level0(double bytes) {
  level0_.push({++files_, bytes});
  bytes_[0] += bytes;
}

// 1 and above: there is need. The last level has nowhere to go.
double LsmTree::urgency(std::size_t level) const {
  if (level + 1 == levels()) return 0;
  if (level == 0) {
    // It takes all of level 1, so neither may be in another one.
    if (busy_[0] > 0 || busy_[1] > 0) return 0;
    return static_cast<double>(level0_.size()) / static_cast<double>(shape_.level0_trigger);
  }
  if (level == 1 && busy_[0] > 0) return 0;
  return (bytes_[level] - under_way_[level]) / target_[level];
}

std::optional<LsmTree::Compaction> LsmTree::pick() {
  std::size_t level = 0;
  for (std::size_t l = 1; l < levels(); ++l)
    if (urgency(l) > urgency(level)) level = l;
  // A level is at its target when it begins; only what is above it has to go.
  const double least = level == 0 ? 1 : 1 + 1e-9;
  if (urgency(level) < least) return std::nullopt;
  Compaction c;
  c.level = level;
  if (level == 0) {
    c.files = level0_.size();
    for (std::size_t f = 0; f < c.files; ++f) c.input = merged(c.input, level0_[f].bytes, 1);
    c.overlap = bytes_[1];
    c.output = merged(c.input, c.overlap, 1);
    c.input = bytes_[0];
  } else {
    c.input = std::min(as_number(shape_.file), bytes_[level] - under_way_[level]);
    c.range = std::min(c.input / bytes_[level], 1.0);
    c.begin = next_[level];
    next_[level] = c.begin + c.range >= 1 ? 0 : c.begin + c.range;
    c.overlap = bytes_[level + 1] * c.range;
    c.output = merged(c.input, c.overlap, c.range);
  }
  under_way_[level] += c.input;
  ++busy_[level];
  return c;
}

void LsmTree::finish(const Compaction& c) {
  ORRERY_INVARIANT(busy_[c.level] > 0, "lsm tree", "a compaction ended that never began");
  --busy_[c.level];
  under_way_[c.level] -= c.input;
  bytes_[c.level] -= c.input;
  bytes_[c.level + 1] += c.output - c.overlap;
  for (std::size_t f = 0; f < c.files; ++f) level0_.pop();
  if (level0_.empty()) bytes_[0] = 0;
  const std::size_t first = slot_of(c.begin), last = slot_of(std::min(c.begin + c.range, 1.0));
  for (const std::size_t level : {c.level, c.level + 1})
    for (std::size_t slot = first; slot <= last; ++slot) ++generations_[level][slot];
}

}  // namespace orrery
