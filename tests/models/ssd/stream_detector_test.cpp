#include "models/ssd/stream_detector.hpp"

#include <gtest/gtest.h>

#include "sim/random.hpp"

namespace orrery {
namespace stream_detector_test {

constexpr Bytes kSize = kibibytes(4);

struct Stream {
  Bytes at;
  StreamDetector::Match next(StreamDetector& detector) {
    const Bytes offset = at;
    at += kSize;
    return detector.observe(offset, kSize);
  }
};

TEST(StreamDetectorTest, a_stream_is_recognised_after_the_trigger) {
  StreamDetector detector(4, 3, Bytes{0});
  Stream s{gibibytes(1)};
  EXPECT_EQ(s.next(detector).stream, StreamDetector::kNone);
  EXPECT_EQ(s.next(detector).stream, StreamDetector::kNone);
  const auto third = s.next(detector);
  EXPECT_TRUE(third.begins);
  EXPECT_EQ(third.advance, kSize);
  EXPECT_EQ(third.end, gibibytes(1) + kSize * 3);
  const auto fourth = s.next(detector);
  EXPECT_EQ(fourth.stream, third.stream);
  EXPECT_FALSE(fourth.begins);
}

TEST(StreamDetectorTest, with_a_trigger_of_one_everything_is_a_stream) {
  StreamDetector detector(2, 1, Bytes{0});
  EXPECT_TRUE(detector.observe(gibibytes(5), kSize).begins);
}

TEST(StreamDetectorTest, streams_are_told_apart_while_they_interleave_with_random_requests) {
  StreamDetector detector(8, 4, Bytes{0});
  RandomStream random(1, "random");
  std::vector<Stream> streams;
  for (int i = 0; i < 4; ++i) streams.push_back({gibibytes(10 * i)});
  std::vector<int> recognised(4, 0);
  for (int round = 0; round < 1000; ++round) {
    for (std::size_t i = 0; i < streams.size(); ++i)
      recognised[i] += streams[i].next(detector).stream != StreamDetector::kNone;
    const auto block = static_cast<std::int64_t>(random.below(1 << 28));
    EXPECT_EQ(detector.observe(gibibytes(100) + kSize * block, kSize).stream,
              StreamDetector::kNone);
  }
  for (const int n : recognised) EXPECT_EQ(n, 997);
}

TEST(StreamDetectorTest, requests_that_overtake_each_other_stay_in_their_stream) {
  StreamDetector detector(4, 2, kibibytes(64));
  Stream s{Bytes{0}};
  s.next(detector);
  s.next(detector);
  const auto ahead = detector.observe(kSize * 3, kSize);
  EXPECT_EQ(ahead.advance, kSize * 2);  // with the gap
  const auto late = detector.observe(kSize * 2, kSize);
  EXPECT_EQ(late.stream, ahead.stream);
  EXPECT_EQ(late.advance, Bytes{0});
  EXPECT_EQ(late.end, kSize * 4);
  EXPECT_EQ(detector.observe(mebibytes(1), kSize).stream, StreamDetector::kNone);
}

TEST(StreamDetectorTest, the_stream_not_continued_for_longest_is_forgotten_first) {
  StreamDetector detector(2, 2, Bytes{0});
  Stream a{gibibytes(1)}, b{gibibytes(2)}, c{gibibytes(3)};
  a.next(detector);
  a.next(detector);
  b.next(detector);
  b.next(detector);
  a.next(detector);
  c.next(detector);
  EXPECT_TRUE(c.next(detector).begins);
  EXPECT_NE(a.next(detector).stream, StreamDetector::kNone);
  EXPECT_EQ(b.next(detector).stream, StreamDetector::kNone);
}

TEST(StreamDetectorTest, random_requests_in_a_small_region_are_no_stream) {
  StreamDetector detector(32, 4, kibibytes(256));
  RandomStream random(3, "small region");
  int recognised = 0;
  for (int i = 0; i < 100'000; ++i) {
    const auto block = static_cast<std::int64_t>(random.below(262'144));  // 1 GiB
    recognised += detector.observe(kSize * block, kSize).stream != StreamDetector::kNone;
  }
  EXPECT_EQ(recognised, 0);
}

}  // namespace stream_detector_test
}  // namespace orrery
