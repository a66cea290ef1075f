#include "models/ebs/rpc_target.hpp"

namespace orrery {

Task<IoStatus> RpcTarget::submit(Io& io) {
  const bool write = io.direction == Direction::write;
  if (!co_await message(Side::client, write ? io.length : Bytes{}, io.ledger))
    co_return IoStatus::failed;
  if (!co_await message(Side::server, write ? Bytes{} : io.length, io.ledger))
    co_return IoStatus::failed;
  co_return IoStatus::done;
}

Task<bool> RpcTarget::message(Side from, Bytes payload, Ledger& ledger) {
  const Charge charge{&ledger, stage::kFrontend};
  if (const Duration work = connection_->send_work(from, payload); work.count() > 0)
    if (co_await connection_->end(from).cpu->cores().use(work, charge, kWorkPriority) !=
        Served::done)
      co_return false;
  if (!co_await connection_->deliver(from, payload, charge)) co_return false;
  const Side to = other(from);
  if (const Duration work = connection_->receive_work(to, payload); work.count() > 0)
    if (co_await connection_->end(to).cpu->cores().use(work, charge, kWorkPriority) != Served::done)
      co_return false;
  co_return true;
}

}  // namespace orrery
