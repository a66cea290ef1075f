#include "analysis/validate/expression.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <span>

#include "scenarios/text/nearest.hpp"

namespace orrery {

namespace {

using Step = Expression::Step;
using Kind = Step::Kind;

struct Function {
  std::string_view name;
  std::size_t least;
  std::size_t most;
  double (*value)(std::span<const double>);
};

constexpr std::size_t kAnyNumber = 64;
constexpr int kDepth = 64;

constexpr std::array kFunctions = {
    Function{"ratio", 2, 2, [](std::span<const double> a) { return a[0] / a[1]; }},
    Function{"change", 2, 2, [](std::span<const double> a) { return 100 * (a[0] / a[1] - 1); }},
    Function{"min", 1, kAnyNumber,
             [](std::span<const double> a) { return *std::min_element(a.begin(), a.end()); }},
    Function{"max", 1, kAnyNumber,
             [](std::span<const double> a) { return *std::max_element(a.begin(), a.end()); }},
    Function{"abs", 1, 1, [](std::span<const double> a) { return std::abs(a[0]); }},
};

std::string arguments_of(const Function& function) {
  if (function.least != function.most)
    return fmt::format("{} to {} arguments", function.least, function.most);
  return function.most == 1 ? "1 argument" : fmt::format("{} arguments", function.most);
}

bool is_name_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '@';
}

class Parser {
 public:
  Parser(std::string_view text, const SourceMark& mark, std::vector<Step>& steps,
         std::vector<Expression::Reference>& references)
      : text_(text), mark_(mark), steps_(steps), references_(references) {}

  void parse() {
    expression();
    skip_spaces();
    if (at_ < text_.size()) fail("expected an operator");
  }

 private:
  [[noreturn]] void fail(std::string_view what) const {
    const std::string found =
        at_ < text_.size() ? fmt::format("'{}'", text_.substr(at_, 12)) : "the end";
    throw InputError(mark_,
                     fmt::format("metric: {} at character {}, found {}", what, at_ + 1, found),
                     fmt::format("in: {}", text_));
  }

  void skip_spaces() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0) ++at_;
  }
  bool take(char c) {
    skip_spaces();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void push(Kind kind) { steps_.push_back({kind, 0, 0, 0}); }

  void expression() {
    if (++depth_ > kDepth) fail("too many parentheses");
    term();
    while (true) {
      if (take('+')) {
        term();
        push(Kind::add);
      } else if (take('-')) {
        term();
        push(Kind::subtract);
      } else {
        break;
      }
    }
    --depth_;
  }

  void term() {
    factor();
    while (true) {
      if (take('*')) {
        factor();
        push(Kind::multiply);
      } else if (take('/')) {
        factor();
        push(Kind::divide);
      } else {
        break;
      }
    }
  }

  void factor() {
    bool is_negative = false;
    while (take('-')) is_negative = !is_negative;
    skip_spaces();
    if (take('(')) {
      expression();
      if (!take(')')) fail("expected ')'");
    } else if (at_ < text_.size() &&
               (std::isdigit(static_cast<unsigned char>(text_[at_])) != 0 || text_[at_] == '.')) {
      number();
    } else {
      named();
    }
    if (is_negative) push(Kind::negate);
  }

  void number() {
    double value = 0;
    const char* const end = text_.data() + text_.size();
    const auto [stop, error] = std::from_chars(text_.data() + at_, end, value);
    if (error != std::errc{}) fail("expected a number");
    // A word that starts with a digit is no number.
    if (stop != end && is_name_character(*stop)) fail("expected a number");
    at_ = static_cast<std::size_t>(stop - text_.data());
    steps_.push_back({Kind::number, value, 0, 0});
  }

  std::string_view name() {
    const std::size_t start = at_;
    while (at_ < text_.size() && is_name_character(text_[at_])) ++at_;
    return text_.substr(start, at_ - start);
  }

  void named() {
    const std::size_t start = at_;
    const std::string_view word = name();
    if (word.empty()) fail("expected a number, a function or run:path");
    if (take(':')) {
      std::string path;
      do {
        if (!path.empty()) path += '.';
        const std::string_view step = name();
        if (step.empty()) fail("expected a step of a path");
        path += step;
      } while (at_ < text_.size() && text_[at_] == '.' && ++at_ > 0);
      steps_.push_back({Kind::reference, 0, references_.size(), 0});
      references_.push_back({std::string(word), std::move(path)});
      return;
    }
    if (!take('(')) fail("expected ':' and a path, or '(' and arguments");
    call(word, start);
  }

  void call(std::string_view word, std::size_t start) {
    const auto* function = std::find_if(kFunctions.begin(), kFunctions.end(),
                                        [&](const Function& f) { return f.name == word; });
    if (function == kFunctions.end()) {
      at_ = start;
      std::vector<std::string> names;
      for (const Function& f : kFunctions) names.emplace_back(f.name);
      throw unknown_name(mark_, "function", word, names);
    }
    std::size_t arguments = 0;
    do {
      expression();
      ++arguments;
    } while (take(','));
    if (!take(')')) fail("expected ',' or ')'");
    if (arguments < function->least || arguments > function->most) {
      at_ = start;
      fail(fmt::format("{} takes {}", word, arguments_of(*function)));
    }
    steps_.push_back(
        {Kind::function, 0, static_cast<std::size_t>(function - kFunctions.begin()), arguments});
  }

  std::string_view text_;
  const SourceMark& mark_;
  std::vector<Step>& steps_;
  std::vector<Expression::Reference>& references_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace

Expression::Expression(std::string text, SourceMark mark)
    : text_(std::move(text)), mark_(std::move(mark)) {
  Parser(text_, mark_, steps_, references_).parse();
}

double Expression::evaluate(const Lookup& lookup) const {
  std::vector<double> stack;
  auto pop = [&stack] {
    const double top = stack.back();
    stack.pop_back();
    return top;
  };
  for (const Step& step : steps_) {
    switch (step.kind) {
      case Kind::number: stack.push_back(step.number); break;
      case Kind::reference: stack.push_back(lookup(references_[step.index])); break;
      case Kind::negate: stack.back() = -stack.back(); break;
      case Kind::function: {
        const double value = kFunctions[step.index].value(std::span(stack).last(step.arguments));
        stack.resize(stack.size() - step.arguments);
        stack.push_back(value);
        break;
      }
      default: {
        const double right = pop();
        double& left = stack.back();
        if (step.kind == Kind::add) left += right;
        if (step.kind == Kind::subtract) left -= right;
        if (step.kind == Kind::multiply) left *= right;
        if (step.kind == Kind::divide) left /= right;
      }
    }
  }
  return stack.back();
}

}  // namespace orrery
