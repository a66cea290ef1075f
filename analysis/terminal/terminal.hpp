// What the program knows of the terminal it writes to, and the styles it may use there.
#pragma once

#include <string>
#include <string_view>

namespace orrery {

enum class Style { plain, bold, dim, good, bad, warn };

// Where text goes: how wide it may be and whether it may have colours.
struct Terminal {
  int width = 100;
  bool colours = false;

  // Of standard output. Not a terminal: no colours, $COLUMNS or 100 columns. $NO_COLOR is honoured.
  static Terminal of_stdout();
};

// The text in a style, or as it is without colours.
std::string styled(std::string_view text, Style style, const Terminal& terminal);

// Prints to standard output at once. Throws Failure when that is impossible (a full disk behind a
// redirection); that nobody reads any more (a pipe into `head`) is no failure.
void print_out(std::string_view text);

// Prints to standard error. Where that cannot be written, nobody is left to be told: the exit code
// says what happened.
void print_err(std::string_view text);

// Gives standard input, output and error that the program was started without a descriptor which
// can neither be read nor written: files that are opened later must not take their numbers and what
// is printed. Called first of all.
void hold_standard_streams();

// Columns that a UTF-8 text takes on a terminal (each character one column).
int display_width(std::string_view text);

// The text broken at spaces into lines of at most `width` columns, each but the first starting with
// `indent` spaces.
std::string wrapped(std::string_view text, int width, int indent);

}  // namespace orrery
