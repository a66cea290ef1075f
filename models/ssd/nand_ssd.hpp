// A NAND flash drive behind NVMe: controller, dies, channels, host link, write buffer. README.md is
// the model card.
//
//   random read      controller -> die (tR, then held while the data leaves) -> channel -> link
//   sequential read  controller -> read-ahead buffer -> link  (the flash is read behind)
//   write            controller -> space in the write buffer -> link -> acknowledged -> drain (in
//                    the background)
//   partial unit     the same, but what is left of the mapping unit is read from its dies before it
//                    drains whole
//
// The controller works on a fixed number of commands at once and on each for a fixed time: that
// time is the command's latency in firmware, and slots / time is the drive's limit of commands per
// second.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "models/ssd/flash_array.hpp"
#include "models/ssd/nand_profile.hpp"
#include "models/ssd/read_ahead.hpp"
#include "models/ssd/ssd.hpp"
#include "models/ssd/stream_detector.hpp"
#include "models/ssd/write_buffer.hpp"
#include "sim/join.hpp"

namespace orrery {

class NandSsd final : public Ssd {
 public:
  // `seed` decides which die holds which address.
  NandSsd(Calendar& calendar, std::shared_ptr<const NandSsdProfile> profile, std::string name,
          std::uint64_t seed);

  const std::string& name() const override { return name_; }
  Bytes capacity() const override { return profile_->capacity; }
  // Fails at once what is empty or reaches beyond the capacity.
  Task<IoStatus> submit(Direction direction, Bytes offset, Bytes length, Ledger& ledger) override;
  void slow_down(double factor) override;
  void collect_stations(std::vector<Station*>& into) override;

 private:
  Task<IoStatus> command(Direction direction, Bytes offset, Bytes length, Ledger& ledger);
  Task<IoStatus> commands(Direction direction, Bytes offset, Bytes length, Ledger& ledger);
  Task<> command_of_many(Direction direction, Bytes offset, Bytes length, Ledger ledger,
                         Join<Ledger>::Ticket ticket);

  Task<IoStatus> read(Bytes offset, Bytes length, Ledger& ledger);
  Task<IoStatus> write(Bytes offset, Bytes length, Ledger& ledger);
  bool covers_units(Bytes offset, Bytes length) const;
  void update_units(WriteBuffer::Space space, Bytes offset, Bytes length);
  Task<> read_rest(Bytes offset, Bytes length, std::uint64_t held);
  Task<> read_piece(Bytes offset, Bytes length, Join<bool>::Ticket ticket);
  Task<bool> read_unit(Bytes offset, Bytes length, Ledger& ledger);
  Task<> unit_of_many(Bytes offset, Bytes length, Ledger ledger, Join<Ledger>::Ticket ticket);
  Duration command_time(Duration base, Bytes length) const {
    const Duration time = base + profile_->command_per_block * (blocks_of(length) - 1);
    return slowness_ == 1 ? time : scaled(time, slowness_);
  }

  Calendar& calendar_;
  std::shared_ptr<const NandSsdProfile> profile_;
  std::string name_;
  bool reads_wait_for_drain_;
  double slowness_ = 1;
  Station controller_;
  Station link_read_;
  Station link_write_;
  FlashArray flash_;
  ReadAhead read_ahead_;
  StreamDetector write_streams_;
  WriteBuffer buffer_;
  TaskScope updates_;  // partly written units that are being read
};

}  // namespace orrery
