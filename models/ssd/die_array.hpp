// The flash dies of a drive. A die reads one page at a time and stays occupied until the page has
// left it.
//
// Sensing takes tR; then the page sits in the die's register and crosses the channel as soon as
// that is free, and only when it has gone can the die sense again. So a die cannot be a station
// with a service time known beforehand: it is taken, senses, and is given back by whoever took it.
//
//   auto page = dies.sense(die, t_read, charge);
//   co_await page;                  // waited for the die, sensed
//   ... transfer ...
//   page.release();
//
// One event per page. Destroying `page` at any moment gives the die back or leaves its queue. Pages
// of one die are served in order of arrival. The books of all dies are kept together, in a station
// that has as many servers as there are dies and serves no jobs of its own.
#pragma once

#include <coroutine>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/calendar.hpp"
#include "sim/ledger.hpp"
#include "sim/station.hpp"

namespace orrery {

class DieArray {
 public:
  DieArray(Calendar& calendar, std::string name, int dies)
      : calendar_(calendar),
        station_(calendar, std::move(name), dies),
        dies_(static_cast<std::size_t>(dies)) {}
  DieArray(const DieArray&) = delete;
  DieArray& operator=(const DieArray&) = delete;

  class Page;
  Page sense(std::int64_t die, Duration duration, Charge charge);

  std::int64_t size() const { return static_cast<std::int64_t>(dies_.size()); }
  Station& station() { return station_; }

 private:
  struct Die {
    Page* holder = nullptr;
    Page* first = nullptr;  // waiting
    Page* last = nullptr;
  };
  void start(Die& die, Page* page);
  void hand_over(Die& die);

  Calendar& calendar_;
  Station station_;
  std::vector<Die> dies_;

 public:
  class [[nodiscard]] Page {
   public:
    Page(DieArray& array, Die& die, Duration duration, Charge charge)
        : array_(array), die_(die), duration_(duration), charge_(charge) {}
    Page(const Page&) = delete;
    Page& operator=(const Page&) = delete;
    ~Page();

    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> waiter);
    void await_resume();
    void release();

   private:
    friend class DieArray;
    enum class State : std::uint8_t { idle, queued, held };
    static void sensed(void* self);

    DieArray& array_;
    Die& die_;
    Duration duration_;
    Charge charge_;
    TimePoint arrived_{};
    TimePoint started_{};
    Page* previous_ = nullptr;
    Page* next_ = nullptr;
    Calendar::Handle handle_ = Calendar::kNone;
    State state_ = State::idle;
    std::coroutine_handle<> waiter_;
  };
};

inline DieArray::Page DieArray::sense(std::int64_t die, Duration duration, Charge charge) {
  return Page(*this, dies_[static_cast<std::size_t>(die)], duration, charge);
}

}  // namespace orrery
