// A trace's table: columns by name, rows cell by cell, what cannot be used by its reason.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/systems/fleet/demand_draft.hpp"
#include "scenarios/text/csv_lines.hpp"
#include "sim/units.hpp"

namespace orrery {

struct TraceText {
  std::string file;
  std::string text;
};

// Why a row cannot be used; caught by `for_each_row`.
struct BrokenRow {
  std::string reason;
};

struct TableColumn {
  std::string_view name;
  bool needed = false;  // else known, and may be absent
};

// Where a table's columns are, by their place in the list of those known.
class TableHeader {
 public:
  // From a line of names. Throws InputError where one that is needed is missing or one is there
  // twice.
  TableHeader(CsvLines& lines, std::span<const TableColumn> known, RowBook& book);
  // Of a table without one, in the order of those known.
  explicit TableHeader(std::span<const TableColumn> known);

  std::string_view name(std::size_t column) const { return known_[column].name; }
  std::size_t width() const { return width_; }
  const std::optional<std::size_t>& place(std::size_t column) const { return places_[column]; }

 private:
  std::span<const TableColumn> known_;
  std::vector<std::optional<std::size_t>> places_;
  std::size_t width_ = 0;
};

// One row; a cell that is not what is asked for breaks it.
class TableRow {
 public:
  TableRow(const CsvLines& lines, const TableHeader& header);

  // Empty where its column is absent.
  std::string_view text(std::size_t column) const;
  std::string_view name(std::size_t column) const;
  double any_number(std::size_t column) const;
  double number(std::size_t column) const;
  std::int64_t millis(std::size_t column, double cores_per_unit = 1) const;
  Bytes bytes(std::size_t column, double bytes_per_unit) const;
  Duration time(std::size_t column, double seconds_per_unit) const;

 private:
  BrokenRow beyond(std::size_t column) const;

  const TableHeader& header_;
  std::span<const std::string_view> cells_;
};

// Calls `use` for every row and keeps the books.
template <class Use>
void for_each_row(CsvLines& lines, const TableHeader& header, RowBook& book, Use use) {
  while (lines.next()) {
    book.row();
    try {
      use(TableRow(lines, header));
    } catch (const BrokenRow& broken) {
      book.broken(lines.line(), broken.reason);
    }
  }
  book.close();
}

}  // namespace orrery
