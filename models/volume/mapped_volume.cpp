#include "models/volume/mapped_volume.hpp"

#include <algorithm>

#include "sim/assert.hpp"
#include "sim/join.hpp"

namespace orrery {
namespace {

// One part of an I/O that crosses devices. Every part hands in, so that the join waits for the
// slowest; whether one failed is noted aside, and of the first one what it has read.
Task<> run_part(BlockVolume& device, Io part, Join<Ledger>::Ticket ticket, bool& failed,
                std::uint64_t* stamp) {
  Task<IoStatus> work = device.submit(part);
  const IoStatus status = co_await work;
  if (status == IoStatus::failed) failed = true;
  if (stamp != nullptr) *stamp = part.stamp;
  ticket.succeed(part.ledger);
}

}  // namespace

MappedVolume MappedVolume::concatenated(Calendar& calendar, std::string name,
                                        std::vector<BlockVolume*> devices) {
  return MappedVolume(calendar, std::move(name), std::move(devices), Bytes{});
}

MappedVolume MappedVolume::striped(Calendar& calendar, std::string name,
                                   std::vector<BlockVolume*> devices, Bytes extent) {
  ORRERY_INVARIANT(extent > Bytes{}, name.c_str(), "stripes need an extent size");
  return MappedVolume(calendar, std::move(name), std::move(devices), extent);
}

MappedVolume::MappedVolume(Calendar& calendar, std::string name, std::vector<BlockVolume*> devices,
                           Bytes extent)
    : calendar_(calendar), name_(std::move(name)), devices_(std::move(devices)), extent_(extent) {
  ORRERY_INVARIANT(!devices_.empty(), name_.c_str(), "a mapped volume needs devices");
  measure();
}

void MappedVolume::measure() {
  if (extent_ > Bytes{}) {
    std::int64_t extents = devices_.front()->size() / extent_;
    for (const BlockVolume* d : devices_) extents = std::min(extents, d->size() / extent_);
    size_ = extent_ * (extents * static_cast<std::int64_t>(devices_.size()));
    return;
  }
  ends_.clear();
  size_ = Bytes{};
  for (const BlockVolume* d : devices_) ends_.push_back(size_ += d->size());
}

MappedVolume::Place MappedVolume::place(Bytes offset, Bytes length) const {
  if (extent_ > Bytes{}) {
    const std::int64_t n = offset / extent_;
    const auto devices = static_cast<std::int64_t>(devices_.size());
    const Bytes within = offset % extent_;
    return {static_cast<std::size_t>(n % devices), extent_ * (n / devices) + within,
            std::min(length, extent_ - within)};
  }
  const auto end = std::upper_bound(ends_.begin(), ends_.end(), offset);
  const auto device = static_cast<std::size_t>(end - ends_.begin());
  const Bytes begin = device == 0 ? Bytes{} : ends_[device - 1];
  return {device, offset - begin, std::min(length, *end - offset)};
}

Task<IoStatus> MappedVolume::submit(Io& io) {
  ORRERY_INVARIANT(io.offset >= Bytes{} && io.length > Bytes{} && io.offset + io.length <= size_,
                   name_.c_str(), "an I/O beyond the volume");
  const Place first = place(io.offset, io.length);
  if (first.length == io.length) {
    Io part = io;
    part.offset = first.offset;
    Task<IoStatus> work = devices_[first.device]->submit(part);
    const IoStatus status = co_await work;
    io.ledger = part.ledger;
    io.stamp = part.stamp;
    co_return status;
  }

  int parts = 0;
  for (Bytes done{}; done < io.length; ++parts)
    done += place(io.offset + done, io.length - done).length;
  bool failed = false;
  std::uint64_t stamp = io.stamp;
  Join<Ledger> join(calendar_, parts, parts);
  TaskScope scope;
  for (Bytes done{}; done < io.length;) {
    const Place p = place(io.offset + done, io.length - done);
    Io part = io;
    part.offset = p.offset;
    part.length = p.length;
    auto ticket = join.ticket();
    scope.spawn(run_part(*devices_[p.device], part, std::move(ticket), failed,
                         done == Bytes{} ? &stamp : nullptr));
    done += p.length;
  }
  const Ledger* slowest = co_await join.reached();
  io.ledger = *slowest;
  io.stamp = stamp;
  co_return failed ? IoStatus::failed : IoStatus::done;
}

bool MappedVolume::resize(Bytes size) {
  const auto devices = static_cast<std::int64_t>(devices_.size());
  std::vector<std::pair<BlockVolume*, Bytes>> before;
  if (extent_ > Bytes{}) {
    if (size <= Bytes{} || size % (extent_ * devices) != Bytes{}) return false;
    for (BlockVolume* d : devices_) {
      before.emplace_back(d, d->size());
      if (d->resize(Bytes{size.count() / devices})) continue;
      before.pop_back();
      for (const auto& [device, old] : before) device->resize(old);
      return false;
    }
  } else {
    const Bytes others = devices_.size() > 1 ? ends_[devices_.size() - 2] : Bytes{};
    if (size <= others || !devices_.back()->resize(size - others)) return false;
  }
  measure();
  return true;
}

bool MappedVolume::snapshot(const std::string& snapshot) {
  bool all = true;
  for (BlockVolume* d : devices_) all = d->snapshot(snapshot) && all;
  return all;
}

}  // namespace orrery
