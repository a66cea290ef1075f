#include "models/ebs/chunk_server.hpp"

#include "models/ebs/core_visit.hpp"
#include "sim/random.hpp"

namespace orrery {

ChunkServer::ChunkServer(Calendar& calendar, Node& node, const EbsProfile& profile)
    : calendar_(calendar), node_(node), profile_(profile), log_heads_(node.ssds().size()) {}

Task<IoStatus> ChunkServer::append(const Connection& backend, SegmentRange range, Ledger& ledger) {
  const Duration work = node_.cpu().time_for(profile_.chunk_server_write);
  const Duration transport = backend.receive_work(Side::server, range.length);
  CoreVisit visit(node_.cpu(), work, stage::kChunkServer, transport, stage::kBackend, ledger);
  if (!co_await visit) co_return IoStatus::failed;

  const std::size_t disk = mix(range.segment) % log_heads_.size();
  Ssd& ssd = *node_.ssds()[disk];
  if (log_heads_[disk] + range.length > ssd.capacity()) log_heads_[disk] = Bytes{};
  const Bytes at = log_heads_[disk];
  log_heads_[disk] += range.length;
  if (co_await ssd.submit(Direction::write, at, range.length, ledger) != IoStatus::done)
    co_return IoStatus::failed;

  CoreVisit reply(node_.cpu(), {}, stage::kChunkServer, backend.send_work(Side::server, Bytes{}),
                  stage::kBackend, ledger);
  co_return co_await reply ? IoStatus::done : IoStatus::failed;
}

Task<IoStatus> ChunkServer::read(const Connection& backend, SegmentRange range, Ledger& ledger) {
  const Duration work = node_.cpu().time_for(profile_.chunk_server_read);
  const Duration transport = backend.receive_work(Side::server, Bytes{});
  CoreVisit visit(node_.cpu(), work, stage::kChunkServer, transport, stage::kBackend, ledger);
  if (!co_await visit) co_return IoStatus::failed;

  // A segment's sectors are spread over the disks; within a disk each segment has a region of its own.
  const std::uint64_t place = mix(range.segment * 0x9e3779b97f4a7c15ull +
                                  static_cast<std::uint64_t>(range.offset / profile_.sector));
  Ssd& ssd = *node_.ssds()[place % node_.ssds().size()];
  const std::int64_t regions = ssd.capacity() / profile_.sector;
  const Bytes at = profile_.sector * static_cast<std::int64_t>(mix(place) % regions) +
                   range.offset % profile_.sector;
  if (co_await ssd.submit(Direction::read, at, range.length, ledger) != IoStatus::done)
    co_return IoStatus::failed;

  CoreVisit reply(node_.cpu(), {}, stage::kChunkServer,
                  backend.send_work(Side::server, range.length), stage::kBackend, ledger);
  co_return co_await reply ? IoStatus::done : IoStatus::failed;
}

}  // namespace orrery
