// What a caller hears of a server that died with its request: nothing.
//
// A server that is up says itself that it failed. A dead one cannot: its caller waits until the
// connection is given up, by the transport or by the agent, or until the machine is back and a
// packet of the connection finds nobody who knows it.
#pragma once

#include "models/host/node.hpp"
#include "models/net/connection.hpp"
#include "sim/task.hpp"

namespace orrery {

inline Task<> silence_of(Node& server, Connection& connection) {
  if (server.up()) co_return;
  Delivery never = connection.deliver(Side::server, Bytes{}, {});
  co_await never;
}

}  // namespace orrery
