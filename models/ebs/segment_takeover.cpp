#include "models/ebs/segment_takeover.hpp"

#include <optional>

#include "sim/assert.hpp"

namespace orrery {

SegmentTakeover::SegmentTakeover(TaskScope& scope, Calendar& calendar, Duration after,
                                 SegmentPlacement& placement)
    : scope_(scope), calendar_(calendar), after_(after), placement_(placement) {}

void SegmentTakeover::watch(BlockServer& server) {
  ORRERY_INVARIANT(server.number() == servers_.size(), server.node().name().c_str(),
                   "block servers are watched in order of their numbers");
  servers_.push_back(&server);
  deaths_.push_back(0);
  server.node().observe([this, &server](Node& changed) {
    if (!changed.up()) scope_.spawn(take_over(server));
  });
}

Task<> SegmentTakeover::take_over(BlockServer& dead) {
  const std::uint64_t death = ++deaths_[dead.number()];
  for (bool is_over = false; !is_over;) {
    co_await Delay(calendar_, after_);
    if (dead.node().up() || deaths_[dead.number()] != death) co_return;
    is_over = move_all(dead);
  }
}

// False if there was no heir for some.
bool SegmentTakeover::move_all(BlockServer& dead) {
  bool all = true;
  for (SegmentTable* table : tables_)
    for (std::size_t i = 0; i < table->segments().size(); ++i) {
      const SegmentTable::Segment& segment = table->segments()[i];
      if (segment.server != &dead) continue;
      const std::vector<ChunkServer*>& replicas = dead.replicas_of(segment.id);
      const std::optional<std::size_t> heir = placement_.heir_of(servers_of(replicas));
      if (!heir) {
        all = false;
        continue;
      }
      servers_[*heir]->place(segment.id, replicas);
      table->move(i, *servers_[*heir]);
      ++segments_moved_;
    }
  return all;
}

}  // namespace orrery
