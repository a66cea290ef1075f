// Where segments lie: which storage servers hold the replicas of one, which takes the place of a
// failed one, which takes over from a block server that is dead.
//
// Replicas are on other servers than the segment's block server, drawn at random, in different
// racks while there are enough. A spare is up, not the block server's own, and none that the
// segment has; an heir is up and holds none of the replicas. Both go round the servers, so that one
// failure's work is spread over all of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "sim/random.hpp"

namespace orrery {

class SegmentPlacement {
 public:
  // Storage servers are numbered; `racks`: of each.
  SegmentPlacement(std::vector<std::size_t> racks, std::int64_t replicas,
                   std::function<bool(std::size_t server)> is_up);

  // In order; all there are besides the owner if these are fewer than wanted.
  std::vector<std::size_t> replicas_for(std::size_t owner, RandomStream& draws) const;
  // None if there is no other.
  std::optional<std::size_t> spare_for(std::size_t owner, const std::vector<std::size_t>& held);
  std::optional<std::size_t> heir_of(const std::vector<std::size_t>& held);

 private:
  std::vector<std::size_t> racks_;
  std::size_t rack_count_ = 0;
  std::size_t replicas_;
  std::function<bool(std::size_t)> is_up_;
  std::size_t next_spare_ = 0;
  std::size_t next_heir_ = 0;
};

}  // namespace orrery
