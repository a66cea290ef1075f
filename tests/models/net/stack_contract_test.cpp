// What every network stack must keep, whatever its mechanism. Runs once per entry of the registry
// and place of the client.
#include <gmock/gmock.h>
#include <rapidcheck.h>

#include <algorithm>
#include <array>
#include <ostream>
#include <set>

#include "tests/models/net/rig.hpp"

namespace orrery {
namespace stack_contract_test {

constexpr std::array kSides = {Side::client, Side::server};

struct Outcome {
  int id = 0;
  Side from = Side::client;
  bool arrived = false;
  TimePoint asked{};
  TimePoint ended{};
  bool operator==(const Outcome&) const = default;
};

Task<> deliver(Calendar& calendar, Connection& connection, int id, Side from, Bytes size,
               std::vector<Outcome>& outcomes) {
  const TimePoint asked = calendar.now();
  Delivery delivery = connection.deliver(from, size, {});
  const bool arrived = co_await delivery;
  outcomes.push_back({id, from, arrived, asked, calendar.now()});
}

Task<> deliver_at(Calendar& calendar, Connection& connection, TimePoint when, int id, Side from,
                  Bytes size, std::vector<Outcome>& outcomes) {
  co_await Delay(calendar, when);
  co_await deliver(calendar, connection, id, from, size, outcomes);
}

struct Case {
  StackEntry stack;
  bool on_dpu = false;
};
void PrintTo(const Case& c, std::ostream* out) {
  *out << c.stack.name << (c.on_dpu ? " on a DPU" : " on a host");
}

std::vector<Case> all_cases() {
  std::vector<Case> cases;
  for (const StackEntry& entry : all_stacks())
    for (const bool on_dpu : {false, true}) cases.push_back({entry, on_dpu});
  return cases;
}

class StackContract : public testing::TestWithParam<Case> {
 protected:
  StackContract() : rig_(options()) { use(shipped_profile(std::string(entry().profile))); }

  static NetOptions options() {
    NetOptions options;
    options.client_on_dpu = GetParam().on_dpu;
    return options;
  }
  static const StackEntry& entry() { return GetParam().stack; }
  void use(const Profile& profile) {
    connection_.reset();
    stack_ = entry().make(profile);
    connection_ = rig_.connect(*stack_);
  }
  // The same stack with less window.
  void use_window(Bytes window) {
    Profile profile = shipped_profile(std::string(entry().profile));
    for (auto& [name, parameter] : profile.parameters)
      if (name == "window") parameter.value = Value{window};
    use(profile);
  }
  void send(int id, Side from, Bytes size) {
    scope_.spawn(deliver(calendar(), *connection_, id, from, size, outcomes_));
  }
  Calendar& calendar() { return rig_.calendar(); }
  std::size_t arrived() const {
    return static_cast<std::size_t>(std::count_if(outcomes_.begin(), outcomes_.end(),
                                                  [](const Outcome& o) { return o.arrived; }));
  }
  // Nothing is queued, on its way or waiting.
  void expect_quiet() {
    EXPECT_TRUE(calendar().empty());
    for (const Side side : kSides) EXPECT_EQ(connection_->channel(side).in_flight(), Bytes{});
    EXPECT_EQ(scope_.size(), 0u);
    rig_.expect_no_packet_left();
    for (std::size_t i = 0; i < 2; ++i) EXPECT_EQ(jobs_on(rig_.endpoint(i).thread.cpu()), 0);
  }
  // What the wire alone takes for a message: every hop's latency, and its bytes at the rate of all
  // NIC ports.
  Duration wire_time(Bytes size) {
    const Route route = rig_.fabric().route(connection_->five_tuple());
    Duration sum{};
    for (int hop = 0; hop < route.length; ++hop) sum += route.ports[hop]->latency();
    const std::size_t ports = std::min<std::size_t>(2, connection_->paths());
    return sum + size / BitRate{25e9 * static_cast<double>(ports)};
  }

  NetRig rig_;
  std::unique_ptr<Stack> stack_;
  std::unique_ptr<Connection> connection_;
  std::vector<Outcome> outcomes_;
  TaskScope scope_;
};

std::string case_name(const testing::TestParamInfo<Case>& info) {
  return std::string(info.param.stack.name) + (info.param.on_dpu ? "_on_dpu" : "_on_host");
}
INSTANTIATE_TEST_SUITE_P(Registry, StackContract, testing::ValuesIn(all_cases()), case_name);

TEST_P(StackContract, is_found_by_its_name_and_its_profile_gives_every_parameter) {
  EXPECT_EQ(find_stack(entry().name)->make, entry().make);
  EXPECT_EQ(shipped_profile(std::string(entry().profile)).parameters.size(),
            entry().declarations().fields.size());
  EXPECT_EQ(find_stack("no such stack"), nullptr);
  EXPECT_EQ(connection_->wakes_receiver(), !entry().traits.threads_poll);
}

TEST_P(StackContract, delivers_every_message_exactly_once_and_in_order_on_one_path) {
  const bool passed = rc::check([this] {
    outcomes_.clear();
    const int count = *rc::gen::inRange(1, 60);
    for (int i = 0; i < count; ++i) {
      const Side from = kSides[*rc::gen::inRange<std::size_t>(0, 2)];
      const Bytes size{*rc::gen::oneOf(rc::gen::just<std::int64_t>(0),
                                       rc::gen::just<std::int64_t>(4096),
                                       rc::gen::inRange<std::int64_t>(1, 300'000))};
      const TimePoint when = after(calendar().now(), nanoseconds(*rc::gen::inRange(0, 50'000)));
      scope_.spawn(deliver_at(calendar(), *connection_, when, i, from, size, outcomes_));
    }
    run_dry(calendar());
    RC_ASSERT(outcomes_.size() == static_cast<std::size_t>(count));
    RC_ASSERT(arrived() == outcomes_.size());
    std::set<int> ids;
    for (const Outcome& o : outcomes_) ids.insert(o.id);
    RC_ASSERT(ids.size() == outcomes_.size());
    if (connection_->paths() == 1)
      for (const Side side : kSides) {
        TimePoint last{};
        for (const Outcome& o : outcomes_)
          if (o.from == side) {
            RC_ASSERT(o.asked >= last);
            last = o.asked;
          }
      }
    RC_ASSERT(connection_->channel(Side::client).messages_lost() == 0);
  });
  EXPECT_TRUE(passed);
  expect_quiet();
}

TEST_P(StackContract, is_never_faster_than_the_wire) {
  for (const Side from : kSides)
    for (const std::int64_t size : {0, 1, 64, 4096, 65536, 1 << 20}) {
      outcomes_.clear();
      send(0, from, Bytes{size});
      run_dry(calendar());
      EXPECT_GE(outcomes_[0].ended - outcomes_[0].asked, wire_time(Bytes{size})) << size;
    }
  outcomes_.clear();
  const TimePoint start = calendar().now();
  for (int i = 0; i < 100; ++i) send(i, Side::client, kibibytes(64));
  run_dry(calendar());
  TimePoint last{};
  for (const Outcome& o : outcomes_) last = std::max(last, o.ended);
  EXPECT_GE(last - start, wire_time(kibibytes(6400)));
}

TEST_P(StackContract, keeps_its_window_and_makes_senders_wait_for_it) {
  constexpr Bytes kWindow = kibibytes(32);
  use_window(kWindow);
  const Bytes allowed = kWindow * static_cast<std::int64_t>(connection_->paths());
  const TimePoint start = calendar().now();
  constexpr int kMessages = 200;
  for (int i = 0; i < kMessages; ++i) send(i, Side::client, kibibytes(16));
  Bytes most{};
  while (!calendar().empty()) {
    calendar().run_until(calendar().next_time(), 1);
    most = std::max(most, connection_->channel(Side::client).in_flight());
  }
  EXPECT_EQ(arrived(), static_cast<std::size_t>(kMessages));
  EXPECT_LE(most, allowed);
  EXPECT_GT(most, Bytes{allowed.count() / 2});
  // A window per round trip of the bare wire, and no more.
  const Duration round_trip = wire_time({}) * 2;
  EXPECT_GE(calendar().now() - start, round_trip * (kibibytes(16) * kMessages / allowed - 1));
}

TEST_P(StackContract, a_packet_larger_than_the_window_goes_alone) {
  use_window(Bytes{4096});
  for (int i = 0; i < 5; ++i) send(i, Side::client, kibibytes(64));
  run_dry(calendar());
  EXPECT_EQ(arrived(), 5u);
  expect_quiet();
}

TEST_P(StackContract, close_fails_what_is_queued_what_is_under_way_and_what_comes) {
  use_window(kibibytes(64));
  for (int i = 0; i < 50; ++i)
    for (const Side side : kSides) send(i, side, kibibytes(64));
  calendar().run_until(TimePoint{microseconds(60)});
  const std::size_t before = arrived();
  EXPECT_LT(before, 100u);
  connection_->close();
  EXPECT_TRUE(connection_->closed());
  send(100, Side::client, kibibytes(4));
  send(101, Side::server, Bytes{});
  run_dry(calendar());
  EXPECT_EQ(outcomes_.size(), 102u);
  // What had arrived at the NIC before may still reach its thread; nothing that was on the wire
  // does.
  const TimePoint closed{microseconds(60)};
  for (const Outcome& o : outcomes_)
    if (o.arrived && o.ended > closed) {
      EXPECT_LT(o.ended - closed, microseconds(100)) << o.id;
      EXPECT_LT(o.asked, closed);
    }
  EXPECT_LT(arrived(), before + 10);
  expect_quiet();
}

TEST_P(StackContract, a_lost_packet_is_sent_again_or_fails_its_message) {
  use_window(kibibytes(64));
  int data = 0;
  const auto lose_third = [&data](const Packet& packet) {
    return packet.payload > 0 && !packet.is_ack && ++data == 3;
  };
  for (const char* nic : {"net/server-0/port-0", "net/server-0/port-1"})
    drop_if(*rig_.fabric().find_port(nic), lose_third);
  for (int i = 0; i < 20; ++i) send(i, Side::client, kibibytes(4));
  run_dry(calendar());
  EXPECT_EQ(outcomes_.size(), 20u);
  const bool recovers = entry().name != "wire";
  EXPECT_EQ(arrived(), recovers ? 20u : 19u);
  EXPECT_EQ(connection_->channel(Side::client).messages_lost(), recovers ? 0 : 1);
  EXPECT_EQ(rig_.fabric().counters().resent > 0, recovers);
  expect_quiet();
}

// What follows it tells of the gap: nobody waits for a timer.
TEST_P(StackContract, a_lost_packet_without_payload_is_found_as_soon_as_one_with_it) {
  for (const Side from : kSides) {
    outcomes_.clear();
    use(shipped_profile(std::string(entry().profile)));
    int seen = 0;
    const std::string nic = from == Side::client ? "net/server-0/port-" : "net/server-1/port-";
    for (const char* number : {"0", "1"})
      drop_if(*rig_.fabric().find_port(nic + number), [&seen](const Packet& packet) {
        return packet.payload == 0 && !packet.is_ack && ++seen == 3;
      });
    const TimePoint begun = calendar().now();
    for (int i = 0; i < 20; ++i)
      scope_.spawn(deliver_at(calendar(), *connection_, after(begun, microseconds(5 * i)), i, from,
                              Bytes{}, outcomes_));
    run_dry(calendar());
    const bool recovers = entry().name != "wire";
    EXPECT_GE(seen, 20);
    EXPECT_EQ(outcomes_.size(), 20u);
    EXPECT_EQ(arrived(), recovers ? 20u : 19u);
    for (const Outcome& o : outcomes_) EXPECT_LT(o.ended - begun, microseconds(500)) << o.id;
  }
}

TEST_P(StackContract, lost_acknowledgements_lose_nothing_else) {
  use_window(kibibytes(16));
  int acks = 0;
  for (const auto& port : rig_.fabric().ports())
    if (port->name().starts_with("net/server-1/"))
      drop_if(*port, [&acks](const Packet& packet) { return packet.is_ack && ++acks % 2 == 1; });
  for (int i = 0; i < 50; ++i) send(i, Side::client, kibibytes(4));
  run_dry(calendar());
  EXPECT_EQ(arrived(), 50u);
  expect_quiet();
}

TEST_P(StackContract, nothing_stands_still_behind_a_window_that_was_lost_as_a_whole) {
  use_window(kibibytes(16));
  for (int i = 0; i < 50; ++i) send(i, Side::client, kibibytes(4));
  for (const auto& port : rig_.fabric().ports()) port->set_up(false);
  run_dry(calendar());
  EXPECT_EQ(outcomes_.size(), 50u);
  EXPECT_EQ(arrived(), 0u);
  for (const auto& port : rig_.fabric().ports()) port->set_up(true);
  send(50, Side::client, kibibytes(4));
  run_dry(calendar());
  EXPECT_EQ(arrived(), 1u);
  expect_quiet();
}

TEST_P(StackContract, every_message_ends_when_either_end_goes_down_at_any_moment) {
  for (std::size_t victim = 0; victim < 2; ++victim)
    for (int us = 1; us < 200; us += 7) {
      NetRig rig(options());
      const auto connection = rig.connect(*stack_);
      std::vector<Outcome> outcomes;
      TaskScope scope;
      for (int i = 0; i < 40; ++i)
        for (const Side side : kSides)
          scope.spawn(deliver(rig.calendar(), *connection, i, side, kibibytes(16), outcomes));
      rig.calendar().run_until(TimePoint{microseconds(us)});
      rig.node(victim).set_up(false);
      run_dry(rig.calendar());
      EXPECT_EQ(outcomes.size(), 80u) << "server " << victim << " down after " << us << " us";
      EXPECT_EQ(scope.size(), 0u);
      for (const Side side : kSides) EXPECT_EQ(connection->channel(side).in_flight(), Bytes{});
      rig.expect_no_packet_left();
    }
}

TEST_P(StackContract, a_cancelled_sender_leaves_nothing_behind) {
  use_window(kibibytes(64));
  for (int us = 0; us < 120; us += 3) {
    outcomes_.clear();
    const TimePoint start = calendar().now();
    for (int i = 0; i < 20; ++i) send(i, Side::client, kibibytes(64));
    calendar().run_until(after(start, microseconds(us)));
    const auto sent_before = rig_.fabric().find_port("net/server-0/port-0")->bytes_in() +
                             rig_.fabric().find_port("net/server-0/port-1")->bytes_in();
    scope_.clear();
    run_dry(calendar());
    const auto sent_after = rig_.fabric().find_port("net/server-0/port-0")->bytes_in() +
                            rig_.fabric().find_port("net/server-0/port-1")->bytes_in();
    EXPECT_EQ(sent_after, sent_before) << "sent for nobody";
    expect_quiet();
    outcomes_.clear();
    send(100, Side::client, kibibytes(64));
    run_dry(calendar());
    EXPECT_EQ(arrived(), 1u);
    expect_quiet();
  }
}

Task<> charged(Calendar& calendar, Connection& connection, Side from, Bytes size, int& checked) {
  Ledger ledger(calendar.now());
  const TimePoint start = calendar.now();
  Delivery delivery = connection.deliver(from, size, {&ledger, stage::kBackend});
  const bool arrived = co_await delivery;
  EXPECT_TRUE(arrived);
  EXPECT_EQ(ledger.elapsed(), calendar.now() - start);
  EXPECT_EQ(ledger.total(), ledger.elapsed());
  EXPECT_EQ(ledger.waited(stage::kBackend) + ledger.served(stage::kBackend), ledger.elapsed());
  ++checked;
}

TEST_P(StackContract, charges_the_whole_time_to_the_stage_it_was_told) {
  use_window(kibibytes(64));
  int checked = 0;
  for (int i = 0; i < 100; ++i)
    for (const Side side : kSides)
      scope_.spawn(charged(calendar(), *connection_, side, Bytes{i * 1500}, checked));
  run_dry(calendar());
  EXPECT_EQ(checked, 200);
}

TEST_P(StackContract, a_message_of_one_packet_alone_does_not_wait) {
  for (const std::int64_t size : {0, 1024}) {
    Ledger ledger(calendar().now());
    bool ended = false;
    const auto one = [](Connection& c, Bytes s, Ledger& l, bool& e) -> Task<> {
      co_await c.deliver(Side::client, s, {&l, stage::kFrontend});
      e = true;
    };
    scope_.spawn(one(*connection_, Bytes{size}, ledger, ended));
    run_dry(calendar());
    EXPECT_TRUE(ended);
    EXPECT_EQ(ledger.waited(stage::kFrontend), Duration{}) << size;
  }
}

TEST_P(StackContract, its_directions_do_not_wait_for_each_other) {
  use_window(kibibytes(64));
  send(0, Side::server, kibibytes(4));
  run_dry(calendar());
  const Duration alone = outcomes_[0].ended - outcomes_[0].asked;
  outcomes_.clear();
  for (int i = 1; i < 200; ++i) send(i, Side::client, kibibytes(64));
  send(0, Side::server, kibibytes(4));
  run_dry(calendar());
  const auto back =
      std::find_if(outcomes_.begin(), outcomes_.end(), [](const Outcome& o) { return o.id == 0; });
  // Only ACKs and cores are shared.
  EXPECT_LT(back->ended - back->asked, alone + microseconds(5));
}

TEST_P(StackContract, repeats_itself) {
  const auto history = [this] {
    NetRig rig(options());
    const auto connection = rig.connect(*stack_);
    std::vector<Outcome> outcomes;
    TaskScope scope;
    RandomStream random(7, "sizes");
    for (int i = 0; i < 200; ++i)
      scope.spawn(deliver_at(rig.calendar(), *connection,
                             TimePoint{random.uniform({}, microseconds(500))}, i, kSides[i % 2],
                             Bytes{static_cast<std::int64_t>(random.below(100'000))}, outcomes));
    run_dry(rig.calendar());
    return outcomes;
  };
  EXPECT_EQ(history(), history());
}

TEST_P(StackContract, core_time_does_not_depend_on_the_bytes_that_are_not_there) {
  for (const Side side : kSides) {
    EXPECT_GE(connection_->send_work(side, Bytes{}).count(), 0);
    EXPECT_LE(connection_->send_work(side, Bytes{}), connection_->send_work(side, kBlock));
    EXPECT_LE(connection_->receive_work(side, Bytes{}), connection_->receive_work(side, kBlock));
    EXPECT_LE(connection_->send_work(side, kBlock), connection_->send_work(side, kibibytes(64)));
  }
}

}  // namespace stack_contract_test
}  // namespace orrery
