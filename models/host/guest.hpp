// Guest: the virtual machine that a volume is attached to, as far as an I/O notices it.
//
// The workload's thread runs on a vCPU: block layer and NVMe driver build the command and ring the
// doorbell; after the volume has served it an interrupt is injected, and the vCPU completes it.
// Every thread of a job has its own queue, and queues their vCPUs in turn (blk-mq). Charges go to
// stage::kGuest.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "models/host/cpu.hpp"
#include "models/volume/block_volume.hpp"
#include "sim/params.hpp"

namespace orrery {

struct GuestProfile {
  std::int64_t vcpus = 0;
  Duration submit{};
  Duration interrupt{};
  Duration complete{};
  static const Declarations& declarations();
};

// A volume as its guest sees it.
class GuestVolume final : public BlockVolume {
 public:
  GuestVolume(Calendar& calendar, const GuestProfile& profile,
              std::unique_ptr<BlockVolume> attached);

  const std::string& name() const override { return attached_->name(); }
  Bytes size() const override { return attached_->size(); }
  Task<IoStatus> submit(Io& io) override;
  bool resize(Bytes size) override { return attached_->resize(size); }
  bool snapshot(const std::string& snapshot) override { return attached_->snapshot(snapshot); }

  Cpu& cpu() { return cpu_; }

 private:
  Calendar& calendar_;
  GuestProfile profile_;
  std::unique_ptr<BlockVolume> attached_;
  Cpu cpu_;
};

}  // namespace orrery
