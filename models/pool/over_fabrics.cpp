#include "models/pool/over_fabrics.hpp"

#include <utility>

namespace orrery {

OverFabrics::OverFabrics(Initiator& host, TaskScope& scope, EngineVolume served,
                         const PoolNetwork* network, const std::string& name)
    : Attachment(host, scope, served), network_(network), name_(name) {
  for (std::int64_t q = 0; q < host.profile().queue_pairs; ++q)
    queues_.push_back(std::make_unique<Queue>(host, engine(), network == nullptr));
  open_connections();
}

void OverFabrics::open_connections() {
  if (network_ == nullptr) return;
  Node& here = host().node();
  Node& there = engine().node();
  for (auto& queue : queues_)
    queue->link = std::make_unique<Link>(network_->stack->connect(
        *network_->fabric, {&here, queue->io_thread.thread(), network_->server(here)},
        {&there, queue->reactor, network_->server(there)},
        network_->source_port(name_, connections_made_++)));
}

void OverFabrics::disconnect() {
  for (auto& queue : queues_) {
    if (queue->link == nullptr) continue;
    closed_.push_back(std::move(queue->link));
    closed_.back()->connection->close();
  }
}

Task<bool> OverFabrics::connect() {
  disconnect();
  std::erase_if(closed_, [](const std::unique_ptr<Link>& link) {
    return link->crossings == 0 && link->connection->is_quiet();
  });
  open_connections();
  Task<bool> answering = keep_alive();
  if (!co_await answering) co_return false;
  co_await Delay(calendar(), costs().connect_time);
  if (!engine().is_running()) co_return false;
  take_incarnation();
  co_return true;
}

// A round trip; nobody listens where no engine runs.
Task<bool> OverFabrics::keep_alive() {
  Ledger nobody(calendar().now());
  Queue& first = *queues_.front();
  Crossing there(first, Side::client, Bytes{}, nobody);
  if (!co_await there) co_return false;
  if (!engine().is_running()) co_return false;
  Crossing back(first, Side::server, Bytes{}, nobody);
  co_return co_await back;
}

}  // namespace orrery
