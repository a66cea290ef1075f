#include "analysis/terminal/terminal.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "analysis/failure.hpp"

namespace orrery {

namespace {

constexpr int kNarrowest = 40;

int columns_of(int descriptor) {
  winsize size{};
  if (ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  if (const char* given = std::getenv("COLUMNS"))
    if (const int columns = std::atoi(given); columns > 0) return columns;
  return Terminal{}.width;
}

std::string_view code_of(Style style) {
  switch (style) {
    case Style::bold: return "\033[1m";
    case Style::dim: return "\033[2m";
    case Style::good: return "\033[32m";
    case Style::bad: return "\033[1;31m";
    case Style::warn: return "\033[33m";
    case Style::plain: break;
  }
  return {};
}

}  // namespace

Terminal Terminal::of_stdout() {
  const char* no_colour = std::getenv("NO_COLOR");
  const char* type = std::getenv("TERM");
  const bool is_dumb = type != nullptr && std::string_view(type) == "dumb";
  Terminal terminal;
  terminal.colours =
      isatty(STDOUT_FILENO) == 1 && (no_colour == nullptr || *no_colour == '\0') && !is_dumb;
  terminal.width = std::max(kNarrowest, columns_of(STDOUT_FILENO));
  return terminal;
}

std::string styled(std::string_view text, Style style, const Terminal& terminal) {
  if (!terminal.colours || style == Style::plain || text.empty()) return std::string(text);
  return std::string(code_of(style)) + std::string(text) + "\033[0m";
}

void print_out(std::string_view text) {
  const bool ok =
      std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  if (!ok && errno != EPIPE)
    throw Failure(fmt::format("cannot write to standard output: {}", std::strerror(errno)));
}

void print_err(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

void hold_standard_streams() {
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (::fcntl(descriptor, F_GETFD) == -1 && errno == EBADF) ::open("/dev/null", O_PATH);
}

int display_width(std::string_view text) {
  return static_cast<int>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

std::string wrapped(std::string_view text, int width, int indent) {
  std::string out;
  int at = 0;
  bool line_is_empty = true;
  while (!text.empty()) {
    const std::size_t start = text.find_first_not_of(' ');
    if (start == std::string_view::npos) break;
    text.remove_prefix(start);
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(word.size());
    const int columns = display_width(word);
    if (!line_is_empty && at + 1 + columns > width) {
      out += "\n" + std::string(static_cast<std::size_t>(indent), ' ');
      at = indent;
      line_is_empty = true;
    }
    if (!line_is_empty) {
      out += ' ';
      ++at;
    }
    out += word;
    at += columns;
    line_is_empty = false;
  }
  return out;
}

}  // namespace orrery
