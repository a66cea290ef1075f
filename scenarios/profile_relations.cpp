#include "scenarios/profile_relations.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <vector>

#include "models/ssd/registry.hpp"
#include "scenarios/text/value_text.hpp"

namespace orrery {

const Value& ProfileRelations::Operand::value() const {
  for (const auto& [key, parameter] : profile.parameters)
    if (key == name) return parameter.value;
  static const Value none = std::int64_t{0};
  return none;
}

std::string ProfileRelations::Operand::text(Quantity quantity) const {
  return fmt::format("{}.{} of {}", profile.name, name, format_value(quantity, value()));
}

void ProfileRelations::check() const {
  for (const auto& [name, profile] : scenario_.profiles) check(profile);
}

void ProfileRelations::check(const Profile& profile) const {
  const auto ordered = [&](std::string_view less, std::string_view more, Quantity quantity) {
    const Operand a{profile, less}, b{profile, more};
    if (b.value() < a.value())
      refuse({a, b}, fmt::format("{} is more than {}", a.text(quantity), b.text(quantity)));
  };
  const auto has = [&](std::string_view name) {
    for (const auto& [key, parameter] : profile.parameters)
      if (key == name) return true;
    return false;
  };
  if (has("least_timeout")) ordered("least_timeout", "most_timeout", Quantity::duration);
  if (has("mark_from")) ordered("mark_from", "mark_to", Quantity::duration);
  if (has("dirty_low")) ordered("dirty_low", "dirty_high", Quantity::ratio);
  if (profile.model == "ebs") whole_blocks(profile, {"segment", "sector", "largest_rpc"});
  if (profile.model == "tier") whole_blocks(profile, {"capacity", "line_size", "flush_run"});
  if (find_ssd(profile.model) != nullptr)
    whole_blocks(profile, {"max_transfer", "stripe_unit", "indirection_unit"});
}

void ProfileRelations::whole_blocks(const Profile& profile,
                                    const std::vector<std::string_view>& names) const {
  for (const std::string_view name : names)
    for (const auto& [key, parameter] : profile.parameters)
      if (key == name && std::get<Bytes>(parameter.value) % kBlock != Bytes{})
        refuse({{profile, name}}, fmt::format("{} is not whole blocks of 4 KiB",
                                              Operand{profile, name}.text(Quantity::bytes)));
}

void ProfileRelations::refuse(const std::vector<Operand>& operands,
                              const std::string& message) const {
  const SourceMark* last = nullptr;
  const auto is_argument = [](const SourceMark& mark) { return mark.file.starts_with("--"); };
  for (const Operand& operand : operands) {
    const SourceMark* mark = given(operand);
    if (mark == nullptr) continue;
    const bool is_later = last == nullptr || (is_argument(*mark) && !is_argument(*last)) ||
                          (is_argument(*mark) == is_argument(*last) && mark->line >= last->line);
    if (is_later) last = mark;
  }
  throw InputError(last != nullptr ? *last : root_.mark, message);
}

const SourceMark* ProfileRelations::given(const Operand& operand) const {
  const TextNode::Entry* all = root_.entry("profiles");
  const TextNode::Entry* mine = all == nullptr ? nullptr : all->value.entry(operand.profile.name);
  const TextNode::Entry* entry = mine == nullptr ? nullptr : mine->value.entry(operand.name);
  return entry == nullptr ? nullptr : &entry->value.mark;
}

}  // namespace orrery
