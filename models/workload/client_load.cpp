#include "models/workload/client_load.hpp"

namespace orrery {
namespace {
// A closed loop whose operations take no time, because the host has failed, goes on after this.
constexpr Duration kPauseAfterNoTime = std::chrono::milliseconds(1);
}  // namespace

ClientLoad::ClientLoad(Calendar& calendar, const ApplicationSpec& spec, Engine& engine,
                       TimePoint start, TimePoint end, std::uint64_t seed, const std::string& name)
    : calendar_(calendar), spec_(spec), engine_(engine), start_(start), end_(end) {
  if (spec.open_loop()) {
    arrivals_.emplace(spec.job_of("", Direction::read), start, seed, name);
    random_.emplace(seed, name + "/operations");
    for (std::int64_t t = 0; t < spec.threads; ++t) idle_.push(static_cast<std::uint32_t>(t));
    return;
  }
  for (std::int64_t t = 0; t < spec.threads; ++t)
    threads_.push_back(std::make_unique<Thread>(
        Thread{static_cast<std::uint32_t>(t), RandomStream(seed, name + "/" + std::to_string(t))}));
}

void ClientLoad::start() {
  if (arrivals_) scope_.spawn(let_arrive());
  for (const auto& thread : threads_) scope_.spawn(work(*thread));
}

Task<> ClientLoad::work(Thread& thread) {
  co_await Delay(calendar_, start_);
  while (is_running()) {
    const TimePoint begun = calendar_.now();
    const OperationRequest request{begun, thread.random.bits(), thread.number};
    engine_.recorder_of(request).arrived(begun);
    Task<> serving = engine_.serve(request);
    co_await serving;
    if (spec_.think_time > Duration{})
      co_await Delay(calendar_, thread.random.exponential(spec_.think_time));
    if (calendar_.now() == begun) co_await Delay(calendar_, kPauseAfterNoTime);
  }
}

Task<> ClientLoad::let_arrive() {
  for (;;) {
    const TimePoint arrival = arrivals_->next();
    if (arrival >= end_) co_return;
    co_await Delay(calendar_, arrival);
    const OperationRequest request{arrival, random_->bits(), 0};
    engine_.recorder_of(request).arrived(arrival);
    if (idle_.empty()) backlog_.push(request);
    else scope_.spawn(serve(idle_.pop(), request));
  }
}

// Serves one operation and, as long as there are any, the longest-waiting one of the backlog after
// it.
Task<> ClientLoad::serve(std::uint32_t thread, OperationRequest request) {
  for (;;) {
    request.thread = thread;
    Task<> serving = engine_.serve(request);
    co_await serving;
    if (backlog_.empty() || !is_running()) break;
    request = backlog_.pop();
  }
  idle_.push(thread);
}

void ClientLoad::close() {
  for (std::size_t i = 0; i < backlog_.size(); ++i)
    engine_.recorder_of(backlog_[i]).left_in_backlog(backlog_[i].arrival, calendar_.now());
}

}  // namespace orrery
