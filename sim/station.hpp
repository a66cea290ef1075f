// A station: c equal servers and the queue before them.
//
// Jobs of a higher priority (lower number) go first, jobs of one priority in order of arrival. The
// queue may be bounded; an arrival that finds it full is refused. Capacity can be changed, the
// station paused (work in service ends, nothing new starts), resumed, failed (all jobs present end
// as failed, arrivals too) and restored: faults and upgrades are made of these.
//
//   co_await cores.use(microseconds(3.5), {&io.ledger, stage::kAgent});
//
// A polling station looks for arrivals at an interval while it has nothing to do, and whenever it
// has finished a job: a thread with more than one queue to look at. Jobs that come by `arrive` wait
// for the next look, those that come by `use` do not.
//
// One event per job. A task that is destroyed while it waits or is served leaves the station at
// once.
#pragma once

#include <array>
#include <coroutine>
#include <cstdint>
#include <limits>
#include <string>

#include "sim/calendar.hpp"
#include "sim/ledger.hpp"
#include "sim/random.hpp"
#include "sim/station_stats.hpp"
#include "sim/wait_queue.hpp"

namespace orrery {

enum class Served : std::uint8_t { done, refused, failed };

class alignas(64) Station {
 public:
  static constexpr int kPriorities = 3;
  static constexpr std::int64_t kUnbounded = std::numeric_limits<std::int64_t>::max();

  Station(Calendar& calendar, std::string name, int servers, std::int64_t bound = kUnbounded);
  Station(const Station&) = delete;
  Station& operator=(const Station&) = delete;
  ~Station();

  class Use;
  // Waits for a server and holds it for `service`. Priority 0 is the highest.
  Use use(Duration service, Charge charge = {}, int priority = 0);
  // The same for work that the station has to look for.
  Use arrive(Duration service, Charge charge = {}, int priority = 0);
  // The same work without a task: when it is done or has failed, `callback(argument)` is called, if
  // there is one. Work that is refused or failed at once calls nobody.
  void post(Duration service, int priority = 0, Calendar::Callback callback = nullptr,
            void* argument = nullptr);

  // Loops of different machines drift against each other: after an interval without arrivals the
  // next look is anywhere within one. `random` outlives the station. An interval of 0 makes it look
  // all the time.
  void poll_every(Duration interval, RandomStream& random);
  bool is_polling() const { return poll_interval_.count() > 0; }

  void set_servers(int servers);
  void pause();
  void resume();
  void fail();
  void restore();

  const std::string& name() const { return name_; }
  int servers() const { return servers_; }
  std::int64_t queued() const { return books_.queued(); }
  std::int64_t busy() const { return books_.busy(); }
  StationStats& books() { return books_; }
  Calendar& calendar() { return calendar_; }

 private:
  struct Job : WaitHook {
    enum class State : std::uint8_t { idle, queued, served };
    Station* station = nullptr;
    void (*ended)(Job*, Served) = nullptr;
    Duration service{};
    TimePoint arrived{};
    TimePoint started{};
    Calendar::Handle handle = Calendar::kNone;
    State state = State::idle;
    std::uint8_t priority = 0;
    bool is_looked_for = false;
    bool waited_for_look = false;  // until `started`
  };
  static_assert(sizeof(Job) == 64);
  // Work without a task; `ended` is empty.
  struct Posted : Job {
    Calendar::Callback callback = nullptr;
    void* argument = nullptr;
  };

  // Returns false if the job was refused or failed at once.
  bool enter(Job* job, Served* at_once);
  void start(Job* job, TimePoint when);
  void postpone(Job* job);
  void start_waiting();
  TimePoint next_look();
  void leave(Job* job, TimePoint now);
  void abandon(Job* job);
  static void give_back(Job* posted);
  static void end_posted(Job* job);
  static void completed(void* job);

  // What every visit touches comes first.
  Calendar& calendar_;
  int servers_;
  bool paused_ = false;
  bool failed_ = false;
  WaitQueue<Job> in_service_;
  StationStats books_;
  Duration poll_interval_{};
  TimePoint look_{};  // the latest one, or the next
  std::array<WaitQueue<Job>, kPriorities> queue_;
  std::int64_t bound_;
  RandomStream* poll_random_ = nullptr;
  std::string name_;

 public:
  class [[nodiscard]] Use {
   public:
    Use(Station& station, Duration service, Charge charge, int priority, bool is_looked_for = false)
        : charge_(charge) {
      job_.station = &station;
      job_.service = service;
      job_.priority = static_cast<std::uint8_t>(priority);
      job_.is_looked_for = is_looked_for;
      job_.ended = &Use::ended;
    }
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;
    ~Use() {
      if (job_.state != Job::State::idle) job_.station->abandon(&job_);
    }
    bool await_ready() const { return false; }
    bool await_suspend(std::coroutine_handle<> waiter) {
      waiter_ = waiter;
      return job_.station->enter(&job_, &result_);
    }
    Served await_resume() {
      if (charge_.ledger != nullptr)
        charge_.ledger->charge(charge_.stage, job_.station->calendar_.now(),
                               job_.started - job_.arrived);
      return result_;
    }
    Duration service() const { return job_.service; }
    // How long the job waited for a server; valid after the await.
    Duration waited() const { return job_.started - job_.arrived; }

   private:
    static void ended(Job* job, Served how) {
      auto* use = reinterpret_cast<Use*>(job);  // job_ is the first member
      use->result_ = how;
      use->waiter_.resume();
    }
    Job job_;
    Charge charge_;
    Served result_ = Served::done;
    std::coroutine_handle<> waiter_;
  };
};

inline Station::Use Station::use(Duration service, Charge charge, int priority) {
  return Use(*this, service, charge, priority);
}
inline Station::Use Station::arrive(Duration service, Charge charge, int priority) {
  return Use(*this, service, charge, priority, true);
}

}  // namespace orrery
