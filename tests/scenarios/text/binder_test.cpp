#include "scenarios/text/binder.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>

#include "scenarios/text/document.hpp"
#include "tests/scenarios/text/input_cases.hpp"

namespace orrery {
namespace binder_test {

Job bound(std::string_view text) {
  Job job;
  bind_mapping(parse_document(text, "a.yaml"), Job::declarations(), &job);
  return job;
}
std::string error_in(std::string_view text) {
  return error_of([&] { bound(text); });
}

TEST(Binder, fills_what_is_given_and_falls_back_for_the_rest) {
  const Job job = bound("rw: randread\nbs: 4k\nruntime: 10s\ntargets: disk0\n");
  EXPECT_EQ(job.rw, "randread");
  EXPECT_EQ(job.bs, Bytes{4096});
  EXPECT_EQ(job.iodepth, 1);
  EXPECT_EQ(job.share, 1.0);
  EXPECT_EQ(job.runtime, Duration{10'000'000'000'000});
  EXPECT_EQ(job.note, std::nullopt);
  EXPECT_EQ(job.rate, gigabits_per_second(25));
  EXPECT_EQ(job.rate_iops, Iops{20'000});
  EXPECT_TRUE(job.direct);
  EXPECT_EQ(job.targets, std::vector<std::string>{"disk0"});
  EXPECT_EQ(bound("{rw: read, bs: 4k}").runtime, std::nullopt);
  EXPECT_EQ(bound("{rw: read, bs: 4k, targets: [a, b]}").targets.size(), 2u);
}

TEST(Binder, refuses_an_unknown_key_at_the_key) {
  EXPECT_EQ(error_in("rw: read\nbs: 4KiB\niodpeth: 4\n"),
            "a.yaml:3:1: error: unknown key 'iodpeth' (did you mean 'iodepth'?)");
  EXPECT_EQ(
      error_in("{rw: read, colour: red}"),
      "a.yaml:1:12: error: unknown key 'colour'\n"
      "  hint: one of: rw, bs, iodepth, share, runtime, note, rate, rate_iops, direct, targets");
}

TEST(Binder, refuses_a_mapping_without_its_required_keys) {
  EXPECT_EQ(error_in("rw: read\n"), "a.yaml:1:1: error: missing key 'bs' (I/O size)");
  EXPECT_EQ(error_in(""), "a.yaml:1:1: error: missing keys 'rw' (access pattern), 'bs' (I/O size)");
}

TEST(Binder, refuses_wrong_values_at_the_value) {
  EXPECT_EQ(error_in("rw: read\nbs: 4096\n"),
            "a.yaml:2:5: error: bs: expected a size such as 4KiB, got '4096'\n"
            "  hint: a unit is missing: B, KiB, MiB, GiB, TiB, PiB, KB, MB, GB, TB, k, m, g, t");
  EXPECT_EQ(error_in("rw: raed\nbs: 4k\n"),
            "a.yaml:1:5: error: unknown value for rw 'raed' (did you mean 'read'?)");
  EXPECT_EQ(error_in("rw: [read]\n"), "a.yaml:1:5: error: rw: expected text, got a list");
  EXPECT_EQ(error_in("rw: read\nbs:\n"),
            "a.yaml:2:1: error: bs: expected a size such as 4KiB, got nothing");
  EXPECT_EQ(error_in("- rw\n"), "a.yaml:1:1: error: expected a mapping of keys, got a list");
}

TEST(Binder, refuses_a_count_that_its_field_cannot_hold) {
  EXPECT_EQ(error_in("{rw: read, bs: 4k, iodepth: 3000000000}"),
            "a.yaml:1:29: error: iodepth: must be at most 2147483647, got '3000000000'");
}

TEST(Binder, leaves_keys_of_others_alone_when_told_so) {
  Job job;
  constexpr std::array<std::string_view, 1> kOthers{"phases"};
  const TextNode map = parse_document("{rw: read, bs: 4k, phases: [1, 2]}", "a.yaml");
  bind_mapping(map, Job::declarations(), &job, kOthers);
  EXPECT_EQ(job.bs, Bytes{4096});
  EXPECT_EQ(error_of([&] {
              bind_mapping(parse_document("{phase: 1}", "a.yaml"), Job::declarations(), &job,
                           kOthers);
            }),
            "a.yaml:1:2: error: unknown key 'phase' (did you mean 'phases'?)");
}

TEST(Binder, tells_which_keys_were_given) {
  Job job;
  std::vector<std::string> given;
  bind_mapping(parse_document("{bs: 4k, rw: read}", "a.yaml"), Job::declarations(), &job, {},
               [&](const TextNode::Entry& entry) { given.push_back(entry.key); });
  EXPECT_EQ(given, (std::vector<std::string>{"bs", "rw"}));
}

TEST(Binder, names_the_argument_when_an_override_is_wrong) {
  TextNode map = parse_document("{rw: read, bs: 4k}", "a.yaml");
  apply_override(map, "bs=4");
  Job job;
  const std::string what = error_of([&] { bind_mapping(map, Job::declarations(), &job); });
  EXPECT_EQ(what.substr(0, what.find('\n')),
            "--set bs=4:1:4: error: bs: expected a size such as 4KiB, got '4'");
}

TEST(Binder, writes_a_structure_back_with_units) {
  const Job job = bound("{rw: read, bs: 4k, runtime: 90s, targets: [a]}");
  EXPECT_EQ(to_yaml(resolved(Job::declarations(), &job)),
            "rw: read\nbs: 4KiB\niodepth: 1\nshare: 1\nruntime: 90s\nrate: 25Gbps\n"
            "rate_iops: 20k\ndirect: true\ntargets: [a]\n");
}

RC_GTEST_PROP(Binder, what_is_resolved_binds_to_the_same_structure, ()) {
  const std::string alphabet = "ab0 :-#'\"[]{}\n,&*!|>%@`~null";
  const auto text = [&] { return *rc::gen::container<std::string>(rc::gen::elementOf(alphabet)); };
  Job job;
  job.rw = "write";
  job.bs = Bytes{*rc::gen::inRange<std::int64_t>(512, 1LL << 50)};
  job.iodepth = *rc::gen::inRange(1, 1'000'000);
  job.share = *rc::gen::inRange(0, 1'000'000) / 1e6;
  if (*rc::gen::arbitrary<bool>())
    job.runtime = Duration{*rc::gen::inRange<std::int64_t>(0, 8'000'000'000'000'000'000)};
  const std::string note = text();
  if (!note.empty()) job.note = note;
  job.rate = BitRate{*rc::gen::inRange(0, 1'000'000) * 1.1e6};
  job.rate_iops = Iops{*rc::gen::inRange(0, 1'000'000) / 3.0};
  job.direct = *rc::gen::arbitrary<bool>();
  for (int i = *rc::gen::inRange(0, 4); i > 0; --i) job.targets.push_back(text());

  const TextNode written = resolved(Job::declarations(), &job);
  Job again;
  bind_mapping(parse_document(to_yaml(written), "resolved.yaml"), Job::declarations(), &again);
  RC_ASSERT(again.bs == job.bs);
  RC_ASSERT(again.share == job.share);
  RC_ASSERT(again.runtime == job.runtime);
  RC_ASSERT(again.note == job.note);
  RC_ASSERT(again.rate == job.rate);
  RC_ASSERT(again.rate_iops == job.rate_iops);
  RC_ASSERT(again.targets == job.targets);
  RC_ASSERT(resolved(Job::declarations(), &again) == written);
}

}  // namespace binder_test
}  // namespace orrery
