// Hostile dumps of a cluster.
#include <cstddef>
#include <cstdint>

#include "tests/fuzz/demand_fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  orrery::read_demand("{file: t.yaml, format: kubernetes}",
                      {reinterpret_cast<const char*>(data), size});
  return 0;
}
