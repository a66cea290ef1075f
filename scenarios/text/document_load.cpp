// Includes: one tree out of several files.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "scenarios/text/document.hpp"
#include "scenarios/text/nearest.hpp"
#include "scenarios/text/rows.hpp"

namespace orrery {
namespace {

class DocumentLoader {
 public:
  DocumentLoader(const FileReader& read, const DirectoryLister& list) : read_(read), list_(list) {}

  // `reference` is the place that asked for the file.
  TextNode load(const std::string& path, const SourceMark& reference) {
    if (std::find(chain_.begin(), chain_.end(), path) != chain_.end())
      throw InputError(reference,
                       fmt::format("include cycle: {} -> {}", fmt::join(chain_, " -> "), path));
    if (++files_ > DocumentLimits::kIncludes)
      throw InputError(reference,
                       fmt::format("more than {} files are included", DocumentLimits::kIncludes));
    const auto text = contents(path, reference);
    if (!text) throw missing(path, reference);

    chain_.push_back(path);
    TextNode root = parse_document(*text, path);
    if (const TextNode::Entry* include = root.entry("include")) {
      const TextNode names = include->value;
      root.entries.erase(root.entries.begin() + (include - root.entries.data()));
      merge_includes(root, names, path);
    }
    chain_.pop_back();
    read_lists(root, path);
    if (TextNode::Entry* variants = root.entry("variants"))
      for (TextNode::Entry& variant : variants->value.entries) read_lists(variant.value, path);
    return root;
  }

 private:
  // Entries `list: FILE` of `faults` give way to the rows of the file.
  void read_lists(TextNode& part, const std::string& path) {
    TextNode::Entry* faults = part.entry("faults");
    if (faults == nullptr || !faults->value.is_sequence()) return;
    std::vector<TextNode> items;
    for (TextNode& item : faults->value.items) {
      const TextNode::Entry* list = item.entry("list");
      if (list == nullptr) {
        items.push_back(std::move(item));
        continue;
      }
      if (item.entries.size() > 1) throw InputError(list->mark, "`list` stands alone in its entry");
      if (!list->value.is_scalar() || list->value.text.empty())
        throw InputError(list->value.mark,
                         fmt::format("list: expected a file name, got {}", describe(list->value)));
      const std::string file = beside(path, list->value.text);
      const auto text = contents(file, list->value.mark);
      if (!text) throw missing(file, list->value.mark);
      for (TextNode& row : parse_rows(*text, file)) items.push_back(std::move(row));
    }
    faults->value.items = std::move(items);
  }

  void merge_includes(TextNode& root, const TextNode& names, const std::string& path) {
    std::vector<TextNode> files = names.is_sequence() ? names.items : std::vector<TextNode>{names};
    // The last one first: it lies nearest below the including file.
    for (auto file = files.rbegin(); file != files.rend(); ++file) {
      if (!file->is_scalar() || file->text.empty())
        throw InputError(file->mark, fmt::format("include: expected a file name or a list of "
                                                 "them, got {}",
                                                 describe(*file)));
      TextNode below = load(beside(path, file->text), file->mark);
      if (below.is_null()) continue;
      if (!below.is_map())
        throw InputError(below.mark, fmt::format("an included file must hold a mapping, got {}",
                                                 describe(below)));
      merge_below(root, std::move(below));
    }
  }

  std::optional<std::string> contents(const std::string& path, const SourceMark& reference) const {
    try {
      return read_(path, DocumentLimits::kTextBytes);
    } catch (const std::system_error& error) {
      throw InputError(reference,
                       fmt::format("cannot read file '{}': {}", path, error.code().message()));
    }
  }

  static std::string beside(const std::string& including, const std::string& name) {
    return (std::filesystem::path(including).parent_path() / name).lexically_normal().string();
  }

  InputError missing(const std::string& path, const SourceMark& reference) const {
    const std::filesystem::path whole(path);
    std::string message = fmt::format("cannot read file '{}'", path);
    if (list_) {
      if (const auto near = nearest(whole.filename().string(), list_(whole.parent_path().string())))
        message += fmt::format(" (did you mean '{}'?)", *near);
    }
    return {reference, std::move(message)};
  }

  const FileReader& read_;
  const DirectoryLister& list_;
  std::vector<std::string> chain_;  // the files being read, outermost first
  int files_ = 0;
};

}  // namespace

TextNode load_document(const std::string& path, const FileReader& read,
                       const DirectoryLister& list) {
  return DocumentLoader(read, list)
      .load(std::filesystem::path(path).lexically_normal().string(), {path, 0, 0});
}

}  // namespace orrery
