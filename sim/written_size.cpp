#include "sim/written_size.hpp"

#include <fmt/format.h>

#include <utility>

namespace orrery {

std::string written_size(Bytes size) {
  const std::int64_t count = size.count();
  std::string best = fmt::format("{}", count);
  std::string_view unit_of_best = "B";
  for (const SizeUnit& unit : kSizeUnits) {
    if (count % unit.bytes != 0) continue;
    std::string number = fmt::format("{}", count / unit.bytes);
    if (number.size() >= best.size()) continue;
    best = std::move(number);
    unit_of_best = unit.name;
  }
  return fmt::format("{}{}", best, unit_of_best);
}

}  // namespace orrery
