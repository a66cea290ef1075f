// Sizes of I/Os on production volumes: SIGCOMM'22 Fig. 5, digitised.
//
// The figure has columns for single sizes and for ranges. A range is represented by the multiples
// of 4 KiB inside it, in equal parts (21-31: 24 and 28; 33-63: 36..60; 65-127: 68..124); below 4 KB
// by 2 KiB; above 128 KB, where I/Os reach 1 MB, by 256, 512 and 1024 KiB at 2:1:1. The means come
// out at 41.0 KB for reads and 30.6 KB for writes; published: 40.6 and 31.0. The figure's columns
// add up to 100.1 and 99.6 %; they are scaled to 100.
#include <array>

#include "models/workload/block_sizes.hpp"

namespace orrery {
namespace {

constexpr std::string_view kS22Production =
    // Reads.
    "2k/0.3:4k/28.7:8k/6.2:12k/2.3:16k/12.5:20k/1.9:"
    "24k/1.4:28k/1.4:"
    "32k/1.5:"
    "36k/0.7:40k/0.7:44k/0.7:48k/0.7:52k/0.7:56k/0.7:60k/0.7:"
    "64k/34.4:"
    "68k/0.1:72k/0.1:76k/0.1:80k/0.1:84k/0.1:88k/0.1:92k/0.1:96k/0.1:100k/0.1:104k/0.1:108k/0.1:"
    "112k/0.1:116k/0.1:120k/0.1:124k/0.1:"
    "128k/1.6:"
    "256k/0.75:512k/0.375:1024k/0.375"
    ","
    // Writes.
    "2k/2.2:4k/39.5:8k/6.0:12k/3.5:16k/6.4:20k/4.3:"
    "24k/1.2:28k/1.2:"
    "32k/1.2:"
    "36k/0.52857:40k/0.52857:44k/0.52857:48k/0.52857:52k/0.52857:56k/0.52857:60k/0.52857:"
    "64k/28.2:"
    "68k/0.05333:72k/0.05333:76k/0.05333:80k/0.05333:84k/0.05333:88k/0.05333:92k/0.05333:"
    "96k/0.05333:100k/0.05333:104k/0.05333:108k/0.05333:112k/0.05333:116k/0.05333:120k/0.05333:"
    "124k/0.05333:"
    "128k/0.7:"
    "256k/0.35:512k/0.175:1024k/0.175";

struct Named {
  std::string_view name, text;
};
constexpr std::array kNamed = {Named{"s22-production", kS22Production}};

}  // namespace

std::optional<std::string_view> named_bssplit(std::string_view name) {
  for (const Named& n : kNamed)
    if (n.name == name) return n.text;
  return std::nullopt;
}

std::vector<std::string_view> bssplit_names() {
  std::vector<std::string_view> names;
  for (const Named& n : kNamed) names.push_back(n.name);
  return names;
}

}  // namespace orrery
