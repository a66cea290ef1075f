// Links that fluid flows share max-min fairly: no flow can have more without another that has no
// more having less.
//
// It gives what SimGrid's network gives without latencies (models CM02; a test holds the two
// against each other) at the price of a message, not of an engine's step: SimGrid looks at each
// flow of a link whenever one of them begins or ends, here flows that meet the same full links are
// one class. A class moves at one rate, so its flows end in order of bytes, and one number says how
// far all have come. A link that could carry all of its flows at their own limits binds nobody and
// makes no class.
//
//   SharedLinks links(calendar);
//   const SharedLinks::Link up = links.add(gigabits_per_second(50)), down =
//   links.add(gigabits_per_second(50));
//   SharedLinks::Flow flow(links, std::array{up, down}, gigabits_per_second(25), kibibytes(64));
//   const bool arrived = co_await flow;
#pragma once

#include <array>
#include <boost/intrusive/set_hook.hpp>
#include <coroutine>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "sim/calendar.hpp"
#include "sim/units.hpp"
#include "sim/wait_queue.hpp"

namespace orrery {

class SharedLinks {
 public:
  using Link = std::uint32_t;
  static constexpr std::size_t kMostLinks = 6;  // on a flow's way

  explicit SharedLinks(Calendar& calendar);
  SharedLinks(const SharedLinks&) = delete;
  SharedLinks& operator=(const SharedLinks&) = delete;
  ~SharedLinks();

  Link add(BitRate capacity);
  // Without capacity a link is dead: its flows fail, and so do those that begin.
  void set_capacity(Link link, BitRate capacity);

  // Carries bytes over links, never faster than `limit`. `co_await` gives true when the last byte
  // has been sent. Destroying it ends it where it is.
  class Flow;

 private:
  using Hook =
      boost::intrusive::set_base_hook<boost::intrusive::link_mode<boost::intrusive::normal_link>>;
  struct Class;
  struct Shared;

  void begin(Flow& flow);
  void end(Flow& flow);
  void leave(Flow& flow, bool arrived);
  void count(Flow& flow, int change);
  void touch(Class& of);
  void join_class(Flow& flow);
  void leave_class(Flow& flow);
  void note_tightness(Shared& link);
  void share_anew();
  void share(std::span<Class* const> classes, std::span<Shared* const> links);
  void advance(Class& of);
  void expect_end(Class& of);
  static void sharing_due(void* self);
  static void end_due(void* of);

  Calendar& calendar_;
  std::vector<std::unique_ptr<Shared>> links_;
  std::map<std::vector<std::uint64_t>, std::unique_ptr<Class>> classes_;  // by limit and full links
  std::size_t idle_classes_ = 0;
  std::vector<Class*> touched_;  // since rates were found last
  std::vector<Class*> found_;
  std::vector<Shared*> found_links_;
  std::vector<std::uint64_t> key_;
  std::uint64_t flows_begun_ = 0;
  std::uint64_t round_ = 0;
  Timer sharing_;

 public:
  class [[nodiscard]] Flow : public TaskWaiter, public Hook {
   public:
    // At least one byte; at most kMostLinks, no link twice.
    Flow(SharedLinks& all, std::span<const Link> links, BitRate limit, Bytes bytes);
    ~Flow();

    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> waiter);
    bool await_resume() const { return arrived_; }
    // What has been sent by now.
    Bytes carried() const;

   private:
    friend class SharedLinks;
    // In order of their ends.
    friend bool operator<(const Flow& a, const Flow& b) {
      return a.end_at_ != b.end_at_ ? a.end_at_ < b.end_at_ : a.number_ < b.number_;
    }

    SharedLinks& all_;
    std::array<Link, kMostLinks> links_{};
    std::array<std::uint32_t, kMostLinks> places_{};  // among the links' flows
    std::uint32_t count_ = 0;
    bool arrived_ = false;
    bool is_under_way_ = false;
    std::int64_t limit_;  // bits per second
    double bytes_;
    double left_;        // while it is in no class
    double end_at_ = 0;  // where its class will have come
    std::uint64_t number_ = 0;
    Class* class_ = nullptr;
  };
};

}  // namespace orrery
