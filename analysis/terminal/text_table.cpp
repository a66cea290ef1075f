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
constexpr std::size_t kRowsLookedAt = 200;  // when columns are narrowed

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

// A cell's text may have lines of its own.
int width_of_lines(const std::string& text) {
  int width = 0;
  for (const std::string& line : lines_of(text)) width = std::max(width, display_width(line));
  return width;
}

std::vector<std::string> lines_within(const std::string& text, int width) {
  std::vector<std::string> lines;
  for (const std::string& line : lines_of(text)) {
    if (display_width(line) <= width) lines.push_back(line);
    else
      for (std::string& part : lines_of(wrapped(line, width, 0))) lines.push_back(std::move(part));
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
      widths[i] = std::max(widths[i], width_of_lines(row.cells[i].text));
  return widths;
}

int TextTable::width_of(const std::vector<std::size_t>& shown, const std::vector<int>& widths) {
  int width = -kGap;
  for (const std::size_t i : shown) width += widths[i] + kGap;
  return width;
}

int TextTable::natural_width() const {
  std::vector<std::size_t> all(columns_.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  return width_of(all, natural_widths());
}

bool TextTable::may_narrow(std::size_t column) const {
  return columns_[column].may_wrap || (column > 0 && columns_[column].align == Align::left);
}

// No column becomes narrower than its longest word.
std::vector<int> TextTable::least_widths() const {
  std::vector<int> least = natural_widths();
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (!may_narrow(i)) continue;
    int word = std::min(least[i], kNarrowestWrapped);
    for (const Row& row : rows_)
      if (i < row.cells.size())
        for (const std::string& line : lines_within(row.cells[i].text, 0))
          word = std::max(word, display_width(line));
    least[i] = std::max(word, display_width(columns_[i].title));
  }
  return least;
}

// Where something has to give way, whatever costs the fewest lines for the columns it saves.
std::vector<int> TextTable::widths_within(int width, const std::vector<std::size_t>& shown) const {
  std::vector<int> widths = natural_widths();
  const std::vector<int> least = least_widths();
  const std::size_t looked_at = std::min(rows_.size(), kRowsLookedAt);
  const auto lines = [this](std::size_t row, std::size_t column, int columns) {
    if (column >= rows_[row].cells.size()) return 1;
    return static_cast<int>(lines_within(rows_[row].cells[column].text, columns).size());
  };
  std::vector<int> heights(looked_at, 1);
  for (std::size_t row = 0; row < looked_at; ++row)
    for (const std::size_t i : shown)
      heights[row] = std::max(heights[row], lines(row, i, widths[i]));
  const auto added_lines = [&](std::size_t column, int columns) {
    int added = 0;
    for (std::size_t row = 0; row < looked_at; ++row)
      added += std::max(0, lines(row, column, columns) - heights[row]);
    return added;
  };
  for (int excess = width_of(shown, widths) - width; excess > 0;) {
    std::optional<std::size_t> best;
    int best_step = 0;
    double best_cost = 0;
    for (const std::size_t i : shown)
      for (int step = 1; step <= std::min(excess, widths[i] - least[i]); ++step) {
        const double cost = static_cast<double>(added_lines(i, widths[i] - step)) / step;
        const bool is_better = !best || cost < best_cost ||
                               (cost == best_cost && widths[i] - step > widths[*best] - best_step);
        if (!is_better) continue;
        best = i;
        best_step = step;
        best_cost = cost;
      }
    if (!best) break;
    widths[*best] -= best_step;
    excess -= best_step;
    for (std::size_t row = 0; row < looked_at; ++row)
      heights[row] = std::max(heights[row], lines(row, *best, widths[*best]));
  }
  return widths;
}

std::string TextTable::render(const Terminal& terminal) const {
  const std::vector<int> least = least_widths();
  std::vector<std::size_t> leading(std::min(leading_, columns_.size()));
  std::iota(leading.begin(), leading.end(), std::size_t{0});
  std::string out;
  std::vector<std::size_t> shown = leading;
  const auto show = [&] {
    out += (out.empty() ? "" : "\n") +
           render_columns(shown, widths_within(terminal.width, shown), terminal);
    shown = leading;
  };
  for (std::size_t next = leading.size(); next < columns_.size();) {
    std::vector<std::size_t> more = shown;
    // A column without a title belongs to the one before it.
    do more.push_back(next++);
    while (next < columns_.size() && columns_[next].title.empty());
    if (shown.size() > leading.size() && width_of(more, least) > terminal.width) {
      more.erase(more.begin() + static_cast<std::ptrdiff_t>(leading.size()),
                 more.begin() + static_cast<std::ptrdiff_t>(shown.size()));
      show();
    }
    shown = std::move(more);
  }
  if (shown.size() > leading.size() || out.empty()) show();
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
      lines.push_back(lines_within(cells[i].text, widths[i]));
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
      for (const std::string& line : lines_of(wrapped(row.heading, terminal.width, 2))) {
        out += styled(line, Style::bold, terminal);
        end_line(out);
      }
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
