// The name somebody probably meant.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/text/input_error.hpp"
#include "sim/name_pattern.hpp"

namespace orrery {

// Damerau-Levenshtein distance (insert, delete, replace, swap neighbours; no substring edited
// twice), or bound + 1 when it is larger than `bound`.
std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t bound);

// The candidate nearest to `name`, if one is near enough to be a typing error; the first of equally
// near ones. Letter case is ignored: `gbps` is near `Gbps`.
std::optional<std::string> nearest(std::string_view name,
                                   const std::vector<std::string>& candidates);

// What there is instead of `name`, as a hint: "one of: bs, rw", or of a list that would take many
// lines the nearest few and how many there are.
std::string names_hint(std::string_view name, const std::vector<std::string>& candidates);

// The error for a name that does not exist: "unknown key 'iodpeth' (did you mean 'iodepth'?)", or
// with names_hint() when none is near. `what` is the kind of thing that is named.
InputError unknown_name(SourceMark mark, std::string_view what, std::string_view name,
                        const std::vector<std::string>& candidates);

}  // namespace orrery
