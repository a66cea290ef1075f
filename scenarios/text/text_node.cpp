#include "scenarios/text/text_node.hpp"

#include <fmt/format.h>
#include <yaml-cpp/emitter.h>
#include <yaml-cpp/emittermanip.h>

#include <algorithm>
#include <charconv>
#include <unordered_map>
#include <utility>

#include "scenarios/text/utf8.hpp"

namespace orrery {
namespace {

bool is_short_list(const TextNode& node) {
  return std::all_of(node.items.begin(), node.items.end(),
                     [](const TextNode& item) { return item.is_scalar() || item.is_null(); });
}

// Names, numbers and plain words need no quotes; everything else gets them, since yaml-cpp writes
// some texts plain that it then reads as something else ("...").
bool is_plain(std::string_view text) {
  if (text == "null" || text == "Null" || text == "NULL") return false;
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const std::size_t first = text.substr(0, 1) == "-" ? 1 : 0;
  if (text.size() <= first || text.back() == ' ') return false;
  if (!is_digit(text[first]) && (first > 0 || !is_letter(text[first]))) return false;
  return std::all_of(text.begin() + first, text.end(), [&](char c) {
    return is_digit(c) || is_letter(c) ||
           std::string_view{" _-./%+"}.find(c) != std::string_view::npos;
  });
}

void emit_text(YAML::Emitter& out, const std::string& text, bool quoted) {
  if (quoted || !is_plain(text)) out << YAML::DoubleQuoted;
  out << text;
}

void emit(YAML::Emitter& out, const TextNode& node) {
  switch (node.kind) {
    case TextNode::Kind::null: out << YAML::Null; break;
    case TextNode::Kind::scalar: emit_text(out, node.text, node.quoted); break;
    case TextNode::Kind::sequence:
      if (is_short_list(node)) out << YAML::Flow;
      out << YAML::BeginSeq;
      for (const TextNode& item : node.items) emit(out, item);
      out << YAML::EndSeq;
      break;
    case TextNode::Kind::map:
      out << YAML::BeginMap;
      for (const TextNode::Entry& entry : node.entries) {
        out << YAML::Key;
        emit_text(out, entry.key, false);
        out << YAML::Value;
        emit(out, entry.value);
      }
      out << YAML::EndMap;
      break;
  }
}

}  // namespace

const TextNode::Entry* TextNode::entry(std::string_view key) const {
  for (const Entry& candidate : entries)
    if (candidate.key == key) return &candidate;
  return nullptr;
}

TextNode::Entry* TextNode::entry(std::string_view key) {
  return const_cast<Entry*>(std::as_const(*this).entry(key));
}

const TextNode* TextNode::find(std::string_view path) const {
  const TextNode* at = this;
  while (!path.empty()) {
    const std::size_t dot = path.find('.');
    const std::string_view step = path.substr(0, dot);
    path = dot == std::string_view::npos ? std::string_view{} : path.substr(dot + 1);
    if (at->is_sequence()) {
      std::size_t index = 0;
      const auto [end, error] = std::from_chars(step.data(), step.data() + step.size(), index);
      if (error != std::errc{} || end != step.data() + step.size() || index >= at->items.size())
        return nullptr;
      at = &at->items[index];
    } else {
      const Entry* next = at->entry(step);
      if (!next) return nullptr;
      at = &next->value;
    }
  }
  return at;
}

TextNode* TextNode::find(std::string_view path) {
  return const_cast<TextNode*>(std::as_const(*this).find(path));
}

TextNode TextNode::scalar(std::string text, SourceMark mark) {
  TextNode node;
  node.kind = Kind::scalar;
  node.mark = std::move(mark);
  node.text = std::move(text);
  return node;
}

TextNode TextNode::map(SourceMark mark) {
  TextNode node;
  node.kind = Kind::map;
  node.mark = std::move(mark);
  return node;
}

TextNode TextNode::sequence(SourceMark mark) {
  TextNode node;
  node.kind = Kind::sequence;
  node.mark = std::move(mark);
  return node;
}

bool operator==(const TextNode& a, const TextNode& b) {
  const auto same_entry = [](const TextNode::Entry& x, const TextNode::Entry& y) {
    return x.key == y.key && x.value == y.value;
  };
  return a.kind == b.kind && a.text == b.text && a.items == b.items &&
         std::equal(a.entries.begin(), a.entries.end(), b.entries.begin(), b.entries.end(),
                    same_entry);
}

std::span<const TextNode> items_in(const TextNode& root, std::string_view key) {
  const TextNode::Entry* entry = root.entry(key);
  if (entry == nullptr || entry->value.is_null()) return {};
  if (!entry->value.is_sequence())
    throw InputError(entry->value.mark,
                     fmt::format("`{}` is a list, got {}", key, describe(entry->value)));
  return entry->value.items;
}

SourceMark place_in(const TextNode& map, std::string_view key) {
  const TextNode::Entry* entry = map.entry(key);
  return entry != nullptr ? entry->value.mark : map.mark;
}

SourceMark place_of(const TextNode& root, std::string_view section, std::string_view key) {
  const TextNode::Entry* part = root.entry(section);
  if (part == nullptr) return root.mark;
  const TextNode::Entry* entry = part->value.entry(key);
  return entry == nullptr ? part->value.mark : entry->value.mark;
}

std::string describe(const TextNode& node) {
  switch (node.kind) {
    case TextNode::Kind::null: return "nothing";
    case TextNode::Kind::map: return "a mapping";
    case TextNode::Kind::sequence: return node.items.empty() ? "an empty list" : "a list";
    case TextNode::Kind::scalar: break;
  }
  constexpr std::size_t kLongest = 60;
  return fmt::format("'{}'", shortened(node.text, kLongest));
}

void merge_below(TextNode& top, TextNode below) {
  if (!top.is_map() || !below.is_map()) return;
  // Room for everything first: the index refers to keys in place.
  top.entries.reserve(top.entries.size() + below.entries.size());
  std::unordered_map<std::string_view, std::size_t> index;
  for (std::size_t i = 0; i < top.entries.size(); ++i) index.emplace(top.entries[i].key, i);
  for (TextNode::Entry& lower : below.entries) {
    const auto found = index.find(lower.key);
    if (found == index.end()) top.entries.push_back(std::move(lower));
    else merge_below(top.entries[found->second].value, std::move(lower.value));
  }
}

std::string to_yaml(const TextNode& node) {
  YAML::Emitter out;
  emit(out, node);
  return std::string{out.c_str(), out.size()} + "\n";
}

}  // namespace orrery
