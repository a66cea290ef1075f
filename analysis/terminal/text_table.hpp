// Tables of text with aligned columns.
//
//   TextTable table({{"stage"}, {"wait", Align::right}, {"service", Align::right}});
//   table.row({{"sa"}, {"0.1 us"}, {"2.3 us", Style::bold}});
//   fmt::print("{}", table.render(Terminal::of_stdout()));
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "analysis/terminal/terminal.hpp"

namespace orrery {

enum class Align { left, right };
inline constexpr Align kRight = Align::right;

class TextTable {
 public:
  struct Column {
    std::string title;
    Align align = Align::left;
    bool may_wrap = false;  // may be narrowed though it is the first or aligned to the right
  };
  struct Cell {
    Cell(std::string cell_text = {}, Style cell_style = Style::plain)
        : text(std::move(cell_text)), style(cell_style) {}
    Cell(const char* cell_text) : text(cell_text) {}
    std::string text;
    Style style = Style::plain;
  };

  explicit TextTable(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // Cells that are missing at the end are empty; there must not be more of them than columns.
  void row(std::vector<Cell> cells);
  // A line of text across all columns.
  void heading(std::string text);
  bool empty() const { return rows_.empty(); }

  // Columns are two spaces apart; lines have no spaces at their end. Where the terminal is too
  // narrow, columns of text but the first, and those that may wrap, are narrowed, at spaces only
  // and so that it takes the fewest lines; what is still too wide goes into further tables below,
  // each with the first columns again.
  std::string render(const Terminal& terminal) const;

  // How many of the first columns tell rows apart: one, if this is not called.
  void tell_rows_by(std::size_t columns) { leading_ = columns; }

  // Columns the table takes when nothing is wrapped.
  int natural_width() const;

 private:
  struct Row {
    std::vector<Cell> cells;
    std::string heading;
  };
  std::vector<int> natural_widths() const;
  std::vector<int> least_widths() const;
  std::vector<int> widths_within(int width, const std::vector<std::size_t>& shown) const;
  static int width_of(const std::vector<std::size_t>& shown, const std::vector<int>& widths);
  bool may_narrow(std::size_t column) const;
  std::string render_columns(const std::vector<std::size_t>& shown, const std::vector<int>& widths,
                             const Terminal& terminal) const;

  std::size_t leading_ = 1;
  std::vector<Column> columns_;
  std::vector<Row> rows_;
};

// The same as a table of GitHub's Markdown.
std::string markdown_table(const std::vector<TextTable::Column>& columns,
                           const std::vector<std::vector<std::string>>& rows);

}  // namespace orrery
