// Requests on their way, commits in turn.
#include "models/control/kubernetes/api_server.hpp"

#include <algorithm>

namespace orrery::control {

// A write's place in the order of commits. Leaves the queue when its task is destroyed.
class ApiServer::Turn {
 public:
  explicit Turn(ApiServer& server) : server_(server) {}
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  ~Turn() {
    if (queued_) server_.queue_[number_ - server_.commits_] = nullptr;
  }

  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> waiter) {
    waiter_ = waiter;
    queued_ = true;
    number_ = server_.commits_ + server_.queue_.size();
    server_.queue_.push(this);
    server_.wake_up_.notify();
  }
  void await_resume() const {}

  void commit() {
    queued_ = false;
    waiter_.resume();
  }

 private:
  ApiServer& server_;
  std::coroutine_handle<> waiter_;
  std::uint64_t number_ = 0;  // of its commit
  bool queued_ = false;
};

ApiServer::ApiServer(Simulation& simulation, const KubernetesProfile& profile, std::uint64_t seed)
    : simulation_(simulation),
      profile_(profile),
      stream_(seed, "control/api-server"),
      wake_up_(simulation) {}

void ApiServer::start() {
  spawn_controller(simulation_, "api-server", kControlHost, [this](ActorContext& actor) {
    for (;;) {
      if (queue_.size() == posted_) {
        actor.wait(wake_up_);
        continue;
      }
      actor.sleep_for(profile_.api_commit);
      ++posted_;
      actor.post([this] { commit_next(); });
    }
  });
}

void ApiServer::commit_next() {
  --posted_;
  ++commits_;
  Turn* const turn = queue_.front();
  queue_.pop();
  if (turn != nullptr) turn->commit();
}

Duration ApiServer::half_of_a_request() {
  return stream_.uniform(profile_.api_fastest / 2, profile_.api_slowest / 2);
}

ApiClient::ApiClient(Simulation& simulation, ApiServer& server, double qps, std::int64_t burst)
    : calendar_(simulation.calendar()),
      server_(server),
      limit_(simulation.calendar(), qps, static_cast<double>(burst)) {}

Task<> ApiClient::read() {
  co_await limit_.take(1);
  ++server_.requests_;
  const Duration there = server_.half_of_a_request();
  co_await Delay(calendar_, there);
  const Duration back = server_.half_of_a_request();
  co_await Delay(calendar_, back);
}

Task<> ApiClient::commit() {
  co_await limit_.take(1);
  ++server_.requests_;
  const Duration there = server_.half_of_a_request();
  co_await Delay(calendar_, there);
  ApiServer::Turn turn(server_);
  co_await turn;
}

Delay ApiClient::answer() { return Delay(calendar_, server_.half_of_a_request()); }

}  // namespace orrery::control
