#include "models/ebs/storage_agent.hpp"

#include "models/ebs/core_visit.hpp"
#include "sim/assert.hpp"

namespace orrery {

EbsVolume::EbsVolume(StorageAgent& agent, std::string name, SegmentTable segments,
                     const QosLimits& limits, Bytes size, bool encrypted)
    : agent_(agent),
      name_(std::move(name)),
      segments_(std::move(segments)),
      qos_(agent.site().cpu().cores().calendar(), limits),
      size_(size),
      encrypted_(encrypted) {}

Task<IoStatus> EbsVolume::submit(Io& io) { return agent_.submit(*this, io); }

bool EbsVolume::resize(Bytes size) {
  if (size > segments_.size()) return false;
  size_ = size;
  return true;
}

bool EbsVolume::snapshot(const std::string& snapshot) {
  snapshots_.push_back(snapshot);
  return true;
}

StorageAgent::StorageAgent(Calendar& calendar, TaskScope& scope, std::unique_ptr<AgentSite> site)
    : calendar_(calendar), scope_(scope), site_(std::move(site)) {}

void StorageAgent::connect(BlockServer& server, std::unique_ptr<Connection> connection) {
  connections_[&server] = std::move(connection);
}

Connection& StorageAgent::connection_to(BlockServer* server) {
  const auto found = connections_.find(server);
  ORRERY_INVARIANT(found != connections_.end(), "storage agent", "no connection to a block server");
  return *found->second;
}

Task<IoStatus> StorageAgent::submit(EbsVolume& volume, Io& io) {
  // 1. The guest's command arrives; QoS table: wait for tokens (policy, apart from the agent's own time).
  co_await site_->admit(io.ledger);
  if (volume.qos().limited()) co_await volume.qos().admit(io);

  // 2. Segment table: which block server; a range across a boundary is split, which is rare.
  const SegmentTable& segments = volume.segments();
  if (segments.fits_one(io.offset, io.length))
    co_return co_await rpc(io.direction, segments.first_part(io.offset, io.length),
                           volume.encrypted(), io.ledger);

  // 3. One RPC per part; the I/O ends with its slowest.
  std::vector<SegmentRange> parts;
  for (Bytes done{}; done < io.length; done += parts.back().length)
    parts.push_back(segments.first_part(io.offset + done, io.length - done));
  const int count = static_cast<int>(parts.size());
  Join<Ledger> join(calendar_, count, count);
  for (const SegmentRange& range : parts)
    scope_.spawn(part(io.direction, range, volume.encrypted(), io.ledger, join.ticket()));
  const std::optional<Ledger> slowest = co_await join.reached();
  if (!slowest) {
    io.ledger.charge_wait(stage::kFrontend, calendar_.now());
    co_return IoStatus::failed;
  }
  io.ledger = *slowest;
  co_return IoStatus::done;
}

Task<> StorageAgent::part(Direction direction, SegmentRange range, bool encrypted, Ledger ledger,
                          Join<Ledger>::Ticket ticket) {
  if (co_await rpc(direction, range, encrypted, ledger) == IoStatus::done) ticket.succeed(ledger);
}

Task<IoStatus> StorageAgent::rpc(Direction direction, SegmentRange range, bool encrypted,
                                 Ledger& ledger) {
  return direction == Direction::write ? write(range, encrypted, ledger)
                                       : read(range, encrypted, ledger);
}

Task<IoStatus> StorageAgent::write(SegmentRange range, bool encrypted, Ledger& ledger) {
  Connection& frontend = connection_to(range.server);
  const std::int64_t blocks = blocks_of(range.length);

  // 1. Data from guest memory to where the agent works on it.
  co_await site_->fetch(range.length, ledger);

  // 2. Agent: CRC per 4 KiB, encryption, RPC; inline with it the transport's send.
  CoreVisit submit(site_->cpu(), site_->submit_work(blocks, encrypted), stage::kAgent,
                   frontend.send_work(Side::client, range.length), stage::kFrontend, ledger);
  if (!co_await submit) co_return IoStatus::failed;

  // 3. To the NIC, and over the frontend network to the block server.
  co_await site_->emit(range.length, encrypted, ledger);
  if (!co_await frontend.deliver(Side::client, range.length, {&ledger, stage::kFrontend}))
    co_return IoStatus::failed;

  // 4. Block server: replicate over the backend network, acknowledge after the quorum.
  if (co_await range.server->write(frontend, range, ledger) != IoStatus::done)
    co_return IoStatus::failed;

  // 5. The acknowledgement returns; the agent tells the guest.
  if (!co_await frontend.deliver(Side::server, Bytes{}, {&ledger, stage::kFrontend}))
    co_return IoStatus::failed;
  CoreVisit complete(site_->cpu(), site_->complete_work(0, encrypted), stage::kAgent,
                     frontend.receive_work(Side::client, Bytes{}), stage::kFrontend, ledger);
  co_return co_await complete ? IoStatus::done : IoStatus::failed;
}

Task<IoStatus> StorageAgent::read(SegmentRange range, bool encrypted, Ledger& ledger) {
  Connection& frontend = connection_to(range.server);
  const std::int64_t blocks = blocks_of(range.length);

  // 1. Agent: RPC (SOLAR: one Addr entry per expected packet); inline with it the transport's send.
  CoreVisit submit(site_->cpu(), site_->submit_work(0, encrypted), stage::kAgent,
                   frontend.send_work(Side::client, Bytes{}), stage::kFrontend, ledger);
  if (!co_await submit) co_return IoStatus::failed;

  // 2. The request travels; block server and one chunk server fetch the data; it travels back.
  if (!co_await frontend.deliver(Side::client, Bytes{}, {&ledger, stage::kFrontend}))
    co_return IoStatus::failed;
  if (co_await range.server->read(frontend, range, ledger) != IoStatus::done)
    co_return IoStatus::failed;
  if (!co_await frontend.deliver(Side::server, range.length, {&ledger, stage::kFrontend}))
    co_return IoStatus::failed;

  // 3. From the NIC to where the agent works on it (SOLAR: by the FPGA straight into guest memory).
  co_await site_->take_in(range.length, encrypted, ledger);

  // 4. Agent: decryption, CRC check; inline before it the transport's receive; then the data's way to the guest.
  CoreVisit complete(site_->cpu(), site_->complete_work(blocks, encrypted), stage::kAgent,
                     frontend.receive_work(Side::client, range.length), stage::kFrontend, ledger);
  if (!co_await complete) co_return IoStatus::failed;
  co_await site_->place(range.length, ledger);
  co_return IoStatus::done;
}

}  // namespace orrery
