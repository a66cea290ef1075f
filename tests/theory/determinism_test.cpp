// One seed, one history: every event of a run with queues, quorums, timeouts, tokens and failures,
// hashed in order.
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/join.hpp"
#include "sim/random.hpp"
#include "sim/semaphore.hpp"
#include "sim/simulation.hpp"
#include "sim/station.hpp"
#include "sim/task.hpp"
#include "sim/token_bucket.hpp"

namespace orrery {
namespace determinism_test {

struct World {
  Calendar& calendar;
  TaskScope& scope;
  RandomStream random;
  Station cores;
  std::vector<std::unique_ptr<Station>> disks;
  TokenBucket tokens;
  Semaphore depth;
  std::uint64_t history = 0;

  World(Calendar& c, TaskScope& s, std::uint64_t seed)
      : calendar(c),
        scope(s),
        random(seed, "world"),
        cores(c, "cores", 4, 64),
        tokens(c, 2e6, 100),
        depth(c, 32) {
    for (int i = 0; i < 5; ++i) disks.push_back(std::make_unique<Station>(c, "disk", 2));
  }
  void note(std::uint64_t what) {
    history =
        mix(history ^
            mix(static_cast<std::uint64_t>(calendar.now().time_since_epoch().count()) + what));
  }
};

Task<> replica(World* world, Station* disk, Duration service, Join<int>::Ticket ticket,
               int number) {
  Station::Use use = disk->use(service);
  const Served how = co_await use;
  world->note(static_cast<std::uint64_t>(number));
  if (how == Served::done) ticket.succeed(number);
}

Task<int> write(World* world) {
  const Duration agent = world->random.exponential(microseconds(2));
  Station::Use use = world->cores.use(agent, {}, static_cast<int>(world->random.below(3)));
  if (co_await use != Served::done) co_return -1;
  Join<int> join(world->calendar, 2, 3);
  const auto first = world->random.below(5);
  for (std::uint64_t i = 0; i < 3; ++i) {
    Station* disk = world->disks[(first + i) % 5].get();
    const Duration service = world->random.exponential(microseconds(10));
    Join<int>::Ticket ticket = join.ticket();
    world->scope.spawn(replica(world, disk, service, std::move(ticket), static_cast<int>(i)));
  }
  auto reached = join.reached();
  const int* releasing = co_await reached;
  co_return releasing != nullptr ? *releasing : -2;
}

Task<> io(World* world) {
  Semaphore::Acquire slot = world->depth.acquire();
  co_await slot;
  TokenBucket::Take admitted = world->tokens.take(1);
  co_await admitted;
  Within<int> limited(world->calendar, microseconds(60), write(world));
  const std::optional<int> result = co_await limited;
  world->note(static_cast<std::uint64_t>(result.value_or(-3)));
  world->depth.release();
}

Task<> source(World* world) {
  for (;;) {
    Delay gap(world->calendar, world->random.exponential(microseconds(1.5)));
    co_await gap;
    world->scope.spawn(io(world));
  }
}

Task<> breaker(World* world) {
  for (;;) {
    Delay well(world->calendar, world->random.exponential(microseconds(500)));
    co_await well;
    Station* disk = world->disks[world->random.below(5)].get();
    disk->fail();
    Delay broken(world->calendar, microseconds(100));
    co_await broken;
    disk->restore();
  }
}

void populate(World* world) {
  world->scope.spawn(source(world));
  world->scope.spawn(breaker(world));
}

constexpr TimePoint kEnd = kStart + milliseconds(50);

struct History {
  std::uint64_t hash;
  std::uint64_t events;
  bool operator==(const History&) const = default;
};

History alone(std::uint64_t seed) {
  Calendar calendar;
  TaskScope scope;
  World world(calendar, scope, seed);
  populate(&world);
  calendar.run_until(kEnd);
  const History history{world.history, calendar.fired()};
  scope.clear();
  return history;
}

TEST(Determinism, one_seed_gives_one_history) {
  const History once = alone(7);
  EXPECT_GT(once.events, 100'000u);
  EXPECT_EQ(once, alone(7));
  EXPECT_NE(once.hash, alone(8).hash);
}

TEST(Determinism, the_history_is_the_same_inside_simgrids_clock_whatever_else_goes_on_there) {
  Simulation simulation({});
  World world(simulation.calendar(), simulation.tasks(), 7);
  populate(&world);
  // Stops the look-ahead at odd times and asks for progress, which must leave no trace but their
  // own events.
  std::uint64_t own_events = 0;
  auto interrupter = [](Simulation* s, std::uint64_t* count) -> Task<> {
    for (;;) {
      Delay pause(s->calendar(), nanoseconds(7'777.777));
      co_await pause;
      ++*count;
      s->at_engine([] {});
    }
  };
  simulation.tasks().spawn(interrupter(&simulation, &own_events));
  simulation.set_progress([](TimePoint, TimePoint) {}, 1000);
  simulation.run(kEnd);
  const History inside{world.history, simulation.calendar().fired() - own_events};
  EXPECT_EQ(inside, alone(7));
}

}  // namespace determinism_test
}  // namespace orrery
