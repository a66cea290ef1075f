#include "models/workload/generator.hpp"

#include <limits>
#include <optional>
#include <string>

#include "models/workload/arrivals.hpp"
#include "sim/assert.hpp"
#include "sim/ring.hpp"

namespace orrery {
namespace {

// What an open loop without iodepth may have in flight per thread. A job that comes here is far
// beyond saturation; the rest of its arrivals wait in the backlog, where an I/O takes 32 bytes.
constexpr std::int64_t kUnbounded = 1 << 18;

// A closed loop whose volume fails at once, without any time passing, tries again after this.
constexpr Duration kPauseAfterInstantFailure = std::chrono::milliseconds(1);

std::string thread_name(const JobSpec& job, std::size_t volume, std::int64_t thread) {
  return "workload/" + job.name + "/" + std::to_string(volume) + "/" + std::to_string(thread);
}

}  // namespace

struct Generator::Thread {
  Thread(const JobSpec& job, const BlockVolume& volume, TimePoint start, std::uint64_t seed,
         const std::string& name, std::uint32_t index)
      : number(index),
        stream(job, volume.size(), seed, name),
        depth(job.iodepth.value_or(job.open_loop() ? kUnbounded : 1)) {
    if (job.open_loop()) arrivals.emplace(job, start, seed, name);
  }
  std::uint32_t number;
  IoStream stream;
  std::optional<Arrivals> arrivals;
  std::int64_t depth;
  std::int64_t serving = 0;
  Ring<Request> backlog;
};

// An I/O between submission and end, on the list of all of them.
struct Generator::Outstanding {
  Outstanding(Generator& generator, const Thread& thread, const Request& request)
      : generator_(generator) {
    io.direction = request.direction;
    io.queue = thread.number;
    io.offset = request.offset;
    io.length = request.length;
    io.ledger = Ledger(request.arrival);
    io.ledger.charge_wait(stage::kBacklog, generator.calendar_.now());
    next_ = generator.newest_;
    if (next_ != nullptr) next_->previous_ = this;
    generator.newest_ = this;
  }
  Outstanding(const Outstanding&) = delete;
  Outstanding& operator=(const Outstanding&) = delete;
  ~Outstanding() {
    if (next_ != nullptr) next_->previous_ = previous_;
    (previous_ != nullptr ? previous_->next_ : generator_.newest_) = next_;
  }
  const Outstanding* next() const { return next_; }

  Io io;

 private:
  Generator& generator_;
  Outstanding* previous_ = nullptr;
  Outstanding* next_ = nullptr;
};

Generator::Generator(Calendar& calendar, BlockVolume& volume, JobRecorder& recorder,
                     const JobSpec& job, std::uint64_t seed, std::size_t volume_number)
    : calendar_(calendar),
      volume_(volume),
      volume_number_(volume_number),
      recorder_(recorder),
      job_(job) {
  for (std::int64_t t = 0; t < job.numjobs; ++t)
    threads_.push_back(std::make_unique<Thread>(job, volume, recorder.start(), seed,
                                                thread_name(job, volume_number, t),
                                                static_cast<std::uint32_t>(t)));
}

Generator::~Generator() = default;

void Generator::start() {
  for (const auto& thread : threads_) {
    if (job_.open_loop()) {
      scope_.spawn(let_arrive(*thread));
    } else {
      for (std::int64_t i = 0; i < thread->depth; ++i) scope_.spawn(keep_one_outstanding(*thread));
    }
  }
}

Task<> Generator::keep_one_outstanding(Thread& thread) {
  co_await Delay(calendar_, recorder_.start());
  while (running()) {
    const TimePoint submitted = calendar_.now();
    recorder_.arrived(submitted);
    IoStatus status;
    {
      Outstanding outstanding(*this, thread, thread.stream.next(submitted));
      Task<IoStatus> work = volume_.submit(outstanding.io);
      status = co_await work;
      recorder_.ended(outstanding.io, status, calendar_.now(), volume_number_);
    }
    if (calendar_.now() > submitted) continue;
    ORRERY_INVARIANT(status == IoStatus::failed, volume_.name().c_str(), "an I/O took no time");
    co_await Delay(calendar_, kPauseAfterInstantFailure);
  }
}

Task<> Generator::let_arrive(Thread& thread) {
  for (;;) {
    const TimePoint arrival = thread.arrivals->next();
    if (arrival >= recorder_.end()) co_return;
    co_await Delay(calendar_, arrival);
    recorder_.arrived(arrival);
    const Request request = thread.stream.next(arrival);
    if (thread.serving < thread.depth) scope_.spawn(serve(thread, request));
    else thread.backlog.push(request);
  }
}

// Serves one request and, as long as there are any, the longest-waiting one of the backlog after
// it.
Task<> Generator::serve(Thread& thread, Request request) {
  ++thread.serving;
  for (;;) {
    {
      Outstanding outstanding(*this, thread, request);
      Task<IoStatus> work = volume_.submit(outstanding.io);
      const IoStatus status = co_await work;
      recorder_.ended(outstanding.io, status, calendar_.now(), volume_number_);
    }
    if (thread.backlog.empty() || !running()) break;
    request = thread.backlog.pop();
  }
  --thread.serving;
}

void Generator::close() {
  const TimePoint now = calendar_.now();
  for (const Outstanding* o = newest_; o != nullptr; o = o->next())
    recorder_.left_in_flight(o->io, now, volume_number_);
  for (const auto& thread : threads_)
    for (std::size_t i = 0; i < thread->backlog.size(); ++i)
      recorder_.left_in_backlog(thread->backlog[i].arrival, now);
}

std::int64_t Generator::in_flight() const {
  std::int64_t n = 0;
  for (const Outstanding* o = newest_; o != nullptr; o = o->next()) ++n;
  return n;
}

std::int64_t Generator::backlog() const {
  std::int64_t n = 0;
  for (const auto& thread : threads_) n += static_cast<std::int64_t>(thread->backlog.size());
  return n;
}

}  // namespace orrery
