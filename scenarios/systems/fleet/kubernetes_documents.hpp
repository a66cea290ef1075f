// What one file of kubectl's output holds: the objects of its documents and lists, by kind.
//
// A file is a list, one object, or several of them with lines `---` between. `kubectl get -o yaml`
// prints a List whose items name their kind; the API server's own lists (NodeList, PodList, ...)
// leave it to the list.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/systems/fleet/demand_draft.hpp"
#include "scenarios/text/text_node.hpp"

namespace orrery::kubectl {

class File {
 public:
  // Throws InputError for what is no output of kubectl.
  File(std::string_view text, const std::string& name, InputReport& input);

  RowBook book;
  const std::vector<const TextNode*>& of_kind(const std::string& kind) { return objects_[kind]; }

  // A remark that is printed once, with how many objects it is about.
  void count(const std::string& what) { ++counts_[what]; }
  // Prints the remarks and closes the book.
  void close();

 private:
  void sort_out(const TextNode& root);
  void take(const TextNode& object, const std::string& kind);

  std::string name_;
  std::deque<TextNode> documents_;
  std::map<std::string, std::vector<const TextNode*>> objects_;
  std::map<std::string, std::int64_t> counts_;
};

}  // namespace orrery::kubectl
