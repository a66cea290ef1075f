#include "models/net/connection.hpp"

namespace orrery {

Connection::Connection(Fabric& fabric, const Endpoint& client, const Endpoint& server,
                       const ChannelShape& shape, std::uint8_t protocol,
                       std::uint16_t first_source_port, std::size_t paths)
    : calendar_(fabric.calendar()), fabric_(fabric), ends_{client, server} {
  constexpr std::uint16_t kServicePort = 8800;
  five_tuple_ = {client.server, server.server, first_source_port, kServicePort, protocol};
  paths_.resize(paths);
  for (std::size_t i = 0; i < paths; ++i) {
    paths_[i].flow = five_tuple_;
    paths_[i].flow.source_port = static_cast<std::uint16_t>(first_source_port + i);
    paths_[i].end_latency = client.dma() + server.dma();
  }
  channels_[0] =
      std::make_unique<Channel>(fabric, shape, paths_, true, client.thread, server.thread);
  channels_[1] =
      std::make_unique<Channel>(fabric, shape, paths_, false, server.thread, client.thread);
  channels_[0]->set_peer(*channels_[1]);
  channels_[1]->set_peer(*channels_[0]);
}

Connection::~Connection() {
  for (const PathState& path : paths_)
    for (Route* route : {path.there, path.back})
      if (route != nullptr) fabric_.let_go(route);
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
