// The ways from a host to a volume of a storage engine, step by step in local_paths.cpp and
// fabric_paths.cpp.
//
//   native         no engine: the kernel's NVMe driver on the SSD
//   zero_copy      commands in shared memory, data by DMA straight between SSD and application
//   vhost          a guest's virtqueue polled by the engine; data by DMA straight into the guest
//   loopback_tcp   NVMe/TCP over lo: two copies, and a round trip for the data of a write that is
//                  not in its capsule
//   remote_tcp     the same over the network
//   remote_rdma    NVMe/RDMA: data by RDMA read and write, no copies
//
// An attempt is one try of an I/O. It ends as done, failed (the medium or the host), or lost: the
// engine is gone or the connection is. What is lost has to be tried again once the controller has
// contact; the engine may or may not have done it.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/io.hpp"
#include "models/net/connection.hpp"
#include "models/pool/controller.hpp"
#include "models/pool/engine.hpp"
#include "models/pool/initiator.hpp"
#include "models/volume/block_volume.hpp"

namespace orrery {

enum class Outcome : std::uint8_t { done, failed, lost };

// A volume as its engine has it.
struct EngineVolume {
  StorageEngine* engine = nullptr;
  BlockVolume* volume = nullptr;
};

class Attachment {
 public:
  // `uses_engine`: it hears of the engine's end.
  Attachment(Initiator& host, TaskScope& scope, EngineVolume served, bool uses_engine = true);
  virtual ~Attachment() = default;
  Attachment(const Attachment&) = delete;

  virtual std::string_view kind() const = 0;
  virtual Task<Outcome> attempt(Io& io, HostThread& application) = 0;
  // Larger I/Os have to be split.
  virtual Bytes max_transfer() const { return Bytes{std::int64_t{1} << 60}; }

  Initiator& host() { return host_; }
  StorageEngine& engine() { return *served_.engine; }
  const EngineVolume& served() const { return served_; }
  Controller& controller() { return controller_; }
  // Whether the engine is on another node.
  bool is_remote() { return &engine().node() != &host_.node(); }

 protected:
  const InitiatorProfile& costs() const { return host_.profile(); }
  const EngineProfile& engine_costs() const { return served_.engine->profile(); }
  Calendar& calendar() { return host_.calendar(); }
  Duration copy_time(Bytes bytes) const { return bytes / host_.node().profile().memory_copy_rate; }
  Duration engine_copy_time(Bytes bytes) const { return bytes / engine_costs().copy_rate; }
  // The process that an attempt was sent to, over the connections of that time.
  struct Session {
    std::uint32_t incarnation;
    std::int64_t losses;
  };
  Session session() const { return {incarnation_, controller_.losses()}; }
  bool has_contact(Session since) const {
    return since.incarnation == served_.engine->incarnation() &&
           since.losses == controller_.losses();
  }
  // The SSDs' part.
  Task<IoStatus> device(Io& io) { return served_.volume->submit(io); }
  // Tries to connect; true if it worked.
  virtual Task<bool> connect();
  // Asks for a sign of life.
  virtual Task<bool> keep_alive();
  // The controller has lost contact.
  virtual void disconnect() {}
  void take_incarnation() { incarnation_ = served_.engine->incarnation(); }

 private:
  Initiator& host_;
  EngineVolume served_;
  std::uint32_t incarnation_;
  Controller controller_;
};

// What connects hosts and engines over a network.
struct PoolNetwork {
  Fabric* fabric = nullptr;
  Stack* stack = nullptr;
  // What a node is called in the fabric, and the source port of the n-th connection between two
  // names.
  std::function<Fabric::ServerId(const Node&)> server;
  std::function<std::uint16_t(const std::string& volume, int number)> source_port;
};

// `network`: of remote kinds; it outlives the attachment. `name`: the volume's.
std::unique_ptr<Attachment> make_native(Initiator& host, TaskScope& scope, EngineVolume served);
std::unique_ptr<Attachment> make_zero_copy(Initiator& host, TaskScope& scope, EngineVolume served);
std::unique_ptr<Attachment> make_vhost(Initiator& host, TaskScope& scope, EngineVolume served);
std::unique_ptr<Attachment> make_nvme_tcp(Initiator& host, TaskScope& scope, EngineVolume served,
                                          const PoolNetwork* network, const std::string& name);
std::unique_ptr<Attachment> make_nvme_rdma(Initiator& host, TaskScope& scope, EngineVolume served,
                                           const PoolNetwork& network, const std::string& name);

}  // namespace orrery
