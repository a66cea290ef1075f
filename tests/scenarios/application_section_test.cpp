// The section `applications`: what it must not say, and that it is kept.
#include "scenarios/application_section.hpp"

#include <gmock/gmock.h>

#include "scenarios/text/binder.hpp"
#include "scenarios/text/document.hpp"
#include "tests/scenarios/text/input_cases.hpp"

namespace orrery {
namespace application_section_test {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

Scenario load(const std::string& text) {
  ProfileLibrary library({"scenarios/profiles"}, disk_reader(), disk_lister(), model_catalogue());
  return load_scenario(parse_document(text, "s.yaml"), library);
}
// The application as one line, at 5:5.
Scenario with(const std::string& application, const std::string& more = {}) {
  return load("scenario: s\nsystem: device\nstorage: {servers: 1}\napplications:\n  - " +
              application + "\n" + more);
}
std::string error_with(const std::string& application, const std::string& more = {}) {
  return error_of([&] { with(application, more); });
}

TEST(ApplicationSection, is_enough_of_a_workload) {
  const Scenario s = with("{name: a, kind: rocksdb}");
  EXPECT_THAT(s.notes, IsEmpty());
  EXPECT_THAT(s.workload, IsEmpty());
  ASSERT_EQ(s.applications.size(), 1u);
  EXPECT_EQ(s.applications[0].threads, 16);
  EXPECT_EQ(s.end(), seconds(1));
  EXPECT_EQ(s.profile("rocksdb").model, "lsm_store");
  EXPECT_THAT(error_of([] { load("scenario: s\nsystem: device\n"); }),
              HasSubstr("a scenario needs a `workload` or `applications`"));
}

TEST(ApplicationSection, is_kept_by_the_resolved_scenario) {
  const Scenario s = with("{name: a, kind: oceanbase, rate_ops: 500, keys: 1000}",
                          "profiles: {oceanbase: {memstore: 1GiB}}\n");
  const std::string text = to_yaml(resolved_scenario(s));
  EXPECT_EQ(to_yaml(resolved_scenario(load(text))), text);
  EXPECT_THAT(text, HasSubstr("memstore: 1GiB"));
}

TEST(ApplicationSection, has_one_message_where_the_mistake_is) {
  const struct {
    const char* application;
    const char* at;
    const char* message;
  } cases[] = {
      {"{name: a, kind: rocksdbb}", "s.yaml:5:21", "did you mean 'rocksdb'"},
      {"{name: a}", "s.yaml:5:5", "missing key 'kind'"},
      {"{name: a, kind: rocksdb, threads: 0}", "s.yaml:5:39", "threads"},
      {"{name: a, kind: rocksdb, read_share: 1.5}", "s.yaml:5:42", "read_share"},
      {"{name: a, kind: rocksdb, rate_ops: 0}", "s.yaml:5:40", "rate_ops"},
      {"{name: a, kind: rocksdb, runtime: 0s}", "s.yaml:5:39", "a runtime of 0"},
      {"{name: a, kind: rocksdb, random_distribution: zipf:1}", "s.yaml:5:51", "theta"},
      {"{name: a, kind: rocksdb, value_size: 1GiB}", "s.yaml:5:42", "at most 16MiB"},
      {"{name: a, kind: rocksdb, keys: 4000000000}", "s.yaml:5:36",
       "a data set of 3814.70 GiB takes"},
      {"{name: a, kind: rocksdb, filename: x}", "s.yaml:5:40", "no volume is called 'x'"},
      {"{name: a, kind: rocksdb, profile: oceanbase}", "s.yaml:5:39", "is one of a oltp_store"},
      {"{name: a, kind: rocksdb, profile: none}", "s.yaml:5:39", "none"},
      {"{name: a, kind: rocksdb, rats: 4}", "s.yaml:5:30", "unknown key 'rats'"},
      {"{name: a, kind: rocksdb, threads: 65536}\n"
       "  - {name: b, kind: rocksdb, filename: '*', threads: 65536}",
       "s.yaml:5:39", "threads"},
      {"{name: a, kind: rocksdb}\n  - {name: a, kind: rocksdb}", "s.yaml:6:12",
       "two applications are called 'a'"},
  };
  for (const auto& c : cases) {
    const std::string error = error_with(c.application);
    EXPECT_THAT(error, StartsWith(c.at)) << c.application;
    EXPECT_THAT(error, HasSubstr(c.message)) << c.application;
  }
  EXPECT_THAT(error_with("3"), StartsWith("s.yaml:5:5"));
  EXPECT_THAT(error_of([] { load("scenario: s\nsystem: device\napplications: []\n"); }),
              StartsWith("s.yaml:3:15"));
  EXPECT_THAT(error_of([] {
                load("scenario: s\nsystem: rpc\napplications: [{name: a, kind: rocksdb}]\n");
              }),
              HasSubstr("system of kind rpc has none"));
  EXPECT_THAT(error_with("{name: a, kind: rocksdb}", "workload: [{name: a}]\n"),
              HasSubstr("a job is called 'a' already"));
}

TEST(ApplicationSection, refuses_profiles_that_cannot_be) {
  EXPECT_THAT(
      error_with("{name: a, kind: rocksdb}", "profiles: {rocksdb: {level0_slowdown_trigger: 1}}\n"),
      HasSubstr("triggers must not decrease"));
  EXPECT_THAT(error_with("{name: a, kind: oceanbase}", "profiles: {oceanbase: {memstore: 4KiB}}\n"),
              HasSubstr("a row does not fit the memtable"));
  EXPECT_THAT(error_with("{name: a, kind: rocksdb, keys: 1000000000}",
                         "profiles: {rocksdb: {block_cache: 900GiB}}\n"),
              HasSubstr("more than the 67108864 that a run can hold"));
}

TEST(ApplicationSection, notes_what_changes_nothing) {
  EXPECT_THAT(with("{name: a, kind: rocksdb, statements: 3}").notes,
              testing::ElementsAre(HasSubstr("an operation of rocksdb is one get or put")));
  EXPECT_THAT(with("{name: a, kind: rocksdb, rate_ops: 5, think_time: 1ms}").notes,
              testing::ElementsAre(HasSubstr("no effect with rate_ops")));
}

}  // namespace application_section_test
}  // namespace orrery
