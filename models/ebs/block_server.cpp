#include "models/ebs/block_server.hpp"

#include "models/ebs/silence.hpp"
#include "models/net/core_visit.hpp"
#include "sim/assert.hpp"
#include "sim/random.hpp"

namespace orrery {

BlockServer::BlockServer(TaskScope& scope, Node& node, std::size_t number,
                         std::vector<Thread> threads, const EbsProfile& profile, int quorum,
                         Connect connect)
    : calendar_(node.cpu().calendar()),
      scope_(scope),
      node_(node),
      number_(number),
      threads_(std::move(threads)),
      profile_(profile),
      quorum_(quorum),
      connect_(std::move(connect)) {}

void BlockServer::place(std::uint64_t segment, std::vector<ChunkServer*> replicas) {
  replicas_[segment] = std::move(replicas);
}

const std::vector<ChunkServer*>& BlockServer::replicas_of(std::uint64_t segment) const {
  const auto found = replicas_.find(segment);
  ORRERY_INVARIANT(found != replicas_.end(), node_.name().c_str(),
                   "a segment this block server does not own");
  return found->second;
}

Connection& BlockServer::backend_to(ChunkServer& chunk_server) {
  const std::size_t to = chunk_server.number();
  if (backends_.size() <= to) backends_.resize(to + 1);
  if (!backends_[to]) backends_[to] = connect_(chunk_server);
  return *backends_[to];
}

const Thread& BlockServer::thread_of(std::uint64_t segment) const {
  return threads_[mix(segment) % threads_.size()];
}

Task<IoStatus> BlockServer::write(const Connection& frontend, SegmentRange range, Ledger& ledger) {
  const Thread& thread = thread_of(range.segment);

  // 1. The segment's thread finds the request, receives and indexes it and posts it to the chunk
  // servers, run to completion.
  Duration posting{};
  for (ChunkServer* replica : replicas_of(range.segment))
    posting += backend_to(*replica).send_work(Side::client, range.length);
  CoreVisit receive(thread, stage::kBlockServer, arrival_over(frontend), ledger,
                    {frontend.receive_work(Side::server, range.length), stage::kFrontend},
                    {thread.time_for(profile_.block_server_write), stage::kBlockServer},
                    {posting, stage::kBackend});
  if (!co_await receive) co_return IoStatus::failed;

  // 2. The replicas are written; the branch that completes the quorum is the one that counts.
  const std::size_t count = replicas_of(range.segment).size();
  Join<Ledger> join(calendar_, quorum_, static_cast<int>(count));
  for (std::size_t number = 0; number < count; ++number) {
    Join<Ledger>::Ticket ticket = join.ticket();
    scope_.spawn(replicate(number, range, ledger, std::move(ticket)));
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

// One replica, from the moment it is posted until the block server knows that it is written; in the
// end on another chunk server.
Task<> BlockServer::replicate(std::size_t number, SegmentRange range, Ledger ledger,
                              Join<Ledger>::Ticket ticket) {
  const Thread& thread = thread_of(range.segment);
  ChunkServer* replica = replicas_of(range.segment)[number];
  for (;;) {
    Connection& backend = backend_to(*replica);
    Delivery request = backend.deliver(Side::client, range.length, {&ledger, stage::kBackend});
    bool is_going = co_await request;
    if (is_going) {
      Task<IoStatus> append = replica->append(backend, range, ledger);
      is_going = co_await append == IoStatus::done;
      if (!is_going) {
        Task<> silence = silence_of(replica->node(), backend);
        co_await silence;
      }
    }
    if (is_going) {
      Delivery response = backend.deliver(Side::server, Bytes{}, {&ledger, stage::kBackend});
      is_going = co_await response;
    }
    if (is_going) {
      CoreVisit acknowledged(thread, stage::kBlockServer, arrival_over(backend), ledger,
                             {backend.receive_work(Side::client, Bytes{}), stage::kBackend});
      is_going = co_await acknowledged;
    }
    if (is_going) {
      ticket.succeed(ledger);
      co_return;
    }
    ledger.charge_wait(stage::kBackend, calendar_.now());
    ledger.note_disturbance();
    if (!node_.up() || !replace(range.segment, number, replica)) co_return;
  }
}

// Others of the segment's writes may have replaced it before.
bool BlockServer::replace(std::uint64_t segment, std::size_t number, ChunkServer*& failed) {
  std::vector<ChunkServer*>& replicas = replicas_[segment];
  if (replicas[number] == failed) {
    ChunkServer* const spare = find_spare_ ? find_spare_(replicas) : nullptr;
    if (spare == nullptr) return false;
    replicas[number] = spare;
    ++replicas_replaced_;
  }
  failed = replicas[number];
  return true;
}

Task<IoStatus> BlockServer::read(const Connection& frontend, SegmentRange range, Ledger& ledger) {
  const Thread& thread = thread_of(range.segment);

  // 1. The segment's thread finds the request, receives it, looks the range up and asks one of the
  // chunk servers, the same for a range every time.
  const std::uint64_t spread =
      mix(range.segment + static_cast<std::uint64_t>(range.offset / kBlock));
  const std::size_t replicas = replicas_of(range.segment).size();
  ChunkServer* replica = replicas_of(range.segment)[spread % replicas];
  CoreVisit receive(thread, stage::kBlockServer, arrival_over(frontend), ledger,
                    {frontend.receive_work(Side::server, Bytes{}), stage::kFrontend},
                    {thread.time_for(profile_.block_server_read), stage::kBlockServer},
                    {backend_to(*replica).send_work(Side::client, Bytes{}), stage::kBackend});
  if (!co_await receive) co_return IoStatus::failed;

  // 2. The chunk server reads, or the next one if that fails.
  for (std::size_t attempt = 1;; ++attempt) {
    Task<bool> attempted = fetch(replica, range, ledger);
    const bool fetched = co_await attempted;
    if (fetched) break;
    ledger.charge_wait(stage::kBackend, calendar_.now());
    ledger.note_disturbance();
    if (!node_.up() || attempt >= replicas) co_return IoStatus::failed;
    replica = replicas_of(range.segment)[(spread + attempt) % replicas];
  }

  // 3. Pass it on.
  Connection& backend = backend_to(*replica);
  CoreVisit reply(thread, stage::kBlockServer, arrival_over(backend), ledger,
                  {backend.receive_work(Side::client, range.length), stage::kBackend},
                  {frontend.send_work(Side::server, range.length), stage::kFrontend});
  co_return co_await reply ? IoStatus::done : IoStatus::failed;
}

// From the moment a chunk server is asked until its data have arrived.
Task<bool> BlockServer::fetch(ChunkServer* replica, SegmentRange range, Ledger& ledger) {
  Connection& backend = backend_to(*replica);
  Delivery request = backend.deliver(Side::client, Bytes{}, {&ledger, stage::kBackend});
  if (!co_await request) co_return false;
  Task<IoStatus> read = replica->read(backend, range, ledger);
  if (co_await read != IoStatus::done) {
    Task<> silence = silence_of(replica->node(), backend);
    co_await silence;
    co_return false;
  }
  Delivery response = backend.deliver(Side::server, range.length, {&ledger, stage::kBackend});
  co_return co_await response;
}

}  // namespace orrery
