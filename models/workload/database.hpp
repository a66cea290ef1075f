// A database on one volume: the part of a scenario's application that runs there.
#pragma once

#include <cstddef>
#include <cstdint>

#include "models/host/cpu.hpp"
#include "models/volume/block_volume.hpp"
#include "sim/calendar.hpp"

namespace orrery {

class Database {
 public:
  virtual ~Database() = default;
  // Starts at the recorder's start().
  virtual void start() = 0;
  // At the end of a run, once: tells the recorder what has not ended.
  virtual void close() = 0;
};

// Where a database runs. All of it outlives the database; without a cpu its work is time that
// passes.
struct DatabaseHost {
  Calendar& calendar;
  BlockVolume& volume;
  Cpu* cpu = nullptr;
  std::uint64_t seed = 0;
  std::size_t volume_number = 0;  // tells the volumes of a scenario apart, in their order
};

}  // namespace orrery
