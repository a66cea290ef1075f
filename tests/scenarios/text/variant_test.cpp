#include "scenarios/text/variant.hpp"

#include <gmock/gmock.h>

#include "scenarios/text/document.hpp"
#include "tests/scenarios/text/input_cases.hpp"

namespace orrery {
namespace variant_test {

using ::testing::HasSubstr;

TextNode varied(const std::vector<std::string>& set, const std::string& variant = "variant: b\n") {
  const TextNode document = parse_document(
      "seed: 1\n"
      "workload: [{name: w, bs: 4k}]\n"
      "variants:\n"
      "  a: {}\n"
      "  b: {seed: 2, workload: [{name: w, bs: 8k}, {name: x, bs: 16k}]}\n"
      "  c.1: {profiles: {luna: {window: 1MiB}}}\n" +
          variant,
      "s.yaml");
  return overridden(document, set);
}
std::string text_at(const TextNode& root, std::string_view path) {
  const TextNode* found = root.find(path);
  return found == nullptr ? "nothing" : found->text;
}

TEST(Variant, that_is_named_lies_over_the_rest) {
  EXPECT_EQ(text_at(varied({}), "seed"), "2");
  EXPECT_EQ(text_at(varied({}, ""), "seed"), "1");
  EXPECT_EQ(text_at(varied({"variant=a"}), "seed"), "1");
  EXPECT_EQ(text_at(varied({}), "variants"), "nothing");
}

TEST(Variant, gives_way_to_overrides) {
  EXPECT_EQ(text_at(varied({"seed=3"}), "seed"), "3");
  EXPECT_EQ(text_at(varied({"seed=3", "variant=b"}, ""), "seed"), "3");
  EXPECT_EQ(text_at(varied({"workload.x.bs=1k"}), "workload.1.bs"), "1k");
  EXPECT_EQ(text_at(varied({"workload.0.bs=1k"}), "workload.0.bs"), "1k");
  EXPECT_EQ(text_at(varied({"variants.b.seed=4"}), "seed"), "4");
  EXPECT_EQ(text_at(varied({"seed=3", "variants.b.seed=4"}), "seed"), "3");
  EXPECT_EQ(text_at(varied({"variants.new={seed: 9}", "variant=new"}), "seed"), "9");
}

TEST(Variant, may_have_dots_in_its_name) {
  const TextNode root = varied(
      {"variant=c.1", "variants.c.1.seed=5", "variants.c.1.profiles.kernel-6.0.mss=9000"}, "");
  EXPECT_EQ(text_at(root, "seed"), "5");
  EXPECT_EQ(root.find("profiles")->entry("kernel-6.0")->value.find("mss")->text, "9000");
}

TEST(Variant, that_is_wrong_is_refused_at_its_place) {
  EXPECT_EQ(error_of([] { varied({"variant=bb"}); }),
            "--set variant=bb:1:9: error: unknown variant 'bb' (did you mean 'b'?)");
  EXPECT_EQ(error_of([] { varied({"variants.b=5"}); }),
            "--set variants.b=5:1:12: error: a variant is a mapping of what differs");
  EXPECT_EQ(error_of([] { varied({"variants.b.include=x.yaml"}); }),
            "--set variants.b.include=x.yaml:1:12: error: a variant has no `include` of its own");
  EXPECT_THAT(error_of([] { varied({"variants="}, ""); }),
              HasSubstr("`variants` maps names to what differs, got nothing"));
}

TEST(Override, of_include_is_refused_rather_than_ignored) {
  EXPECT_EQ(error_of([] { varied({"include=x.yaml"}); }),
            "--set include=x.yaml:1:1: error: files are included before anything is set\n"
            "  hint: name the file under `include` in a scenario file");
}

TEST(Override, reaches_names_with_dots) {
  TextNode root =
      parse_document("x: {a.b: {c: 1}, a: {b: {c: 2}}}\nlist: [{name: v1.2, k: 1}]\n", "s.yaml");
  apply_override(root, "x.a.b.c=3");
  EXPECT_EQ(root.find("x")->entry("a.b")->value.find("c")->text, "3");
  EXPECT_EQ(root.find("x")->entry("a")->value.find("b.c")->text, "2");
  apply_override(root, "list.v1.2.k=4");
  EXPECT_EQ(root.find("list.0.k")->text, "4");
  apply_override(root, "profiles.kernel-6.0.mss=9000");
  EXPECT_EQ(root.find("profiles")->entry("kernel-6.0")->value.find("mss")->text, "9000");
  apply_override(root, "profiles.kernel-6.0={mss: 1500}");
  EXPECT_EQ(root.find("profiles")->entry("kernel-6.0")->value.find("mss")->text, "1500");
  apply_override(root, "compare.workload.0.iodepth=[1, 2]");
  EXPECT_NE(root.find("compare")->entry("workload.0.iodepth"), nullptr);
}

}  // namespace variant_test
}  // namespace orrery
