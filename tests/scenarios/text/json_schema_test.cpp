#include "scenarios/text/json_schema.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <regex>

#include "tests/scenarios/text/input_cases.hpp"

namespace orrery {
namespace json_schema_test {

const nlohmann::ordered_json kSchema = schema_of(Job::declarations());
const nlohmann::ordered_json& property(const std::string& name) {
  return kSchema.at("properties").at(name);
}

TEST(JsonSchema, allows_the_declared_keys_and_no_others) {
  EXPECT_EQ(kSchema.at("type"), "object");
  EXPECT_EQ(kSchema.at("description"), "a job");
  EXPECT_EQ(kSchema.at("additionalProperties"), false);
  EXPECT_EQ(kSchema.at("required"), nlohmann::ordered_json::parse(R"(["rw", "bs"])"));
  std::vector<std::string> names, declared;
  for (const auto& [name, schema] : kSchema.at("properties").items()) names.push_back(name);
  for (const Declaration& field : Job::declarations().fields) declared.push_back(field.name);
  EXPECT_EQ(names, declared);
}

TEST(JsonSchema, gives_choices_limits_defaults_and_descriptions) {
  EXPECT_EQ(property("rw").at("enum").size(), 4u);
  EXPECT_EQ(property("rw").at("description"), "access pattern");
  EXPECT_EQ(property("iodepth").at("type"), "integer");
  EXPECT_EQ(property("iodepth").at("minimum").dump(), "1");
  EXPECT_EQ(property("iodepth").at("default"), 1);
  EXPECT_EQ(property("share").at("anyOf").at(0).at("maximum"), 1);
  EXPECT_EQ(property("rate").at("default"), "25Gbps");
  EXPECT_EQ(property("direct").at("default"), true);
  EXPECT_FALSE(property("runtime").contains("default"));
  EXPECT_EQ(property("targets").at("anyOf").at(1).at("items").at("type"), "string");
}

TEST(JsonSchema, requires_units_by_patterns) {
  const auto matches = [](const std::string& name, const std::string& text) {
    return std::regex_match(text, std::regex(property(name).at("pattern").get<std::string>()));
  };
  EXPECT_TRUE(matches("bs", "4KiB"));
  EXPECT_TRUE(matches("bs", "4k"));
  EXPECT_FALSE(matches("bs", "4096"));
  EXPECT_TRUE(matches("runtime", "1.5h"));
  EXPECT_FALSE(matches("runtime", "1.5"));
  EXPECT_TRUE(matches("rate", "3GB/s"));
  EXPECT_FALSE(matches("rate", "25gbps"));
}

}  // namespace json_schema_test
}  // namespace orrery
