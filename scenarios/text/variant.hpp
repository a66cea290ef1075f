// Variants of a document, and overrides on top of them.
//
//   variant: round
//   variants:
//     round: {workload: [{name: w, bs: 10k}]}
#pragma once

#include <span>
#include <string>

#include "scenarios/text/text_node.hpp"

namespace orrery {

// The document with the variant that its `variant` names laid over the rest, and without both keys;
// the document itself where it names none. Throws InputError.
TextNode with_variant(const TextNode& document);

// The document with all assignments "path.to.key=value", in their order: those about variants
// first, then the variant that is named, then everything else, so that an override wins over what
// the variant says. Throws InputError.
TextNode overridden(const TextNode& document, std::span<const std::string> assignments);

}  // namespace orrery
