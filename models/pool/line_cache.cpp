#include "models/pool/line_cache.hpp"

#include <bit>

#include "sim/assert.hpp"
#include "sim/random.hpp"

namespace orrery {

LineCache::LineCache(std::int64_t slots)
    : slots_(static_cast<std::size_t>(slots)), heads_(std::bit_ceil(slots_.size() * 2), kNone) {
  for (Index s = 0; s < slots_.size(); ++s) link(s, On::clean, true);
}

LineCache::Index& LineCache::head_of(std::int64_t line) {
  return heads_[mix(static_cast<std::uint64_t>(line)) & (heads_.size() - 1)];
}

LineCache::Index LineCache::find(std::int64_t line) const {
  Index s = heads_[mix(static_cast<std::uint64_t>(line)) & (heads_.size() - 1)];
  while (s != kNone && slots_[s].line != line) s = slots_[s].chained;
  return s;
}

LineCache::Index LineCache::next_to_go() const {
  Index s = clean_.last;
  while (s != kNone && slots_[s].users > 0) s = slots_[s].previous;
  return s;
}

LineCache::Index LineCache::take(std::int64_t line) {
  const Index s = next_to_go();
  if (s == kNone) return kNone;
  Slot& slot = slots_[s];
  if (slot.line >= 0) {
    ++evictions_;
    Index* at = &head_of(slot.line);
    while (*at != s) at = &slots_[*at].chained;
    *at = slot.chained;
  }
  slot.line = line;
  slot.valid = 0;
  Index& head = head_of(line);
  slot.chained = head;
  head = s;
  touch(s);
  return s;
}

void LineCache::touch(Index slot) {
  const On on = slots_[slot].on;
  slots_[slot].used_meanwhile = true;
  if (on == On::neither || list_of(on).first == slot) return;
  unlink(slot);
  link(slot, on, true);
}

void LineCache::mark_dirty(Index slot, Blocks blocks) {
  if (blocks == 0) return;
  Slot& s = slots_[slot];
  if ((s.dirty | s.flushing) == 0) ++dirty_lines_;
  s.dirty |= blocks;
  if (s.on == On::clean) {
    unlink(slot);
    link(slot, On::dirty, true);
  } else {
    touch(slot);
  }
}

bool LineCache::waits(std::int64_t line) const {
  const Index s = find(line);
  return s != kNone && slots_[s].on == On::dirty;
}

LineCache::Run LineCache::begin_flush(std::size_t most) {
  ORRERY_INVARIANT(dirty_.last != kNone && most >= 1 && most <= kRun, "line cache",
                   "a flush of nothing");
  Run run;
  run.first = slots_[dirty_.last].line;
  run.count = 1;
  for (; run.count < most && waits(run.first - 1); ++run.count) --run.first;
  while (run.count < most && waits(run.first + static_cast<std::int64_t>(run.count))) ++run.count;
  for (std::size_t i = 0; i < run.count; ++i) {
    const Index slot = run.slots[i] = find(run.first + static_cast<std::int64_t>(i));
    unlink(slot);
    Slot& s = slots_[slot];
    s.on = On::neither;
    s.used_meanwhile = false;
    s.flushing = s.dirty;
    s.dirty = 0;
    ++s.users;
  }
  return run;
}

void LineCache::end_flush(Index slot, bool done) {
  Slot& s = slots_[slot];
  if (!done) s.dirty |= s.flushing;
  s.flushing = 0;
  --s.users;
  if (s.dirty != 0) {
    link(slot, On::dirty, true);
  } else {
    --dirty_lines_;
    link(slot, On::clean, s.used_meanwhile);
  }
}

void LineCache::link(Index slot, On on, bool at_front) {
  List& list = list_of(on);
  Slot& s = slots_[slot];
  s.on = on;
  s.previous = at_front ? kNone : list.last;
  s.next = at_front ? list.first : kNone;
  (s.previous != kNone ? slots_[s.previous].next : list.first) = slot;
  (s.next != kNone ? slots_[s.next].previous : list.last) = slot;
  ++list.size;
}

void LineCache::unlink(Index slot) {
  const Slot& s = slots_[slot];
  List& list = list_of(s.on);
  (s.previous != kNone ? slots_[s.previous].next : list.first) = s.next;
  (s.next != kNone ? slots_[s.next].previous : list.last) = s.previous;
  --list.size;
}

}  // namespace orrery
