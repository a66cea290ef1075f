#include "analysis/cli/help_formatter.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <set>
#include <string>
#include <string_view>

#include "analysis/terminal/terminal.hpp"

namespace orrery {

namespace {

constexpr int kColumn = 26;  // where descriptions begin

class HelpFormatter : public CLI::Formatter {
 public:
  explicit HelpFormatter(int width) : width_(width) { column_width(kColumn); }

  std::string make_description(const CLI::App* app) const override {
    return app->get_description().empty() ? "" : wrapped(app->get_description(), width_, 0) + "\n";
  }
  std::string make_subcommand(const CLI::App* command) const override {
    return entry(command->get_name(), command->get_description());
  }
  std::string make_option(const CLI::Option* option, bool is_positional) const override {
    std::string name = make_option_name(option, is_positional);
    const bool is_list = option->get_expected_max() == CLI::detail::expected_max_vector_size;
    // Of the type only what the option calls it: what it may be is said behind.
    if (is_positional) name += is_list ? " ..." : "";
    else if (option->get_type_size() != 0)
      name += " " + option->get_type_name().substr(0, option->get_type_name().find(':'));
    return entry(name, option->get_description() + limits_of(*option) +
                           names_of(option->get_needs(), "; only with ") +
                           names_of(option->get_excludes(), "; not with "));
  }
  std::string make_footer(const CLI::App* app) const override {
    std::string out, text = app->get_footer();
    for (std::size_t start = 0; start < text.size();) {
      const std::size_t end = std::min(text.find('\n', start), text.size());
      const std::string line = text.substr(start, end - start);
      // Columns within a line stand as long as it fits.
      const bool fits = display_width(line) <= width_;
      const std::size_t indent = std::min(line.find_first_not_of(' '), line.size());
      out += fits ? line
                  : line.substr(0, indent) + wrapped(line, width_ - static_cast<int>(indent),
                                                     static_cast<int>(indent) + 2);
      out += "\n";
      start = end + 1;
    }
    return out;
  }

 private:
  std::string entry(const std::string& name, const std::string& description) const {
    std::string left = "  " + name;
    if (display_width(left) + 2 > kColumn) left += "\n" + std::string(kColumn, ' ');
    else left.resize(kColumn, ' ');
    std::string right;
    for (const char c : wrapped(description, width_ - kColumn, 0))
      right += c == '\n' ? "\n" + std::string(kColumn, ' ') : std::string(1, c);
    return left + right + "\n";
  }

  // " [1 to 1024]" of "N:INT in [1 - 1024]".
  static std::string limits_of(const CLI::Option& option) {
    const std::string type = option.get_type_name();
    const std::size_t from = type.find(" in ["), dash = type.find(" - ", from);
    if (from == std::string::npos || dash == std::string::npos) return {};
    return fmt::format(" {} to {}", type.substr(from + 4, dash - from - 4), type.substr(dash + 3));
  }

  template <class Options>
  static std::string names_of(const Options& options, std::string_view before) {
    std::set<std::string> names;  // in an order that is not that of addresses
    for (const CLI::Option* option : options) names.insert(option->get_name());
    return names.empty() ? "" : fmt::format("{}{}", before, fmt::join(names, ", "));
  }

  int width_;
};

}  // namespace

std::shared_ptr<CLI::FormatterBase> help_formatter() {
  return std::make_shared<HelpFormatter>(Terminal::of_stdout().width);
}

}  // namespace orrery
