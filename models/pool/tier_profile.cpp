#include "models/pool/tier_profile.hpp"

namespace orrery {

const Declarations& TierProfile::declarations() {
  using P = TierProfile;
  static const Declarations all =
      Declare<P>("tier: a write-back cache of lines in front of a slower volume")
          .field("capacity", &P::capacity, "size of the cache; at most the fast volume's",
                 between(4096, 0x1p50))
          .field("line_size", &P::line_size,
                 "what is cached and written back as one, in whole blocks of 4 KiB",
                 between(4096, 64 * 4096))
          .field("dirty_high", &P::dirty_high, "share of dirty lines above which flushing begins",
                 between(0, 1))
          .field("dirty_low", &P::dirty_low,
                 "share of dirty lines at which flushing stops; at most dirty_high", between(0, 1))
          .field("promote_after", &P::promote_after,
                 "misses of a line by reads until it is kept; 1: the first one", between(1, 1024))
          .field("flush_run", &P::flush_run,
                 "largest write to the slow volume; neighbouring dirty lines are flushed together",
                 between(4096, 1 << 26))
          .field("flush_depth", &P::flush_depth, "such writes at once", between(1, 1024))
          .build();
  return all;
}

}  // namespace orrery
