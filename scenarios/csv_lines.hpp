// Comma-separated values, a line at a time, from a text that may be too large for anything else.
//
//   CsvLines lines(text);
//   while (lines.next())
//     if (lines.defect().empty()) use(lines.cells());
//
// Lines end with LF or CR LF; a byte order mark is passed over, as are blank lines. Cells may stand in double quotes, a quote
// within doubled, and end with their line. What cannot be cut into cells, or is not text, is a defect of its line alone.
#pragma once

#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace orrery {

class CsvLines {
 public:
  static constexpr std::size_t kMostCells = 256;

  explicit CsvLines(std::string_view text);

  // Goes to the next line; false at the end. What cells() gave before is then no longer valid.
  bool next();

  int line() const { return line_; }
  std::span<const std::string_view> cells() const { return cells_; }
  const std::string& defect() const { return defect_; }

 private:
  void cut(std::string_view line);

  std::string_view text_;
  std::size_t at_ = 0;
  int line_ = 0;
  std::vector<std::string_view> cells_;
  std::deque<std::string> unquoted_;  // cells that are not as they were written
  std::string defect_;
};

}  // namespace orrery
