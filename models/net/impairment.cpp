#include "models/net/impairment.hpp"

#include <algorithm>

namespace orrery {

namespace {

// Which of a burst's frames are struck.
std::uint64_t struck(std::uint64_t frames, double share, RandomStream& draws) {
  std::uint64_t hit = 0;
  for (std::uint64_t left = frames; left != 0; left &= left - 1)
    if (draws.chance(share)) hit |= left & (~left + 1);
  return hit;
}

bool is_swallowed(std::uint64_t flow, const Impairment& hole) {
  return static_cast<double>(mix(flow ^ hole.seed) >> 11) * 0x1p-53 < hole.share;
}

}  // namespace

void ImpairedPort::add(std::uint64_t id, const Impairment& impairment, RandomStream draws) {
  active_.push_back({id, impairment, std::move(draws)});
  apply();
}

void ImpairedPort::remove(std::uint64_t id) {
  std::erase_if(active_, [id](const Active& active) { return active.id == id; });
  apply();
}

void ImpairedPort::apply() {
  BitRate rate = own_rate_;
  bool strikes = false;
  for (const Active& active : active_) {
    if (active.impairment.kind == Impairment::Kind::slow)
      rate = std::min(rate, active.impairment.speed);
    else strikes = true;
  }
  if (rate != port_.rate()) port_.set_rate(rate);
  port_.set_filter(strikes ? [this](Packet& packet) { return fate_of(packet); } : Port::Filter{});
}

Port::Fate ImpairedPort::fate_of(Packet& packet) {
  Port::Fate fate = Port::Fate::passes;
  for (Active& active : active_) {
    const Impairment& what = active.impairment;
    switch (what.kind) {
      case Impairment::Kind::slow: break;
      case Impairment::Kind::blackhole:
        if (is_swallowed(packet.route->flow, what)) return Port::Fate::dropped;
        break;
      case Impairment::Kind::loss:
        if (packet.is_ack) {
          if (active.draws.chance(what.share)) return Port::Fate::dropped;
          break;
        }
        port_.lose_frames(packet, struck(packet.frames, what.share, active.draws));
        if (packet.frames == 0) return Port::Fate::dropped;
        break;
      case Impairment::Kind::corruption:
        if (packet.is_ack) {
          if (active.draws.chance(what.share)) fate = Port::Fate::damaged;
          break;
        }
        if (!port_.damage_frames(packet, struck(packet.frames, what.share, active.draws)))
          fate = Port::Fate::damaged;
        break;
    }
  }
  return fate;
}

}  // namespace orrery
