#include "analysis/terminal/text_table.hpp"

#include <algorithm>
#include <cassert>
#include <numeric>
#include <utility>

namespace orrery {

namespace {

constexpr int kGap = 2;
constexpr int kNarrowestWrapped = 16;

std::string spaces(int count) {
  return std::string(static_cast<std::size_t>(std::max(0, count)), ' ');
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t start = 0; start <= text.size();) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    lines.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return lines;
}

void end_line(std::string& out) {
  while (!out.empty() && out.back() == ' ') out.pop_back();
  out += '\n';
}

}  // namespace

void TextTable::row(std::vector<Cell> cells) {
  assert(cells.size() <= columns_.size());
  cells.resize(columns_.size());
  rows_.push_back({std::move(cells), {}});
}

void TextTable::heading(std::string text) { rows_.push_back({{}, std::move(text)}); }

std::vector<int> TextTable::natural_widths() const {
  std::vector<int> widths;
  for (const Column& column : columns_) widths.push_back(display_width(column.title));
  for (const Row& row : rows_)
    for (std::size_t i = 0; i < row.cells.size(); ++i)
      widths[i] = std::max(widths[i], display_width(row.cells[i].text));
  return widths;
}

int TextTable::natural_width() const {
  const std::vector<int> widths = natural_widths();
  return std::accumulate(widths.begin(), widths.end(), 0) +
         kGap * (static_cast<int>(widths.size()) - 1);
}

std::string TextTable::render(const Terminal& terminal) const {
  std::vector<int> widths = natural_widths();
  int excess = natural_width() - terminal.width;
  for (std::size_t i = 0; i < columns_.size() && excess > 0; ++i) {
    if (!columns_[i].may_wrap) continue;
    const int narrowed = std::max(std::min(widths[i], kNarrowestWrapped), widths[i] - excess);
    excess -= widths[i] - narrowed;
    widths[i] = narrowed;
  }

  std::string out;
  auto write = [&](const std::vector<Cell>& cells) {
    std::vector<std::vector<std::string>> lines;
    std::size_t height = 1;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const bool is_wide = columns_[i].may_wrap && display_width(cells[i].text) > widths[i];
      lines.push_back(is_wide ? lines_of(wrapped(cells[i].text, widths[i], 0))
                              : std::vector<std::string>{cells[i].text});
      height = std::max(height, lines.back().size());
    }
    for (std::size_t line = 0; line < height; ++line) {
      for (std::size_t i = 0; i < cells.size(); ++i) {
        const std::string text = line < lines[i].size() ? lines[i][line] : std::string{};
        const std::string shown = styled(text, cells[i].style, terminal);
        const std::string fill = spaces(widths[i] - display_width(text));
        if (i > 0) out += spaces(kGap);
        out += columns_[i].align == Align::right ? fill + shown : shown + fill;
      }
      end_line(out);
    }
  };

  std::vector<Cell> titles;
  bool has_titles = false;
  for (const Column& column : columns_) {
    titles.emplace_back(column.title, Style::dim);
    has_titles |= !column.title.empty();
  }
  if (has_titles) write(titles);
  for (const Row& row : rows_) {
    if (row.cells.empty()) {
      out += styled(row.heading, Style::bold, terminal);
      end_line(out);
    } else {
      write(row.cells);
    }
  }
  return out;
}

std::string markdown_table(const std::vector<TextTable::Column>& columns,
                           const std::vector<std::vector<std::string>>& rows) {
  auto escaped = [](const std::string& text) {
    std::string out;
    for (char c : text) {
      if (c == '|') out += '\\';
      out += c == '\n' ? ' ' : c;
    }
    return out;
  };
  std::string out = "|";
  for (const auto& column : columns) out += " " + escaped(column.title) + " |";
  out += "\n|";
  for (const auto& column : columns) out += column.align == Align::right ? "---:|" : "---|";
  out += "\n";
  for (const auto& row : rows) {
    out += "|";
    for (const std::string& cell : row) out += " " + escaped(cell) + " |";
    out += "\n";
  }
  return out;
}

}  // namespace orrery
