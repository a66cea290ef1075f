// Runs one job against one volume.
//
// Each of the job's threads draws its I/Os and, in an open loop, its arrivals from streams named
// after job, volume number and thread; so two architectures with the same job and seed see the same
// arrivals, offsets, sizes and directions. Nothing is issued from the recorder's end() on; what is
// in flight then may end later and counts, or is in flight when the run ends. In steady state an
// I/O allocates nothing: its frame comes from the pool, the backlog is a ring that only grows.
//
// The volume and the recorder outlive the generator; destroying it destroys its I/Os.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "models/volume/block_volume.hpp"
#include "models/workload/io_stream.hpp"
#include "models/workload/job.hpp"
#include "models/workload/recorder.hpp"
#include "sim/calendar.hpp"
#include "sim/task.hpp"

namespace orrery {

class Generator {
 public:
  // `volume_number` tells the volumes of a job apart, in the order of the scenario.
  Generator(Calendar& calendar, BlockVolume& volume, JobRecorder& recorder, const JobSpec& job,
            std::uint64_t seed, std::size_t volume_number = 0);
  Generator(const Generator&) = delete;
  Generator& operator=(const Generator&) = delete;
  ~Generator();

  // Starts at the recorder's start(), or at once if that has passed.
  void start();
  // At the end of a run, once: tells the recorder what has not ended.
  void close();

  std::int64_t in_flight() const;  // submitted and not ended
  std::int64_t backlog() const;    // arrived and not submitted

 private:
  struct Thread;
  struct Outstanding;

  Task<> keep_one_outstanding(Thread& thread);
  Task<> let_arrive(Thread& thread);
  Task<> serve(Thread& thread, Request request);
  bool running() const { return calendar_.now() < recorder_.end(); }

  Calendar& calendar_;
  BlockVolume& volume_;
  std::size_t volume_number_;
  JobRecorder& recorder_;
  JobSpec job_;
  std::vector<std::unique_ptr<Thread>> threads_;
  Outstanding* newest_ = nullptr;
  TaskScope scope_;  // last: its tasks use all of the above
};

}  // namespace orrery
