#include "models/pool/logical_volume.hpp"

#include <algorithm>
#include <bit>
#include <limits>

#include "models/pool/cluster_copy.hpp"
#include "sim/assert.hpp"
#include "sim/join.hpp"

namespace orrery {
namespace {

// Far beyond any pool; keeps a thin volume's table in memory.
constexpr std::int64_t kSlotLimit = std::int64_t{1} << 26;

int shift_of(Bytes power_of_two) {
  return std::countr_zero(static_cast<std::uint64_t>(power_of_two.count()));
}

}  // namespace

LogicalVolume::LogicalVolume(Calendar& calendar, StoreSpace& store, Shape shape,
                             TakeSnapshot take_snapshot)
    : calendar_(calendar),
      store_(store),
      space_(store.clusters),
      ssds_(store.devices.data()),
      shape_(std::move(shape)),
      take_snapshot_(std::move(take_snapshot)),
      strip_shift_(shift_of(store.profile.cluster)),
      cluster_shift_(strip_shift_),
      columns_(1) {
  if (shape_.layout == Layout::linear || shape_.devices.size() == 1) return;
  strip_shift_ = shift_of(store.profile.strip);
  columns_ = std::ssize(shape_.devices);
}

LogicalVolume::~LogicalVolume() = default;

int LogicalVolume::depth() const {
  int snapshots = 0;
  for (const LogicalVolume* v = parent_; v != nullptr; v = v->parent_) ++snapshots;
  return snapshots;
}

Bytes LogicalVolume::allocated() const {
  const auto clusters = std::count_if(table_.begin(), table_.end(),
                                      [](ClusterPlace place) { return place.exists(); });
  return store_.profile.cluster * clusters;
}

bool LogicalVolume::is_hole(Bytes offset, Bytes length) const {
  for (Bytes done{}; done < length;) {
    const Spot s = spot(offset + done);
    if (table_[s.slot].exists()) return false;
    done += s.left;
  }
  return true;
}

Task<IoStatus> LogicalVolume::submit(Io& io) {
  ORRERY_INVARIANT(io.offset >= Bytes{} && io.length > Bytes{} && io.offset < size_ &&
                       io.length <= size_ - io.offset,
                   name().c_str(), "an I/O beyond the volume");
  if (!is_watched_) [[likely]] {
    const Direct shortest = direct(io.direction, io.offset, io.length);
    if (shortest.ssd != nullptr)
      return shortest.ssd->submit(io.direction, shortest.offset, io.length, io.ledger);
  }
  return serve(io);
}

Task<IoStatus> LogicalVolume::serve(Io& io) {
  if (io.direction == Direction::write) {
    if (is_snapshot_) co_return IoStatus::failed;
    for (;;) {
      std::shared_ptr<ClusterCopy> copy;
      const Access access = make_writable(io.offset, io.length, copy);
      if (access == Access::granted) break;
      if (access == Access::no_space) {
        ++store_.out_of_space;
        co_return IoStatus::failed;
      }
      co_await copy->done.pass();
      io.ledger.charge_wait(stage::kSsd, calendar_.now());
      if (copy->failed) co_return IoStatus::failed;
    }
  }
  Task<IoStatus> work = run_pieces(io);
  const IoStatus status = co_await work;
  if (io.direction == Direction::write) wrote(io.offset, io.length, io.stamp, status);
  else io.stamp = read(io.offset);
  co_return status;
}

Task<> LogicalVolume::run_command(Ssd& ssd, Direction direction, Bytes offset, Bytes length,
                                  Ledger ledger, Join<Ledger>::Ticket ticket, bool& failed) {
  Task<IoStatus> work = ssd.submit(direction, offset, length, ledger);
  const IoStatus status = co_await work;
  if (status == IoStatus::failed) failed = true;
  ticket.succeed(ledger);
}

Task<IoStatus> LogicalVolume::run_pieces(Io& io) {
  collect_pieces(io.offset, io.length);
  if (pieces_.empty()) co_return IoStatus::done;  // zeros
  if (pieces_.size() == 1) {
    const Piece piece = pieces_.front();
    Task<IoStatus> work = piece.ssd->submit(io.direction, piece.offset, piece.length, io.ledger);
    const IoStatus status = co_await work;
    co_return status;
  }
  const int parts = static_cast<int>(pieces_.size());
  bool failed = false;
  Join<Ledger> join(calendar_, parts, parts);
  TaskScope scope;
  for (const Piece& piece : pieces_) {
    auto ticket = join.ticket();
    scope.spawn(run_command(*piece.ssd, io.direction, piece.offset, piece.length, io.ledger,
                            std::move(ticket), failed));
  }
  const Ledger* slowest = co_await join.reached();
  io.ledger = *slowest;
  co_return failed ? IoStatus::failed : IoStatus::done;
}

void LogicalVolume::collect_pieces(Bytes offset, Bytes length) {
  pieces_.clear();
  for (Bytes done{}; done < length;) {
    const Spot s = spot(offset + done);
    const Bytes part = std::min(s.left, length - done);
    done += part;
    const ClusterPlace place = table_[s.slot];
    if (!place.exists()) continue;
    Ssd* ssd = ssds_[place.device()];
    const Bytes at = Bytes{std::int64_t{place.cluster()} << cluster_shift_} + s.within;
    const auto before = std::find_if(pieces_.rbegin(), pieces_.rend(),
                                     [ssd](const Piece& p) { return p.ssd == ssd; });
    if (before != pieces_.rend() && before->offset + before->length == at) before->length += part;
    else pieces_.push_back({ssd, at, part});
  }
}

void LogicalVolume::note_write(Bytes offset, Bytes length, std::uint64_t stamp, IoStatus status) {
  if (contents_ != nullptr && status == IoStatus::done) contents_->write(offset, length, stamp);
  if (dirty_ != nullptr) dirty_->mark(offset, length);
}

void LogicalVolume::remember_contents() {
  if (contents_ == nullptr) contents_ = std::make_unique<Contents>(size_);
  watch();
}

void LogicalVolume::track_writes(DirtyMap* map) {
  ORRERY_INVARIANT(map == nullptr || map->size() == size_, name().c_str(),
                   "a dirty map of another size");
  dirty_ = map;
  watch();
}

std::pair<Bytes, Bytes> LogicalVolume::reach(std::size_t slot) const {
  const auto n = static_cast<std::int64_t>(slot);
  const Bytes strip{std::int64_t{1} << strip_shift_};
  const std::int64_t rows = std::int64_t{1} << (cluster_shift_ - strip_shift_);
  const std::int64_t first = n / columns_ * rows * columns_ + n % columns_;
  const std::int64_t last = first + (rows - 1) * columns_;
  return {strip * first, strip * (last + 1)};
}

// The device with most free space of those that the volume may use.
std::uint32_t LogicalVolume::roomiest_device() const {
  return *std::max_element(
      shape_.devices.begin(), shape_.devices.end(),
      [this](std::uint32_t a, std::uint32_t b) { return space_.free(a) < space_.free(b); });
}

// Linear: the device to go on with, behind `neighbour` if that is somewhere.
std::uint32_t LogicalVolume::next_device(ClusterPlace neighbour) {
  if (neighbour.exists() && space_.free(neighbour.device()) > 0) return neighbour.device();
  if (filling_ == ClusterPlace::kDevices || space_.free(filling_) == 0)
    filling_ = roomiest_device();
  return filling_;
}

ClusterPlace LogicalVolume::allocate(std::size_t slot) {
  const auto columns = static_cast<std::size_t>(columns_);
  const ClusterPlace neighbour = slot >= columns ? table_[slot - columns] : ClusterPlace{};
  const std::uint32_t device =
      columns_ > 1 ? shape_.devices[slot % columns] : next_device(neighbour);
  if (space_.free(device) == 0) return {};
  std::vector<ClusterPlace> places;
  space_.take(device, 1, neighbour, places);
  return places.front();
}

std::size_t LogicalVolume::slots_of(Bytes size) const {
  const Bytes unit = store_.profile.cluster * columns_;
  return static_cast<std::size_t>((size / unit + (size % unit > Bytes{} ? 1 : 0)) * columns_);
}

void LogicalVolume::note_straight() {
  straight_ = 0;
  if (columns_ > 1 || table_.empty() || !table_.front().is_writable()) return;
  front_ = table_.front();
  while (straight_ < table_.size() &&
         table_[straight_] == front_.plus(static_cast<std::uint32_t>(straight_)))
    ++straight_;
}

bool LogicalVolume::resize(Bytes size) {
  if (size <= Bytes{} || is_snapshot_ || is_inflating_ || dirty_ != nullptr) return false;
  if (size / store_.profile.cluster >= kSlotLimit) return false;
  const std::size_t slots = slots_of(size);
  if (slots > table_.size() ? !grow(slots) : !shrink(slots)) return false;
  size_ = store_.profile.cluster * std::ssize(table_);
  note_straight();
  if (contents_ != nullptr) contents_->resize(size_);
  return true;
}

bool LogicalVolume::shrink(std::size_t slots) {
  for (const auto& copy : copies_)
    if (copy->slot >= slots) return false;
  for (std::size_t i = slots; i < table_.size(); ++i)
    if (table_[i].exists()) space_.drop_reference(table_[i]);
  table_.resize(slots);
  return true;
}

bool LogicalVolume::grow(std::size_t slots) {
  const auto count = static_cast<std::int64_t>(slots - table_.size());
  if (shape_.is_thin) {
    table_.resize(slots);
    return true;
  }
  if (columns_ > 1) {
    const std::int64_t groups = count / columns_;
    for (const std::uint32_t device : shape_.devices)
      if (space_.free(device) < groups) return false;
    const std::size_t before = table_.size();
    const auto columns = static_cast<std::size_t>(columns_);
    table_.resize(slots);
    for (std::size_t column = 0; column < columns; ++column) {
      std::vector<ClusterPlace> places;
      const std::size_t first = before + column;
      space_.take(shape_.devices[column], groups,
                  before > 0 ? table_[first - columns] : ClusterPlace{}, places);
      for (std::size_t group = 0; group < places.size(); ++group)
        table_[first + group * columns] = places[group];
    }
    return true;
  }
  std::int64_t free = 0;
  for (const std::uint32_t device : shape_.devices) free += space_.free(device);
  if (free < count) return false;
  table_.reserve(slots);
  while (table_.size() < slots) {
    const ClusterPlace last = table_.empty() ? ClusterPlace{} : table_.back();
    const std::uint32_t device = next_device(last);
    const auto needed = static_cast<std::int64_t>(slots - table_.size());
    space_.take(device, std::min(needed, space_.free(device)), last, table_);
  }
  return true;
}

bool LogicalVolume::snapshot(const std::string& snapshot) {
  return take_snapshot_(*this, name() + "/" + snapshot);
}

void LogicalVolume::share_with(LogicalVolume& other) {
  straight_ = other.straight_ = 0;
  for (ClusterPlace& place : table_) {
    if (place.exists()) space_.add_reference(place);
    place = place.shared();
  }
  other.table_ = table_;
  other.size_ = size_;
  if (contents_ == nullptr) return;
  other.contents_ = std::make_unique<Contents>(*contents_);
  other.watch();
}

void LogicalVolume::give_back_everything() {
  scope_.clear();
  for (const auto& copy : copies_) {
    ORRERY_INVARIANT(copy->done.waiting() == 0, name().c_str(), "removed with I/O in flight");
    space_.drop_reference(copy->to);
  }
  copies_.clear();
  shrink(0);
}

void LogicalVolume::count_references(std::vector<std::vector<int>>& counts) const {
  for (const ClusterPlace place : table_)
    if (place.exists()) ++counts[place.device()][place.cluster()];
  for (const auto& copy : copies_) ++counts[copy->to.device()][copy->to.cluster()];
}

}  // namespace orrery
