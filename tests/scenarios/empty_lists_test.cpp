// Lists without items, wherever a scenario takes a list: they say as much as no list at all, or are
// refused at their place.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <map>

#include "scenarios/profiles.hpp"
#include "scenarios/scenario.hpp"
#include "scenarios/text/document.hpp"
#include "tests/scenarios/text/input_cases.hpp"

namespace orrery {
namespace empty_lists_test {

using testing::HasSubstr;
using testing::StartsWith;

// Scenarios of every kind, in which between them every list stands.
const std::map<std::string, std::string>& bases() {
  static const std::string job = "workload: [{name: w, runtime: 1ms}]\n";
  static const std::map<std::string, std::string> all = {
      {"ebs",
       "scenario: s\nsystem: ebs\ncompute: {servers: 1}\nstorage: {servers: 4}\n"
       "faults: [{name: f, kind: switch_down, target: frontend/tor-0a, at: 1ms}]\n" +
           job},
      {"rpc", "scenario: s\nsystem: rpc\n" + job},
      {"device", "scenario: s\nsystem: device\napplications: [{name: db, kind: rocksdb}]\n" + job},
      {"pool",
       "scenario: s\nsystem: pool\ncompute: {servers: 2}\nstorage: {servers: 2}\n"
       "volumes: {per_server: 1, size: 1GiB}\n"
       "logical_volumes: [{name: m, host: compute-0, 'on': storage-0, size: 1GiB}]\n"
       "operations: [{kind: hot_upgrade, node: storage-0, at: 1ms}]\n" +
           job},
      {"fleet",
       "scenario: s\nsystem: fleet\nfleet: {runtime: 1h}\n"
       "nodes: [{shape: n, count: 2, cpu: 8, memory: 64GiB, disk: 1TB}]\n"
       "storage_classes: [{name: near}]\n"
       "demand: [{generator: uniform, pods: 2, cpu: 1, memory: 1GiB, disk: 1GiB}]\n"
       "events: [{kind: node_dead, count: 1, at: 1min}]\n"
       "volume_groups: [{name: g, size: 1GiB}]\n"
       "snapshots: [{size: 4MiB, at: 1min}]\n"}};
  return all;
}

std::string loaded(const TextNode& document) {
  ProfileLibrary library({"scenarios/profiles"}, disk_reader(), disk_lister(), model_catalogue());
  return to_yaml(resolved_scenario(load_scenario(document, library)));
}

TextNode without(TextNode map, const std::string& key) {
  std::erase_if(map.entries, [&](const TextNode::Entry& entry) { return entry.key == key; });
  return map;
}

// With `list` as the path's value.
void expect_nothing_said(const TextNode& document, const TextNode& without_key,
                         const std::string& name) {
  std::string empty, none;
  try {
    empty = loaded(document);
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(), StartsWith("f.yaml:")) << name;
    EXPECT_GT(error.mark().line, 0) << name;
    return;
  }
  try {
    none = loaded(without_key);
  } catch (const InputError& error) {
    ADD_FAILURE() << name << ": an empty list was taken where the key is needed: " << error.what();
  }
  EXPECT_EQ(empty, none) << name;
}

TEST(EmptyLists, of_sections_say_nothing_or_are_refused) {
  std::size_t tried = 0;
  for (const auto& [kind, text] : bases()) {
    const TextNode base = parse_document(text, "f.yaml");
    loaded(base);
    for (const SectionEntry& section : scenario_sections()) {
      if (!section.is_list || base.entry(section.name) == nullptr) continue;
      TextNode changed = base;
      const SourceMark mark = changed.entry(section.name)->value.mark;
      changed.entry(section.name)->value = TextNode::sequence(mark);
      expect_nothing_said(changed, without(base, section.name), kind + " " + section.name);
      ++tried;
    }
  }
  EXPECT_GE(tried, 10u);
}

// Every list there is stands in one of the scenarios above, so that a new one is tried too.
TEST(EmptyLists, are_tried_of_every_section) {
  for (const SectionEntry& section : scenario_sections()) {
    if (!section.is_list) continue;
    bool is_somewhere = false;
    for (const auto& [kind, text] : bases())
      is_somewhere |= parse_document(text, "f.yaml").entry(section.name) != nullptr;
    EXPECT_TRUE(is_somewhere) << "no scenario of this test has a section " << section.name;
  }
}

TEST(EmptyLists, of_texts_are_taken_or_refused_at_their_place) {
  std::size_t tried = 0;
  for (const auto& [kind, text] : bases())
    for (const SectionEntry& section : scenario_sections())
      for (const Declaration& key : section.declarations->fields) {
        if (key.quantity != Quantity::text_list || section.name.empty()) continue;
        TextNode changed = parse_document(text, "f.yaml");
        TextNode::Entry* part = changed.entry(section.name);
        if (part == nullptr) continue;
        TextNode& map = section.is_list ? part->value.items.at(0) : part->value;
        map = without(map, key.name);
        map.entries.push_back({key.name, map.mark, TextNode::sequence(map.mark)});
        try {
          loaded(changed);
        } catch (const InputError& error) {
          EXPECT_THAT(error.what(), StartsWith("f.yaml:")) << section.name << "." << key.name;
          EXPECT_GT(error.mark().line, 0);
        }
        ++tried;
      }
  EXPECT_GE(tried, 8u);
}

TEST(EmptyLists, are_called_so_in_messages) {
  EXPECT_THAT(error_of([] {
                loaded(parse_document("scenario: s\nsystem: rpc\nworkload: []\n", "f.yaml"));
              }),
              StartsWith("f.yaml:3:11: error: `workload` is a list of jobs, got an empty list"));
  const std::string rpc = bases().at("rpc");
  EXPECT_EQ(error_of([&] { loaded(parse_document(rpc + "compare: {seed: []}\n", "f.yaml")); }),
            "f.yaml:4:17: error: `compare.seed` needs a list of values");
  EXPECT_THAT(error_of([&] { loaded(parse_document(rpc + "compare: []\n", "f.yaml")); }),
              HasSubstr("`compare` maps keys to lists of values, got an empty list"));
  EXPECT_THAT(error_of([&] { loaded(parse_document(rpc + "variants: []\n", "f.yaml")); }),
              HasSubstr("`variants` maps names to what differs, got an empty list"));
}

}  // namespace empty_lists_test
}  // namespace orrery
