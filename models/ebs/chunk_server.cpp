#include "models/ebs/chunk_server.hpp"

#include "models/net/core_visit.hpp"
#include "sim/random.hpp"

namespace orrery {

ChunkServer::ChunkServer(Node& node, std::size_t number, std::vector<Thread> threads,
                         const EbsProfile& profile)
    : node_(node),
      number_(number),
      threads_(std::move(threads)),
      profile_(profile),
      log_heads_(node.ssds().size()) {}

const Thread& ChunkServer::thread_of(std::uint64_t segment) const {
  return threads_[mix(segment) % threads_.size()];
}

Task<IoStatus> ChunkServer::append(const Connection& backend, SegmentRange range, Ledger& ledger) {
  // 1. The segment's thread finds the request, receives it and does its work.
  const Thread& thread = thread_of(range.segment);
  CoreVisit receive(thread, stage::kChunkServer, arrival_over(backend), ledger,
                    {backend.receive_work(Side::server, range.length), stage::kBackend},
                    {thread.time_for(profile_.chunk_server_write), stage::kChunkServer});
  if (!co_await receive) co_return IoStatus::failed;

  // 2. Append to the log of the segment's SSD.
  const std::size_t disk = mix(range.segment) / threads_.size() % log_heads_.size();
  Ssd& ssd = *node_.ssds()[disk];
  if (log_heads_[disk] + range.length > ssd.capacity()) log_heads_[disk] = Bytes{};
  const Bytes at = log_heads_[disk];
  log_heads_[disk] += range.length;
  Task<IoStatus> write = ssd.submit(Direction::write, at, range.length, ledger);
  if (co_await write != IoStatus::done) co_return IoStatus::failed;

  // 3. Acknowledge.
  CoreVisit reply(thread, stage::kChunkServer, Visit::continuation, ledger,
                  {backend.send_work(Side::server, Bytes{}), stage::kBackend});
  co_return co_await reply ? IoStatus::done : IoStatus::failed;
}

Task<IoStatus> ChunkServer::read(const Connection& backend, SegmentRange range, Ledger& ledger) {
  // 1. The segment's thread finds the request, receives it and does its work.
  const Thread& thread = thread_of(range.segment);
  CoreVisit receive(thread, stage::kChunkServer, arrival_over(backend), ledger,
                    {backend.receive_work(Side::server, Bytes{}), stage::kBackend},
                    {thread.time_for(profile_.chunk_server_read), stage::kChunkServer});
  if (!co_await receive) co_return IoStatus::failed;

  // 2. Read from where the data lies: sectors are spread over the disks and over each of them.
  const std::uint64_t place = mix(range.segment * 0x9e3779b97f4a7c15ull +
                                  static_cast<std::uint64_t>(range.offset / profile_.sector));
  Ssd& ssd = *node_.ssds()[place % node_.ssds().size()];
  const std::int64_t regions = ssd.capacity() / profile_.sector;
  const Bytes at = profile_.sector *
                       static_cast<std::int64_t>(mix(place) % static_cast<std::uint64_t>(regions)) +
                   range.offset % profile_.sector;
  Task<IoStatus> read = ssd.submit(Direction::read, at, range.length, ledger);
  if (co_await read != IoStatus::done) co_return IoStatus::failed;

  // 3. Send.
  CoreVisit reply(thread, stage::kChunkServer, Visit::continuation, ledger,
                  {backend.send_work(Side::server, range.length), stage::kBackend});
  co_return co_await reply ? IoStatus::done : IoStatus::failed;
}

std::vector<std::size_t> servers_of(const std::vector<ChunkServer*>& replicas) {
  std::vector<std::size_t> servers;
  for (const ChunkServer* replica : replicas) servers.push_back(replica->number());
  return servers;
}

}  // namespace orrery
