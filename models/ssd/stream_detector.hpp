// Finds the sequential streams in a sequence of requests, as a drive's firmware does.
//
// Requests that continue one another are counted; after `trigger` of them in a row the stream is
// recognised. From then on a request belongs to it that starts within `window` of the furthest byte
// asked for, before or behind: requests of one stream overtake each other on their way. Streams
// nobody has continued for the longest time are forgotten first, and those that are only suspected
// never push out one that is recognised.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/units.hpp"

namespace orrery {

class StreamDetector {
 public:
  static constexpr int kNone = -1;

  struct Match {
    int stream = kNone;   // 0 .. streams-1
    bool begins = false;  // recognised with this request
    Bytes advance{};      // how far the request moves the stream's end
    Bytes end{};          // the stream's end with this request
  };

  StreamDetector(int streams, int trigger, Bytes window);

  Match observe(Bytes offset, Bytes length);

 private:
  struct Recognised {
    Bytes end{};
    std::uint64_t used = 0;
  };
  struct Suspected {
    Bytes end{-1};
    int run = 0;
  };

  Match begin(Bytes offset, Bytes length);

  int trigger_;
  Bytes window_;
  std::uint64_t clock_ = 0;
  std::size_t next_suspect_ = 0;
  std::size_t known_ = 0;  // the first of `recognised_`, the others are free
  std::vector<Recognised> recognised_;
  std::vector<Suspected> suspected_;
};

}  // namespace orrery
