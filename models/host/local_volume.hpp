// An SSD as a volume: what a workload sees of a local disk without any engine.
#pragma once

#include <string>
#include <vector>

#include "models/ssd/ssd.hpp"
#include "models/volume/block_volume.hpp"

namespace orrery {

class LocalVolume final : public BlockVolume {
 public:
  // The device outlives the volume.
  explicit LocalVolume(Ssd& ssd) : ssd_(ssd), size_(ssd.capacity()) {}

  const std::string& name() const override { return ssd_.name(); }
  Bytes size() const override { return size_; }
  Task<IoStatus> submit(Io& io) override {
    return ssd_.submit(io.direction, io.offset, io.length, io.ledger);
  }
  bool resize(Bytes size) override {
    if (size > ssd_.capacity()) return false;
    size_ = size;
    return true;
  }
  bool snapshot(const std::string&) override { return false; }

 private:
  Ssd& ssd_;
  Bytes size_;
};

}  // namespace orrery
