#include "scenarios/text/rows.hpp"

#include <gmock/gmock.h>

#include "scenarios/text/document.hpp"
#include "tests/scenarios/text/input_cases.hpp"

namespace orrery {
namespace rows_test {

using testing::HasSubstr;

TEST(Rows, become_entries_with_their_places) {
  const auto rows = parse_rows(
      "at, for,kind,target\r\n# a comment\n\n1s,2s,switch_down,\"a \"\"b\"\", c\"\n 3s,,loss , x "
      "\n",
      "l.csv");
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].entry("for")->value.text, "2s");
  EXPECT_EQ(rows[0].entry("target")->value.text, "a \"b\", c");
  EXPECT_EQ(to_string(rows[0].entry("target")->value.mark), "l.csv:4:19");
  EXPECT_EQ(rows[1].entry("for"), nullptr);
  EXPECT_EQ(rows[1].entry("kind")->value.text, "loss");
  EXPECT_EQ(to_string(rows[1].entry("at")->value.mark), "l.csv:5:2");
}

TEST(Rows, are_refused_at_their_place) {
  const auto error = [](const std::string& text) {
    return error_of([&] { parse_rows(text, "l.csv"); });
  };
  EXPECT_THAT(error("# nothing\n"), HasSubstr("names its columns"));
  EXPECT_THAT(error("at,at\n"), HasSubstr("l.csv:1:4: error: column 'at' is there twice"));
  EXPECT_THAT(error("at,for\n1s\n"), HasSubstr("l.csv:2:1: error: 1 cells in a list of 2 columns"));
  EXPECT_THAT(error("at,for\n1s,\"2s\n"), HasSubstr("l.csv:2:4: error: a quote that does not end"));
  EXPECT_THAT(error("at,for\n\"1s\"x,2s\n"), HasSubstr("text after a closing quote"));
  EXPECT_THAT(error("at\n\x01\n"), HasSubstr("l.csv:2:1"));
}

TEST(Rows, stand_in_for_the_entry_that_names_their_file) {
  const Files files = {{"d/s.yaml", "faults:\n  - {kind: a}\n  - {list: f.csv}\n"},
                       {"d/f.csv", "kind,at\nb,1s\nc,2s\n"}};
  const TextNode root = load_document("d/s.yaml", reader_of(files), lister_of(files));
  ASSERT_EQ(root.find("faults")->items.size(), 3u);
  EXPECT_EQ(root.find("faults.2.kind")->text, "c");
  EXPECT_EQ(to_string(root.find("faults.2.kind")->mark), "d/f.csv:3:1");
  const Files without = {{"d/s.yaml", "faults: [{list: g.csv}]\n"}, {"d/f.csv", "kind\n"}};
  EXPECT_THAT(
      error_of([&] { load_document("d/s.yaml", reader_of(without), lister_of(without)); }),
      HasSubstr("d/s.yaml:1:17: error: cannot read file 'd/g.csv' (did you mean 'f.csv'?)"));
}

}  // namespace rows_test
}  // namespace orrery
