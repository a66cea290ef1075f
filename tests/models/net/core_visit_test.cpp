// One visit to a core for several kinds of work.
#include "models/net/core_visit.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <optional>

#include "models/io.hpp"
#include "tests/models/net/rig.hpp"

namespace orrery {
namespace core_visit_test {

constexpr std::array<StageId, 3> kStages = {stage::kFrontend, stage::kBlockServer, stage::kBackend};
constexpr StageId kOwner = stage::kChunkServer;
using Times = std::array<Duration, 3>;

struct Visited {
  std::optional<bool> served;
  Ledger ledger;
  TimePoint at{};
};

class VisitRig {
 public:
  void visit(const Thread& thread, Visit how, const Times& times, Visited& out,
             TimePoint when = {}) {
    scope.spawn(visiting(thread, how, times, out, when));
  }
  Task<> visiting(Thread thread, Visit how, Times times, Visited& out, TimePoint when) {
    co_await Delay(calendar, when);
    out.ledger = Ledger(calendar.now());
    CoreVisit visit(thread, kOwner, how, out.ledger, {times[0], kStages[0]}, {times[1], kStages[1]},
                    {times[2], kStages[2]});
    out.served = co_await visit;
    out.at = calendar.now();
  }
  Calendar calendar;
  Cpu cpu{calendar, "cpu", 2, 1.0};
  Thread thread = Thread::pinned(cpu, 0);
  TaskScope scope;
};

RC_GTEST_PROP(CoreVisit, charges_each_kind_of_work_to_its_stage_and_the_wait_to_its_owner, ()) {
  VisitRig rig;
  const auto work = rc::gen::map(rc::gen::inRange<std::int64_t>(0, 50'000'000),
                                 [](std::int64_t ps) { return Duration{ps}; });
  const Times first = *rc::gen::container<Times>(work), second = *rc::gen::container<Times>(work);
  const auto how = *rc::gen::element(Visit::arrival, Visit::continuation);
  Visited a, b;
  rig.visit(rig.thread, how, first, a);
  rig.visit(rig.thread, how, second, b);
  run_dry(rig.calendar);
  const Duration before = first[0] + first[1] + first[2];
  const Duration own = second[0] + second[1] + second[2];
  RC_ASSERT(a.served == true);
  RC_ASSERT(b.served == true);
  RC_ASSERT(a.at == kStart + before);
  for (std::size_t i = 0; i < 3; ++i) {
    RC_ASSERT(a.ledger.served(kStages[i]) == first[i]);
    RC_ASSERT(b.ledger.served(kStages[i]) == second[i]);
    RC_ASSERT(a.ledger.waited(kStages[i]) == Duration{});
    RC_ASSERT(b.ledger.waited(kStages[i]) == Duration{});
  }
  // A visit without work passes those that wait.
  const Duration waited = own.count() > 0 ? before : Duration{};
  RC_ASSERT(b.ledger.waited(kOwner) == waited);
  RC_ASSERT(b.at == kStart + waited + own);
  RC_ASSERT(b.ledger.total() == waited + own);
}

TEST(CoreVisit, is_one_job_whatever_the_kinds_of_work) {
  VisitRig rig;
  Visited out;
  rig.visit(rig.thread, Visit::arrival, {microseconds(1), microseconds(2), microseconds(3)}, out);
  run_dry(rig.calendar);
  EXPECT_EQ(rig.cpu.core(0).books().snapshot(rig.calendar.now()).served, 1);
}

TEST(CoreVisit, without_work_costs_nothing_not_even_an_event) {
  VisitRig rig;
  for (const Visit how : {Visit::arrival, Visit::continuation}) {
    Visited out;
    rig.visit(rig.thread, how, {}, out);
    EXPECT_EQ(out.served, true);
    EXPECT_TRUE(rig.calendar.empty());
  }
  EXPECT_EQ(rig.cpu.core(0).books().snapshot(rig.calendar.now()).arrived, 0);
}

TEST(CoreVisit, an_arrival_waits_for_the_threads_look_even_without_work) {
  constexpr Duration kInterval = microseconds(8);
  for (const Times& times : {Times{}, Times{microseconds(1), Duration{}, Duration{}}}) {
    VisitRig rig;
    rig.cpu.set_poll_interval(0, kInterval, 1);
    Visited work, arrival, continuation;
    rig.visit(rig.thread, Visit::continuation, {microseconds(10), Duration{}, Duration{}}, work);
    const TimePoint when = kStart + microseconds(12);  // 2 us after the work
    rig.visit(rig.thread, Visit::continuation, {}, continuation, when);
    rig.visit(rig.thread, Visit::arrival, times, arrival, when);
    run_dry(rig.calendar);
    EXPECT_EQ(continuation.at, when);
    EXPECT_EQ(arrival.ledger.waited(kOwner), kInterval - microseconds(2));
    EXPECT_EQ(arrival.at, when + kInterval - microseconds(2) + times[0]);
  }
}

TEST(CoreVisit, tells_of_a_machine_that_failed) {
  VisitRig rig;
  Visited during, after;
  rig.visit(rig.thread, Visit::arrival, {microseconds(10), microseconds(1), Duration{}}, during);
  rig.calendar.run_until(kStart + microseconds(4));
  rig.calendar.advance_to(kStart + microseconds(4));
  rig.cpu.fail();
  rig.visit(rig.thread, Visit::arrival, {microseconds(10), Duration{}, Duration{}}, after);
  EXPECT_EQ(during.served, false);
  EXPECT_EQ(during.ledger.total(), microseconds(4));
  EXPECT_EQ(after.served, false);
  EXPECT_TRUE(rig.calendar.empty());
}

TEST(CoreVisit, that_is_called_off_leaves_the_core_to_the_next) {
  VisitRig rig;
  Visited kept;
  {
    TaskScope cancelled;
    Visited gone;
    cancelled.spawn(rig.visiting(rig.thread, Visit::arrival,
                                 {microseconds(10), Duration{}, Duration{}}, gone, {}));
    rig.visit(rig.thread, Visit::arrival, {microseconds(5), Duration{}, Duration{}}, kept);
    rig.calendar.run_until(kStart + microseconds(2));
    rig.calendar.advance_to(kStart + microseconds(2));
  }
  run_dry(rig.calendar);
  EXPECT_EQ(kept.at, kStart + microseconds(7));
}

}  // namespace core_visit_test
}  // namespace orrery
