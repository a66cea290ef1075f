#include "analysis/terminal/text_table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/analysis/table_cells.hpp"

namespace orrery {
namespace text_table_test {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

TEST(TextTable, aligns_columns_two_spaces_apart) {
  TextTable table({{"stage"}, {"wait", Align::right}, {"note"}});
  table.row({"sa", "0.1 us", "x"});
  table.row({"block_server", "12.3 us", "yy"});
  EXPECT_EQ(table.render({}),
            "stage            wait  note\n"
            "sa             0.1 us  x\n"
            "block_server  12.3 us  yy\n");
  EXPECT_EQ(table.natural_width(), 27);
}

TEST(TextTable, has_no_spaces_at_the_end_of_a_line) {
  TextTable table({{"a"}, {"b"}, {"c", Align::right}});
  table.row({"1"});
  table.row({"1", "2", "3"});
  table.row({});
  table.heading("all of it   ");
  for (const std::string& line : lines_in(table.render({})))
    EXPECT_FALSE(line.ends_with(' ')) << '"' << line << '"';
}

TEST(TextTable, without_rows_is_empty_and_shows_its_titles) {
  TextTable table({{"a"}, {"b"}});
  EXPECT_TRUE(table.empty());
  EXPECT_EQ(table.render({}), "a  b\n");
  table.heading("h");
  EXPECT_FALSE(table.empty());
}

TEST(TextTable, without_titles_has_no_line_of_titles) {
  TextTable table({{""}, {"", Align::right}});
  table.row({"cores", "3"});
  EXPECT_EQ(table.render({}), "cores  3\n");
}

TEST(TextTable, without_columns_is_nothing) { EXPECT_EQ(TextTable({}).render({}), ""); }

TEST(TextTable, counts_characters_and_not_bytes) {
  TextTable table({{"ü"}, {"b", Align::right}, {"c"}});
  table.row({"µs", "±0.1", "x"});
  table.row({"abc", "1", "x"});
  EXPECT_EQ(table.render({}),
            "ü       b  c\n"
            "µs   ±0.1  x\n"
            "abc     1  x\n");
}

TEST(TextTable, wraps_the_column_that_may_give_way) {
  TextTable table({{"id"}, {"what it is", Align::left, true}, {"n", Align::right}});
  table.row({"one", "a rather long text that does not fit into one line of the terminal", "17"});
  const auto lines = lines_in(table.render({40}));
  ASSERT_THAT(lines, SizeIs(testing::Gt(2u)));
  for (const std::string& line : lines) EXPECT_LE(display_width(line), 40) << line;
  EXPECT_THAT(lines[1], HasSubstr("17"));
  std::string words;
  for (std::size_t i = 1; i < lines.size(); ++i)
    for (const std::string& cell : cells_in(lines[i]))
      if (cell != "one" && cell != "17") words += cell + " ";
  EXPECT_EQ(words, "a rather long text that does not fit into one line of the terminal ");
}

TEST(TextTable, wraps_nothing_while_it_fits) {
  TextTable table({{"a", Align::left, true}});
  table.row({"as wide as the terminal"});
  EXPECT_THAT(lines_in(table.render({23})), ElementsAre("a", "as wide as the terminal"));
}

TEST(TextTable, wraps_other_texts_where_that_is_not_enough) {
  TextTable table({{"key"}, {"default"}, {"n", Align::right}, {"meaning", Align::left, true}});
  table.row({"a", "one of many names that may stand here", "17", "what it means to a reader"});
  const auto lines = lines_in(table.render({44}));
  for (const std::string& line : lines) EXPECT_LE(display_width(line), 44) << line;
  std::string all;
  for (const std::string& line : lines) all += line + " ";
  for (const char* word : {"many", "here", "reader", "17"}) EXPECT_THAT(all, HasSubstr(word));
}

TEST(TextTable, that_is_too_wide_goes_on_below_with_its_first_columns) {
  TextTable table(
      {{"job"}, {""}, {"IOPS", Align::right}, {"mean", Align::right}, {"", Align::left}});
  table.tell_rows_by(2);
  table.heading("all");
  table.row({"mix", "read", "16.1k", "208 us", "1.00x"});
  EXPECT_EQ(table.render({18}),
            "job         IOPS\n"
            "all\n"
            "mix  read  16.1k\n"
            "\n"
            "job          mean\n"
            "all\n"
            "mix  read  208 us  1.00x\n");
  EXPECT_EQ(lines_in(table.render({100})).size(), 3U);
}

// What a column had to give up beside others it has back where it stands alone.
TEST(TextTable, that_goes_on_below_has_the_whole_width_there) {
  TextTable table({{"key"}, {"value"}, {"meaning", Align::left, true}});
  table.row({"policy", "some_very_long_word_of_a_value", "one sentence that needs a whole line"});
  EXPECT_EQ(table.render({45}),
            "key     value\n"
            "policy  some_very_long_word_of_a_value\n"
            "\n"
            "key     meaning\n"
            "policy  one sentence that needs a whole line\n");
}

TEST(TextTable, narrows_what_costs_the_fewest_lines) {
  TextTable table({{"key"}, {"default"}, {"meaning", Align::left, true}});
  table.row({"filters", "[one, two, three, four, five, six]", "in order"});
  for (const char* key : {"a", "b", "c"}) table.row({key, "none", "a sentence of 24 columns"});
  const auto lines = lines_in(table.render({52}));
  EXPECT_THAT(lines, SizeIs(6)) << table.render({52});  // of the default that is long, two
  for (const std::string& line : lines) EXPECT_LE(display_width(line), 52) << line;
}

TEST(TextTable, keeps_the_lines_of_a_cell) {
  TextTable table({{"failure"}, {"n", Align::right}});
  table.row({"loss tor-0 +\nlink_down a--b", "3"});
  table.row({"loss tor-1", "4"});
  EXPECT_EQ(table.render({80}),
            "failure         n\n"
            "loss tor-0 +    3\n"
            "link_down a--b\n"
            "loss tor-1      4\n");
}

TEST(TextTable, wraps_a_heading_that_is_too_long) {
  TextTable table({{"a"}, {"b"}});
  table.heading("faults: I/Os in all; latency of the worst");
  table.row({"1", "2"});
  EXPECT_EQ(table.render({24}),
            "a  b\n"
            "faults: I/Os in all;\n"
            "  latency of the worst\n"
            "1  2\n");
}

TEST(TextTable, is_wider_than_the_terminal_when_nothing_gives_way) {
  TextTable table({{"a"}, {"b"}});
  table.row({std::string(30, 'x'), std::string(30, 'y')});
  for (const int width : {0, 1, 40})
    EXPECT_EQ(lines_in(table.render({width}))[1],
              std::string(30, 'x') + "  " + std::string(30, 'y'));
}

TEST(TextTable, breaks_no_words_even_where_there_is_no_width) {
  TextTable table({{"a", Align::left, true}});
  table.row({"some-long-word-without-any-spaces and short ones"});
  EXPECT_THAT(table.render({0}), HasSubstr("some-long-word-without-any-spaces\n"));
}

TEST(TextTable, colours_cells_only_where_there_are_colours_and_aligns_them_all_the_same) {
  TextTable table({{"verdict"}, {"n", Align::right}});
  table.row({{"hit", Style::good}, "1"});
  EXPECT_EQ(table.render({100, false}).find('\033'), std::string::npos);
  const std::string coloured = table.render({100, true});
  EXPECT_THAT(coloured, HasSubstr("\033[32mhit\033[0m      1\n"));
}

TEST(MarkdownTable, escapes_what_would_end_a_cell) {
  EXPECT_EQ(markdown_table({{"a"}, {"b", Align::right}}, {{"x|y", "1\n2"}, {"", "3"}}),
            "| a | b |\n|---|---:|\n| x\\|y | 1 2 |\n|  | 3 |\n");
}

TEST(Wrapped, breaks_at_spaces_and_indents_all_but_the_first_line) {
  EXPECT_EQ(wrapped("one two three", 8, 2), "one two\n  three");
  EXPECT_EQ(wrapped("one two three", 100, 2), "one two three");
  EXPECT_EQ(wrapped("  one   two  ", 100, 0), "one two");
  EXPECT_EQ(wrapped("", 10, 2), "");
  EXPECT_EQ(wrapped("   ", 10, 2), "");
  EXPECT_EQ(wrapped("ä ö ü ß", 3, 0), "ä ö\nü ß");
}

TEST(Wrapped, has_a_word_a_line_where_there_is_no_width) {
  EXPECT_EQ(wrapped("a bb ccc", 0, 0), "a\nbb\nccc");
}

TEST(DisplayWidth, counts_characters) {
  EXPECT_EQ(display_width(""), 0);
  EXPECT_EQ(display_width("±<0.1 µs"), 8);
}

}  // namespace text_table_test
}  // namespace orrery
