#include "scenarios/text/input_error.hpp"

#include <fmt/format.h>

#include <utility>

#include "scenarios/text/utf8.hpp"

namespace orrery {
namespace {

// What is said of a text of megabytes is still something to read.
constexpr std::size_t kLongestMessage = 2000;

std::string described(const SourceMark& mark, const std::string& message, const std::string& hint) {
  std::string text = fmt::format("{}: error: {}", to_string(mark), message);
  if (!hint.empty()) text += "\n  hint: " + hint;
  return text;
}

}  // namespace

std::string to_string(const SourceMark& mark) {
  if (mark.line <= 0) return mark.file;
  return fmt::format("{}:{}:{}", mark.file, mark.line, mark.column);
}

InputError::InputError(SourceMark mark, const std::string& message, std::string hint)
    : std::runtime_error(described(mark, shortened(message, kLongestMessage), hint)),
      mark_(std::move(mark)),
      message_(shortened(message, kLongestMessage)),
      hint_(std::move(hint)) {}

}  // namespace orrery
