// Zipf-distributed ranks over a range, as fio draws them.
//
// The generator of Gray et al. ("Quickly generating billion-record synthetic databases",
// SIGMOD'94), whose ranks fio scatters over the range by a multiplicative hash and an offset of the
// thread's own. fio takes the hash modulo the range, by which 20,000 items become 6,700; here the
// scattering is one-to-one for every range, and fio's where that is a power of two. fio sums
// zeta(n, theta) over at most 10 million terms; here it is complete (Euler-Maclaurin), which
// matters above 38 GiB of 4 KiB blocks.
#pragma once

#include <cstdint>

#include "sim/random.hpp"

namespace orrery {

class Zipf {
 public:
  // theta > 0 and not 1; `shift` tells where in the range the hottest item lies.
  Zipf(std::uint64_t range, double theta, std::uint64_t shift);

  // An item of the range.
  std::uint64_t draw(RandomStream& random) const { return place(rank(random.uniform())); }
  // The rank (0 is the hottest) for a uniform number in [0, 1), and the item that has it.
  std::uint64_t rank(double uniform) const;
  std::uint64_t place(std::uint64_t rank) const;

  static double zeta(std::uint64_t n, double theta);

 private:
  std::uint64_t range_;
  std::uint64_t shift_;
  double zeta_n_;
  double second_;  // 1 + 0.5^theta
  double alpha_;
  double eta_;
};

}  // namespace orrery
