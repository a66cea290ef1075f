#include "scenarios/text/value_text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <utility>

#include "scenarios/text/decimal.hpp"
#include "scenarios/text/nearest.hpp"
#include "scenarios/text/unit_spelling.hpp"
#include "sim/written_size.hpp"

namespace orrery {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t size;  // in picoseconds, bytes, bits per second or operations per second
};

constexpr std::int64_t kSecond = 1'000'000'000'000;
constexpr Unit kDurationUnits[] = {
    {"ps", 1},      {"ns", 1'000},         {"us", 1'000'000},     {"ms", 1'000'000'000},
    {"s", kSecond}, {"min", 60 * kSecond}, {"h", 3600 * kSecond}, {"d", 86400 * kSecond},
};
constexpr std::int64_t kLongestDays = 106;

// Those that are written, then fio's, which are accepted and never written.
constexpr auto kByteUnits = [] {
  constexpr Unit kOfFio[] = {
      {"k", 1LL << 10}, {"m", 1LL << 20}, {"g", 1LL << 30}, {"t", 1LL << 40}};
  std::array<Unit, kSizeUnits.size() + std::size(kOfFio)> all{};
  std::size_t count = 0;
  for (const SizeUnit& unit : kSizeUnits) all[count++] = {unit.name, unit.bytes};
  for (const Unit& unit : kOfFio) all[count++] = unit;
  return all;
}();

constexpr Unit kRateUnits[] = {
    {"bps", 1},
    {"Kbps", 1'000},
    {"Mbps", 1'000'000},
    {"Gbps", 1'000'000'000},
    {"Tbps", 1'000'000'000'000},
    {"B/s", 8},
    {"KB/s", 8'000},
    {"MB/s", 8'000'000},
    {"GB/s", 8'000'000'000},
    {"KiB/s", 8LL << 10},
    {"MiB/s", 8LL << 20},
    {"GiB/s", 8LL << 30},
};
constexpr std::size_t kBitRateUnits = 5;  // the first ones: those written

constexpr Unit kIopsUnits[] = {
    {"", 1},     {"k", 1'000},     {"K", 1'000},     {"M", 1'000'000},
    {"IOPS", 1}, {"kIOPS", 1'000}, {"KIOPS", 1'000}, {"MIOPS", 1'000'000},
};

std::span<const Unit> units(Quantity quantity) {
  switch (quantity) {
    case Quantity::duration: return kDurationUnits;
    case Quantity::bytes: return kByteUnits;
    case Quantity::bit_rate: return kRateUnits;
    case Quantity::iops: return kIopsUnits;
    default: return {};
  }
}

// One scalar on its way to a value, with what its errors need.
class Reader {
 public:
  Reader(const TextNode& node, const Declaration& declaration)
      : node_(node), declaration_(declaration) {}

  Value read() const {
    if (!node_.is_scalar()) throw unexpected();
    switch (declaration_.quantity) {
      case Quantity::flag: return flag();
      case Quantity::count: return limited(count());
      case Quantity::ratio: return limited(ratio());
      case Quantity::duration: return limited(duration());
      case Quantity::bytes: return limited(bytes());
      case Quantity::bit_rate: return limited(BitRate{rate()});
      case Quantity::iops: return limited(Iops{rate()});
      case Quantity::text:
      case Quantity::text_list: break;
    }
    return text();
  }

  InputError unexpected(std::string hint = {}) const {
    return error(
        fmt::format("expected {}, got {}", expected_form(declaration_.quantity), describe(node_)),
        std::move(hint));
  }

 private:
  InputError error(std::string_view message, std::string hint = {}) const {
    return {node_.mark, fmt::format("{}: {}", declaration_.name, message), std::move(hint)};
  }

  std::string text() const {
    const auto& words = declaration_.choices;
    if (!words.empty() && std::find(words.begin(), words.end(), node_.text) == words.end())
      throw unknown_name(node_.mark, "value for " + declaration_.name, node_.text, words);
    return node_.text;
  }

  bool flag() const {
    if (node_.text == "true" || node_.text == "yes") return true;
    if (node_.text == "false" || node_.text == "no") return false;
    throw unexpected();
  }

  std::int64_t count() const {
    const Decimal number = front_number();
    if (!number.rest.empty() || !number.is_integer())
      throw unexpected("integers are written out, without unit, point or exponent: 1000000");
    if (const auto whole = number.times(1)) return whole->value;
    throw error(fmt::format("{} is too large", describe(node_)));
  }

  double ratio() const {
    const Decimal number = front_number();
    if (!number.rest.empty() && number.rest != "%") throw unexpected("the only unit is %");
    const double value = number.value();
    return finite(number.rest.empty() ? value : value / 100);
  }

  Duration duration() const {
    const auto [number, unit] = with_unit();
    const auto scaled = number.times(unit.size);
    if (!scaled || std::abs(scaled->value) > kLongestDays * 86400 * kSecond)
      throw error(fmt::format("{} is longer than the clock can hold ({} days)", describe(node_),
                              kLongestDays));
    if (scaled->value == 0 && !scaled->exact)
      throw error(fmt::format("{} is shorter than the clock's tick of 1ps", describe(node_)));
    return Duration{scaled->value};
  }

  Bytes bytes() const {
    const auto [number, unit] = with_unit();
    const auto scaled = number.times(unit.size);
    if (!scaled) throw error(fmt::format("{} is too large", describe(node_)));
    if (!scaled->exact)
      throw error(fmt::format("{} is not a whole number of bytes", describe(node_)));
    return Bytes{scaled->value};
  }

  double rate() const {
    const auto [number, unit] = with_unit();
    return finite(number.value() * static_cast<double>(unit.size));
  }

  double finite(double value) const {
    if (!std::isfinite(value)) throw error(fmt::format("{} is too large", describe(node_)));
    return value;
  }

  Decimal front_number() const {
    const auto number = Decimal::at_front(node_.text);
    if (!number) throw unexpected();
    return *number;
  }

  std::pair<Decimal, Unit> with_unit() const {
    Decimal number = front_number();
    const std::string_view name =
        number.rest.substr(std::min(number.rest.find_first_not_of(' '), number.rest.size()));
    for (const Unit& unit : units(declaration_.quantity))
      if (unit.name == name) return {number, unit};
    const auto names = unit_names(declaration_.quantity);
    if (name.empty())
      throw unexpected(fmt::format("a unit is missing: {}", fmt::join(names, ", ")));
    if (const auto meant = meant_unit(declaration_.quantity, name))
      throw error(fmt::format("unknown unit '{}' in {} (did you mean '{}'?)", name, describe(node_),
                              *meant));
    throw unexpected(fmt::format("units: {}", fmt::join(names, ", ")));
  }

  static double base(std::int64_t n) { return static_cast<double>(n); }
  static double base(double n) { return n; }
  static double base(Duration d) { return static_cast<double>(d.count()) / 1e12; }
  static double base(Bytes b) { return static_cast<double>(b.count()); }
  static double base(BitRate r) { return r.bits_per_second(); }
  static double base(Iops r) { return r.per_second(); }

  // A limit in the words of the quantity.
  std::string limit_text(double limit) const {
    switch (declaration_.quantity) {
      case Quantity::duration: return format_value(Quantity::duration, seconds(limit));
      case Quantity::bytes:
        return format_value(Quantity::bytes, Bytes{unit_detail::rounded(limit)});
      case Quantity::bit_rate: return format_value(Quantity::bit_rate, BitRate{limit});
      default: return fmt::format("{}", limit);
    }
  }

  template <class T>
  T limited(T value) const {
    const Limits limits = limits_of(declaration_);
    const double n = base(value);
    if (limits.min && limits.min_is_open && !(n > *limits.min))
      throw error(
          fmt::format("must be more than {}, got {}", limit_text(*limits.min), describe(node_)));
    if (limits.min && !limits.min_is_open && !(n >= *limits.min))
      throw error(
          fmt::format("must be at least {}, got {}", limit_text(*limits.min), describe(node_)));
    if (limits.max && !(n <= *limits.max))
      throw error(
          fmt::format("must be at most {}, got {}", limit_text(*limits.max), describe(node_)));
    return value;
  }

  const TextNode& node_;
  const Declaration& declaration_;
};

std::string format_duration(Duration duration) {
  const std::int64_t count = duration.count();
  if (count == 0) return "0s";
  // Days, hours and minutes only where they come out even; below a second's multiple any decimal
  // fraction is exact.
  for (const char* name : {"d", "h", "min"})
    for (const Unit& unit : kDurationUnits)
      if (unit.name == name && count % unit.size == 0)
        return fmt::format("{}{}", count / unit.size, name);
  const Unit* best = &kDurationUnits[0];
  for (const Unit& unit : std::span(kDurationUnits).first(5))
    if (count >= unit.size || count <= -unit.size) best = &unit;
  return exact_quotient(count, best->size) + std::string{best->name};
}

// The largest unit whose multiple reads back as the same number; `candidates` grow.
std::string format_scaled(double value, std::span<const Unit> candidates) {
  for (auto unit = candidates.rbegin(); unit != candidates.rend(); ++unit) {
    const auto size = static_cast<double>(unit->size);
    if (std::abs(value) < size && unit->size != 1) continue;
    std::string number = fmt::format("{}", value / size);
    const auto read = Decimal::at_front(number);
    if (read && read->value() * size == value) return number + std::string{unit->name};
  }
  return fmt::format("{}{}", value, candidates.front().name);
}

// Beyond what means anything, and within what is reckoned with.
std::optional<double> most_of(Quantity quantity) {
  switch (quantity) {
    case Quantity::count: return 0x1p53;
    case Quantity::ratio: return 1e15;
    case Quantity::duration: return any_duration().max;
    case Quantity::bytes: return 0x1p50;
    case Quantity::bit_rate: return any_rate().max;
    case Quantity::iops: return 1e12;
    default: return std::nullopt;
  }
}

}  // namespace

Limits limits_of(const Declaration& declaration) {
  const Quantity quantity = declaration.quantity;
  Limits limits = declaration.limits;
  if (!limits.max) limits.max = most_of(quantity);
  if (!limits.min && limits.max)
    limits.min = quantity == Quantity::count || quantity == Quantity::ratio ? -*limits.max : 0.0;
  return limits;
}

Value parse_value(const TextNode& node, const Declaration& declaration) {
  const Reader reader(node, declaration);
  if (declaration.quantity != Quantity::text_list) return reader.read();
  if (node.is_scalar()) return std::vector<std::string>{std::get<std::string>(reader.read())};
  if (!node.is_sequence()) throw reader.unexpected();
  std::vector<std::string> words;
  for (const TextNode& item : node.items)
    words.push_back(std::get<std::string>(Reader(item, declaration).read()));
  return words;
}

std::string format_value(Quantity quantity, const Value& value) {
  switch (quantity) {
    case Quantity::flag: return std::get<bool>(value) ? "true" : "false";
    case Quantity::count: return fmt::format("{}", std::get<std::int64_t>(value));
    case Quantity::ratio: return fmt::format("{}", std::get<double>(value));
    case Quantity::duration: return format_duration(std::get<Duration>(value));
    case Quantity::bytes: return written_size(std::get<Bytes>(value));
    case Quantity::bit_rate:
      return format_scaled(std::get<BitRate>(value).bits_per_second(),
                           std::span(kRateUnits).first(kBitRateUnits));
    case Quantity::iops: {
      constexpr Unit kWritten[] = {{"", 1}, {"k", 1'000}, {"M", 1'000'000}};
      return format_scaled(std::get<Iops>(value).per_second(), kWritten);
    }
    case Quantity::text: return std::get<std::string>(value);
    case Quantity::text_list: break;
  }
  std::string text = to_yaml(value_node(quantity, value));
  text.pop_back();
  return text;
}

TextNode value_node(Quantity quantity, const Value& value) {
  if (quantity != Quantity::text_list) return TextNode::scalar(format_value(quantity, value));
  TextNode list = TextNode::sequence();
  for (const std::string& word : std::get<std::vector<std::string>>(value))
    list.items.push_back(TextNode::scalar(word));
  return list;
}

std::string_view expected_form(Quantity quantity) {
  switch (quantity) {
    case Quantity::flag: return "true or false";
    case Quantity::count: return "an integer such as 32";
    case Quantity::ratio: return "a number such as 0.25 or 25%";
    case Quantity::duration: return "a duration such as 95us";
    case Quantity::bytes: return "a size such as 4KiB";
    case Quantity::bit_rate: return "a rate such as 25Gbps or 3GB/s";
    case Quantity::iops: return "I/Os per second such as 5000 or 20k";
    case Quantity::text: return "text";
    case Quantity::text_list: break;
  }
  return "text or a list of texts";
}

std::vector<std::string> unit_names(Quantity quantity) {
  std::vector<std::string> names;
  for (const Unit& unit : units(quantity))
    if (!unit.name.empty()) names.emplace_back(unit.name);
  if (quantity == Quantity::ratio) names.emplace_back("%");
  return names;
}

std::string value_pattern(Quantity quantity) {
  const std::string number = R"(-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?)";
  const auto names = unit_names(quantity);
  switch (quantity) {
    case Quantity::ratio: return fmt::format("^{}%?$", number);
    case Quantity::iops: return fmt::format("^{} *({})?$", number, fmt::join(names, "|"));
    case Quantity::duration:
    case Quantity::bytes:
    case Quantity::bit_rate: return fmt::format("^{} *({})$", number, fmt::join(names, "|"));
    default: return {};
  }
}

}  // namespace orrery
