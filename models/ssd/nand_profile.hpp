// The numbers of a NAND flash drive (nand_ssd.hpp says what each of its parts does with them).
#pragma once

#include <string>

#include "sim/params.hpp"
#include "sim/units.hpp"

namespace orrery {

inline constexpr const char* kServeBufferedReads = "serve";
inline constexpr const char* kBufferedReadsWait = "wait";

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

}  // namespace orrery
