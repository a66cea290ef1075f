#include "sim/shared_links.hpp"

#include <algorithm>
#include <boost/intrusive/set.hpp>
#include <cmath>
#include <limits>

#include "sim/assert.hpp"

namespace orrery {

namespace {
constexpr double kPerPicosecond = 1.0 / 8e12;  // bytes, of a bit per second
constexpr double kNothing = 1e-3;  // bytes that are no bytes any more: less than a picosecond's
}  // namespace

// Flows that meet the same full links and have the same limit.
struct SharedLinks::Class {
  Class(SharedLinks& a, Calendar& calendar) : all(a), end(calendar, &SharedLinks::end_due, this) {}

  SharedLinks& all;
  Timer end;  // of the first flow
  double limit = 0;
  std::vector<Shared*> links;
  std::vector<std::size_t> places;  // among the links' classes
  boost::intrusive::set<Flow, boost::intrusive::base_hook<Hook>> flows;
  double rate = 0;  // bytes per picosecond and flow
  double new_rate = 0;
  double come = 0;  // bytes of each flow that was there from the beginning
  TimePoint at{};   // as of
  bool is_touched = false;
  std::uint64_t found_in = 0;
};

struct SharedLinks::Shared {
  double capacity = 0;  // bytes per picosecond
  std::int64_t bits_per_second = 0;
  std::int64_t wanted = 0;  // by all flows, at their limits
  bool is_full = false;     // could not carry that
  std::vector<Flow*> flows;
  std::vector<Class*> classes;  // those with flows, while it is full
  double left = 0;              // while rates are found
  double waiting = 0;
  std::uint64_t found_in = 0;
};

SharedLinks::SharedLinks(Calendar& calendar)
    : calendar_(calendar), sharing_(calendar, &SharedLinks::sharing_due, this) {}

SharedLinks::~SharedLinks() {
  for (auto& [key, of] : classes_) of->flows.clear();
}

SharedLinks::Link SharedLinks::add(BitRate capacity) {
  links_.push_back(std::make_unique<Shared>());
  const auto link = static_cast<Link>(links_.size() - 1);
  set_capacity(link, capacity);
  return link;
}

void SharedLinks::set_capacity(Link number, BitRate capacity) {
  Shared& link = *links_[number];
  link.bits_per_second = static_cast<std::int64_t>(capacity.bits_per_second());
  link.capacity = static_cast<double>(link.bits_per_second) * kPerPicosecond;
  if (link.bits_per_second == 0)
    while (!link.flows.empty()) leave(*link.flows.back(), false);
  note_tightness(link);
  for (Class* of : link.classes) touch(*of);
}

SharedLinks::Flow::Flow(SharedLinks& all, std::span<const Link> links, BitRate limit, Bytes bytes)
    : all_(all),
      count_(static_cast<std::uint32_t>(links.size())),
      limit_(static_cast<std::int64_t>(limit.bits_per_second())),
      bytes_(static_cast<double>(bytes.count())),
      left_(bytes_) {
  ORRERY_INVARIANT(bytes.count() > 0 && limit_ > 0, "flow", "nothing to carry, or at no rate");
  ORRERY_INVARIANT(links.size() <= kMostLinks, "flow", "more links than a way has");
  std::copy(links.begin(), links.end(), links_.begin());
}

SharedLinks::Flow::~Flow() {
  if (is_under_way_) all_.end(*this);
  else if (is_let_go()) call_off(all_.calendar_);
}

void SharedLinks::Flow::await_suspend(std::coroutine_handle<> waiter) {
  suspend(waiter);
  all_.begin(*this);
}

Bytes SharedLinks::Flow::carried() const {
  double left = left_;
  if (class_ != nullptr) {
    const auto since = static_cast<double>((all_.calendar_.now() - class_->at).count());
    left = end_at_ - (class_->come + class_->rate * since);
  }
  return Bytes{static_cast<std::int64_t>(std::clamp(bytes_ - left, 0.0, bytes_))};
}

void SharedLinks::begin(Flow& flow) {
  flow.number_ = ++flows_begun_;
  for (std::uint32_t i = 0; i < flow.count_; ++i)
    if (links_[flow.links_[i]]->bits_per_second == 0) {
      flow.let_go(calendar_);
      return;
    }
  flow.is_under_way_ = true;
  for (std::uint32_t i = 0; i < flow.count_; ++i) {
    Shared& link = *links_[flow.links_[i]];
    flow.places_[i] = static_cast<std::uint32_t>(link.flows.size());
    link.flows.push_back(&flow);
    link.wanted += flow.limit_;
  }
  join_class(flow);
  for (std::uint32_t i = 0; i < flow.count_; ++i) note_tightness(*links_[flow.links_[i]]);
}

void SharedLinks::leave(Flow& flow, bool arrived) {
  end(flow);
  flow.arrived_ = arrived;
  if (arrived) flow.left_ = 0;
  flow.let_go(calendar_);
}

void SharedLinks::end(Flow& flow) {
  leave_class(flow);
  flow.is_under_way_ = false;
  for (std::uint32_t i = 0; i < flow.count_; ++i) {
    Shared& link = *links_[flow.links_[i]];
    Flow* const last = link.flows.back();
    const std::uint32_t place = flow.places_[i];
    link.flows[place] = last;
    for (std::uint32_t j = 0; j < last->count_; ++j)
      if (links_[last->links_[j]].get() == &link) last->places_[j] = place;
    link.flows.pop_back();
    link.wanted -= flow.limit_;
  }
  for (std::uint32_t i = 0; i < flow.count_; ++i) note_tightness(*links_[flow.links_[i]]);
}

// Flows of a link that begins or ends to bind them change their class; there are few, as many as
// just fill it.
void SharedLinks::note_tightness(Shared& link) {
  const bool is_full = link.wanted > link.bits_per_second;
  if (is_full == link.is_full) return;
  for (Flow* flow : link.flows) leave_class(*flow);
  link.is_full = is_full;
  for (Flow* flow : link.flows) join_class(*flow);
}

void SharedLinks::join_class(Flow& flow) {
  key_.assign(1, static_cast<std::uint64_t>(flow.limit_));
  for (std::uint32_t i = 0; i < flow.count_; ++i)
    if (links_[flow.links_[i]]->is_full) key_.push_back(flow.links_[i]);
  std::sort(key_.begin() + 1, key_.end());
  std::unique_ptr<Class>& known = classes_[key_];
  if (!known) {
    known = std::make_unique<Class>(*this, calendar_);
    known->limit = static_cast<double>(flow.limit_) * kPerPicosecond;
    for (std::size_t i = 1; i < key_.size(); ++i) known->links.push_back(links_[key_[i]].get());
    known->places.resize(known->links.size());
    ++idle_classes_;
  }
  Class& of = *known;
  if (of.flows.empty()) {
    --idle_classes_;
    of.come = of.rate = 0;
    of.at = calendar_.now();
    for (std::size_t i = 0; i < of.links.size(); ++i) {
      of.places[i] = of.links[i]->classes.size();
      of.links[i]->classes.push_back(&of);
    }
  } else {
    advance(of);
  }
  flow.class_ = &of;
  flow.end_at_ = of.come + flow.left_;
  of.flows.insert(flow);
  touch(of);
}

void SharedLinks::leave_class(Flow& flow) {
  Class& of = *flow.class_;
  advance(of);
  of.flows.erase(of.flows.iterator_to(flow));
  flow.left_ = std::max(0.0, flow.end_at_ - of.come);
  flow.class_ = nullptr;
  touch(of);
  if (!of.flows.empty()) return;
  ++idle_classes_;
  of.end.disarm();
  for (std::size_t i = 0; i < of.links.size(); ++i) {
    Shared& link = *of.links[i];
    Class* const last = link.classes.back();
    link.classes[of.places[i]] = last;
    for (std::size_t j = 0; j < last->links.size(); ++j)
      if (last->links[j] == &link) last->places[j] = of.places[i];
    link.classes.pop_back();
  }
}

void SharedLinks::advance(Class& of) {
  const TimePoint now = calendar_.now();
  of.come += of.rate * static_cast<double>((now - of.at).count());
  of.at = now;
}

void SharedLinks::touch(Class& of) {
  if (!of.is_touched) touched_.push_back(&of);
  of.is_touched = true;
  if (!sharing_.armed()) sharing_.arm(calendar_.now());
}

void SharedLinks::sharing_due(void* self) { static_cast<SharedLinks*>(self)->share_anew(); }

// Once for all that has begun and ended at this moment. A change concerns those who share a full
// link with what changed, with them those who share one with these, and so on; each such
// neighbourhood by itself.
void SharedLinks::share_anew() {
  ++round_;
  for (Class* first : touched_) {
    first->is_touched = false;
    // What has lost its last flow is on no link any more, but those that it was on are.
    found_.clear();
    found_links_.clear();
    auto find = [this](Class* of) {
      if (of->found_in == round_) return;
      of->found_in = round_;
      if (!of->flows.empty()) found_.push_back(of);
    };
    auto find_links = [this](const Class& of) {
      for (Shared* link : of.links) {
        if (link->found_in == round_ || !link->is_full) continue;
        link->found_in = round_;
        found_links_.push_back(link);
      }
    };
    if (first->found_in == round_) continue;
    find(first);
    find_links(*first);
    std::size_t classes = 0;
    for (std::size_t links = 0; links < found_links_.size() || classes < found_.size();) {
      if (classes < found_.size()) find_links(*found_[classes++]);
      else
        for (Class* of : found_links_[links++]->classes) find(of);
    }
    share(found_, found_links_);
  }
  touched_.clear();
  constexpr std::size_t kFew = 1024;
  if (idle_classes_ < kFew || 2 * idle_classes_ < classes_.size()) return;
  std::erase_if(classes_, [](const auto& entry) { return entry.second->flows.empty(); });
  idle_classes_ = 0;
}

// Progressive filling: the link that is full first, or the smallest limit, decides for its flows,
// and the rest is shared by the others.
void SharedLinks::share(std::span<Class* const> classes, std::span<Shared* const> links) {
  constexpr double kOpen = -1;
  for (Shared* link : links) {
    link->left = link->capacity;
    link->waiting = 0;
  }
  for (Class* of : classes) {
    of->new_rate = kOpen;
    for (Shared* link : of->links) link->waiting += static_cast<double>(of->flows.size());
  }
  auto give = [](Class& of, double rate) {
    of.new_rate = rate;
    for (Shared* link : of.links) {
      const auto flows = static_cast<double>(of.flows.size());
      link->left = std::max(0.0, link->left - rate * flows);
      link->waiting -= flows;
    }
  };
  for (std::size_t open = classes.size(); open > 0;) {
    double share = std::numeric_limits<double>::infinity();
    const Shared* bottleneck = nullptr;
    for (const Shared* link : links) {
      if (link->waiting <= 0 || link->left / link->waiting >= share) continue;
      share = link->left / link->waiting;
      bottleneck = link;
    }
    double limit = share;
    for (const Class* of : classes)
      if (of->new_rate == kOpen) limit = std::min(limit, of->limit);
    if (limit < share || bottleneck == nullptr) {
      for (Class* of : classes)
        if (of->new_rate == kOpen && of->limit <= limit) {
          give(*of, limit);
          --open;
        }
    } else {
      for (Class* of : bottleneck->classes)
        if (of->new_rate == kOpen) {
          give(*of, share);
          --open;
        }
    }
  }
  for (Class* of : classes) {
    if (of->new_rate != of->rate) {
      advance(*of);
      of->rate = of->new_rate;
    }
    expect_end(*of);
  }
}

void SharedLinks::expect_end(Class& of) {
  const double left = of.flows.begin()->end_at_ - of.come;
  // A link whose capacity rounding has used up gives its last flows nothing until another ends.
  if (of.rate <= 0) {
    of.end.disarm();
    return;
  }
  const double picoseconds = std::ceil(std::max(0.0, left) / of.rate);
  constexpr double kLongest = 9e18;
  of.end.arm(after(of.at, Duration{static_cast<std::int64_t>(std::min(picoseconds, kLongest))}));
}

void SharedLinks::end_due(void* argument) {
  auto& of = *static_cast<Class*>(argument);
  SharedLinks& all = of.all;
  all.advance(of);
  const double until = std::max(of.come + kNothing, of.flows.begin()->end_at_);
  while (!of.flows.empty() && of.flows.begin()->end_at_ <= until) {
    Flow& flow = const_cast<Flow&>(*of.flows.begin());
    all.leave(flow, true);
    // Leaving may have taken the others into another class.
  }
}

}  // namespace orrery
