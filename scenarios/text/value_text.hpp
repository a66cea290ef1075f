// Values as people write them: 95us, 4KiB, 25Gbps, 20k, 12.5%.
//
// Units are compulsory and case matters. A value of a declaration's quantity is read by parse_value
// and written by format_value, which chooses the shortest unit that holds it exactly: what is
// written reads back as the same value.
//
//   duration   ps ns us ms s min h d
//   bytes      B, KiB MiB GiB TiB PiB (1024), KB MB GB TB (1000), and k m g t as fio writes them
//              (1024)
//   bit rate   bps Kbps Mbps Gbps Tbps, and in bytes B/s KB/s MB/s GB/s KiB/s MiB/s GiB/s
//   iops       a number, with k or K (1000) or M and IOPS if wanted: 20k, 1.5MIOPS, 300 IOPS
//   ratio      0.25 or 25%
//   count      an integer written out
//   flag       true false yes no
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scenarios/text/text_node.hpp"
#include "sim/params.hpp"

namespace orrery {

// The value of a scalar (or, for a text_list, of a list of scalars), within the limits and choices
// of its declaration. Throws InputError at the node.
Value parse_value(const TextNode& node, const Declaration& declaration);

// The limits that hold for a number: those of its declaration, and where it has none, what can be
// reckoned with; durations, bytes and rates must not be negative unless their limits say so.
Limits limits_of(const Declaration& declaration);

// The text of a value; a text_list as a YAML flow list. The value must hold the quantity's type.
std::string format_value(Quantity quantity, const Value& value);

// The value as a node without a mark: a list for a text_list, else a scalar.
TextNode value_node(Quantity quantity, const Value& value);

// "a duration such as 95us".
std::string_view expected_form(Quantity quantity);

// The units of a quantity, in the order they are listed to people; none when it has no unit.
std::vector<std::string> unit_names(Quantity quantity);

// A regular expression (ECMA 262) for the accepted spellings of a quantity that is written as text.
std::string value_pattern(Quantity quantity);

}  // namespace orrery
