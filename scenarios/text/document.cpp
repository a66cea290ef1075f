#include "scenarios/text/document.hpp"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <optional>
#include <sstream>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "scenarios/text/utf8.hpp"

namespace orrery {
namespace {

// The text with its lines, to turn byte offsets into marks, each in the time of one block of text
// however long a line is.
class SourceText {
 public:
  SourceText(std::string_view text, const std::string& file, int first_column)
      : text_(text), file_(file), first_column_(first_column) {
    starts_.push_back(0);
    for (std::size_t i = 0; i < text.size(); ++i)
      if (text[i] == '\n') starts_.push_back(i + 1);
    std::size_t characters = 0;
    for (std::size_t i = 0; i <= text.size(); i += kBlock) {
      characters_before_.push_back(characters);
      characters += count_characters(text.substr(i, kBlock));
    }
  }

  SourceMark at(std::size_t offset) const {
    const auto after = std::upper_bound(starts_.begin(), starts_.end(), offset);
    const auto line = static_cast<std::size_t>(after - starts_.begin()) - 1;
    return at(line, offset - starts_[line]);
  }

  // Line and column as yaml-cpp counts them: from zero, columns in bytes.
  SourceMark at(std::size_t line, std::size_t column) const {
    line = std::min(line, starts_.size() - 1);
    const std::size_t start = starts_[line];
    const std::size_t end = start + std::min(column, text_.size() - start);
    const int first = line == 0 ? first_column_ : 1;
    const auto passed = static_cast<int>(characters_until(end) - characters_until(start));
    return {file_, static_cast<int>(line) + 1, first + passed};
  }

  SourceMark at(const YAML::Mark& mark) const {
    return at(static_cast<std::size_t>(std::max(mark.line, 0)),
              static_cast<std::size_t>(std::max(mark.column, 0)));
  }

  // Whether the text in quotes that starts at the mark ends; true where no quotes start.
  bool ends_quotes(const YAML::Mark& mark) const {
    std::size_t at =
        starts_[static_cast<std::size_t>(mark.line)] + static_cast<std::size_t>(mark.column);
    const char quote = at < text_.size() ? text_[at] : '\0';
    if (quote != '"' && quote != '\'') return true;
    while (++at < text_.size()) {
      const bool is_escaped = quote == '"' ? text_[at] == '\\' : text_.substr(at, 2) == "''";
      if (is_escaped) ++at;
      else if (text_[at] == quote) return true;
    }
    return false;
  }

  // Whether a line says that a document ends, or another one starts, before the mark.
  bool has_separator_before(const YAML::Mark& mark) const {
    for (int line = 0; line <= mark.line && line < static_cast<int>(starts_.size()); ++line) {
      const std::string_view rest = text_.substr(starts_[static_cast<std::size_t>(line)]);
      if (line > 0 && (rest.starts_with("---") || rest.starts_with("..."))) return true;
    }
    return false;
  }

  // A job file of fio: the first line that is no comment is a name in brackets, and the next one no
  // YAML.
  void refuse_fio() const {
    bool has_section = false;
    for (std::size_t i = 0; i < starts_.size(); ++i) {
      std::string_view line = text_.substr(starts_[i]);
      line = line.substr(0, line.find('\n'));
      line = line.substr(0, line.find_last_not_of(" \t\r") + 1);
      if (line.empty() || line.front() == '#' || line.front() == ';') continue;
      const bool is_section = line.front() == '[' && line.find_first_of("],") == line.size() - 1;
      if (has_section)
        throw InputError(at(i, 0), "this looks like a job file of fio; scenarios are YAML",
                         "a job is written as in `workload: [{name: io, rw: randread, bs: 4k}]`");
      if (!is_section) return;
      has_section = true;
    }
  }

 private:
  static constexpr std::size_t kBlock = 1024;

  std::size_t characters_until(std::size_t offset) const {
    const std::size_t block = offset / kBlock;
    return characters_before_[block] +
           count_characters(text_.substr(block * kBlock, offset % kBlock));
  }

  std::string_view text_;
  const std::string& file_;
  int first_column_;
  std::vector<std::size_t> starts_;
  std::vector<std::size_t> characters_before_;  // each block
};

// yaml-cpp takes some control characters for its own marks; none of them gets that far.
void check_characters(std::string_view text, const SourceText& source, const DocumentRules& rules) {
  if (const auto defect =
          rules.refuses_unprintable ? first_defect(text) : first_defect_of_data(text))
    throw InputError(source.at(defect->offset), defect->message);
}

void check_indentation(std::string_view text, const SourceText& source) {
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    const std::string_view line = text.substr(start, end - start);
    const std::size_t first = std::min(line.find_first_not_of(" \t\r"), line.size());
    const std::size_t tab = line.substr(0, first).find('\t');
    if (tab != std::string_view::npos && first < line.size())
      throw InputError(source.at(start + tab), "tab used for indentation", "indent with spaces");
    start = end + 1;
  }
}

// Builds a TextNode tree from yaml-cpp's events.
class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(const SourceText& source, DocumentRules rules) : source_(source), rules_(rules) {}

  TextNode take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ == 1) return;
    if (source_.has_separator_before(mark))
      throw InputError(source_.at(mark), "a second document in the file",
                       "a file holds one document; remove the '---' between them");
    throw InputError(source_.at(mark), "text after the end of the document",
                     "a list or mapping in brackets that starts a file is the whole of it");
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    TextNode node;
    // yaml-cpp marks an absent value where the next token stands; its key is the better place.
    node.mark = has_key() ? frames_.back().key->mark : source_.at(mark);
    count(node.mark, node);
    finish(std::move(node), anchor);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    TextNode node = TextNode::scalar(value, source_.at(mark));
    node.quoted = tag == "!";
    if (!node.quoted) refuse_tag(tag, node.mark);
    // yaml-cpp takes the last line's end for the missing quote.
    else if (!source_.ends_quotes(mark)) throw InputError(node.mark, "the quotes do not end");
    // Escapes in quotes can spell what the file itself must not hold.
    if (const auto defect = first_defect(value); defect && rules_.refuses_unprintable)
      throw InputError(node.mark, defect->message);
    count(node.mark, node);
    finish(std::move(node), anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end())
      throw InputError(source_.at(mark), "an alias inside the value that it stands for");
    count(source_.at(mark), found->second);
    finish(found->second, YAML::NullAnchor);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(TextNode::sequence(source_.at(mark)), tag, anchor);
  }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(TextNode::map(source_.at(mark)), tag, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapEnd() override {
    for (TextNode& merged : frames_.back().merges)
      for (TextNode::Entry& entry : merged.entries)
        if (frames_.back().keys.insert(entry.key).second)
          frames_.back().node.entries.push_back(std::move(entry));
    close();
  }

 private:
  struct Frame {
    TextNode node;
    YAML::anchor_t anchor = YAML::NullAnchor;
    std::optional<TextNode> key;  // read, its value not yet
    std::unordered_set<std::string> keys;
    std::vector<TextNode> merges;  // values of <<, in order
  };

  bool has_key() const { return !frames_.empty() && frames_.back().key.has_value(); }

  void refuse_tag(const std::string& tag, const SourceMark& mark) const {
    if (!tag.empty() && tag != "?" && tag != "!")
      throw InputError(mark, fmt::format("YAML tag '{}' is not supported", tag));
  }

  void open(TextNode node, const std::string& tag, YAML::anchor_t anchor) {
    refuse_tag(tag, node.mark);
    if (frames_.size() >= static_cast<std::size_t>(DocumentLimits::kDepth))
      throw InputError(node.mark,
                       fmt::format("nested deeper than {} levels", DocumentLimits::kDepth));
    count(node.mark, node);
    frames_.push_back({std::move(node), anchor, {}, {}, {}});
  }

  void close() {
    TextNode node = std::move(frames_.back().node);
    const YAML::anchor_t anchor = frames_.back().anchor;
    frames_.pop_back();
    finish(std::move(node), anchor);
  }

  // A value is complete: remember it under its anchor and put it where it belongs.
  void finish(TextNode node, YAML::anchor_t anchor) {
    if (anchor != YAML::NullAnchor) {
      count(node.mark, node);
      anchors_[anchor] = node;
    }
    if (frames_.empty()) {
      root_ = std::move(node);
      return;
    }
    Frame& frame = frames_.back();
    if (frame.node.is_sequence()) {
      frame.node.items.push_back(std::move(node));
    } else if (!frame.key) {
      take_key(frame, std::move(node));
    } else if (frame.key->text == "<<" && !frame.key->quoted) {
      take_merge(frame, std::move(node));
      frame.key.reset();
    } else {
      frame.node.entries.push_back(
          {std::move(frame.key->text), std::move(frame.key->mark), std::move(node)});
      frame.key.reset();
    }
  }

  void take_key(Frame& frame, TextNode key) {
    if (!key.is_scalar())
      throw InputError(key.mark, fmt::format("a key must be a name, got {}", describe(key)));
    if (!frame.keys.insert(key.text).second) {
      const TextNode::Entry* first = frame.node.entry(key.text);
      throw InputError(key.mark, fmt::format("duplicate key {}", describe(key)),
                       first ? "first given at " + to_string(first->mark) : std::string{});
    }
    frame.key = std::move(key);
  }

  void take_merge(Frame& frame, TextNode value) {
    std::vector<TextNode> parts;
    if (value.is_sequence()) parts = std::move(value.items);
    else parts.push_back(std::move(value));
    for (TextNode& part : parts) {
      if (!part.is_map())
        throw InputError(part.mark, fmt::format("<< merges mappings, got {}", describe(part)));
      frame.merges.push_back(std::move(part));
    }
  }

  void count(const SourceMark& mark, const TextNode& node) {
    ++nodes_;
    text_bytes_ += node.text.size();
    if (nodes_ > rules_.nodes || text_bytes_ > rules_.text_bytes)
      throw InputError(mark,
                       fmt::format("more than {} values or {} MiB of text in the document",
                                   rules_.nodes, rules_.text_bytes >> 20),
                       "aliases count as often as they are used");
    for (const TextNode& item : node.items) count(mark, item);
    for (const TextNode::Entry& entry : node.entries) {
      text_bytes_ += entry.key.size();
      count(mark, entry.value);
    }
  }

  const SourceText& source_;
  DocumentRules rules_;
  TextNode root_;
  std::vector<Frame> frames_;
  std::unordered_map<YAML::anchor_t, TextNode> anchors_;
  int documents_ = 0;
  int nodes_ = 0;
  std::size_t text_bytes_ = 0;
};

}  // namespace

TextNode parse_document(std::string_view text, const std::string& file, int first_column,
                        DocumentRules rules) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.substr(0, kByteOrderMark.size()) == kByteOrderMark)
    text.remove_prefix(kByteOrderMark.size());
  if (text.size() > rules.text_bytes)
    throw InputError({file, 0, 0}, fmt::format("larger than {} MiB", rules.text_bytes >> 20));
  const SourceText source(text, file, first_column);
  check_characters(text, source, rules);
  if (rules.refuses_tabs) source.refuse_fio();
  if (rules.refuses_tabs) check_indentation(text, source);

  std::istringstream in{std::string{text}};
  TreeBuilder builder(source, rules);
  try {
    YAML::Parser parser(in);
    while (parser.HandleNextDocument(builder)) {}
  } catch (const YAML::Exception& error) {
    throw InputError(source.at(error.mark), "invalid YAML: " + error.msg);
  }
  TextNode root = builder.take();
  if (root.is_null()) root.mark = {file, 1, first_column};
  return root;
}

}  // namespace orrery
