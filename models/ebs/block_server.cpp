#include "models/ebs/block_server.hpp"

#include "models/ebs/core_visit.hpp"
#include "sim/assert.hpp"
#include "sim/random.hpp"

namespace orrery {

BlockServer::BlockServer(Calendar& calendar, TaskScope& scope, Node& node,
                         const EbsProfile& profile, int quorum)
    : calendar_(calendar), scope_(scope), node_(node), profile_(profile), quorum_(quorum) {}

void BlockServer::place(std::uint64_t segment, std::vector<Replica> replicas) {
  if (replicas_.size() <= segment) replicas_.resize(segment + 1);
  replicas_[segment] = std::move(replicas);
}

const std::vector<BlockServer::Replica>& BlockServer::replicas_of(std::uint64_t segment) const {
  ORRERY_INVARIANT(segment < replicas_.size() && !replicas_[segment].empty(), node_.name().c_str(),
                   "a segment this block server does not own");
  return replicas_[segment];
}

Task<IoStatus> BlockServer::write(const Connection& frontend, SegmentRange range, Ledger& ledger) {
  const auto& replicas = replicas_of(range.segment);

  // 1. Receive the request and index it, run to completion.
  const Duration work = node_.cpu().time_for(profile_.block_server_write);
  CoreVisit receive(node_.cpu(), work, stage::kBlockServer,
                    frontend.receive_work(Side::server, range.length), stage::kFrontend, ledger);
  if (!co_await receive) co_return IoStatus::failed;

  // 2. Replicate to the chunk servers; the branch that completes the quorum is the one that counts.
  Duration send{};
  for (const Replica& replica : replicas)
    send += replica.backend->send_work(Side::client, range.length);
  CoreVisit post(node_.cpu(), {}, stage::kBlockServer, send, stage::kBackend, ledger);
  if (!co_await post) co_return IoStatus::failed;
  Join<Ledger> join(calendar_, quorum_, static_cast<int>(replicas.size()));
  for (const Replica& replica : replicas)
    scope_.spawn(replicate(replica, range, ledger, join.ticket()));
  const std::optional<Ledger> releasing = co_await join.reached();
  if (!releasing) {
    ledger.charge_wait(stage::kBackend, calendar_.now());
    co_return IoStatus::failed;
  }
  ledger = *releasing;

  // 3. Answer.
  CoreVisit reply(node_.cpu(), {}, stage::kBlockServer, frontend.send_work(Side::server, Bytes{}),
                  stage::kFrontend, ledger);
  co_return co_await reply ? IoStatus::done : IoStatus::failed;
}

Task<> BlockServer::replicate(Replica replica, SegmentRange range, Ledger ledger,
                              Join<Ledger>::Ticket ticket) {
  Connection& backend = *replica.backend;
  if (!co_await backend.deliver(Side::client, range.length, {&ledger, stage::kBackend})) co_return;
  if (co_await replica.chunk_server->append(backend, range, ledger) != IoStatus::done) co_return;
  if (!co_await backend.deliver(Side::server, Bytes{}, {&ledger, stage::kBackend})) co_return;
  CoreVisit acknowledged(node_.cpu(), {}, stage::kBlockServer,
                         backend.receive_work(Side::client, Bytes{}), stage::kBackend, ledger);
  if (co_await acknowledged) ticket.succeed(ledger);
}

Task<IoStatus> BlockServer::read(const Connection& frontend, SegmentRange range, Ledger& ledger) {
  const auto& replicas = replicas_of(range.segment);

  // 1. Receive the request and look the range up.
  const Duration work = node_.cpu().time_for(profile_.block_server_read);
  CoreVisit receive(node_.cpu(), work, stage::kBlockServer,
                    frontend.receive_work(Side::server, Bytes{}), stage::kFrontend, ledger);
  if (!co_await receive) co_return IoStatus::failed;

  // 2. Fetch from one chunk server, the same for a range every time, spread over the replicas by range.
  const std::uint64_t spread =
      mix(range.segment + static_cast<std::uint64_t>(range.offset / kBlock));
  const Replica& replica = replicas[spread % replicas.size()];
  Connection& backend = *replica.backend;
  CoreVisit post(node_.cpu(), {}, stage::kBlockServer, backend.send_work(Side::client, Bytes{}),
                 stage::kBackend, ledger);
  if (!co_await post) co_return IoStatus::failed;
  if (!co_await backend.deliver(Side::client, Bytes{}, {&ledger, stage::kBackend}))
    co_return IoStatus::failed;
  if (co_await replica.chunk_server->read(backend, range, ledger) != IoStatus::done)
    co_return IoStatus::failed;
  if (!co_await backend.deliver(Side::server, range.length, {&ledger, stage::kBackend}))
    co_return IoStatus::failed;
  CoreVisit fetched(node_.cpu(), {}, stage::kBlockServer,
                    backend.receive_work(Side::client, range.length), stage::kBackend, ledger);
  if (!co_await fetched) co_return IoStatus::failed;

  // 3. Pass it on.
  CoreVisit reply(node_.cpu(), {}, stage::kBlockServer,
                  frontend.send_work(Side::server, range.length), stage::kFrontend, ledger);
  co_return co_await reply ? IoStatus::done : IoStatus::failed;
}

}  // namespace orrery
