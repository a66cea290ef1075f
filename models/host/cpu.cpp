#include "models/host/cpu.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "sim/assert.hpp"

namespace orrery {

Cpu::Cpu(Calendar& calendar, const std::string& name, std::size_t cores, double slowness)
    : calendar_(calendar), name_(name), slowness_(slowness) {
  for (std::size_t i = 0; i < cores; ++i)
    cores_.push_back(std::make_unique<Station>(calendar, fmt::format("{}/core-{}", name, i), 1));
}

void Cpu::set_apart(std::size_t count) {
  ORRERY_INVARIANT(count < cores_.size(), name_.c_str(), "no core is left for other work");
  set_apart_ = count;
  next_ = std::max(next_, set_apart_);
}

Station& Cpu::freest_core() {
  std::size_t best = next_;
  std::int64_t least = INT64_MAX;
  const std::size_t shared = cores_.size() - set_apart_;
  for (std::size_t i = 0; i < shared; ++i) {
    const std::size_t index = next_ + i < cores_.size() ? next_ + i : next_ + i - shared;
    const std::int64_t jobs = cores_[index]->busy() + cores_[index]->queued();
    if (jobs >= least) continue;
    least = jobs;
    best = index;
    if (least == 0) break;
  }
  next_ = best + 1 < cores_.size() ? best + 1 : set_apart_;
  return *cores_[best];
}

void Cpu::set_poll_interval(std::size_t index, Duration interval, std::uint64_t seed) {
  if (!polling_) polling_.emplace(seed, name_ + "/polling");
  cores_[index]->poll_every(interval, *polling_);
}

void Cpu::fail() {
  for (auto& core : cores_) core->fail();
}

void Cpu::restore() {
  for (auto& core : cores_) core->restore();
}

void Cpu::collect_stations(std::vector<Station*>& into) {
  for (auto& core : cores_) into.push_back(core.get());
}

Thread Thread::pinned(Cpu& cpu, std::size_t index) { return Thread(cpu, index % cpu.cores()); }
Thread Thread::floating(Cpu& cpu) { return Thread(cpu, kFloating); }

}  // namespace orrery
