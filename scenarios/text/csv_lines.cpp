#include "scenarios/text/csv_lines.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "scenarios/text/utf8.hpp"

namespace orrery {

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

CsvLines::CsvLines(std::string_view text) : text_(text) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text_.starts_with(kByteOrderMark)) text_.remove_prefix(kByteOrderMark.size());
}

bool CsvLines::next() {
  while (at_ < text_.size()) {
    const std::size_t end = std::min(text_.find('\n', at_), text_.size());
    std::string_view line = text_.substr(at_, end - at_);
    at_ = end + 1;
    ++line_;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (trimmed(line).empty()) continue;
    here_ = line;
    cells_.clear();
    columns_.clear();
    unquoted_.clear();
    defect_.clear();
    if (const auto defect = first_defect(line)) refuse(defect->message, defect->offset);
    else cut(line);
    return true;
  }
  return false;
}

void CsvLines::refuse(std::string why, std::size_t offset) {
  defect_ = std::move(why);
  defect_column_ = static_cast<int>(count_characters(here_.substr(0, offset))) + 1;
}

void CsvLines::cut(std::string_view line) {
  std::size_t at = 0, counted = 0, characters = 0;
  const auto column_at = [&](std::size_t offset) {
    characters += count_characters(line.substr(counted, offset - counted));
    counted = offset;
    return static_cast<int>(characters) + 1;
  };
  for (;;) {
    if (cells_.size() == kMostCells) {
      refuse(fmt::format("more than {} cells", kMostCells), at);
      return;
    }
    const std::size_t begin = std::min(line.find_first_not_of(" \t", at), line.size());
    columns_.push_back(column_at(begin));
    std::size_t end = std::min(line.find(',', begin), line.size());
    if (begin == line.size() || line[begin] != '"') {
      cells_.push_back(trimmed(line.substr(begin, end - begin)));
    } else {
      std::string& cell = unquoted_.emplace_back();
      std::size_t quote = begin + 1;
      for (;; ++quote) {
        if (quote >= line.size()) {
          refuse("a quote that does not end", begin);
          return;
        }
        if (line[quote] != '"') cell += line[quote];
        else if (quote + 1 < line.size() && line[quote + 1] == '"') cell += line[quote++];
        else break;
      }
      end = std::min(line.find(',', quote), line.size());
      if (!trimmed(line.substr(quote + 1, end - quote - 1)).empty()) {
        refuse("text after a closing quote", quote + 1);
        return;
      }
      cells_.push_back(cell);
    }
    if (end >= line.size()) return;
    at = end + 1;
  }
}

}  // namespace orrery
