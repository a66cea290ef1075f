#include "models/ssd/read_ahead.hpp"

#include <algorithm>
#include <utility>

#include "models/ssd/nand_profile.hpp"

namespace orrery {

ReadAhead::ReadAhead(Calendar& calendar, const NandSsdProfile& profile, FlashArray& flash)
    : calendar_(calendar),
      flash_(flash),
      distance_(profile.read_ahead),
      capacity_(profile.capacity),
      detector_(profile.streams, profile.stream_trigger, profile.stream_window),
      streams_(static_cast<std::size_t>(profile.streams)) {}

ReadAhead::Place ReadAhead::observe(Bytes offset, Bytes length) {
  const StreamDetector::Match match = detector_.observe(offset, length);
  if (match.stream == StreamDetector::kNone) return {};
  auto& stream = streams_[static_cast<std::size_t>(match.stream)];
  if (match.begins || stream->failed) {
    stream = std::make_shared<Stream>(calendar_);
    stream->begun = match.end - match.advance;
    stream->issued_until = stream->begun;
  }
  return {stream, match.advance, match.end};
}

Task<bool> ReadAhead::obtain(Place place) {
  const Bytes ahead = std::min(distance_, place.end - place.stream->begun);
  issue(place.stream, std::min(place.end + ahead, capacity_));
  if (place.advance > Bytes{0}) {
    auto own = place.stream->fetched.acquire(place.advance.count());
    co_await own;
  }
  co_return !place.stream->failed;
}

void ReadAhead::issue(const std::shared_ptr<Stream>& stream, Bytes until) {
  while (stream->issued_until < until) {
    const Bytes from = stream->issued_until;
    const Bytes to = std::min(flash_.end_of_unit(from), capacity_);
    stream->issued_until = to;
    fetches_.spawn(fetch(stream, from, to - from));
  }
}

Task<> ReadAhead::fetch(std::shared_ptr<Stream> stream, Bytes offset, Bytes length) {
  auto reading = flash_.read(offset, length, {});
  const bool done = co_await reading;
  if (!done) stream->failed = true;
  stream->fetched.release(length.count());
}

}  // namespace orrery
