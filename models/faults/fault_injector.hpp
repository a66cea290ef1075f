// Breaks what faults say, and mends it. The one truth about what is broken.
//
// Faults are tasks on the calendar: they happen at their picosecond and cost nothing while they
// wait. What a fault does to routing follows from the fabric (models/net/fabric.hpp); what it does
// to packets on a port from models/net/impairment.hpp.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/faults/fault.hpp"
#include "models/net/impairment.hpp"
#include "sim/random.hpp"
#include "sim/task.hpp"

namespace orrery {

class FaultInjector {
 public:
  // One component broken by one fault.
  struct Episode {
    std::size_t fault = 0;
    std::string component;
    TimePoint from{};
    std::optional<TimePoint> to;  // none: not mended
  };

  // The domain outlives the injector.
  FaultInjector(FaultDomain& domain, std::vector<FaultSpec> faults, std::uint64_t seed);

  // Runs the faults as tasks of `scope`, which must not outlive the injector.
  void start(TaskScope& scope);
  // Called when something breaks.
  void on_break(std::function<void(const Episode&)> call) { broken_ = std::move(call); }

  const std::vector<FaultSpec>& faults() const { return faults_; }
  const std::vector<Episode>& episodes() const { return episodes_; }

 private:
  Task<> once(std::size_t fault, std::size_t target);
  Task<> flap(std::size_t fault, std::size_t target);
  Task<> recur(std::size_t fault, std::size_t target);
  std::size_t begin(std::size_t fault, std::size_t target);
  void end(std::size_t episode, std::size_t fault, std::size_t target);
  void slow_ssd(const Equipment& component, std::size_t episode, double factor);
  void set_down(const FaultSpec& fault, const Equipment& component, bool down);
  void impair(std::size_t fault, const Equipment& component, std::size_t episode);
  std::vector<Port*> ports_of(const Equipment& component) const;
  Duration drawn(const FaultSpec& fault, Duration mean, RandomStream& draws) const;

  FaultDomain& domain_;
  Calendar& calendar_;
  std::vector<FaultSpec> faults_;
  std::uint64_t seed_;
  std::vector<Equipment> equipment_;
  std::map<Port*, std::unique_ptr<ImpairedPort>> impaired_;
  std::map<Node*, int> servers_down_;
  std::map<Ssd*, std::map<std::size_t, double>> slowed_;  // by episode
  std::vector<Episode> episodes_;
  std::function<void(const Episode&)> broken_;
};

}  // namespace orrery
