// Sizes of a job's I/Os in one direction: fio's `bs` and `bssplit`.
//
// `bs=4k` or `bs=4k,64k` (reads, writes); `bssplit=4k/10:64k/50:32k/40`, the two directions divided
// by a comma, entries without a percentage sharing what the others leave. k, m and g are powers of
// 1024, as fio reads them; KiB, MiB and GiB mean the same. A comma with nothing on one side leaves
// that direction at 4k.
//
// `bssplit=s22-production` is the mix that production volumes were published with (SIGCOMM'22 Fig.
// 5), see production_mix.cpp.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/io.hpp"
#include "sim/random.hpp"

namespace orrery {

class BlockSizes {
 public:
  struct Share {
    Bytes size;
    double share;  // of the I/Os, 0..1
  };

  BlockSizes() : BlockSizes(kibibytes(4)) {}
  explicit BlockSizes(Bytes fixed) : BlockSizes(std::vector<Share>{{fixed, 1.0}}) {}
  // Shares must be positive; they are scaled to 1.
  explicit BlockSizes(std::vector<Share> shares);

  // Draws nothing if there is one size only.
  Bytes draw(RandomStream& random) const;

  const std::vector<Share>& shares() const { return shares_; }
  Bytes smallest() const { return smallest_; }
  Bytes largest() const { return largest_; }
  double mean_bytes() const { return mean_bytes_; }

 private:
  std::vector<Share> shares_;
  std::vector<double> up_to_;  // cumulated shares
  Bytes smallest_{}, largest_{};
  double mean_bytes_ = 0;
};

// What a text of sizes says, or what is wrong with it.
struct BlockSizesText {
  BlockSizes read, write;
  Bytes alignment[2];  // of random offsets, by direction: fio's smallest size
  std::optional<std::string> error;
  std::vector<std::string> notes;

  const BlockSizes& of(Direction d) const { return d == Direction::read ? read : write; }
};
BlockSizesText parse_bs(std::string_view text);
BlockSizesText parse_bssplit(std::string_view text);

// A number of bytes as fio writes it: "4k", "512", "1m", "64KiB".
std::optional<Bytes> parse_size(std::string_view text);

// Named splits that `bssplit` accepts, and the text behind each; nothing for an unknown name.
std::optional<std::string_view> named_bssplit(std::string_view name);
std::vector<std::string_view> bssplit_names();

}  // namespace orrery
