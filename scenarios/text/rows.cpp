#include "scenarios/text/rows.hpp"

#include <fmt/format.h>

#include "scenarios/text/csv_lines.hpp"
#include "scenarios/text/document.hpp"

namespace orrery {

std::vector<TextNode> parse_rows(std::string_view text, const std::string& file) {
  if (text.size() > DocumentLimits::kTextBytes)
    throw InputError({file, 0, 0}, "this file is larger than any list");
  std::vector<std::string> keys;
  std::vector<TextNode> rows;
  CsvLines lines(text);
  while (lines.next()) {
    if (trimmed(lines.text()).starts_with('#')) continue;
    const auto place_of_cell = [&](std::size_t cell) {
      return SourceMark{file, lines.line(), lines.column_of(cell)};
    };
    if (!lines.defect().empty())
      throw InputError({file, lines.line(), lines.defect_column()}, lines.defect());
    const auto cells = lines.cells();
    if (keys.empty()) {
      for (std::size_t i = 0; i < cells.size(); ++i)
        for (std::size_t j = 0; j < i; ++j)
          if (cells[i] == cells[j])
            throw InputError(place_of_cell(i), fmt::format("column '{}' is there twice", cells[i]));
      keys.assign(cells.begin(), cells.end());
      continue;
    }
    const SourceMark mark{file, lines.line(), 1};
    if (cells.size() != keys.size())
      throw InputError(mark,
                       fmt::format("{} cells in a list of {} columns", cells.size(), keys.size()));
    if (rows.size() >= DocumentLimits::kNodes)
      throw InputError(mark, fmt::format("more than {} rows", DocumentLimits::kNodes));
    TextNode row = TextNode::map(mark);
    for (std::size_t i = 0; i < cells.size(); ++i)
      if (!cells[i].empty())
        row.entries.push_back(
            {keys[i], place_of_cell(i), TextNode::scalar(std::string(cells[i]), place_of_cell(i))});
    rows.push_back(std::move(row));
  }
  if (keys.empty())
    throw InputError({file, 0, 0}, "a list needs a first line that names its columns");
  return rows;
}

}  // namespace orrery
