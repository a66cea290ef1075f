#include "models/ebs/storage_agent.hpp"

#include <algorithm>

#include "models/ebs/silence.hpp"
#include "models/net/core_visit.hpp"

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

StorageAgent::StorageAgent(Calendar& calendar, TaskScope& scope, const EbsProfile& profile,
                           std::unique_ptr<AgentSite> site, Connect connect)
    : calendar_(calendar),
      scope_(scope),
      rpc_timeout_(profile.rpc_timeout),
      retry_delay_(profile.retry_delay),
      io_timeout_(profile.io_timeout),
      site_(std::move(site)),
      connect_(std::move(connect)),
      links_(site_->threads().size()),
      watch_(calendar, &StorageAgent::look_for_silence, this) {}

StorageAgent::Session& StorageAgent::begin_rpc(const Part& part) {
  auto& of_thread = links_[part.thread];
  BlockServer& server = *part.range.server;
  if (of_thread.size() <= server.number()) of_thread.resize(server.number() + 1);
  Link& link = of_thread[server.number()];
  if (!link.session) {
    link.session = std::make_unique<Session>();
    link.session->connection = connect_(part.thread, server, link.made++);
  }
  if (link.session->rpcs++ == 0) link.heard = calendar_.now();
  if (!watch_.armed()) watch_.arm(after(calendar_.now(), rpc_timeout_));
  return *link.session;
}

void StorageAgent::end_rpc(Session& session, std::size_t thread, std::size_t server,
                           IoStatus status) {
  --session.rpcs;
  if (status == IoStatus::done) links_[thread][server].heard = calendar_.now();
}

// Closes what has been silent for too long; comes back when the next one may have been.
void StorageAgent::look_for_silence(void* self) {
  auto& agent = *static_cast<StorageAgent*>(self);
  const TimePoint now = agent.calendar_.now();
  TimePoint next = kNever;
  std::erase_if(agent.closed_, [](const std::unique_ptr<Session>& session) {
    return session->rpcs == 0 && session->connection->is_quiet();
  });
  const std::size_t first = agent.closed_.size();
  for (auto& of_thread : agent.links_)
    for (Link& link : of_thread) {
      if (!link.session || link.session->rpcs == 0) continue;
      const TimePoint due = after(link.heard, agent.rpc_timeout_);
      if (due > now) {
        next = std::min(next, due);
        continue;
      }
      agent.closed_.push_back(std::move(link.session));
      ++agent.reconnects_;
    }
  if (next != kNever) agent.watch_.arm(next);
  // What fails may lead to new I/Os at once.
  const std::size_t last = agent.closed_.size();
  for (std::size_t i = first; i < last; ++i) agent.closed_[i]->connection->close();
}

bool StorageAgent::may_retry(Ledger& ledger) {
  ledger.charge_wait(stage::kFrontend, calendar_.now());
  ledger.note_disturbance();
  if (calendar_.now() - ledger.start() + retry_delay_ >= io_timeout_) return false;
  ++retries_;
  return true;
}

Task<IoStatus> StorageAgent::submit(EbsVolume& volume, Io& io) {
  // 1. The guest's command arrives; QoS table: wait for tokens (policy, apart from the agent's own
  // time).
  co_await site_->admit(io.ledger);
  if (volume.qos().limited()) co_await volume.qos().admit(io);

  // 2. Segment table: which block server; a range across a boundary is split, which is rare.
  const SegmentTable& segments = volume.segments();
  Part part{io.direction, segments.first_part(io.offset, io.length), volume.encrypted(),
            volume.thread_of(io.queue)};
  if (part.range.length == io.length) {
    for (;;) {
      const std::size_t server = part.range.server->number();
      Session& session = begin_rpc(part);
      Task<IoStatus> only = rpc(part, *session.connection, io.ledger);
      const IoStatus status = co_await only;
      end_rpc(session, part.thread, server, status);
      if (status == IoStatus::done) co_return status;
      if (!may_retry(io.ledger)) co_return status;
      co_await Delay(calendar_, retry_delay_);
      io.ledger.charge_wait(stage::kFrontend, calendar_.now());
      part.range = segments.first_part(io.offset, io.length);
    }
  }

  // 3. One RPC per part; the I/O ends with its slowest.
  const int count = segments.parts_of(io.offset, io.length);
  Join<Ledger> join(calendar_, count, count);
  for (Bytes done{}; done < io.length; done += part.range.length) {
    part.range = segments.first_part(io.offset + done, io.length - done);
    Join<Ledger>::Ticket ticket = join.ticket();
    scope_.spawn(one_of_many(volume, part, io.offset + done, io.ledger, std::move(ticket)));
  }
  const Ledger* slowest = co_await join.reached();
  if (!slowest) {
    io.ledger.charge_wait(stage::kFrontend, calendar_.now());
    io.ledger.note_disturbance();
    co_return IoStatus::failed;
  }
  io.ledger = *slowest;
  co_return IoStatus::done;
}

Task<> StorageAgent::one_of_many(EbsVolume& volume, Part part, Bytes offset, Ledger ledger,
                                 Join<Ledger>::Ticket ticket) {
  for (;;) {
    const std::size_t server = part.range.server->number();
    Session& session = begin_rpc(part);
    Task<IoStatus> work = rpc(part, *session.connection, ledger);
    const IoStatus status = co_await work;
    end_rpc(session, part.thread, server, status);
    if (status == IoStatus::done) {
      ticket.succeed(ledger);
      co_return;
    }
    if (!may_retry(ledger)) co_return;
    co_await Delay(calendar_, retry_delay_);
    ledger.charge_wait(stage::kFrontend, calendar_.now());
    part.range = volume.segments().first_part(offset, part.range.length);
  }
}

Task<IoStatus> StorageAgent::rpc(Part part, Connection& frontend, Ledger& ledger) {
  return part.direction == Direction::write ? write(part, frontend, ledger)
                                            : read(part, frontend, ledger);
}

Task<IoStatus> StorageAgent::write(Part part, Connection& frontend, Ledger& ledger) {
  const SegmentRange& range = part.range;
  const Thread& thread = site_->threads()[part.thread];

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
  if (co_await served != IoStatus::done) {
    Task<> silence = silence_of(range.server->node(), frontend);
    co_await silence;
    co_return IoStatus::failed;
  }

  // 5. The acknowledgement returns; the agent tells the guest.
  Delivery response = frontend.deliver(Side::server, Bytes{}, {&ledger, stage::kFrontend});
  if (!co_await response) co_return IoStatus::failed;
  CoreVisit complete(thread, stage::kAgent, arrival_over(frontend), ledger,
                     {site_->complete_work(0, part.encrypted), stage::kAgent},
                     {frontend.receive_work(Side::client, Bytes{}), stage::kFrontend});
  co_return co_await complete ? IoStatus::done : IoStatus::failed;
}

Task<IoStatus> StorageAgent::read(Part part, Connection& frontend, Ledger& ledger) {
  const SegmentRange& range = part.range;
  const Thread& thread = site_->threads()[part.thread];

  // 1. Agent: RPC (SOLAR: one Addr entry per expected packet); inline with it the transport's send.
  CoreVisit submit(thread, stage::kAgent, Visit::arrival, ledger,
                   {site_->submit_work(0, part.encrypted), stage::kAgent},
                   {frontend.send_work(Side::client, Bytes{}), stage::kFrontend});
  if (!co_await submit) co_return IoStatus::failed;

  // 2. The request travels; block server and one chunk server fetch the data; it travels back.
  Delivery request = frontend.deliver(Side::client, Bytes{}, {&ledger, stage::kFrontend});
  if (!co_await request) co_return IoStatus::failed;
  Task<IoStatus> served = range.server->read(frontend, range, ledger);
  if (co_await served != IoStatus::done) {
    Task<> silence = silence_of(range.server->node(), frontend);
    co_await silence;
    co_return IoStatus::failed;
  }
  Delivery response = frontend.deliver(Side::server, range.length, {&ledger, stage::kFrontend});
  if (!co_await response) co_return IoStatus::failed;

  // 3. From the NIC to where the agent works on it (SOLAR: by the FPGA straight into guest memory).
  co_await site_->take_in(range.length, part.encrypted, ledger);

  // 4. Agent: decryption, CRC check; inline before it the transport's receive; then the data's way
  // to the guest.
  CoreVisit complete(thread, stage::kAgent, arrival_over(frontend), ledger,
                     {site_->complete_work(blocks_of(range.length), part.encrypted), stage::kAgent},
                     {frontend.receive_work(Side::client, range.length), stage::kFrontend});
  if (!co_await complete) co_return IoStatus::failed;
  co_await site_->place(range.length, ledger);
  co_return IoStatus::done;
}

}  // namespace orrery
