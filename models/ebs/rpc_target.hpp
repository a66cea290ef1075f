// A server that answers RPCs and does nothing else, in the guise of a volume: what a network stack
// is measured with (SIGCOMM'22 Table 1). A write sends its bytes and gets a small answer, a read
// the reverse.
#pragma once

#include <memory>
#include <string>

#include "models/net/connection.hpp"
#include "models/volume/block_volume.hpp"

namespace orrery {

class RpcTarget final : public BlockVolume {
 public:
  RpcTarget(std::string name, Bytes size, std::unique_ptr<Connection> connection)
      : name_(std::move(name)), size_(size), connection_(std::move(connection)) {}

  const std::string& name() const override { return name_; }
  Bytes size() const override { return size_; }
  Task<IoStatus> submit(Io& io) override;
  bool resize(Bytes size) override {
    size_ = size;
    return true;
  }
  bool snapshot(const std::string&) override { return false; }

 private:
  // One message, from the sender's thread to the end of the receiver's.
  Task<bool> message(Side from, Bytes payload, Ledger& ledger);

  std::string name_;
  Bytes size_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace orrery
