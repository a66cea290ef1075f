#include "scenarios/text/unit_spelling.hpp"

#include <algorithm>
#include <cctype>
#include <initializer_list>
#include <utility>

namespace orrery {
namespace {

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::string in_lower_case(std::string_view text) {
  std::string lower;
  for (const char c : text) lower += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower;
}

std::optional<std::string> meant_duration(std::string_view name) {
  if (name == "\xC2\xB5s" || name == "\xCE\xBCs") return "us";  // with a micro sign, or a mu
  // Of one letter, the case may be another order of magnitude.
  if (is_one_of(name, {"m", "mn"})) return "min";
  const std::string word = in_lower_case(name);
  if (is_one_of(word, {"psec", "picosecond", "picoseconds"})) return "ps";
  if (is_one_of(word, {"nsec", "nanosecond", "nanoseconds"})) return "ns";
  if (is_one_of(word, {"usec", "microsecond", "microseconds"})) return "us";
  if (is_one_of(word, {"msec", "millisecond", "milliseconds"})) return "ms";
  if (is_one_of(word, {"s", "sec", "secs", "second", "seconds"})) return "s";
  if (is_one_of(word, {"min", "mins", "minute", "minutes"})) return "min";
  if (is_one_of(word, {"h", "hr", "hrs", "hour", "hours"})) return "h";
  if (is_one_of(word, {"d", "day", "days"})) return "d";
  return std::nullopt;
}

// The letter of a prefix in upper case at the front of a name, which is shortened by it.
std::string take_prefix(std::string_view& name) {
  if (name.empty() || std::string_view("kKMGTP").find(name.front()) == std::string_view::npos)
    return {};
  const char letter = static_cast<char>(std::toupper(static_cast<unsigned char>(name.front())));
  name.remove_prefix(1);
  return {letter};
}

std::optional<std::string> meant_size(std::string_view name) {
  // fio's, of 1024 in either case.
  if (is_one_of(name, {"K", "M", "G", "T"})) return in_lower_case(name);
  const std::string word = in_lower_case(name);
  if (is_one_of(word, {"byte", "bytes"})) return "B";
  // All in lower case, there is nothing that speaks of bits.
  if (is_one_of(word, {"kb", "mb", "gb", "tb", "kib", "mib", "gib", "tib", "pib"}) &&
      (name == word || name.back() == 'B')) {
    std::string unit = word;
    unit.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(unit.front())));
    unit.back() = 'B';
    return unit;
  }
  return std::nullopt;
}

std::optional<std::string> meant_rate(std::string_view name) {
  if (is_one_of(name, {"kbps", "mbps", "gbps", "tbps"})) {
    std::string unit(name);
    unit.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(unit.front())));
    return unit;
  }
  std::string_view rest = name;
  std::string prefix = take_prefix(rest);
  // What says bit says bits in any case: mbit/s.
  if (prefix.empty() && rest.size() > 1 && rest.substr(1).starts_with("bit")) {
    prefix = static_cast<char>(std::toupper(static_cast<unsigned char>(rest.front())));
    rest.remove_prefix(1);
  }
  if (!is_one_of(prefix, {"", "K", "M", "G", "T"})) return std::nullopt;
  if (is_one_of(rest, {"bit/s", "bits/s", "b/s", "bit/sec", "bits/sec", "b/sec", "bit", "bits",
                       "bit/second", "bits/second"}))
    return prefix + "bps";
  if (prefix != "T" &&
      is_one_of(rest, {"Bps", "byte/s", "bytes/s", "B/sec", "Byte/s", "Bytes/s", "B/second"}))
    return prefix + "B/s";
  if (prefix == "K" && is_one_of(rest, {"bps", "B/s", "iB/s"})) return prefix + std::string(rest);
  if (!prefix.empty() && prefix != "T" && is_one_of(rest, {"iBps", "iB/sec"}))
    return prefix + "iB/s";
  return std::nullopt;
}

std::optional<std::string> meant_iops(std::string_view name) {
  std::string_view rest = name;
  const std::string prefix = take_prefix(rest);
  if (!is_one_of(prefix, {"", "K", "M"})) return std::nullopt;
  if (!is_one_of(in_lower_case(rest), {"iops", "io/s", "ios/s", "iop/s"})) return std::nullopt;
  return (prefix == "K" ? "k" : prefix) + "IOPS";
}

}  // namespace

std::optional<std::string> meant_unit(Quantity quantity, std::string_view name) {
  switch (quantity) {
    case Quantity::duration: return meant_duration(name);
    case Quantity::bytes: return meant_size(name);
    case Quantity::bit_rate: return meant_rate(name);
    case Quantity::iops: return meant_iops(name);
    default: return std::nullopt;
  }
}

}  // namespace orrery
