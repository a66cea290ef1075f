// Between trees of text and declared structures, in both directions.
//
//   Fabric fabric;
//   bind_mapping(scenario.entry("network")->value, Fabric::declarations(), &fabric);
//   TextNode written = resolved(Fabric::declarations(), &fabric);   // every value with its unit
#pragma once

#include <functional>
#include <span>
#include <string_view>

#include "scenarios/text/text_node.hpp"
#include "sim/params.hpp"

namespace orrery {

// Called for each declared key that was given, after its value has been set.
using KeyRecorder = std::function<void(const TextNode::Entry&)>;

// Fills `target`, a structure of the type the declarations were made for, from a mapping (an absent
// value counts as an empty one). Strict: keys that are neither declared nor among `also_allowed`
// are refused, as are missing keys without a fallback and values that parse_value refuses. Keys
// that are not given get their fallback; optional fields without one stay as they are. Throws
// InputError; the target may then be partly filled.
void bind_mapping(const TextNode& map, const Declarations& declarations, void* target,
                  std::span<const std::string_view> also_allowed = {},
                  const KeyRecorder& given = {});

// The structure as a mapping from which bind_mapping fills an equal one. Optional fields that are
// empty are left out.
TextNode resolved(const Declarations& declarations, const void* source);

}  // namespace orrery
