// One volume over several devices: one after the other, or striped in extents of equal size.
//
// An I/O that crosses devices forks: its parts run at the same time, it ends with the slowest of
// them, whose ledger it takes over, and it fails if any of them failed. Parts of a striped I/O are
// one per extent.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/volume/block_volume.hpp"
#include "sim/calendar.hpp"

namespace orrery {

class MappedVolume final : public BlockVolume {
 public:
  // The devices outlive the volume. Striping uses of each device the whole extents of the smallest
  // one.
  static MappedVolume concatenated(Calendar& calendar, std::string name,
                                   std::vector<BlockVolume*> devices);
  static MappedVolume striped(Calendar& calendar, std::string name,
                              std::vector<BlockVolume*> devices, Bytes extent);

  const std::string& name() const override { return name_; }
  Bytes size() const override { return size_; }
  Task<IoStatus> submit(Io& io) override;

  // Concatenated: the last device takes the difference. Striped: every device takes its part, which
  // must be whole extents. If a device refuses, those before it are set back and nothing has
  // changed.
  bool resize(Bytes size) override;
  // Of all devices at one instant; false if one refused, the others then keep theirs.
  bool snapshot(const std::string& snapshot) override;

  // Where a range lies: at most `length` bytes, as far as they are contiguous on one device.
  struct Place {
    std::size_t device;
    Bytes offset;
    Bytes length;
  };
  Place place(Bytes offset, Bytes length) const;

 private:
  MappedVolume(Calendar& calendar, std::string name, std::vector<BlockVolume*> devices,
               Bytes extent);
  void measure();

  Calendar& calendar_;
  std::string name_;
  std::vector<BlockVolume*> devices_;
  Bytes extent_;             // 0: concatenated
  std::vector<Bytes> ends_;  // concatenated: where each device ends in the volume
  Bytes size_;
};

}  // namespace orrery
