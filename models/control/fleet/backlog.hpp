// Things that wait for room on some node, those that are alike together: what one of a kind cannot
// have, none of them can.
//
// When there is room, those whose turn is first are woken to try, at most so many of a kind at a
// time: a node takes no more pods. What is left over is woken when all of those have tried, if
// there is still room then. So room for one does not make thousands try.
#pragma once

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "models/control/objects.hpp"
#include "sim/units.hpp"

namespace orrery::control {

class Backlog {
 public:
  using Id = std::uint32_t;
  using Kind = std::uint32_t;
  static constexpr std::size_t kMostOut = 110;  // kubelet: maxPods

  // The number of a kind that is described so.
  Kind kind_of(const std::string& description) {
    const auto [at, is_new] = numbers_.try_emplace(description, static_cast<Kind>(kinds_.size()));
    if (is_new) kinds_.emplace_back();
    return at->second;
  }
  std::size_t kinds() const { return kinds_.size(); }

  // Waits from now on, whether or not it was woken before.
  void add(Kind kind, TimePoint turn, Id id) {
    erase(id);
    kinds_[kind].waiting.emplace(turn, id);
    places_.emplace(id, Place{kind, turn, false});
    waiting_kinds_.insert(kind);
    ++waiting_;
  }
  // It has what it wanted, or wants it no more.
  void erase(Id id) {
    const auto found = places_.find(id);
    if (found == places_.end()) return;
    const Place place = found->second;
    places_.erase(found);
    Of& of = kinds_[place.kind];
    if (place.is_out) --of.out;
    else take_off(place.kind, of.waiting.find({place.turn, id}));
  }
  bool waits(Id id) const {
    const auto found = places_.find(id);
    return found != places_.end() && !found->second.is_out;
  }
  bool knows(Id id) const { return places_.contains(id); }
  Kind kind_of_known(Id id) const { return places_.at(id).kind; }

  std::size_t waiting() const { return waiting_; }
  std::size_t waiting(Kind kind) const { return kinds_[kind].waiting.size(); }
  // Kinds of which some wait.
  std::vector<Kind> waiting_kinds() const { return {waiting_kinds_.begin(), waiting_kinds_.end()}; }
  Id first(Kind kind) const { return kinds_[kind].waiting.begin()->second; }

  // There is room on a node. `wake` says whether it has woken one, which is out until it is added
  // or erased.
  template <class Wake>
  void wake(Kind kind, NodeId node, Wake wake) {
    Of& of = kinds_[kind];
    auto at = of.waiting.begin();
    while (at != of.waiting.end() && of.out < kMostOut) {
      const Id id = at->second;
      if (!wake(id)) {
        ++at;
        continue;
      }
      places_.at(id).is_out = true;
      ++of.out;
      at = take_off(kind, at);
    }
    if (at != of.waiting.end() && std::find(of.left.begin(), of.left.end(), node) == of.left.end())
      of.left.push_back(node);
  }
  // One of them is woken by itself.
  void wake_one(Id id) {
    Place& place = places_.at(id);
    if (std::exchange(place.is_out, true)) return;
    Of& of = kinds_[place.kind];
    ++of.out;
    take_off(place.kind, of.waiting.find({place.turn, id}));
  }
  // Nodes on which there was room for more than were woken, once all of those have tried.
  std::vector<NodeId> to_look_at_again(Kind kind) {
    Of& of = kinds_[kind];
    if (of.out > 0) return {};
    return std::exchange(of.left, {});
  }

 private:
  struct Place {
    Kind kind;
    TimePoint turn;
    bool is_out;
  };
  using Waiting = std::set<std::pair<TimePoint, Id>>;
  struct Of {
    Waiting waiting;
    std::size_t out = 0;
    std::vector<NodeId> left;
  };

  Waiting::iterator take_off(Kind kind, Waiting::iterator at) {
    Of& of = kinds_[kind];
    at = of.waiting.erase(at);
    --waiting_;
    if (of.waiting.empty()) waiting_kinds_.erase(kind);
    return at;
  }

  std::unordered_map<std::string, Kind> numbers_;
  std::vector<Of> kinds_;
  std::unordered_map<Id, Place> places_;
  std::set<Kind> waiting_kinds_;
  std::size_t waiting_ = 0;
};

}  // namespace orrery::control
