// Cells as names, numbers, sizes and times.
#include "scenarios/systems/fleet/demand_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "scenarios/text/nearest.hpp"

namespace orrery {

namespace {

constexpr double kLongest = 9.0e6;  // seconds that the clock holds

InputError missing_column(const SourceMark& mark, std::string_view name,
                          const std::vector<std::string>& names) {
  std::string message = fmt::format("column '{}' is missing", name);
  if (const auto near = nearest(name, names)) message += fmt::format(" (is it '{}'?)", *near);
  return {mark, std::move(message)};
}

}  // namespace

TableHeader::TableHeader(CsvLines& lines, std::span<const TableColumn> known, RowBook& book)
    : known_(known) {
  if (!lines.next()) throw InputError({book.file(), 0, 0}, "this file is empty");
  const SourceMark mark{book.file(), lines.line(), 1};
  if (!lines.defect().empty()) throw InputError(mark, lines.defect());
  width_ = lines.cells().size();
  places_.assign(known.size(), std::nullopt);
  const std::vector<std::string> names(lines.cells().begin(), lines.cells().end());
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto found = std::find_if(known.begin(), known.end(),
                                    [&](const TableColumn& each) { return each.name == names[i]; });
    if (std::find(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(i), names[i]) !=
        names.begin() + static_cast<std::ptrdiff_t>(i))
      throw InputError(mark, fmt::format("column '{}' is there twice", names[i]));
    if (found == known.end())
      book.note(fmt::format("column '{}' is unknown and ignored", names[i]), lines.line());
    else places_[static_cast<std::size_t>(found - known.begin())] = i;
  }
  for (std::size_t i = 0; i < known.size(); ++i)
    if (known[i].needed && !places_[i]) throw missing_column(mark, known[i].name, names);
}

TableHeader::TableHeader(std::span<const TableColumn> known) : known_(known), width_(known.size()) {
  for (std::size_t i = 0; i < known.size(); ++i) places_.emplace_back(i);
}

TableRow::TableRow(const CsvLines& lines, const TableHeader& header)
    : header_(header), cells_(lines.cells()) {
  if (!lines.defect().empty()) throw BrokenRow{lines.defect()};
  if (cells_.size() != header.width())
    throw BrokenRow{
        fmt::format("{} cells in a table of {} columns", cells_.size(), header.width())};
}

std::string_view TableRow::text(std::size_t column) const {
  const auto& place = header_.place(column);
  return place ? cells_[*place] : std::string_view{};
}

std::string_view TableRow::name(std::size_t column) const {
  const std::string_view cell = text(column);
  if (cell.empty()) throw BrokenRow{fmt::format("{} is empty", header_.name(column))};
  return cell;
}

double TableRow::any_number(std::size_t column) const {
  const std::string_view cell = name(column);
  double value = 0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (error == std::errc::result_out_of_range)
    throw BrokenRow{fmt::format("{} is too large or too small: '{}'", header_.name(column), cell)};
  if (error != std::errc{} || end != cell.data() + cell.size() || !std::isfinite(value))
    throw BrokenRow{fmt::format("{} is no number: '{}'", header_.name(column), cell)};
  return value;
}

double TableRow::number(std::size_t column) const {
  const double value = any_number(column);
  if (value < 0)
    throw BrokenRow{fmt::format("{} is negative: {}", header_.name(column), text(column))};
  return value;
}

std::int64_t TableRow::millis(std::size_t column, double cores_per_unit) const {
  const double cores = number(column) * cores_per_unit;
  if (!(cores <= demand_limits::kCores)) throw beyond(column);
  return std::llround(cores * 1000);
}

Bytes TableRow::bytes(std::size_t column, double bytes_per_unit) const {
  const double size = number(column) * bytes_per_unit;
  if (!(size <= demand_limits::kBytes)) throw beyond(column);
  return Bytes{std::llround(size)};
}

Duration TableRow::time(std::size_t column, double seconds_per_unit) const {
  const double value = number(column) * seconds_per_unit;
  if (!(value <= kLongest))
    throw BrokenRow{fmt::format("{} is beyond the clock: {}", header_.name(column), text(column))};
  return seconds(value);
}

BrokenRow TableRow::beyond(std::size_t column) const {
  return {fmt::format("{} is beyond any machine: {}", header_.name(column), text(column))};
}

}  // namespace orrery
