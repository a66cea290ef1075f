// Sections and keys that were given and change nothing in a system; each is worth a note, unless it
// says what holds anyway.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/text/text_node.hpp"
#include "sim/params.hpp"

namespace orrery {

class UnusedKeys {
 public:
  // `system`: the name of the scenario's kind.
  UnusedKeys(const TextNode& root, std::string_view system);

  // A section, or another key of the top level.
  void section(std::string_view name);
  // Keys of a section, which has been bound to `bound`; `why` they change nothing, if it is not the
  // kind of system.
  template <class Section>
  void keys(std::string_view section, const Section& bound,
            std::initializer_list<std::string_view> names, std::string_view why = {}) {
    for (const std::string_view name : names)
      key(section, Section::declarations(), &bound, name, why);
  }

  const std::vector<std::string>& notes() const { return notes_; }

 private:
  void key(std::string_view section, const Declarations& declarations, const void* bound,
           std::string_view name, std::string_view why);
  void note(const SourceMark& mark, std::string_view what, std::string_view why);

  const TextNode& root_;
  std::string in_system_;
  std::vector<std::string> notes_;
};

}  // namespace orrery
