#include "sim/actor.hpp"

#include <simgrid/Exception.hpp>
#include <simgrid/s4u/Actor.hpp>
#include <simgrid/s4u/Host.hpp>
#include <simgrid/s4u/Semaphore.hpp>
#include <utility>

#include "sim/assert.hpp"

namespace orrery {

namespace sg = simgrid::s4u;

struct Notification::Impl {
  Simulation& simulation;
  sg::SemaphorePtr semaphore = sg::Semaphore::create(0);
  bool told = false;
};

Notification::Notification(Simulation& simulation)
    : impl_(std::make_shared<Impl>(Impl{simulation})) {}
Notification::~Notification() = default;

void Notification::notify() {
  if (std::exchange(impl_->told, true)) return;
  impl_->simulation.at_engine([impl = impl_] { impl->semaphore->release(); });
}

void ActorContext::sleep_for(Duration duration) { sleep_until(after(now(), duration)); }

// From the engine's clock, so that rounding does not add up over many sleeps.
void ActorContext::sleep_until(TimePoint when) {
  if (when > now()) sg::this_actor::sleep_until(to_seconds(when));
}

void ActorContext::wait(Notification& news) {
  const auto impl = news.impl_;
  impl->semaphore->acquire();
  impl->told = false;
}

bool ActorContext::wait_for(Notification& news, Duration limit) {
  const auto impl = news.impl_;
  // To SimGrid, a timeout of zero is none.
  const bool timed_out = limit > Duration{} ? impl->semaphore->acquire_timeout(to_seconds(limit))
                                            : impl->semaphore->would_block();
  if (limit <= Duration{} && !timed_out) impl->semaphore->acquire();
  if (!timed_out) impl->told = false;
  return !timed_out;
}

void spawn_controller(Simulation& simulation, std::string name, std::string host,
                      std::function<void(ActorContext&)> body) {
  sg::Host* const place = sg::Host::by_name_or_null(host);
  ORRERY_INVARIANT(place != nullptr, host.c_str(), "no such host");
  auto run = [&simulation, body = std::move(body)] {
    ActorContext context(simulation);
    try {
      body(context);
    } catch (const simgrid::ForcefulKillException&) {
      throw;  // the actor is being sent home
    } catch (...) {
      simulation.fail(std::current_exception());
    }
  };
  simulation.at_engine([name = std::move(name), place, run = std::move(run)] {
    if (place->is_on()) sg::Actor::create(name, place, run)->daemonize();
  });
}

}  // namespace orrery
