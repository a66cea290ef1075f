#include "models/ebs/rpc_target.hpp"

#include "models/net/core_visit.hpp"

namespace orrery {

Task<IoStatus> RpcTarget::submit(Io& io) {
  const bool write = io.direction == Direction::write;
  Task<bool> request = message(Side::client, write ? io.length : Bytes{}, io.ledger);
  if (!co_await request) co_return IoStatus::failed;
  Task<bool> response = message(Side::server, write ? Bytes{} : io.length, io.ledger);
  co_return co_await response ? IoStatus::done : IoStatus::failed;
}

Task<bool> RpcTarget::message(Side from, Bytes payload, Ledger& ledger) {
  const Side to = other(from);
  Connection& c = *connection_;
  CoreVisit send(c.end(from).thread, stage::kFrontend, Visit::continuation, ledger,
                 {c.send_work(from, payload), stage::kFrontend});
  if (!co_await send) co_return false;
  Delivery delivery = c.deliver(from, payload, {&ledger, stage::kFrontend});
  if (!co_await delivery) co_return false;
  CoreVisit receive(c.end(to).thread, stage::kFrontend, arrival_over(c), ledger,
                    {c.receive_work(to, payload), stage::kFrontend});
  co_return co_await receive;
}

}  // namespace orrery
