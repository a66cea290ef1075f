// What counts as text, and what of it can be printed.
#include "scenarios/text/utf8.hpp"

#include <gtest/gtest.h>

namespace orrery {
namespace utf8_test {

TEST(Utf8, is_printed_on_one_line_with_escapes_for_what_cannot_be) {
  EXPECT_EQ(printable("plain, \"quoted\""), "plain, \"quoted\"");
  EXPECT_EQ(printable("\xC3\xA4\xE2\x82\xAC"), "\xC3\xA4\xE2\x82\xAC");
  EXPECT_EQ(printable("a\tb\nc\r"), "a\\u0009b\\u000ac\\u000d");
  EXPECT_EQ(printable("\x1b[0m\x7f"), "\\u001b[0m\\u007f");
  EXPECT_EQ(printable("\xEF\xBB\xBFx"), "\\ufeffx");
  EXPECT_EQ(printable("a\xFF"), "a\\xff");
}

TEST(Utf8, of_data_may_hold_what_cannot_be_printed_but_is_no_mark_of_a_parser) {
  for (const char* text : {"\x7f", "\xEF\xBB\xBF", "\xC2\x80", "a\r\nb\tc"})
    EXPECT_FALSE(first_defect_of_data(text)) << printable(text);
  for (const char* text : {"\x01", "\x1b", "\xFF", "\xC3"})
    EXPECT_TRUE(first_defect_of_data(text)) << printable(text);
  EXPECT_EQ(first_defect_of_data("ab\x04")->offset, 2u);
}

}  // namespace utf8_test
}  // namespace orrery
