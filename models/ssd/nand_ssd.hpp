// A NAND flash drive behind NVMe: controller, dies, channels, host link, write buffer. README.md is the model card.
//
//   random read      controller -> die (tR, then held while the data leaves) -> channel -> link
//   sequential read  controller -> read-ahead buffer -> link          (the flash is read in the background)
//   write            controller -> space in the write buffer -> link -> acknowledged -> drain (in the background)
//   partial unit     the same, but what is left of the mapping unit is read from its dies before it drains whole
//
// The controller works on a fixed number of commands at once and on each for a fixed time: that time is the command's latency
// in firmware, and slots / time is the drive's limit of commands per second.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "models/ssd/flash_array.hpp"
#include "models/ssd/read_ahead.hpp"
#include "models/ssd/ssd.hpp"
#include "models/ssd/stream_detector.hpp"
#include "models/ssd/write_buffer.hpp"
#include "sim/params.hpp"
#include "sim/join.hpp"

namespace orrery {

struct NandSsdProfile {
  Bytes capacity;
  Bytes max_transfer;

  int command_slots = 0;
  Duration random_read_command{}, sequential_read_command{};
  Duration random_write_command{}, sequential_write_command{};
  Duration command_per_block{};

  int dies = 0;
  int channels = 0;
  Duration read_time{};
  BitRate channel_rate;
  Bytes stripe_unit;

  BitRate link_read, link_write;

  Bytes write_buffer;
  BitRate sequential_drain, random_drain;
  Bytes indirection_unit;
  std::string buffered_read;

  int streams = 0;
  int stream_trigger = 0;
  Bytes stream_window;
  Bytes read_ahead;

  static const Declarations& declarations();
};

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
