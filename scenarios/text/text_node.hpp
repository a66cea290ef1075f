// A tree of text with the place where each piece was written: what a YAML document is to the
// loaders.
//
// A tree owns everything it holds and keeps the order of keys. Scalars stay text: what they mean is
// decided by the declaration they are bound to (scenarios/binder.hpp), never guessed from their
// looks.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/text/input_error.hpp"

namespace orrery {

struct TextNode {
  enum class Kind { null, scalar, map, sequence };
  struct Entry;

  Kind kind = Kind::null;
  SourceMark mark;              // of the value; of its key where the value is empty
  std::string text;             // of a scalar
  bool quoted = false;          // the scalar stood in quotes or in a block
  std::vector<TextNode> items;  // of a sequence
  std::vector<Entry> entries;   // of a map, each key once

  bool is_null() const { return kind == Kind::null; }
  bool is_scalar() const { return kind == Kind::scalar; }
  bool is_map() const { return kind == Kind::map; }
  bool is_sequence() const { return kind == Kind::sequence; }

  // The entry of a map with this key; nullptr when there is none or this is no map.
  const Entry* entry(std::string_view key) const;
  Entry* entry(std::string_view key);

  // The node at a path such as "workload.0.iodepth" (numbers index sequences); nullptr when there
  // is none. The empty path is the node itself.
  const TextNode* find(std::string_view path) const;
  TextNode* find(std::string_view path);

  static TextNode scalar(std::string text, SourceMark mark = {});
  static TextNode map(SourceMark mark = {});
  static TextNode sequence(SourceMark mark = {});

  // The same tree of the same texts; marks and quotes do not matter.
  friend bool operator==(const TextNode& a, const TextNode& b);
};

struct TextNode::Entry {
  std::string key;
  SourceMark mark;  // of the key
  TextNode value;
};

// "a list", "a mapping", "nothing" or the text in quotes, for messages.
std::string describe(const TextNode& node);

// The place of a key in a section of a document, of the section, or of the whole document: as near
// as there is one.
SourceMark place_of(const TextNode& root, std::string_view section, std::string_view key = {});

// The items of a list under a key; none where there is no such key. Throws InputError if it is no
// list.
std::span<const TextNode> items_in(const TextNode& root, std::string_view key);

// The place of a key's value in a map, or of the map where it has no such key.
SourceMark place_in(const TextNode& map, std::string_view key);

// Adds to `top` what `below` has and `top` lacks: maps are merged key by key, anything else in
// `top` stays as it is.
void merge_below(TextNode& top, TextNode below);

// The tree as a YAML document that parses back to an equal tree.
std::string to_yaml(const TextNode& node);

}  // namespace orrery
