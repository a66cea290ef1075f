#include "models/net/connection.hpp"

namespace orrery {

Connection::Connection(Fabric& fabric, const Endpoint& client, const Endpoint& server,
                       ChannelShape shape, std::uint8_t protocol, std::uint16_t first_source_port,
                       int paths)
    : calendar_(fabric.calendar()), ends_{client, server} {
  constexpr std::uint16_t kServicePort = 8800;
  shape.end_latency = client.dma() + server.dma();
  std::vector<FiveTuple> back;
  for (int i = 0; i < paths; ++i) {
    flows_.push_back({client.server, server.server,
                      static_cast<std::uint16_t>(first_source_port + i), kServicePort, protocol});
    back.push_back(flows_.back().reversed());
  }
  channels_[0] = std::make_unique<Channel>(fabric, shape, flows_, client.thread, server.thread);
  channels_[1] = std::make_unique<Channel>(fabric, shape, back, server.thread, client.thread);
}

void Connection::close() {
  for (auto& channel : channels_) channel->close();
}

}  // namespace orrery
