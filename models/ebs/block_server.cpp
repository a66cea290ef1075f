#include "models/ebs/block_server.hpp"

#include "models/ebs/core_visit.hpp"
#include "sim/assert.hpp"
#include "sim/random.hpp"

namespace orrery {

BlockServer::BlockServer(TaskScope& scope, Node& node, std::size_t number,
                         std::vector<Thread> threads, const EbsProfile& profile, int quorum)
    : calendar_(node.cpu().calendar()),
      scope_(scope),
      node_(node),
      number_(number),
      threads_(std::move(threads)),
      profile_(profile),
      quorum_(quorum) {}

void BlockServer::place(std::uint64_t segment, std::vector<Replica> replicas) {
  if (replicas_.size() <= segment) replicas_.resize(segment + 1);
  replicas_[segment] = std::move(replicas);
}

const std::vector<BlockServer::Replica>& BlockServer::replicas_of(std::uint64_t segment) const {
  ORRERY_INVARIANT(segment < replicas_.size() && !replicas_[segment].empty(), node_.name().c_str(),
                   "a segment this block server does not own");
  return replicas_[segment];
}

const Thread& BlockServer::thread_of(std::uint64_t segment) const {
  return threads_[mix(segment) % threads_.size()];
}

Task<IoStatus> BlockServer::write(const Connection& frontend, SegmentRange range, Ledger& ledger) {
  const auto& replicas = replicas_of(range.segment);
  const Thread& thread = thread_of(range.segment);

  // 1. The segment's thread finds the request, receives and indexes it and posts it to the chunk servers, run to completion.
  Duration posting{};
  for (const Replica& replica : replicas)
    posting += replica.backend->send_work(Side::client, range.length);
  CoreVisit receive(thread, stage::kBlockServer, arrival_over(frontend), ledger,
                    {frontend.receive_work(Side::server, range.length), stage::kFrontend},
                    {thread.time_for(profile_.block_server_write), stage::kBlockServer},
                    {posting, stage::kBackend});
  if (!co_await receive) co_return IoStatus::failed;

  // 2. The replicas are written; the branch that completes the quorum is the one that counts.
  Join<Ledger> join(calendar_, quorum_, static_cast<int>(replicas.size()));
  for (const Replica& replica : replicas) {
    Join<Ledger>::Ticket ticket = join.ticket();
    scope_.spawn(replicate(replica, range, ledger, std::move(ticket)));
  }
  const Ledger* releasing = co_await join.reached();
  if (!releasing) {
    ledger.charge_wait(stage::kBackend, calendar_.now());
    co_return IoStatus::failed;
  }
  ledger = *releasing;

  // 3. Answer.
  CoreVisit reply(thread, stage::kBlockServer, Visit::continuation, ledger,
                  {frontend.send_work(Side::server, Bytes{}), stage::kFrontend});
  co_return co_await reply ? IoStatus::done : IoStatus::failed;
}

Task<> BlockServer::replicate(Replica replica, SegmentRange range, Ledger ledger,
                              Join<Ledger>::Ticket ticket) {
  Connection& backend = *replica.backend;
  const Thread& thread = thread_of(range.segment);
  Delivery request = backend.deliver(Side::client, range.length, {&ledger, stage::kBackend});
  if (!co_await request) co_return;
  Task<IoStatus> append = replica.chunk_server->append(backend, range, ledger);
  if (co_await append != IoStatus::done) co_return;
  Delivery response = backend.deliver(Side::server, Bytes{}, {&ledger, stage::kBackend});
  if (!co_await response) co_return;
  CoreVisit acknowledged(thread, stage::kBlockServer, arrival_over(backend), ledger,
                         {backend.receive_work(Side::client, Bytes{}), stage::kBackend});
  const bool received = co_await acknowledged;
  if (received) ticket.succeed(ledger);
}

Task<IoStatus> BlockServer::read(const Connection& frontend, SegmentRange range, Ledger& ledger) {
  const auto& replicas = replicas_of(range.segment);
  const Thread& thread = thread_of(range.segment);

  // 1. The segment's thread finds the request, receives it, looks the range up and asks one of the chunk servers, the same for a
  // range every time.
  const std::uint64_t spread =
      mix(range.segment + static_cast<std::uint64_t>(range.offset / kBlock));
  const Replica& replica = replicas[spread % replicas.size()];
  Connection& backend = *replica.backend;
  CoreVisit receive(thread, stage::kBlockServer, arrival_over(frontend), ledger,
                    {frontend.receive_work(Side::server, Bytes{}), stage::kFrontend},
                    {thread.time_for(profile_.block_server_read), stage::kBlockServer},
                    {backend.send_work(Side::client, Bytes{}), stage::kBackend});
  if (!co_await receive) co_return IoStatus::failed;

  // 2. The chunk server reads.
  Delivery request = backend.deliver(Side::client, Bytes{}, {&ledger, stage::kBackend});
  if (!co_await request) co_return IoStatus::failed;
  Task<IoStatus> fetch = replica.chunk_server->read(backend, range, ledger);
  if (co_await fetch != IoStatus::done) co_return IoStatus::failed;
  Delivery response = backend.deliver(Side::server, range.length, {&ledger, stage::kBackend});
  if (!co_await response) co_return IoStatus::failed;

  // 3. Pass it on.
  CoreVisit reply(thread, stage::kBlockServer, arrival_over(backend), ledger,
                  {backend.receive_work(Side::client, range.length), stage::kBackend},
                  {frontend.send_work(Side::server, range.length), stage::kFrontend});
  co_return co_await reply ? IoStatus::done : IoStatus::failed;
}

}  // namespace orrery
