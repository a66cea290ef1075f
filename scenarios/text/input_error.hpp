// Errors from outside: scenario files, profiles, traces, command lines.
//
// Loaders throw InputError and nothing else; `main` catches it, prints what() and exits with 2. One
// error is one clear message at the place where the text has to change.
#pragma once

#include <stdexcept>
#include <string>

namespace orrery {

// A place in a text somebody wrote. Lines and columns count from 1, columns in characters; line 0
// stands for the whole file. An override from the command line has the argument itself as its file.
struct SourceMark {
  std::string file;
  int line = 0;
  int column = 0;

  friend bool operator==(const SourceMark&, const SourceMark&) = default;
};

// "file:line:column", or "file" when there is no line.
std::string to_string(const SourceMark& mark);

class InputError : public std::runtime_error {
 public:
  // what() is "file:line:column: error: message", with "\n  hint: ..." below it when there is a
  // hint.
  InputError(SourceMark mark, const std::string& message, std::string hint = {});

  const SourceMark& mark() const { return mark_; }
  const std::string& message() const { return message_; }
  const std::string& hint() const { return hint_; }

 private:
  SourceMark mark_;
  std::string message_;
  std::string hint_;
};

}  // namespace orrery
