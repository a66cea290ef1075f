// What is wrong with a port short of being down, and nobody sees: black holes, random loss, damage,
// a slower link.
//
// Several at once add up: each has its chance at every packet, and the slowest link counts. Black
// holes swallow whole flows, by a hash of the 5-tuple under a seed of their own, as a broken
// forwarding entry does. Loss and damage strike frames independently; a damaged frame takes its
// time on the wire and is thrown away at the other end for its checksum.
#pragma once

#include <cstdint>
#include <vector>

#include "models/net/port.hpp"
#include "sim/random.hpp"

namespace orrery {

struct Impairment {
  enum class Kind : std::uint8_t { blackhole, loss, corruption, slow };
  Kind kind = Kind::loss;
  double share = 1;        // of the flows, or of the frames
  std::uint64_t seed = 0;  // of the black hole's hash
  BitRate speed{};         // of the slower link
};

// The impairments of one port, which outlives them.
class ImpairedPort {
 public:
  explicit ImpairedPort(Port& port) : port_(port), own_rate_(port.rate()) {}
  ImpairedPort(const ImpairedPort&) = delete;
  ImpairedPort& operator=(const ImpairedPort&) = delete;

  // `id` tells them apart; `draws` is for loss and damage.
  void add(std::uint64_t id, const Impairment& impairment, RandomStream draws);
  void remove(std::uint64_t id);

 private:
  struct Active {
    std::uint64_t id;
    Impairment impairment;
    RandomStream draws;
  };
  void apply();
  Port::Fate fate_of(Packet& packet);

  Port& port_;
  BitRate own_rate_;
  std::vector<Active> active_;
};

}  // namespace orrery
