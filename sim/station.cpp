#include "sim/station.hpp"

#include <algorithm>
#include <new>
#include <utility>

#include "sim/assert.hpp"
#include "sim/task.hpp"

namespace orrery {

Station::Station(Calendar& calendar, std::string name, int servers, std::int64_t bound)
    : calendar_(calendar), servers_(servers), bound_(bound), name_(std::move(name)) {}

Station::~Station() {
  // Posted work has no other owner.
  auto drop = [](Job* job) {
    if (job->ended == nullptr) give_back(job);
  };
  while (!in_service_.empty()) {
    Job& job = in_service_.pop_front();
    calendar_.cancel(job.handle);
    job.state = Job::State::idle;
    drop(&job);
  }
  for (WaitQueue<Job>& queue : queue_)
    while (!queue.empty()) {
      Job& job = queue.pop_front();
      job.state = Job::State::idle;
      drop(&job);
    }
}

void Station::post(Duration service, int priority, Calendar::Callback callback, void* argument) {
  auto* job = new (FramePool::take(sizeof(Posted))) Posted;
  job->station = this;
  job->service = service;
  job->callback = callback;
  job->argument = argument;
  job->priority = static_cast<std::uint8_t>(priority);
  Served at_once;
  if (!enter(job, &at_once)) give_back(job);
}

void Station::give_back(Job* posted) { FramePool::give_back(posted, sizeof(Posted)); }

bool Station::enter(Job* job, Served* at_once) {
  const TimePoint now = calendar_.now();
  job->arrived = now;
  job->started = now;
  if (failed_) {
    books_.refuse();
    *at_once = Served::failed;
    return false;
  }
  // What does not have to be looked for goes before a look that is still to come.
  if (is_polling() && !job->is_looked_for && !in_service_.empty() &&
      in_service_.front().started > now && !paused_) {
    postpone(&in_service_.front());
    books_.arrive_and_start(now);
    start(job, now);
    return true;
  }
  if (!paused_ && books_.busy() < servers_ && books_.queued() == 0) {
    books_.arrive_and_start(now);
    const TimePoint when = job->is_looked_for && is_polling() ? next_look() : now;
    job->waited_for_look = when > now;
    start(job, when);
    return true;
  }
  if (books_.queued() >= bound_) {
    books_.refuse();
    *at_once = Served::refused;
    return false;
  }
  books_.arrive(now);
  job->state = Job::State::queued;
  queue_[job->priority].push_back(*job);
  return true;
}

void Station::start(Job* job, TimePoint when) {
  job->started = when;
  job->state = Job::State::served;
  in_service_.push_back(*job);
  job->handle =
      calendar_.schedule(after(job->started, job->service), &Station::completed, job, this);
}

// Back to the head of the queue, from which it starts when the station has finished what it does
// instead.
void Station::postpone(Job* job) {
  const TimePoint now = calendar_.now();
  calendar_.cancel(job->handle);
  job->handle = Calendar::kNone;
  in_service_.remove(*job);
  leave(job, now);
  books_.put_back(now);
  job->state = Job::State::queued;
  queue_[job->priority].push_front(*job);
}

void Station::start_waiting() {
  while (!paused_ && !failed_ && books_.queued() > 0 && books_.busy() < servers_) {
    int priority = 0;
    while (queue_[priority].empty()) ++priority;
    Job& job = queue_[priority].pop_front();
    books_.start(calendar_.now());
    start(&job, calendar_.now());
  }
}

void Station::completed(void* argument) {
  auto* job = static_cast<Job*>(argument);
  Station& station = *job->station;
  station.in_service_.remove(*job);
  job->handle = Calendar::kNone;
  job->state = Job::State::idle;
  const TimePoint now = station.calendar_.now();
  station.leave(job, now);
  station.books_.finish(now, job->arrived);
  station.look_ = now;
  if (station.books_.queued() > 0) station.start_waiting();
  if (job->ended != nullptr) {
    job->ended(job, Served::done);
    return;
  }
  end_posted(job);
}

void Station::end_posted(Job* job) {
  const auto* posted = static_cast<Posted*>(job);
  const auto callback = posted->callback;
  void* const argument = posted->argument;
  give_back(job);
  if (callback != nullptr) callback(argument);
}

void Station::abandon(Job* job) {
  const bool in_service = job->state == Job::State::served;
  if (in_service) {
    calendar_.cancel(job->handle);
    in_service_.remove(*job);
  } else {
    queue_[job->priority].remove(*job);
  }
  job->state = Job::State::idle;
  leave(job, calendar_.now());
  books_.abandon(calendar_.now(), job->arrived, in_service);
  if (in_service) start_waiting();
}

// A job that waited for a look was booked as being served from its arrival on.
void Station::leave(Job* job, TimePoint now) {
  if (!job->waited_for_look) return;
  job->waited_for_look = false;
  books_.correct_to_waiting(std::min(now, job->started) - job->arrived);
}

void Station::poll_every(Duration interval, RandomStream& random) {
  poll_interval_ = interval;
  poll_random_ = &random;
  look_ = calendar_.now() - interval;
}

TimePoint Station::next_look() {
  const TimePoint now = calendar_.now();
  if (look_ < now) {
    const TimePoint following = look_ + poll_interval_;
    look_ = following >= now ? following : now + poll_random_->uniform({}, poll_interval_);
  }
  return look_;
}

void Station::set_servers(int servers) {
  ORRERY_INVARIANT(servers >= 0, name_.c_str(), "negative capacity");
  servers_ = servers;
  start_waiting();
}

void Station::pause() { paused_ = true; }

void Station::resume() {
  paused_ = false;
  start_waiting();
}

void Station::fail() {
  failed_ = true;
  const TimePoint now = calendar_.now();
  auto end = [&](WaitQueue<Job>& queue, bool in_service) {
    // Jobs that arrive while the others are told are refused at once, so the queue only shrinks.
    while (!queue.empty()) {
      Job* job = &queue.pop_front();
      if (in_service) calendar_.cancel(job->handle);
      job->handle = Calendar::kNone;
      job->state = Job::State::idle;
      leave(job, now);
      if (!in_service || job->started > now) job->started = now;
      books_.abandon(now, job->arrived, in_service);
      if (job->ended != nullptr) job->ended(job, Served::failed);
      else end_posted(job);
    }
  };
  end(in_service_, true);
  for (WaitQueue<Job>& queue : queue_) end(queue, false);
}

void Station::restore() {
  failed_ = false;
  start_waiting();
}

}  // namespace orrery
