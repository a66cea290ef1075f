#include "scenarios/systems/unused_keys.hpp"

#include <fmt/format.h>

namespace orrery {

UnusedKeys::UnusedKeys(const TextNode& root, std::string_view system)
    : root_(root), in_system_(fmt::format("in a system of kind {}", system)) {}

void UnusedKeys::note(const SourceMark& mark, std::string_view what, std::string_view why) {
  notes_.push_back(fmt::format("{}: `{}` changes nothing {}", to_string(mark), what,
                               why.empty() ? in_system_ : std::string(why)));
}

void UnusedKeys::section(std::string_view name) {
  if (const TextNode::Entry* entry = root_.entry(name)) note(entry->mark, name, {});
}

void UnusedKeys::key(std::string_view section, const Declarations& declarations, const void* bound,
                     std::string_view name, std::string_view why) {
  const TextNode::Entry* part = root_.entry(section);
  const TextNode::Entry* entry = part != nullptr ? part->value.entry(name) : nullptr;
  if (entry == nullptr) return;
  const Declaration& declared = *declarations.find(name);
  if (declared.get(bound) == declared.fallback) return;
  note(entry->mark, fmt::format("{}.{}", section, name), why);
}

}  // namespace orrery
