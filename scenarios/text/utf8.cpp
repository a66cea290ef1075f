#include "scenarios/text/utf8.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace orrery {
namespace {

struct Character {
  std::size_t length = 0;  // 0: not well-formed
  char32_t code = 0;
};

Character front_character(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  if (lead < 0x80) return {1, lead};
  const std::size_t length = lead >= 0xC2 && lead < 0xE0   ? 2
                             : lead >= 0xE0 && lead < 0xF0 ? 3
                             : lead >= 0xF0 && lead < 0xF5 ? 4
                                                           : 0;
  if (length == 0 || text.size() < length) return {};
  char32_t code = lead & (0xFFu >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if (!continues_character(text[i])) return {};
    code = code << 6 | (static_cast<unsigned char>(text[i]) & 0x3Fu);
  }
  const bool is_overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
  const bool is_surrogate = code >= 0xD800 && code < 0xE000;
  if (is_overlong || is_surrogate || code > 0x10FFFF) return {};
  return {length, code};
}

bool is_printable(char32_t code) {
  if (code < 0x20) return code == '\t' || code == '\n';
  if (code >= 0x7F && code < 0xA0) return code == 0x85;
  const bool is_noncharacter = (code & 0xFFFE) == 0xFFFE || (code >= 0xFDD0 && code < 0xFDF0);
  return !is_noncharacter && code != 0xFEFF;
}

}  // namespace

std::optional<TextDefect> first_defect(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const Character character = front_character(text.substr(i));
    if (character.length == 0)
      return TextDefect{
          i, fmt::format("not UTF-8 (byte 0x{:02x})", static_cast<unsigned char>(text[i]))};
    const bool is_line_end = text.substr(i, 2) == "\r\n";
    if (!is_line_end && !is_printable(character.code))
      return TextDefect{
          i, fmt::format("control character U+{:04X}", static_cast<std::uint32_t>(character.code))};
    i += character.length;
  }
  return std::nullopt;
}

std::size_t count_characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !continues_character(c); }));
}

}  // namespace orrery
