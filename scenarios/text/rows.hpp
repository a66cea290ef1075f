// Lists as comma-separated values: a line of keys, then one line per entry.
//
//   at,for,kind,target
//   1s,2s,switch_down,frontend/tor-0a
//   # a comment
//   3s,,link_down,"frontend/tor-0b--spine-1"
//
// An empty cell leaves its key out. Cells may stand in double quotes, a quote within doubled. Each
// becomes the text node that the same text would make in a YAML mapping, with its own place.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scenarios/text/text_node.hpp"

namespace orrery {

// Throws InputError.
std::vector<TextNode> parse_rows(std::string_view text, const std::string& file);

}  // namespace orrery
