#include "sim/flows.hpp"

#include <algorithm>
#include <deque>
#include <simgrid/s4u/Comm.hpp>
#include <simgrid/s4u/Host.hpp>
#include <simgrid/s4u/Link.hpp>
#include <unordered_map>
#include <utility>
#include <vector>

#include "sim/assert.hpp"

namespace orrery {

namespace sg = simgrid::s4u;

struct Flows::Flow {
  Impl* owner = nullptr;
  Carry* carry = nullptr;  // none: nobody waits any more
  Host from = 0, to = 0;
  std::int64_t bytes = 0;
  std::int64_t carried = 0;
  bool under_way = false;
  bool arrived = false;
  sg::CommPtr comm;
};

struct Flows::Impl {
  Simulation& simulation;
  std::vector<sg::Host*> hosts;
  std::unordered_map<std::uint64_t, std::vector<sg::Link*>> routes;
  std::deque<Flow> all;
  std::vector<Flow*> free;

  explicit Impl(Simulation& s) : simulation(s) {}

  // SimGrid tells of the end of any communication; those of flows are found here.
  using UnderWay = std::unordered_map<const sg::Activity*, Flow*>;
  static UnderWay& under_way() {
    static UnderWay all;
    return all;
  }
  static void listen() {
    static bool listening = false;
    if (std::exchange(listening, true)) return;
    sg::Comm::on_completion_cb([](const sg::Activity& activity) {
      const auto found = under_way().find(&activity);
      if (found == under_way().end()) return;
      Flow* flow = found->second;
      under_way().erase(found);
      flow->owner->end(*flow, activity.get_state() == sg::Activity::State::FINISHED);
    });
  }

  Flow* take() {
    if (free.empty()) {
      all.emplace_back();
      all.back().owner = this;
      return &all.back();
    }
    Flow* flow = free.back();
    free.pop_back();
    return flow;
  }

  // A flow that starts on a dead link would neither move nor fail.
  bool route_is_up(const Flow& flow) {
    sg::Host* const from = hosts[flow.from];
    sg::Host* const to = hosts[flow.to];
    if (!from->is_on() || !to->is_on()) return false;
    auto& links = routes[std::uint64_t{flow.from} << 32 | flow.to];
    if (links.empty()) from->route_to(to, links, nullptr);
    return std::all_of(links.begin(), links.end(),
                       [](const sg::Link* link) { return link->is_on(); });
  }

  // In the engine's world.
  void start(Flow& flow) {
    if (!route_is_up(flow)) return end(flow, false);
    flow.comm = sg::Comm::sendto_async(hosts[flow.from], hosts[flow.to],
                                       static_cast<std::uint64_t>(flow.bytes));
    flow.under_way = true;
    under_way().emplace(flow.comm.get(), &flow);
  }

  // SimGrid still holds the communication: it is let go with the event.
  void end(Flow& flow, bool arrived) {
    flow.carried = arrived ? flow.bytes : progress(flow);
    flow.under_way = false;
    flow.arrived = arrived;
    simulation.calendar().schedule(simulation.now(), &Impl::over, &flow);
  }

  static void over(void* argument) {
    auto* flow = static_cast<Flow*>(argument);
    Carry* carry = flow->carry;
    if (carry != nullptr) {
      carry->arrived_ = flow->arrived;
      carry->bytes_ = Bytes{flow->carried};
      carry->flow_ = nullptr;
    }
    flow->comm = nullptr;
    flow->carry = nullptr;
    flow->carried = 0;
    flow->owner->free.push_back(flow);
    if (carry != nullptr) carry->waiter_.resume();
  }

  static std::int64_t progress(const Flow& flow) {
    if (!flow.under_way) return flow.carried;
    return std::clamp<std::int64_t>(
        flow.bytes - static_cast<std::int64_t>(flow.comm->get_remaining()), 0, flow.bytes);
  }

  // SimGrid would go on until the last byte of all has arrived.
  void stand_still() {
    for (Flow& flow : all) {
      if (!flow.under_way) continue;
      flow.carried = progress(flow);
      flow.under_way = false;
      under_way().erase(flow.comm.get());
      flow.comm->cancel();
    }
  }
};

Flows::Flows(Simulation& simulation) : impl_(std::make_shared<Impl>(simulation)) {
  Impl::listen();
  simulation.at_stop([weak = std::weak_ptr<Impl>(impl_)] {
    if (const auto impl = weak.lock()) impl->stand_still();
  });
}

Flows::~Flows() {
  for (Flow& flow : impl_->all) {
    flow.carry = nullptr;
    if (flow.under_way) Impl::under_way().erase(flow.comm.get());
  }
}

Flows::Host Flows::host(const std::string& name) {
  sg::Host* host = sg::Host::by_name_or_null(name);
  ORRERY_INVARIANT(host != nullptr, name.c_str(), "no such host");
  impl_->hosts.push_back(host);
  return static_cast<Host>(impl_->hosts.size() - 1);
}

Flows::Carry::~Carry() {
  if (flow_ != nullptr) flow_->carry = nullptr;
}

void Flows::Carry::await_suspend(std::coroutine_handle<> waiter) {
  waiter_ = waiter;
  flow_ = flows_.impl_->take();
  flow_->carry = this;
  flow_->from = from_;
  flow_->to = to_;
  flow_->bytes = bytes_.count();
  ORRERY_INVARIANT(flow_->bytes > 0, "flow", "nothing to carry");
  flows_.impl_->simulation.at_engine([flow = flow_] { flow->owner->start(*flow); });
}

Bytes Flows::Carry::carried() const {
  if (flow_ != nullptr) return Bytes{Impl::progress(*flow_)};
  return waiter_ ? bytes_ : Bytes{};
}

}  // namespace orrery
