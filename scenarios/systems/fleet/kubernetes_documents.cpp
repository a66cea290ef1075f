#include "scenarios/systems/fleet/kubernetes_documents.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "scenarios/systems/fleet/kubernetes_object.hpp"
#include "scenarios/text/document.hpp"

namespace orrery::kubectl {

namespace {

constexpr DocumentRules kPrinted = {2'000'000, std::size_t{64} << 20, false, false};

struct Part {
  std::string_view text;
  int lines_before = 0;
};

// At lines that begin with `---`, which no value can hold. What stands before the first one belongs
// to what follows.
std::vector<Part> parts_of(std::string_view text) {
  std::vector<Part> parts;
  int line = 0, first_line = 0;
  std::size_t first = 0;
  bool says_something = false;
  for (std::size_t start = 0; start < text.size(); ++line) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    const std::string_view at = text.substr(start, end - start);
    const bool is_mark =
        at.starts_with("---") && (at.size() == 3 || at[3] == ' ' || at[3] == '\r' || at[3] == '\t');
    if (is_mark && says_something) {
      parts.push_back({text.substr(first, start - first), first_line});
      first = start;
      first_line = line;
    }
    const bool is_remark = at.find_first_not_of(" \t\r") == std::string_view::npos ||
                           at.starts_with('#') || at.starts_with('%');
    says_something |= !is_remark;
    start = end + 1;
  }
  parts.push_back({text.substr(first), first_line});
  return parts;
}

// Moves the marks of a tree down; returns how many values it has.
int move_marks(TextNode& node, int lines) {
  int values = 1;
  node.mark.line += lines;
  for (TextNode& item : node.items) values += move_marks(item, lines);
  for (TextNode::Entry& entry : node.entries) {
    entry.mark.line += lines;
    values += move_marks(entry.value, lines);
  }
  return values;
}

}  // namespace

File::File(std::string_view text, const std::string& name, InputReport& input)
    : book(input, name), name_(name) {
  DocumentRules rules = kPrinted;
  if (text.size() > rules.text_bytes) {
    parse_document(text, name, 1, rules);  // says so
    return;
  }
  for (const Part& part : parts_of(text)) {
    try {
      documents_.push_back(parse_document(part.text, name, 1, rules));
    } catch (const InputError& error) {
      SourceMark mark = error.mark();
      if (mark.line > 0) mark.line += part.lines_before;
      throw InputError(mark, error.message(), error.hint());
    }
    rules.nodes -= std::min(rules.nodes - 1, move_marks(documents_.back(), part.lines_before));
  }
  const bool is_one = documents_.size() == 1;
  for (const TextNode& document : documents_)
    if (is_one || !document.is_null()) sort_out(document);
}

void File::sort_out(const TextNode& root) {
  const std::string kind = text_at(root, "kind");
  if (kind.empty())
    throw InputError({name_, root.mark.line, root.mark.column},
                     "expected what `kubectl get nodes,pods,pvc,sc -A -o yaml` prints: there is "
                     "no `kind`");
  if (!kind.ends_with("List")) return take(root, kind);
  const TextNode* const items = child(&root, "items");
  if (items == nullptr || !(items->is_sequence() || items->is_null()))
    throw InputError(root.mark, fmt::format("a {} without `items`", kind));
  const std::string of_items = kind.substr(0, kind.size() - std::string_view{"List"}.size());
  for (const TextNode& object : items->items) {
    const std::string own = text_at(object, "kind");
    take(object, own.empty() ? of_items : own);
  }
}

void File::take(const TextNode& object, const std::string& kind) {
  if (kind == "Node" || kind == "Pod" || kind == "PersistentVolumeClaim" ||
      kind == "PersistentVolume" || kind == "StorageClass")
    objects_[kind].push_back(&object);
  else if (kind.empty()) count("objects without a kind are left out");
  else count(fmt::format("objects of kind {} are ignored", kind));
}

void File::close() {
  for (const auto& [what, number] : counts_) book.note(fmt::format("{} ({})", what, number));
  book.close();
}

}  // namespace orrery::kubectl
