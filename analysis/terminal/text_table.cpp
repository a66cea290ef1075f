#include "analysis/terminal/text_table.hpp"

#include <algorithm>
#include <cassert>
#include <numeric>
#include <optional>
#include <utility>

namespace orrery {

namespace {

constexpr int kGap = 2;
constexpr int kNarrowestWrapped = 16;
constexpr int kReadable = 36;

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

std::vector<int> TextTable::widths_within(int width) const {
  std::vector<int> widths = natural_widths();
  // No column becomes narrower than its longest word.
  std::vector<int> least = widths;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    int word = std::min(widths[i], kNarrowestWrapped);
    for (const Row& row : rows_)
      if (i < row.cells.size())
        for (const std::string& line : lines_of(wrapped(row.cells[i].text, 0, 0)))
          word = std::max(word, display_width(line));
    least[i] = std::max(word, display_width(columns_[i].title));
  }
  int excess = natural_width() - width;
  const auto narrow = [&](const auto& may) {
    while (excess > 0) {
      std::optional<std::size_t> widest;
      for (std::size_t i = 0; i < columns_.size(); ++i)
        if (may(i) && widths[i] > least[i] && (!widest || widths[i] > widths[*widest])) widest = i;
      if (!widest) return;
      --widths[*widest];
      --excess;
    }
  };
  // Sentences are read with ease down to half a line.
  narrow([&](std::size_t i) { return columns_[i].may_wrap && widths[i] > kReadable; });
  narrow([&](std::size_t i) { return i > 0 && columns_[i].align == Align::left; });
  narrow([&](std::size_t i) { return columns_[i].may_wrap; });
  return widths;
}

std::string TextTable::render(const Terminal& terminal) const {
  const std::vector<int> widths = widths_within(terminal.width);
  std::vector<std::size_t> leading;
  int leading_width = 0;
  for (std::size_t i = 0; i < std::min(leading_, columns_.size()); ++i) {
    leading.push_back(i);
    leading_width += widths[i] + kGap;
  }
  std::string out;
  for (std::size_t next = leading.size(); out.empty() || next < columns_.size();) {
    std::vector<std::size_t> shown = leading;
    int width = leading_width - kGap;
    // A column without a title belongs to the one before it.
    const auto is_new = [&](std::size_t i) {
      return shown.size() == leading.size() || !columns_[i].title.empty();
    };
    for (; next < columns_.size(); ++next) {
      width += kGap + widths[next];
      if (width > terminal.width && shown.size() > leading.size() && is_new(next)) break;
      shown.push_back(next);
    }
    out += (out.empty() ? "" : "\n") + render_columns(shown, widths, terminal);
    if (columns_.empty() || shown.size() == leading.size()) break;
  }
  return out;
}

std::string TextTable::render_columns(const std::vector<std::size_t>& shown,
                                      const std::vector<int>& widths,
                                      const Terminal& terminal) const {
  std::string out;
  auto write = [&](const std::vector<Cell>& cells) {
    std::vector<std::vector<std::string>> lines;
    std::size_t height = 1;
    for (const std::size_t i : shown) {
      const bool is_wide = display_width(cells[i].text) > widths[i];
      lines.push_back(is_wide ? lines_of(wrapped(cells[i].text, widths[i], 0))
                              : std::vector<std::string>{cells[i].text});
      height = std::max(height, lines.back().size());
    }
    for (std::size_t line = 0; line < height; ++line) {
      for (std::size_t at = 0; at < shown.size(); ++at) {
        const std::size_t i = shown[at];
        const std::string text = line < lines[at].size() ? lines[at][line] : std::string{};
        const std::string styled_text = styled(text, cells[i].style, terminal);
        const std::string fill = spaces(widths[i] - display_width(text));
        if (at > 0) out += spaces(kGap);
        out += columns_[i].align == Align::right ? fill + styled_text : styled_text + fill;
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
