// Copy on write of a logical volume: what is shared gets a place of the volume's own before it is
// written, or when the volume is inflated.
#include <algorithm>
#include <memory>
#include <utility>

#include "models/pool/cluster_copy.hpp"
#include "models/pool/logical_volume.hpp"
#include "sim/join.hpp"

namespace orrery {

LogicalVolume::Access LogicalVolume::make_writable(Bytes offset, Bytes length,
                                                   std::shared_ptr<ClusterCopy>& copy) {
  for (Bytes done{}; done < length;) {
    const Spot s = spot(offset + done);
    done += s.left;
    if (table_[s.slot].is_writable()) continue;
    const auto [begin, end] = reach(s.slot);
    std::shared_ptr<ClusterCopy> needed;
    const Access access = make_writable(s.slot, offset <= begin && end <= offset + length, needed);
    if (access == Access::no_space) return access;
    if (copy == nullptr) copy = std::move(needed);
  }
  return copy == nullptr ? Access::granted : Access::wait;
}

LogicalVolume::Access LogicalVolume::make_writable(std::size_t slot, bool is_covered,
                                                   std::shared_ptr<ClusterCopy>& copy) {
  const auto running = std::find_if(copies_.begin(), copies_.end(),
                                    [slot](const auto& c) { return c->slot == slot; });
  if (running != copies_.end()) {
    copy = *running;
    return Access::wait;
  }
  const ClusterPlace present = table_[slot];
  if (present.exists() && space_.references(present) == 1) {
    table_[slot] = present.own();  // the others are gone
    return Access::granted;
  }
  const ClusterPlace place = allocate(slot);
  if (!place.exists()) return Access::no_space;
  if (!present.exists() || is_covered) {
    table_[slot] = place;
    if (present.exists()) space_.drop_reference(present);
    return Access::granted;
  }
  copy = std::make_shared<ClusterCopy>(calendar_, slot, present, place);
  copies_.push_back(copy);
  scope_.spawn(copy_cluster(copy));
  return Access::wait;
}

Task<> LogicalVolume::copy_cluster(std::shared_ptr<ClusterCopy> copy) {
  Task<bool> reading = transfer(Direction::read, copy->from);
  bool succeeded = co_await reading;
  if (succeeded) {
    Task<bool> writing = transfer(Direction::write, copy->to);
    succeeded = co_await writing;
  }
  copy->failed = !succeeded;
  space_.drop_reference(succeeded ? copy->from : copy->to);
  if (succeeded) {
    table_[copy->slot] = copy->to;
    ++store_.clusters_copied;
  }
  copies_.erase(std::find(copies_.begin(), copies_.end(), copy));
  copy->done.open();
}

Task<bool> LogicalVolume::transfer(Direction direction, ClusterPlace place) {
  const Bytes chunk = store_.profile.copy_chunk;
  const Bytes begin{std::int64_t{place.cluster()} << cluster_shift_};
  const int chunks = static_cast<int>(store_.profile.cluster / chunk);
  bool failed = false;
  Join<Ledger> join(calendar_, chunks, chunks);
  TaskScope scope;
  for (int i = 0; i < chunks; ++i) {
    auto ticket = join.ticket();
    scope.spawn(run_command(*ssds_[place.device()], direction, begin + chunk * i, chunk,
                            Ledger(calendar_.now()), std::move(ticket), failed));
  }
  co_await join.reached();
  co_return !failed;
}

Task<bool> LogicalVolume::inflate() {
  if (is_snapshot_ || is_inflating_) co_return false;
  struct Inflating {
    explicit Inflating(bool& flag) : flag_(flag) { flag_ = true; }
    Inflating(const Inflating&) = delete;
    Inflating& operator=(const Inflating&) = delete;
    ~Inflating() { flag_ = false; }
    bool& flag_;
  };
  const Inflating inflating(is_inflating_);
  for (std::size_t slot = 0; slot < table_.size(); ++slot) {
    while (table_[slot].exists() && !table_[slot].is_writable()) {
      std::shared_ptr<ClusterCopy> copy;
      const Access access = make_writable(slot, false, copy);
      if (access == Access::no_space) co_return false;
      if (access == Access::granted) continue;
      co_await copy->done.pass();
      if (copy->failed) co_return false;
    }
  }
  parent_ = nullptr;
  is_clone_ = false;
  co_return true;
}

}  // namespace orrery
