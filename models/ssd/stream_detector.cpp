#include "models/ssd/stream_detector.hpp"

#include <algorithm>

namespace orrery {

StreamDetector::StreamDetector(int streams, int trigger, Bytes window)
    : trigger_(trigger),
      window_(window),
      recognised_(static_cast<std::size_t>(streams)),
      suspected_(static_cast<std::size_t>(streams)) {}

StreamDetector::Match StreamDetector::observe(Bytes offset, Bytes length) {
  const Bytes end = offset + length;
  for (std::size_t i = 0; i < known_; ++i) {
    Recognised& stream = recognised_[i];
    if (offset > stream.end + window_ || offset < stream.end - window_) continue;
    const Bytes advance = std::max(end, stream.end) - stream.end;
    stream.end += advance;
    stream.used = ++clock_;
    return {static_cast<int>(i), false, advance, stream.end};
  }
  for (Suspected& suspect : suspected_) {
    if (suspect.end != offset) continue;
    suspect.end = end;
    if (++suspect.run < trigger_) return {};
    suspect = {};
    return begin(offset, length);
  }
  if (trigger_ <= 1) return begin(offset, length);
  suspected_[next_suspect_] = {end, 1};
  next_suspect_ = (next_suspect_ + 1) % suspected_.size();
  return {};
}

StreamDetector::Match StreamDetector::begin(Bytes offset, Bytes length) {
  const auto oldest = known_ < recognised_.size()
                          ? recognised_.begin() + static_cast<std::ptrdiff_t>(known_++)
                          : std::min_element(recognised_.begin(), recognised_.end(),
                                             [](const Recognised& a, const Recognised& b) {
                                               return a.used < b.used;
                                             });
  *oldest = {offset + length, ++clock_};
  return {static_cast<int>(oldest - recognised_.begin()), true, length, oldest->end};
}

}  // namespace orrery
