// Reading a printed table cell by cell, so that tests need not know its layout.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace orrery {

inline std::vector<std::string> lines_in(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

// What stands between two or more spaces.
inline std::vector<std::string> cells_in(std::string_view line) {
  std::vector<std::string> cells;
  while (true) {
    const std::size_t start = line.find_first_not_of(' ');
    if (start == std::string_view::npos) return cells;
    line.remove_prefix(start);
    const std::size_t end = std::min(line.find("  "), line.size());
    cells.emplace_back(line.substr(0, end));
    line.remove_prefix(end);
  }
}

// The cells of the first line below `heading` that starts with the cell `name`, without that one;
// empty if there is none.
inline std::vector<std::string> row_of(std::string_view text, std::string_view name,
                                       std::string_view heading = {}) {
  bool is_below = heading.empty();
  for (const std::string& line : lines_in(text)) {
    std::vector<std::string> cells = cells_in(line);
    if (!is_below) is_below = cells.size() == 1 && cells[0] == heading;
    else if (!cells.empty() && cells[0] == name) return {cells.begin() + 1, cells.end()};
  }
  return {};
}

}  // namespace orrery
