// Hostile tables: lists of faults, and traces of demand in each of their formats. The first byte
// says in which.
#include <array>
#include <cstddef>
#include <cstdint>

#include "scenarios/text/rows.hpp"
#include "tests/fuzz/demand_fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace orrery;
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  static const std::array<std::string, 4> kSources = {
      "{file: t.csv, format: alibaba-gpu-v2025}",
      "{file: t.csv, format: alibaba-v2017, node_memory: 64GiB, node_disk: 1TB}",
      "{file: t.csv, types: t.csv, format: azure-2020, node_cpu: 8, node_memory: 64GiB, node_disk: "
      "1TB}",
      "{file: t.csv, format: huawei-east-1}"};
  const std::size_t format = data[0] % (kSources.size() + 1);
  if (format < kSources.size()) {
    read_demand(kSources[format], text);
    return 0;
  }
  try {
    parse_rows(text, "t.csv");
  } catch (const InputError&) {}
  return 0;
}
