#include "scenarios/rows.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "scenarios/document.hpp"
#include "scenarios/utf8.hpp"

namespace orrery {

namespace {

struct Cell {
  std::string text;
  int column = 1;
};

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::vector<Cell> cells_of(std::string_view line, const SourceMark& mark) {
  std::vector<Cell> cells;
  std::size_t at = 0;
  for (;;) {
    const std::size_t begin = std::min(line.find_first_not_of(" \t", at), line.size());
    Cell cell{{}, static_cast<int>(begin) + 1};
    std::size_t end = begin;
    if (begin < line.size() && line[begin] == '"') {
      for (end = begin + 1;; ++end) {
        if (end >= line.size())
          throw InputError({mark.file, mark.line, cell.column}, "a quote that does not end");
        if (line[end] != '"') {
          cell.text += line[end];
        } else if (end + 1 < line.size() && line[end + 1] == '"') {
          cell.text += '"';
          ++end;
        } else {
          break;
        }
      }
      const std::size_t next = std::min(line.find(',', end), line.size());
      if (!trimmed(line.substr(end + 1, next - end - 1)).empty())
        throw InputError({mark.file, mark.line, static_cast<int>(end) + 2},
                         "text after a closing quote");
      end = next;
    } else {
      end = std::min(line.find(',', begin), line.size());
      cell.text = trimmed(line.substr(begin, end - begin));
    }
    cells.push_back(std::move(cell));
    if (end >= line.size()) return cells;
    at = end + 1;
  }
}

}  // namespace

std::vector<TextNode> parse_rows(std::string_view text, const std::string& file) {
  if (text.size() > DocumentLimits::kTextBytes)
    throw InputError({file, 0, 0}, "this file is larger than any list");
  std::vector<Cell> keys;
  std::vector<TextNode> rows;
  int number = 0;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = std::min(text.find('\n', at), text.size());
    std::string_view line = text.substr(at, end - at);
    at = end + 1;
    ++number;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (trimmed(line).empty() || trimmed(line).starts_with('#')) continue;
    const SourceMark mark{file, number, 1};
    if (const auto defect = first_defect(line))
      throw InputError({file, number, static_cast<int>(defect->offset) + 1}, defect->message);
    std::vector<Cell> cells = cells_of(line, mark);
    if (keys.empty()) {
      for (std::size_t i = 0; i < cells.size(); ++i)
        for (std::size_t j = 0; j < i; ++j)
          if (cells[i].text == cells[j].text)
            throw InputError({file, number, cells[i].column},
                             fmt::format("column '{}' is there twice", cells[i].text));
      keys = std::move(cells);
      continue;
    }
    if (cells.size() != keys.size())
      throw InputError(mark,
                       fmt::format("{} cells in a list of {} columns", cells.size(), keys.size()));
    if (rows.size() >= DocumentLimits::kNodes)
      throw InputError(mark, fmt::format("more than {} rows", DocumentLimits::kNodes));
    TextNode row = TextNode::map(mark);
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (cells[i].text.empty()) continue;
      const SourceMark place{file, number, cells[i].column};
      row.entries.push_back({keys[i].text, place, TextNode::scalar(cells[i].text, place)});
    }
    rows.push_back(std::move(row));
  }
  if (keys.empty())
    throw InputError({file, 0, 0}, "a list needs a first line that names its columns");
  return rows;
}

}  // namespace orrery
