#include "scenarios/text/document.hpp"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include "tests/scenarios/text/input_cases.hpp"

namespace orrery {
namespace document_test {

TextNode parsed(std::string_view text) { return parse_document(text, "a.yaml"); }
std::string error_in(std::string_view text) {
  return error_of([&] { parsed(text); });
}
SourceMark at(int line, int column) { return {"a.yaml", line, column}; }

TEST(Document, marks_every_key_and_every_value) {
  const TextNode root = parsed("first: 1\nsecond:\n  inner: [a, 'b']\nempty:\n");
  ASSERT_EQ(root.entries.size(), 3u);
  EXPECT_EQ(root.entries[0].key, "first");
  EXPECT_EQ(root.entries[0].mark, at(1, 1));
  EXPECT_EQ(root.entries[0].value.mark, at(1, 8));
  EXPECT_EQ(root.find("second.inner")->mark, at(3, 10));
  EXPECT_EQ(root.find("second.inner.1")->mark, at(3, 14));
  EXPECT_TRUE(root.find("second.inner.1")->quoted);
  EXPECT_TRUE(root.find("empty")->is_null());
  EXPECT_EQ(root.find("empty")->mark, at(4, 1));
  EXPECT_EQ(root.find("second.inner.2"), nullptr);
  EXPECT_EQ(root.find("second.outer"), nullptr);
  EXPECT_EQ(root.find("first.x"), nullptr);
  EXPECT_EQ(root.find(""), &root);
}

TEST(Document, counts_columns_in_characters_after_a_byte_order_mark) {
  const TextNode root = parsed("\xEF\xBB\xBF{\"\xC3\xA9t\xC3\xA9\": x}");
  EXPECT_EQ(root.entries[0].key, "\xC3\xA9t\xC3\xA9");
  EXPECT_EQ(root.entries[0].value.mark, at(1, 9));
}

TEST(Document, accepts_windows_line_ends) {
  const TextNode root = parsed("a: 1\r\nb:\r\n  c: 2\r\n");
  EXPECT_EQ(root.find("b.c")->text, "2");
  EXPECT_EQ(root.find("b.c")->mark, at(3, 6));
}

TEST(Document, is_nothing_when_there_is_only_a_comment) {
  EXPECT_TRUE(parsed("").is_null());
  EXPECT_TRUE(parsed("# nothing\n").is_null());
  EXPECT_EQ(parsed("").mark, at(1, 1));
}

TEST(Document, refuses_a_duplicate_key_at_the_second_one) {
  EXPECT_EQ(error_in("a:\n  bs: 1\n  rw: 2\n  bs: 3\n"),
            "a.yaml:4:3: error: duplicate key 'bs'\n  hint: first given at a.yaml:2:3");
}

TEST(Document, refuses_tabs_as_indentation) {
  EXPECT_EQ(error_in("a:\n \tb: 1\n"),
            "a.yaml:2:2: error: tab used for indentation\n  hint: indent with spaces");
  EXPECT_EQ(parsed("a: 1\t# a tab elsewhere\n").find("a")->text, "1");
}

TEST(Document, refuses_broken_yaml_where_it_breaks) {
  EXPECT_EQ(error_in("a: [1, 2\nb: 3\n"),
            "a.yaml:2:2: error: invalid YAML: end of sequence flow not found");
  EXPECT_EQ(error_in("a: b: c\n"), "a.yaml:1:5: error: invalid YAML: illegal map value");
}

TEST(Document, refuses_quotes_that_do_not_end_where_they_start) {
  for (const char* text : {"a: \"x\nb: 1\n", "a: 'x\nb: 1\n", "a: 'it''s\n", "a: \"x\\\"\n"})
    EXPECT_EQ(error_in(text), "a.yaml:1:4: error: the quotes do not end") << text;
  EXPECT_EQ(error_in("\"a: 1\n"), "a.yaml:1:1: error: the quotes do not end");
}

TEST(Document, takes_quotes_that_end_and_those_that_quote_nothing) {
  EXPECT_EQ(parsed("a: 'it''s'\n").find("a")->text, "it's");
  EXPECT_EQ(parsed("a: \"x\\\\\"\n").find("a")->text, "x\\");
  EXPECT_EQ(parsed("a: &b \"x\"\n").find("a")->text, "x");
  EXPECT_EQ(parsed("a: x\"\n").find("a")->text, "x\"");
  EXPECT_EQ(parsed("a: |\n  \"x\n").find("a")->text, "\"x\n");
  EXPECT_EQ(parsed("a: >-\n  'x\n").find("a")->text, "'x");
}

TEST(Document, refuses_bytes_that_are_no_text) {
  EXPECT_EQ(error_in(std::string_view("a: 1\nb: \0\n", 10)),
            "a.yaml:2:4: error: control character U+0000");
  EXPECT_EQ(error_in("a: \x04"), "a.yaml:1:4: error: control character U+0004");
  EXPECT_EQ(error_in("a: 1\rb: 2"), "a.yaml:1:5: error: control character U+000D");
  EXPECT_EQ(error_in("a: \xC3\xA9\xFF"), "a.yaml:1:5: error: not UTF-8 (byte 0xff)");
  EXPECT_EQ(error_in("\xFE\xFF"), "a.yaml:1:1: error: not UTF-8 (byte 0xfe)");
  for (const char* malformed : {"\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE2\x82", "\x80"})
    EXPECT_NE(error_in(malformed).find("1:1: error: not UTF-8"), std::string::npos);
}

TEST(Document, refuses_control_characters_written_as_escapes) {
  EXPECT_EQ(error_in("a: \"x\\0y\"\n"), "a.yaml:1:4: error: control character U+0000");
  EXPECT_EQ(error_in("a: \"\\uFFFF\"\n"), "a.yaml:1:4: error: control character U+FFFF");
  EXPECT_EQ(parsed("a: \"\\t\\u00e9\"").find("a")->text, "\t\xC3\xA9");
}

TEST(Document, refuses_a_second_document) {
  EXPECT_EQ(error_in("a: 1\n---\nb: 2\n"),
            "a.yaml:2:1: error: a second document in the file\n"
            "  hint: a file holds one document; remove the '---' between them");
}

TEST(Document, refuses_text_after_its_end) {
  EXPECT_EQ(error_in("[1, 2]\nb: 2\n"),
            "a.yaml:2:1: error: text after the end of the document\n"
            "  hint: a list or mapping in brackets that starts a file is the whole of it");
}

TEST(Document, tells_a_job_file_of_fio_from_yaml) {
  for (const char* text : {"[global]\nrw=randread\n---\n[a]\n", "; x\n# y\n\n[job 1]\r\nbs=4k\r\n",
                           "[global]\n[a]\nrw=read\n"})
    EXPECT_THAT(
        error_in(text),
        ::testing::HasSubstr(": error: this looks like a job file of fio; scenarios are YAML\n"
                             "  hint: a job is written as in `workload: [{name: io,"));
  EXPECT_EQ(parsed("[a]\n").items.size(), 1u);
}

TEST(Document, refuses_tags_and_keys_that_are_no_names) {
  EXPECT_EQ(error_in("a: !!binary x"),
            "a.yaml:1:4: error: YAML tag 'tag:yaml.org,2002:binary' is not supported");
  EXPECT_EQ(error_in("[1, 2]: x"), "a.yaml:1:1: error: a key must be a name, got a list");
  EXPECT_EQ(error_in("~: x"), "a.yaml:1:1: error: a key must be a name, got nothing");
}

TEST(Document, expands_aliases_and_merge_keys) {
  const TextNode root = parsed(
      "base: &base {bs: 4KiB, rw: read}\n"
      "same: *base\n"
      "more:\n  <<: *base\n  rw: write\n"
      "both:\n  <<: [{rw: trim}, *base]\n");
  EXPECT_EQ(*root.find("same"), *root.find("base"));
  EXPECT_EQ(*root.find("more"), parsed("{rw: write, bs: 4KiB}"));
  EXPECT_EQ(*root.find("both"), parsed("{rw: trim, bs: 4KiB}"));
  EXPECT_EQ(root.find("more.bs")->mark, at(1, 18));
  EXPECT_EQ(error_in("a:\n  <<: 5\n"), "a.yaml:2:7: error: << merges mappings, got '5'");
}

TEST(Document, refuses_an_alias_of_what_it_stands_in) {
  EXPECT_EQ(error_in("a: &x [1, *x]"),
            "a.yaml:1:11: error: an alias inside the value that it stands for");
  EXPECT_EQ(error_in("a: *x"),
            "a.yaml:1:4: error: invalid YAML: the referenced anchor is not defined");
}

TEST(Document, refuses_alias_bombs) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string below = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + below;
    for (int copies = 1; copies < 10; ++copies) bomb += ", " + below;
    bomb += "]\n";
  }
  EXPECT_NE(error_in(bomb).find("more than 200000 values"), std::string::npos);

  std::string long_texts = "a: &a " + std::string(100'000, 'x') + "\nb: [";
  for (int i = 0; i < 100; ++i) long_texts += "*a, ";
  EXPECT_NE(error_in(long_texts + "]").find("8 MiB of text"), std::string::npos);
}

TEST(Document, refuses_deep_nesting_and_large_files) {
  EXPECT_EQ(error_in(std::string(65, '[') + std::string(65, ']')),
            "a.yaml:1:65: error: nested deeper than 64 levels");
  EXPECT_NO_THROW(parsed(std::string(64, '[') + std::string(64, ']')));
  EXPECT_THROW(parsed(std::string(100'000, '[')), InputError);
  EXPECT_EQ(error_in(std::string((8 << 20) + 1, ' ')), "a.yaml: error: larger than 8 MiB");
}

RC_GTEST_PROP(Document, random_bytes_give_a_tree_or_an_input_error, ()) {
  const auto bytes = *rc::gen::container<std::string>(rc::gen::arbitrary<char>());
  try {
    parsed(bytes);
  } catch (const InputError& error) {
    RC_ASSERT(error.mark().file == "a.yaml");
  }
}

RC_GTEST_PROP(Document, random_punctuation_gives_a_tree_or_an_input_error, ()) {
  const std::string alphabet = "ab01 \n\t:-[]{},&*!|>'\"%#?.~<\\";
  const auto text = *rc::gen::container<std::string>(rc::gen::elementOf(alphabet));
  try {
    const TextNode root = parsed(text);
    RC_ASSERT(parse_document(to_yaml(root), "again") == root);
  } catch (const InputError& error) {
    RC_ASSERT(error.mark().line >= 1);
    RC_ASSERT(error.mark().column >= 1);
  }
}

// A tree of any texts that YAML can hold, up to three levels deep.
TextNode any_tree(int levels) {
  const auto text = [] {
    const std::string alphabet = "ab09 :-#'\"\\[]{}\n\t,&*!|>%@`~?.=<nultre";
    return *rc::gen::container<std::string>(rc::gen::elementOf(alphabet));
  };
  const int kind = *rc::gen::inRange(0, levels > 0 ? 4 : 2);
  if (kind == 0) return TextNode{};
  if (kind == 1) return TextNode::scalar(text());
  const int size = *rc::gen::inRange(0, 4);
  TextNode node = kind == 2 ? TextNode::sequence() : TextNode::map();
  for (int i = 0; i < size; ++i) {
    if (kind == 2) node.items.push_back(any_tree(levels - 1));
    else node.entries.push_back({std::to_string(i) + text(), {}, any_tree(levels - 1)});
  }
  return node;
}

RC_GTEST_PROP(Document, what_is_written_reads_back_as_the_same_tree, ()) {
  const TextNode tree = any_tree(3);
  RC_ASSERT(parsed(to_yaml(tree)) == tree);
}

TEST(Document, is_written_in_block_style_with_short_lists_inline) {
  EXPECT_EQ(to_yaml(parsed("{a: {b: 95us, c: [x, 4KiB]}, d: [{e: 'null'}], f: }")),
            "a:\n  b: 95us\n  c: [x, 4KiB]\nd:\n  - e: \"null\"\nf: ~\n");
}

}  // namespace document_test
}  // namespace orrery
