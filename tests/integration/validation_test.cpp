// The published figures: what their entries must say, which of them parameters may be fitted to,
// and that those are met.
#include "analysis/validate/validation.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>

#include "models/net/registry.hpp"
#include "tests/integration/runs.hpp"
#include "tests/scenarios/text/input_cases.hpp"

namespace orrery {
namespace validation_test {

std::vector<ValidationEntry> entries() { return load_validation(validation_directory()); }

std::vector<Profile> all_profiles() {
  ProfileLibrary library({profile_directory()}, disk_reader(), disk_lister(), model_catalogue());
  std::vector<Profile> all;
  for (const std::string& name : library.names()) all.push_back(library.get(name, {}));
  return all;
}

TEST(ValidationEntries, have_an_id_of_their_own_a_source_a_load_and_a_reason) {
  std::set<std::string> ids;
  for (const ValidationEntry& entry : entries()) {
    EXPECT_TRUE(ids.insert(entry.id).second) << entry.id;
    for (const std::string* text : {&entry.source, &entry.figure, &entry.load, &entry.reason})
      EXPECT_GT(text->size(), 5u) << entry.id;
    EXPECT_TRUE(entry.kind == "CAL" || entry.kind == "VAL" || entry.kind == "derived") << entry.id;
    EXPECT_EQ(entry.kind == "VAL", !entry.miss.empty()) << entry.id;
    EXPECT_FALSE(entry.runs.empty()) << entry.id;
  }
  EXPECT_GT(ids.size(), 50u);
}

TEST(ValidationEntries, of_one_id_are_refused_across_files) {
  namespace fs = std::filesystem;
  const fs::path directory = fs::path(testing::TempDir()) / "orrery-two-ids";
  fs::create_directories(directory);
  for (const char* name : {"a.yaml", "b.yaml"})
    std::ofstream(directory / name)
        << "title: t\nload: one\nruns: {r: {scenario: rpc-4k}}\nentries:\n"
           "  - {id: same, source: s, figure: f, value: 1, kind: CAL, metric: \"r:jobs.0.iops\", "
           "tolerance: 5%, reason: r}\n";
  EXPECT_THAT(error_of([&] { load_validation(directory.string()); }),
              testing::HasSubstr("id 'same' is there already"));
  fs::remove_all(directory);
}

TEST(ValidationEntries, runs_load_and_every_key_they_set_has_an_effect) {
  std::set<ValidationRun> seen;
  for (const ValidationEntry& entry : entries())
    for (const auto& [name, run] : entry.runs)
      if (seen.insert(run).second) {
        EXPECT_THAT(load(run.request()).scenario.notes, testing::IsEmpty()) << entry.id;
      }
}

// "eight storage servers", "48 volumes", "iodepth 32": numbers of the load's text against the
// scenario that is run.
std::optional<std::int64_t> number_of(const std::string& word) {
  static const std::map<std::string, std::int64_t> kWords = {
      {"one", 1}, {"two", 2}, {"four", 4}, {"six", 6}, {"eight", 8}};
  if (const auto found = kWords.find(word); found != kWords.end()) return found->second;
  if (word.find_first_not_of("0123456789") == std::string::npos) return std::stoll(word);
  return std::nullopt;
}

// Of a pool's node, how many volumes lie there.
std::int64_t volumes_served(const Scenario& s, const std::string& node) {
  return std::count_if(s.planned.begin(), s.planned.end(),
                       [&](const PlannedVolume& volume) { return volume.on.front() == node; });
}

TEST(ValidationEntries, state_the_load_that_is_run) {
  const std::regex counted("(\\w+) (compute server|storage server|volume)s?\\b");
  const std::regex depth("(?:iodepth|queue depth) (\\d+)");
  const std::regex job("jobs\\.(\\d+)");
  int checked = 0;
  for (const ValidationEntry& entry : entries())
    for (const auto& [name, run] : entry.runs) {
      const Scenario s = load(run.request()).scenario;
      const auto each = [&](const std::regex& pattern, auto check) {
        for (std::sregex_iterator m(entry.load.begin(), entry.load.end(), pattern), end; m != end;
             ++m)
          check(*m);
      };
      each(counted, [&](const std::smatch& m) {
        const auto number = number_of(m[1]);
        if (!number) return;
        const std::int64_t actual = m[2] == "compute server"   ? s.compute.servers
                                    : m[2] == "storage server" ? s.storage.servers
                                    : s.kind->has_engines      ? volumes_served(s, "compute-0")
                                                               : s.volumes.per_server;
        EXPECT_EQ(*number, actual) << entry.id << ": " << m[0] << ", run " << name;
        ++checked;
      });
      each(depth, [&](const std::smatch& m) {
        std::smatch measured;  // the job that the figure is of
        const std::string& metric = entry.metric_text;
        const std::size_t number =
            std::regex_search(metric, measured, job) ? std::stoul(measured[1]) : 0;
        EXPECT_EQ(std::stoll(m[1]), s.workload[number].iodepth.value_or(1))
            << entry.id << ": " << m[0] << ", run " << name;
        ++checked;
      });
    }
  EXPECT_GT(checked, 50);
}

// "SIGCOMM'22 Fig. 14", "FAST'24 Fig. 11": publications' figures and tables that a text names,
// without their panels.
std::set<std::string> figures_named(const std::string& text) {
  static const std::regex kNamed("(\\w+'\\d\\d),? (Fig\\. \\d+|Table \\d+)");
  std::set<std::string> named;
  for (std::sregex_iterator m(text.begin(), text.end(), kNamed), end; m != end; ++m)
    named.insert((*m)[1].str() + " " + (*m)[2].str());
  return named;
}
std::set<std::string> figures_of(const std::string& kind) {
  std::set<std::string> all;
  for (const ValidationEntry& entry : entries())
    if (entry.kind == kind) all.merge(figures_named(entry.source));
  return all;
}

// Figures of facts/roles.md that a parameter may be fitted to, in the words of the profiles'
// sources.
const std::vector<std::string> kCalibrated = {"base RTT of 8.3 us",
                                              "2.62 us-core per 4 KiB",
                                              "70.1 us",
                                              "636 K random read",
                                              "113.5 K random write",
                                              "latency 77us",
                                              "latency 18us",
                                              "latency 10us",
                                              "latency 12us",
                                              "read 3000 MB/s",
                                              "write 2900 MB/s",
                                              "617 K random read",
                                              "read 77.2 us",
                                              "write 11.6 us",
                                              "read 3263 MB/s",
                                              "write 2038 MB/s",
                                              "2.1 us",
                                              "16.0 us",
                                              "85.7 us",
                                              "118.4 us read, 53.8 us write",
                                              "loopback write less loopback read",
                                              "4.72 us",
                                              "9.39 us",
                                              "20.43 us",
                                              "611.3 K IOPS",
                                              "1564.5 K IOPS",
                                              "less than 100 ms",
                                              "about 1 s in production",
                                              "3 to 5 s",
                                              "680 pods/s",
                                              "180 pods/s",
                                              "100 pods/s"};

TEST(Calibration, is_of_figures_that_are_marked_for_it_and_of_no_others) {
  const std::set<std::string> cal = figures_of("CAL");
  EXPECT_THAT(cal, testing::IsSupersetOf({"SIGCOMM'22 Table 1", "SIGCOMM'22 Fig. 14"}));
  std::set<std::string> only_val = figures_of("VAL");
  for (const std::string& figure : cal) only_val.erase(figure);
  EXPECT_THAT(only_val, testing::IsSupersetOf({"SIGCOMM'22 Fig. 6", "SIGCOMM'22 Fig. 15"}));
  int fitted = 0;
  for (const Profile& profile : all_profiles())
    for (const auto& [name, parameter] : profile.parameters) {
      EXPECT_TRUE(parameter.role.empty() || parameter.role == "CAL" || parameter.role == "derived")
          << profile.name << "." << name;
      EXPECT_FALSE(parameter.source.empty()) << profile.name << "." << name;
      if (parameter.role.empty()) continue;
      ++fitted;
      bool is_marked = false;
      for (const std::string& figure : figures_named(parameter.source)) {
        EXPECT_EQ(only_val.count(figure), 0u)
            << profile.name << "." << name << " is fitted to " << figure;
        is_marked |= cal.count(figure) > 0;
      }
      for (const std::string& words : kCalibrated)
        is_marked |= parameter.source.find(words) != std::string::npos;
      EXPECT_TRUE(is_marked) << profile.name << "." << name << ": " << parameter.source;
    }
  EXPECT_GT(fitted, 25);
}

// A value that is taken over from a publication is no prediction of it.
TEST(Calibration, no_predicted_figure_is_the_value_of_a_parameter) {
  for (const ValidationEntry& entry : entries()) {
    if (entry.kind != "VAL") continue;
    const auto named = figures_named(entry.source);
    for (const Profile& profile : all_profiles())
      for (const auto& [name, parameter] : profile.parameters) {
        const auto also = figures_named(parameter.source);
        const bool is_of_it =
            std::any_of(also.begin(), also.end(), [&](const auto& f) { return named.count(f); });
        const Duration* value = std::get_if<Duration>(&parameter.value);
        if (!is_of_it || value == nullptr || entry.unit != "us") continue;
        EXPECT_GT(std::abs(to_microseconds(*value) - entry.value), 0.005 * entry.value)
            << entry.id << " is " << profile.name << "." << name;
      }
  }
}

TEST(Calibration, is_met_within_5_percent_or_it_would_not_be_one) {
  int count = 0;
  for (const ValidationEntry& entry : entries())
    if (entry.kind == "CAL") {
      ++count;
      EXPECT_LE(entry.tolerance.value_or(1), 0.05) << entry.id;
    }
  EXPECT_GE(count, 21);
}

}  // namespace validation_test
}  // namespace orrery
