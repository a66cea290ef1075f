// What counts as text: well-formed UTF-8 without control characters.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace orrery {

struct TextDefect {
  std::size_t offset;   // in bytes
  std::string message;  // "control character U+0004"
};

// The first place where a text is not UTF-8 or holds a character that YAML does not count as
// printable. Tabs and line ends (LF, CR LF) are fine.
std::optional<TextDefect> first_defect(std::string_view text);
// The same of text that nobody prints as it is: only what is not UTF-8, and of characters those
// below a space, which no file holds but in escapes.
std::optional<TextDefect> first_defect_of_data(std::string_view text);

// The text on one line, with an escape for everything that cannot be printed.
std::string printable(std::string_view text);

// Whether this byte goes on with a character that another byte began.
constexpr bool continues_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

// The text, or the characters of its first `most` bytes and "..." when it is longer.
std::string shortened(std::string_view text, std::size_t most);

// How many characters a well-formed text has.
std::size_t count_characters(std::string_view text);

}  // namespace orrery
