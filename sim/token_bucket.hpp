// A token bucket: `rate` tokens a second, at most `burst` saved up. Tokens are I/Os or bytes, as
// its user counts.
#pragma once

#include <coroutine>

#include "sim/wait_queue.hpp"

namespace orrery {

// Takers are served in order of asking, the first one's timer is the bucket's; a taker that is
// destroyed leaves its tokens to the next. A bucket without a rate never waits.
class TokenBucket {
 public:
  TokenBucket(Calendar& calendar, double tokens_per_second, double burst);
  TokenBucket(const TokenBucket&) = delete;
  TokenBucket& operator=(const TokenBucket&) = delete;

  class Take;
  // `co_await bucket.take(n)`: completes when the tokens are there. Asking for more than the burst
  // waits for the excess.
  Take take(double tokens);
  // Applies to those who wait as well; tokens saved so far stay, up to the new burst. A bucket that
  // gets its first rate is full.
  void set_rate(double tokens_per_second, double burst);
  bool limited() const { return picoseconds_per_token_ > 0; }

 private:
  Duration time_for(double tokens) const;
  void serve();
  static void tokens_are_there(void* bucket);

  Calendar& calendar_;
  double picoseconds_per_token_ = 0;
  Duration burst_{};
  TimePoint empty_until_{};    // when all tokens taken so far have flowed in
  bool saving_ended_ = false;  // the first taker waits
  WaitQueue<Take> queue_;
  Timer timer_;  // the first taker's

 public:
  class [[nodiscard]] Take : public TaskWaiter {
   public:
    Take(TokenBucket& bucket, double tokens) : bucket_(bucket), tokens_(tokens) {}
    ~Take();
    bool await_ready();
    void await_suspend(std::coroutine_handle<> waiter);
    void await_resume() const {}

   private:
    friend class TokenBucket;
    TokenBucket& bucket_;
    double tokens_;
  };
};

inline TokenBucket::Take TokenBucket::take(double tokens) { return Take(*this, tokens); }

}  // namespace orrery
