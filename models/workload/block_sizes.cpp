#include "models/workload/block_sizes.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>

#include "sim/assert.hpp"

namespace orrery {
namespace {

constexpr double kSizeLimit = 0x1p40;  // 1 TiB: beyond any I/O, and far from overflow

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t end = text.find(at);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())))
    text.remove_prefix(1);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())))
    text.remove_suffix(1);
  return text;
}

std::string quoted(std::string_view text) { return "'" + std::string(text) + "'"; }

// A decimal number at the head of `text`, which is shortened by it.
std::optional<double> take_number(std::string_view& text) {
  double value = 0;
  const auto [end, failure] =
      std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (failure != std::errc{} || !std::isfinite(value) || value < 0) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

struct Entry {
  Bytes size;
  std::optional<double> percent;
};

// The shares of one direction, or what is wrong. Sums in percent: `exact` splits must not exceed
// 100 and their last size takes what is missing, as in fio; published ones are scaled.
std::optional<std::string> read_split(std::string_view text, bool exact, BlockSizes& out,
                                      std::vector<std::string>& notes) {
  std::vector<Entry> entries;
  double given = 0;
  int blank = 0;
  for (const std::string_view part : split(text, ':')) {
    const std::string_view item = trimmed(part);
    const std::size_t slash = item.find('/');
    const std::optional<Bytes> size = parse_size(trimmed(item.substr(0, slash)));
    if (!size || size->count() == 0)
      return "expected size/percentage, as in 4k/10:64k/90, got " + quoted(item);
    Entry entry{*size, std::nullopt};
    std::string_view percent =
        slash == std::string_view::npos ? std::string_view{} : trimmed(item.substr(slash + 1));
    if (!percent.empty()) {
      entry.percent = take_number(percent);
      if (!entry.percent || !percent.empty())
        return "the percentage in " + quoted(item) + " is not a number";
      given += *entry.percent;
    }
    blank += !entry.percent;
    entries.push_back(entry);
  }
  constexpr double kRounding = 1e-6;
  if (exact && given > 100 + kRounding)
    return "percentages of " + quoted(text) + " add up to more than 100";
  if (blank == 0 && given == 0) return "no size in " + quoted(text) + " has a percentage above 0";
  if (exact && blank == 0 && given < 100 - kRounding) {
    notes.push_back("percentages of " + quoted(text) +
                    " add up to less than 100: the last size takes the rest, as in fio");
    *entries.back().percent += 100 - given;
  }
  std::vector<BlockSizes::Share> shares;
  for (const Entry& e : entries) {
    const double percent = e.percent ? *e.percent : std::max(0.0, 100 - given) / blank;
    if (percent > 0) shares.push_back({e.size, percent / 100});
  }
  out = BlockSizes(std::move(shares));
  return std::nullopt;
}

void align_to_smallest(BlockSizesText& sizes) {
  sizes.alignment[0] = sizes.read.smallest();
  sizes.alignment[1] = sizes.write.smallest();
}

}  // namespace

BlockSizes::BlockSizes(std::vector<Share> shares) : shares_(std::move(shares)) {
  ORRERY_INVARIANT(!shares_.empty(), "workload", "a split without sizes");
  double total = 0;
  for (const Share& s : shares_) total += s.share;
  double sum = 0;
  smallest_ = largest_ = shares_.front().size;
  for (Share& s : shares_) {
    s.share /= total;
    sum += s.share;
    up_to_.push_back(sum);
    mean_bytes_ += s.share * static_cast<double>(s.size.count());
    smallest_ = std::min(smallest_, s.size);
    largest_ = std::max(largest_, s.size);
  }
  up_to_.back() = 1;
}

Bytes BlockSizes::draw(RandomStream& random) const {
  if (shares_.size() == 1) return shares_.front().size;
  const auto at = std::upper_bound(up_to_.begin(), up_to_.end(), random.uniform());
  return shares_[static_cast<std::size_t>(at - up_to_.begin())].size;
}

std::optional<Bytes> parse_size(std::string_view text) {
  const std::optional<double> number = take_number(text);
  if (!number) return std::nullopt;
  std::string unit;
  for (const char c : trimmed(text))
    unit += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  double factor = 0;
  for (const auto& [letter, power] : {std::pair{"", 0}, {"k", 10}, {"m", 20}, {"g", 30}}) {
    const std::string l = letter;
    if (unit == l || unit == l + "b" || (!l.empty() && (unit == l + "i" || unit == l + "ib")))
      factor = std::ldexp(1.0, power);
  }
  const double bytes = *number * factor;
  if (factor == 0 || bytes > kSizeLimit || bytes != std::floor(bytes)) return std::nullopt;
  return Bytes{static_cast<std::int64_t>(bytes)};
}

BlockSizesText parse_bs(std::string_view text) {
  BlockSizesText out;
  const auto parts = split(text, ',');
  if (parts.size() > 2) {
    out.error = "expected one size or two, for reads and writes, got " + quoted(text);
    return out;
  }
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::string_view part = trimmed(parts[i]);
    if (part.empty() && parts.size() == 2) continue;
    const std::optional<Bytes> size = parse_size(part);
    if (!size) {
      out.error = "expected a size such as 4k, got " + quoted(part);
      return out;
    }
    if (size->count() == 0) {
      out.error = "a block size of 0 moves nothing";
      return out;
    }
    (i == 0 ? out.read : out.write) = BlockSizes(*size);
    if (parts.size() == 1) out.write = out.read;
  }
  align_to_smallest(out);
  return out;
}

BlockSizesText parse_bssplit(std::string_view text) {
  BlockSizesText out;
  const std::optional<std::string_view> published = named_bssplit(trimmed(text));
  if (!published && text.find_first_of("/:,") == std::string_view::npos &&
      !parse_size(trimmed(text))) {
    out.error = "no split is called " + quoted(trimmed(text)) + "; there is";
    for (const std::string_view name : bssplit_names()) *out.error += " " + std::string(name);
    return out;
  }
  const auto parts = split(published.value_or(text), ',');
  if (parts.size() > 2) {
    out.error =
        "expected one split or two, for reads and writes, got " + std::to_string(parts.size());
    return out;
  }
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::string_view part = trimmed(parts[i]);
    if (part.empty() && parts.size() == 2) continue;
    out.error = read_split(part, !published, i == 0 ? out.read : out.write, out.notes);
    if (out.error) return out;
    if (parts.size() == 1) out.write = out.read;
  }
  align_to_smallest(out);
  if (published)
    for (Bytes& a : out.alignment) a = std::max(a, kBlock);
  return out;
}

}  // namespace orrery
