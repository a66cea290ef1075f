// From text to a tree: YAML documents, what they include, and overrides from the command line.
//
//   TextNode scenario = load_document("scenarios/library/rpc.yaml", disk_reader(), disk_lister());
//   apply_override(scenario, "workload.0.iodepth=32");
//
// All functions are pure: files are reached through the FileReader that is passed in. Whatever is
// wrong with the text is an InputError at the line and column where it is wrong.
#pragma once

#include <string>
#include <string_view>

#include "scenarios/text/files.hpp"
#include "scenarios/text/text_node.hpp"

namespace orrery {

// What one document may hold. Files that people write are far below; files that try to exhaust
// memory are refused.
struct DocumentLimits {
  static constexpr int kDepth = 64;
  static constexpr int kNodes = 200'000;  // after aliases are expanded
  static constexpr std::size_t kTextBytes =
      8 << 20;  // of the file, and of all scalars after aliases are expanded
  static constexpr int kIncludes = 64;  // files per scenario
};

// What is asked of one document. Those that programs write may be larger than those that people do,
// what looks like a tab used for indentation is then part of a text, and texts may hold characters
// that cannot be printed.
struct DocumentRules {
  int nodes = DocumentLimits::kNodes;
  std::size_t text_bytes = DocumentLimits::kTextBytes;
  bool refuses_tabs = true;
  bool refuses_unprintable = true;
};

// Parses one YAML document. Refused: duplicate keys, tags, tabs as indentation, several documents,
// control characters, and text that is not UTF-8. Anchors, aliases and merge keys (<<) are
// resolved. `first_column` is the column at which the text starts, for text that stands inside a
// line. An empty document is a null node.
TextNode parse_document(std::string_view text, const std::string& file, int first_column = 1,
                        DocumentRules rules = {});

// Reads and parses a file and what it includes. The top-level key `include` names a file or a list
// of files, relative to the including one, and disappears from the result. What is included lies
// below: maps are merged key by key, scalars and lists of the including file win, and of several
// included files the later one wins. With a lister, the error for a missing file names the nearest
// existing one.
TextNode load_document(const std::string& path, const FileReader& read,
                       const DirectoryLister& list = {});

// Applies "path.to.key=value": the value replaces what was there; maps that are missing on the way
// are created; numbers index existing lists. A value in brackets, braces or quotes is read as YAML;
// any other is the text that it is, ` #` and `: ` included. A step is the longest key that is
// there, dots included; below `profiles` it is all but the parameter's name
// (profiles.kernel-6.0.mss=9000), below `compare` all that follows. Errors and the marks of what
// was set name the file of_override(assignment). `include` is refused: files are read before.
void apply_override(TextNode& root, std::string_view assignment);

// "--set path.to.key=value", the assignment shortened where it is long: every mark in its value
// holds it.
std::string of_override(std::string_view assignment);

}  // namespace orrery
