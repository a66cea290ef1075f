#include "sim/random.hpp"

#include <boost/random/exponential_distribution.hpp>
#include <boost/random/lognormal_distribution.hpp>
#include <boost/random/mersenne_twister.hpp>
#include <boost/random/normal_distribution.hpp>
#include <boost/random/uniform_int_distribution.hpp>

#include "sim/assert.hpp"

namespace orrery {

struct RandomStream::Engine : boost::random::mt19937_64 {
  using boost::random::mt19937_64::mt19937_64;
};

RandomStream::RandomStream(std::uint64_t seed, std::string_view name)
    : engine_(std::make_unique<Engine>(hash_of(seed, name))) {}
RandomStream::RandomStream(RandomStream&&) noexcept = default;
RandomStream& RandomStream::operator=(RandomStream&&) noexcept = default;
RandomStream::~RandomStream() = default;

std::uint64_t RandomStream::bits() { return (*engine_)(); }

// The 53 bits that a double holds: exact, below 1, and without the branch of a 64-bit conversion.
double RandomStream::uniform() { return static_cast<double>((*engine_)() >> 11) * 0x1p-53; }

std::uint64_t RandomStream::below(std::uint64_t n) {
  ORRERY_INVARIANT(n > 0, "random stream", "a draw from an empty range");
  return boost::random::uniform_int_distribution<std::uint64_t>(0, n - 1)(*engine_);
}

bool RandomStream::chance(double probability) { return uniform() < probability; }

Duration RandomStream::exponential(Duration mean) {
  return scaled(mean, boost::random::exponential_distribution<double>()(*engine_));
}

Duration RandomStream::uniform(Duration from, Duration to) {
  return from + scaled(to - from, uniform());
}

double RandomStream::normal(double mean, double deviation) {
  return boost::random::normal_distribution<double>(mean, deviation)(*engine_);
}

double RandomStream::lognormal(double mu, double sigma) {
  return boost::random::lognormal_distribution<double>(mu, sigma)(*engine_);
}

// FNV-1a over the name, with the seed and the result mixed so that near names and near seeds end
// far apart.
std::uint64_t hash_of(std::uint64_t seed, std::string_view name) {
  std::uint64_t hash = mix(seed) ^ 0xcbf29ce484222325u;
  for (const char c : name) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3u;
  }
  return mix(hash);
}

// The finaliser of SplitMix64 (Steele, Lea, Flood, OOPSLA'14).
std::uint64_t mix(std::uint64_t value) {
  value += 0x9e3779b97f4a7c15u;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9u;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebu;
  return value ^ (value >> 31);
}

}  // namespace orrery
