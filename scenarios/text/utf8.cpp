#include "scenarios/text/utf8.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/locale/utf.hpp>

namespace orrery {
namespace {

namespace utf = boost::locale::utf;  // of a header; nothing of Boost.Locale is linked
using Utf8 = utf::utf_traits<char>;

bool is_printable(char32_t code) {
  if (code < 0x20) return code == '\t' || code == '\n';
  if (code >= 0x7F && code < 0xA0) return code == 0x85;
  const bool is_noncharacter = (code & 0xFFFE) == 0xFFFE || (code >= 0xFDD0 && code < 0xFDF0);
  return !is_noncharacter && code != 0xFEFF;
}

// The first place with a character that `is_refused`, or with none.
template <class IsRefused>
std::optional<TextDefect> first_with(std::string_view text, IsRefused is_refused) {
  for (std::size_t i = 0; i < text.size();) {
    const char* next = text.data() + i;
    const utf::code_point character = Utf8::decode(next, text.data() + text.size());
    if (character == utf::illegal || character == utf::incomplete)
      return TextDefect{
          i, fmt::format("not UTF-8 (byte 0x{:02x})", static_cast<unsigned char>(text[i]))};
    const bool is_line_end = text.substr(i, 2) == "\r\n";
    if (!is_line_end && is_refused(character))
      return TextDefect{i, fmt::format("control character U+{:04X}", character)};
    i = static_cast<std::size_t>(next - text.data());
  }
  return std::nullopt;
}

}  // namespace

std::optional<TextDefect> first_defect(std::string_view text) {
  return first_with(text, [](char32_t code) { return !is_printable(code); });
}

std::optional<TextDefect> first_defect_of_data(std::string_view text) {
  return first_with(text, [](char32_t code) { return code < 0x20 && !is_printable(code); });
}

std::string printable(std::string_view text) {
  const auto is_fine = [](char32_t code) { return code >= 0x20 && is_printable(code); };
  if (std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f; }))
    return std::string(text);
  std::string shown;
  for (std::size_t i = 0; i < text.size();) {
    const char* next = text.data() + i;
    const utf::code_point character = Utf8::decode(next, text.data() + text.size());
    if (character == utf::illegal || character == utf::incomplete) {
      shown += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[i++]));
      continue;
    }
    const auto length = static_cast<std::size_t>(next - text.data()) - i;
    if (is_fine(character)) shown += text.substr(i, length);
    else shown += fmt::format("\\u{:04x}", character);
    i += length;
  }
  return shown;
}

std::string shortened(std::string_view text, std::size_t most) {
  if (text.size() <= most) return std::string(text);
  while (most > 0 && continues_character(text[most])) --most;
  return std::string(text.substr(0, most)) + "...";
}

std::size_t count_characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !continues_character(c); }));
}

}  // namespace orrery
