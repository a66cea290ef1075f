#include "models/ebs/storage_agent.hpp"

#include "models/ebs/core_visit.hpp"

namespace orrery {

EbsVolume::EbsVolume(StorageAgent& agent, std::string name, SegmentTable segments,
                     const Options& options)
    : agent_(agent),
      name_(std::move(name)),
      segments_(std::move(segments)),
      qos_(agent.calendar(), options.limits),
      options_(options) {}

Task<IoStatus> EbsVolume::submit(Io& io) { return agent_.submit(*this, io); }

std::size_t EbsVolume::thread_of(std::size_t queue) const {
  return (options_.first_thread + queue % options_.queue_pairs) % agent_.site().threads().size();
}

bool EbsVolume::resize(Bytes size) {
  if (size > segments_.size()) return false;
  options_.size = size;
  return true;
}

bool EbsVolume::snapshot(const std::string& snapshot) {
  snapshots_.push_back(snapshot);
  return true;
}

StorageAgent::StorageAgent(Calendar& calendar, TaskScope& scope, std::unique_ptr<AgentSite> site,
                           Connect connect)
    : calendar_(calendar),
      scope_(scope),
      site_(std::move(site)),
      connect_(std::move(connect)),
      connections_(site_->threads().size()) {}

Connection& StorageAgent::connection(std::size_t thread, BlockServer& server) {
  auto& of_thread = connections_[thread];
  if (of_thread.size() <= server.number()) of_thread.resize(server.number() + 1);
  auto& connection = of_thread[server.number()];
  if (!connection) connection = connect_(thread, server);
  return *connection;
}

Task<IoStatus> StorageAgent::submit(EbsVolume& volume, Io& io) {
  // 1. The guest's command arrives; QoS table: wait for tokens (policy, apart from the agent's own time).
  co_await site_->admit(io.ledger);
  if (volume.qos().limited()) co_await volume.qos().admit(io);

  // 2. Segment table: which block server; a range across a boundary is split, which is rare.
  const SegmentTable& segments = volume.segments();
  Part part{io.direction, segments.first_part(io.offset, io.length), volume.encrypted(),
            volume.thread_of(io.queue)};
  if (part.range.length == io.length) {
    Task<IoStatus> only = rpc(part, io.ledger);
    co_return co_await only;
  }

  // 3. One RPC per part; the I/O ends with its slowest.
  const int count = segments.parts_of(io.offset, io.length);
  Join<Ledger> join(calendar_, count, count);
  for (Bytes done{}; done < io.length; done += part.range.length) {
    part.range = segments.first_part(io.offset + done, io.length - done);
    Join<Ledger>::Ticket ticket = join.ticket();
    scope_.spawn(one_of_many(part, io.ledger, std::move(ticket)));
  }
  const Ledger* slowest = co_await join.reached();
  if (!slowest) {
    io.ledger.charge_wait(stage::kFrontend, calendar_.now());
    co_return IoStatus::failed;
  }
  io.ledger = *slowest;
  co_return IoStatus::done;
}

Task<> StorageAgent::one_of_many(Part part, Ledger ledger, Join<Ledger>::Ticket ticket) {
  Task<IoStatus> work = rpc(part, ledger);
  const IoStatus status = co_await work;
  if (status == IoStatus::done) ticket.succeed(ledger);
}

Task<IoStatus> StorageAgent::rpc(Part part, Ledger& ledger) {
  return part.direction == Direction::write ? write(part, ledger) : read(part, ledger);
}

Task<IoStatus> StorageAgent::write(Part part, Ledger& ledger) {
  const SegmentRange& range = part.range;
  const Thread& thread = site_->threads()[part.thread];
  Connection& frontend = connection(part.thread, *range.server);

  // 1. Data from guest memory to where the agent works on it.
  co_await site_->fetch(range.length, ledger);

  // 2. Agent: CRC per 4 KiB, encryption, RPC; inline with it the transport's send.
  CoreVisit submit(thread, stage::kAgent, Visit::arrival, ledger,
                   {site_->submit_work(blocks_of(range.length), part.encrypted), stage::kAgent},
                   {frontend.send_work(Side::client, range.length), stage::kFrontend});
  if (!co_await submit) co_return IoStatus::failed;

  // 3. To the NIC, and over the frontend network to the block server.
  co_await site_->emit(range.length, part.encrypted, ledger);
  Delivery request = frontend.deliver(Side::client, range.length, {&ledger, stage::kFrontend});
  if (!co_await request) co_return IoStatus::failed;

  // 4. Block server: replicate over the backend network, acknowledge after the quorum.
  Task<IoStatus> served = range.server->write(frontend, range, ledger);
  if (co_await served != IoStatus::done) co_return IoStatus::failed;

  // 5. The acknowledgement returns; the agent tells the guest.
  Delivery response = frontend.deliver(Side::server, Bytes{}, {&ledger, stage::kFrontend});
  if (!co_await response) co_return IoStatus::failed;
  CoreVisit complete(thread, stage::kAgent, arrival_over(frontend), ledger,
                     {site_->complete_work(0, part.encrypted), stage::kAgent},
                     {frontend.receive_work(Side::client, Bytes{}), stage::kFrontend});
  co_return co_await complete ? IoStatus::done : IoStatus::failed;
}

Task<IoStatus> StorageAgent::read(Part part, Ledger& ledger) {
  const SegmentRange& range = part.range;
  const Thread& thread = site_->threads()[part.thread];
  Connection& frontend = connection(part.thread, *range.server);

  // 1. Agent: RPC (SOLAR: one Addr entry per expected packet); inline with it the transport's send.
  CoreVisit submit(thread, stage::kAgent, Visit::arrival, ledger,
                   {site_->submit_work(0, part.encrypted), stage::kAgent},
                   {frontend.send_work(Side::client, Bytes{}), stage::kFrontend});
  if (!co_await submit) co_return IoStatus::failed;

  // 2. The request travels; block server and one chunk server fetch the data; it travels back.
  Delivery request = frontend.deliver(Side::client, Bytes{}, {&ledger, stage::kFrontend});
  if (!co_await request) co_return IoStatus::failed;
  Task<IoStatus> served = range.server->read(frontend, range, ledger);
  if (co_await served != IoStatus::done) co_return IoStatus::failed;
  Delivery response = frontend.deliver(Side::server, range.length, {&ledger, stage::kFrontend});
  if (!co_await response) co_return IoStatus::failed;

  // 3. From the NIC to where the agent works on it (SOLAR: by the FPGA straight into guest memory).
  co_await site_->take_in(range.length, part.encrypted, ledger);

  // 4. Agent: decryption, CRC check; inline before it the transport's receive; then the data's way to the guest.
  CoreVisit complete(thread, stage::kAgent, arrival_over(frontend), ledger,
                     {site_->complete_work(blocks_of(range.length), part.encrypted), stage::kAgent},
                     {frontend.receive_work(Side::client, range.length), stage::kFrontend});
  if (!co_await complete) co_return IoStatus::failed;
  co_await site_->place(range.length, ledger);
  co_return IoStatus::done;
}

}  // namespace orrery
