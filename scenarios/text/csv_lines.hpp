// Comma-separated values, a line at a time, from a text that may be too large for anything else.
//
//   CsvLines lines(text);
//   while (lines.next())
//     if (lines.defect().empty()) use(lines.cells());
//
// Lines end with LF or CR LF; a byte order mark is passed over, as are blank lines. Cells may stand
// in double quotes, a quote within doubled, and end with their line. What cannot be cut into cells,
// or is not text, is a defect of its line alone.
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
  std::string_view text() const { return here_; }  // the line as it was written
  std::span<const std::string_view> cells() const { return cells_; }
  // Columns count from 1, in characters.
  int column_of(std::size_t cell) const { return columns_[cell]; }
  const std::string& defect() const { return defect_; }
  int defect_column() const { return defect_column_; }

 private:
  void cut(std::string_view line);
  void refuse(std::string why, std::size_t offset);

  std::string_view text_;
  std::size_t at_ = 0;
  int line_ = 0;
  std::string_view here_;
  std::vector<std::string_view> cells_;
  std::vector<int> columns_;
  std::deque<std::string> unquoted_;  // cells that are not as they were written
  std::string defect_;
  int defect_column_ = 0;
};

// Without blanks and tabs at its ends.
std::string_view trimmed(std::string_view text);

}  // namespace orrery
