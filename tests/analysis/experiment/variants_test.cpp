#include "analysis/experiment/variants.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scenarios/text/document.hpp"
#include "tests/scenarios/text/input_cases.hpp"

namespace orrery {
namespace variants_test {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

LoadedScenario rpc(std::vector<std::string> set = {}) {
  return load({"rpc-4k", std::move(set), {}});
}

std::vector<std::string> labels_of(const std::vector<Variant>& variants) {
  std::vector<std::string> labels;
  for (const Variant& variant : variants) labels.push_back(variant.label);
  return labels;
}
std::string axis_error(const std::string& text) {
  return error_of([&] { parse_axis(text); });
}
std::string variants_error(const LoadedScenario& base, const std::vector<Axis>& axes) {
  return error_of([&] { load_variants(base, axes); });
}

TEST(Axis, is_a_key_and_its_values) {
  const Axis axis = parse_axis("frontend.stack=luna,solar,rdma");
  EXPECT_EQ(axis.key, "frontend.stack");
  EXPECT_THAT(axis.values, ElementsAre("luna", "solar", "rdma"));
  EXPECT_EQ(axis.argument, "frontend.stack=luna,solar,rdma");
  EXPECT_THAT(parse_axis("seed=1").values, ElementsAre("1"));
}

TEST(Axis, keeps_commas_inside_brackets_and_braces) {
  EXPECT_THAT(parse_axis("profiles.luna={a: 1, b: [2,3]},{}").values,
              ElementsAre("{a: 1, b: [2,3]}", "{}"));
  EXPECT_THAT(parse_axis("x=a=1,b=2").values, ElementsAre("a=1", "b=2"));
}

TEST(Axis, leaves_out_the_spaces_around_values) {
  EXPECT_THAT(parse_axis("seed=1, 2 ,  3").values, ElementsAre("1", "2", "3"));
  EXPECT_EQ(axis_error("seed=1, 1"), "--vary seed=1, 1:1:9: error: value '1' is there twice");
  EXPECT_THAT(axis_error("seed=1, ,2"), HasSubstr("a value is empty"));
}

TEST(Axis, refuses_what_names_no_key_or_no_values) {
  EXPECT_EQ(axis_error("seed"), "--vary seed:1:1: error: expected path.to.key=value,value,...");
  EXPECT_EQ(axis_error("=1,2"), "--vary =1,2:1:1: error: expected path.to.key=value,value,...");
  EXPECT_THAT(axis_error("seed="), HasSubstr("--vary seed=:1:6: error: a value is empty"));
  EXPECT_THAT(axis_error("seed=1,,2"), HasSubstr("--vary seed=1,,2:1:8: error: a value is empty"));
  EXPECT_THAT(axis_error("seed=1,2,"), HasSubstr("a value is empty"));
  EXPECT_EQ(axis_error("seed=1,2,1"), "--vary seed=1,2,1:1:10: error: value '1' is there twice");
}

TEST(Axes, are_what_the_scenario_says_under_compare) {
  const auto axes = axes_of(rpc().scenario);
  ASSERT_THAT(axes, SizeIs(1));
  EXPECT_EQ(axes[0].key, "frontend.stack");
  EXPECT_THAT(axes[0].values, ElementsAre("wire", "luna", "kernel_tcp"));
  EXPECT_EQ(axes[0].argument, "");
}

TEST(Axes, of_a_scenario_hold_no_value_twice) {
  EXPECT_EQ(error_of([] { rpc({"compare={seed: [1, 2, 1]}"}); }),
            "--set compare={seed: [1, 2, 1]}:1:23: error: value '1' is there twice");
}

TEST(Variants, are_all_combinations_the_last_axis_fastest) {
  const auto variants = load_variants(
      rpc(), {parse_axis("frontend.stack=luna,kernel_tcp"), parse_axis("workload.0.iodepth=1,8")});
  EXPECT_THAT(labels_of(variants), ElementsAre("luna iodepth=1", "luna iodepth=8",
                                               "kernel_tcp iodepth=1", "kernel_tcp iodepth=8"));
  EXPECT_EQ(variants[3].scenario.frontend.stack, "kernel_tcp");
  EXPECT_EQ(variants[3].scenario.workload[0].iodepth, 8);
  EXPECT_THAT(variants[1].settings, ElementsAre(std::pair("frontend.stack", "luna"),
                                                std::pair("workload.0.iodepth", "8")));
}

TEST(Variants, have_the_values_that_were_written_whatever_yaml_would_make_of_them) {
  const std::vector<std::string> values = {"a # b", "a: b", "*", "- a", "plain"};
  std::string list;
  for (const std::string& value : values) list += "\"" + value + "\", ";
  const LoadedScenario base = rpc({"compare={title: [" + list + "]}"});
  const auto variants = load_variants(base, axes_of(base.scenario));
  ASSERT_EQ(variants.size(), values.size());
  for (std::size_t i = 0; i < values.size(); ++i)
    EXPECT_EQ(variants[i].scenario.head.title, values[i]);
  EXPECT_EQ(load_variants(rpc(), {parse_axis("title=a # b,c: d")})[1].scenario.head.title, "c: d");
}

TEST(Variants, without_axes_are_the_scenario_itself) {
  const auto variants = load_variants(rpc(), {});
  ASSERT_THAT(variants, SizeIs(1));
  EXPECT_EQ(variants[0].label, "as it is");
  EXPECT_EQ(variants[0].scenario.frontend.stack, "luna");
}

TEST(Variants, lie_above_the_overrides_of_the_base) {
  const auto variants =
      load_variants(rpc({"seed=7", "workload.rpc.bs=8k"}), {parse_axis("seed=1,2")});
  EXPECT_EQ(variants[0].scenario.head.seed, 1);
  EXPECT_EQ(variants[1].scenario.head.seed, 2);
  EXPECT_EQ(variants[1].scenario.workload[0].bs, "8k");
}

TEST(Variants, of_axes_with_one_value_each_are_refused) {
  EXPECT_THAT(variants_error(rpc(), {parse_axis("seed=3")}),
              HasSubstr("--vary seed=3:1:6: error: nothing to compare: 'seed' has one value"));
  EXPECT_THAT(load_variants(rpc(), {parse_axis("seed=3"), parse_axis("workload.0.iodepth=1,2")}),
              SizeIs(2));
}

TEST(Variants, are_limited_in_number) {
  const std::string numbers = "1,2,3,4,5,6,7,8,9,10";
  EXPECT_THAT(
      variants_error(
          rpc(), {parse_axis("seed=" + numbers), parse_axis("compute.racks=" + numbers),
                  parse_axis("storage.racks=" + numbers), parse_axis("workload.0.iodepth=1,2")}),
      HasSubstr("more than 1000 variants to compare"));
}

TEST(Variants, of_one_key_given_twice_are_refused) {
  EXPECT_EQ(variants_error(rpc(), {parse_axis("seed=1,2"), parse_axis("seed=3,4")}),
            "--vary seed=3,4:1:1: error: this key is varied twice");
}

TEST(Variants, that_are_wrong_are_wrong_at_the_argument_though_the_scenario_varies_the_same_key) {
  EXPECT_EQ(
      variants_error(rpc(), {parse_axis("frontend.stack=luna,lunar")}),
      "--vary frontend.stack=luna,lunar:1:21: error: unknown value for stack 'lunar' (did you mean "
      "'luna'?)");
  EXPECT_THAT(variants_error(rpc(), {parse_axis("nokey=1,2")}),
              HasSubstr("--vary nokey=1,2:1:1: error: unknown key 'nokey'"));
}

TEST(Variants, that_are_wrong_are_wrong_at_a_character_of_the_argument) {
  EXPECT_THAT(variants_error(rpc(), {parse_axis("profiles.luna={},{\u00F6: 1, windwo: 1KiB}")}),
              HasSubstr(":1:19: error: unknown parameter"));
  EXPECT_THAT(variants_error(rpc(), {parse_axis("workload.rpc.ioodepth=1,2")}),
              HasSubstr("--vary workload.rpc.ioodepth=1,2:1:14: error: unknown key 'ioodepth'"));
  EXPECT_THAT(variants_error(rpc(), {parse_axis("workload.0.iodepth=1, none")}),
              HasSubstr("--vary workload.0.iodepth=1, none:1:23: error: iodepth: expected"));
  EXPECT_THAT(axis_error("title=\u00F6,x,\u00F6"),
              HasSubstr(":1:11: error: value '\u00F6' is there twice"));
}

TEST(Variants, that_are_wrong_in_the_scenario_are_wrong_at_their_value) {
  LoadedScenario base = rpc();
  TextNode* value = base.text.find("compare")->entry("frontend.stack")->value.find("1");
  ASSERT_NE(value, nullptr);
  value->text = "lunar";
  base.scenario.compare = {{"frontend.stack", {"wire", "lunar"}}};
  const std::string error = variants_error(base, axes_of(base.scenario));
  EXPECT_THAT(error, HasSubstr("rpc-4k.yaml:" + std::to_string(value->mark.line) + ":" +
                               std::to_string(value->mark.column) + ": error: unknown value"));
}

TEST(Variants, that_do_not_go_together_name_the_variant) {
  const std::string error = variants_error(load({"first-light", {"frontend.agent=host"}, {}}),
                                           {parse_axis("frontend.stack=luna,solar")});
  EXPECT_THAT(error, HasSubstr("(in variant solar)"));
}

TEST(Label, of_a_word_is_the_word_and_of_anything_else_has_its_key) {
  EXPECT_EQ(label_of({{"frontend.stack", "solar"}}), "solar");
  EXPECT_EQ(label_of({{"profiles.ali-dpu.cores", "2"}}), "cores=2");
  EXPECT_EQ(label_of({{"volumes.encrypted", "true"}}), "encrypted=true");
  EXPECT_EQ(label_of({{"seed", "7"}}), "seed=7");
  EXPECT_EQ(label_of({{"frontend.stack", "luna"}, {"workload.0.bs", "4k"}}), "luna bs=4k");
  EXPECT_EQ(label_of({}), "as it is");
}

TEST(FileName, holds_no_character_that_a_shell_or_a_path_minds) {
  EXPECT_EQ(file_name_of("luna bs=4k/50:8k"), "luna_bs=4k_50_8k");
  EXPECT_EQ(file_name_of("solar_star-2.5"), "solar_star-2.5");
  EXPECT_EQ(file_name_of("../x"), "_._x");
  EXPECT_EQ(file_name_of("\xC3\xA9"), "__");
}

TEST(FileNames, of_different_variants_differ) {
  std::vector<Variant> variants;
  for (const char* label : {"a b", "a_b", "a_b-2", "a/b", "c"}) variants.push_back({label, {}, {}});
  EXPECT_THAT(file_names_of(variants), ElementsAre("a_b", "a_b-2", "a_b-2-2", "a_b-3", "c"));
}

TEST(FileNames, are_none_that_is_taken_also_where_case_makes_no_difference) {
  std::vector<Variant> variants;
  for (const char* label : {"compare.json", "Solar", "solar", ".", "..", ""})
    variants.push_back({label, {}, {}});
  EXPECT_THAT(file_names_of(variants, {"compare.json", "compare.csv"}),
              ElementsAre("compare.json-2", "Solar", "solar-2", "_", "_.", "_-2"));
}

TEST(FileNames, of_endless_labels_are_short_and_differ) {
  std::vector<Variant> variants;
  for (const char last : {'a', 'b'}) variants.push_back({std::string(5000, 'x') + last, {}, {}});
  const auto names = file_names_of(variants);
  EXPECT_NE(names[0], names[1]);
  for (const std::string& name : names) EXPECT_LE(name.size(), 220U);
}

TEST(Variants, with_labels_that_repeat_are_numbered) {
  const auto variants =
      load_variants(rpc(), {parse_axis("title=x y,x"), parse_axis("scenario=z,y z")});
  EXPECT_THAT(labels_of(variants), ElementsAre("x y z", "x y y z", "x z", "x y z-2"));
}

TEST(Variants, of_a_file_have_the_texts_that_stand_there_in_quotes) {
  for (const char* text :
       {"~", "null", "[a]", "{a: 1}", "'a'", "a: b", "# b", "*", "a #b", " a "}) {
    LoadedScenario base = rpc();
    Axis axis{"title", {text, "other"}, {}, {}};
    const auto variants = load_variants(base, {axis});
    EXPECT_EQ(variants[0].scenario.head.title, text);
    EXPECT_EQ(variants[0].settings[0].second, text);
    // And so does the scenario that is written out.
    base.scenario.compare = {{"title", axis.values}};
    const TextNode again = parse_document(to_yaml(resolved_scenario(base.scenario)), "again.yaml");
    EXPECT_EQ(again.find("compare.title.0")->text, text);
  }
}

}  // namespace variants_test
}  // namespace orrery
