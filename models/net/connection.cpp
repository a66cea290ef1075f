#include "models/net/connection.hpp"

namespace orrery {

Connection::Connection(Fabric& fabric, const Endpoint& client, const Endpoint& server,
                       const ChannelShape& shape, std::uint8_t protocol,
                       std::uint16_t first_source_port, std::size_t paths)
    : calendar_(fabric.calendar()), ends_{client, server} {
  constexpr std::uint16_t kServicePort = 8800;
  five_tuple_ = {client.server, server.server, first_source_port, kServicePort, protocol};
  routes_.reserve(2 * paths);
  std::vector<Channel::Path> there, back;
  for (std::size_t i = 0; i < paths; ++i) {
    FiveTuple flow = five_tuple_;
    flow.source_port = static_cast<std::uint16_t>(first_source_port + i);
    for (const FiveTuple& way : {flow, flow.reversed()})
      routes_.emplace_back(fabric.route(way)).end_latency = client.dma() + server.dma();
    Route* const to_server = &routes_[2 * i];
    Route* const to_client = &routes_[2 * i + 1];
    there.push_back({to_server, to_client});
    back.push_back({to_client, to_server});
  }
  channels_[0] = std::make_unique<Channel>(fabric, shape, there, client.thread, server.thread);
  channels_[1] = std::make_unique<Channel>(fabric, shape, back, server.thread, client.thread);
}

void Connection::close() {
  for (auto& channel : channels_) channel->close();
}

const ChannelShape& Stack::shape_on(const Fabric& fabric) {
  const auto known = shapes_.find(&fabric);
  if (known != shapes_.end()) return known->second;
  return shapes_.emplace(&fabric, make_shape(fabric)).first->second;
}

}  // namespace orrery
