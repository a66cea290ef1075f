// What the tests of the text layer share: the message of an error, files in memory, a structure
// with every quantity.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/text/files.hpp"
#include "scenarios/text/input_error.hpp"
#include "scenarios/text/text_node.hpp"
#include "sim/params.hpp"

namespace orrery {

// what() of the InputError that `function` throws; a test failure when it throws none.
template <class Function>
std::string error_of(Function function) {
  try {
    function();
  } catch (const InputError& error) {
    return error.what();
  }
  ADD_FAILURE() << "no InputError";
  return {};
}

using Files = std::map<std::string, std::string>;

inline FileReader reader_of(Files files) {
  return [files = std::move(files)](const std::string& path,
                                    std::size_t) -> std::optional<std::string> {
    const auto found = files.find(path);
    return found == files.end() ? std::nullopt : std::optional(found->second);
  };
}

inline DirectoryLister lister_of(const Files& files) {
  return [files](const std::string& directory) {
    std::vector<std::string> names;
    for (const auto& [path, text] : files) {
      const std::size_t slash = path.rfind('/');
      const std::string parent = slash == std::string::npos ? "" : path.substr(0, slash);
      if (parent == directory) names.push_back(path.substr(slash + 1));
    }
    return names;
  };
}

struct Job {
  std::string rw;
  Bytes bs;
  int iodepth = 0;
  double share = 0;
  std::optional<Duration> runtime;
  std::optional<std::string> note;
  BitRate rate;
  Iops rate_iops;
  bool direct = false;
  std::vector<std::string> targets;

  static const Declarations& declarations() {
    static const Declarations all =
        Declare<Job>("a job")
            .field("rw", &Job::rw, "access pattern")
            .one_of({"read", "write", "randread", "randwrite"})
            .field("bs", &Job::bs, "I/O size", at_least(512))
            .field("iodepth", &Job::iodepth, "I/Os in flight", at_least(1))
            .otherwise(std::int64_t{1})
            .field("share", &Job::share, "share of the load", between(0, 1))
            .otherwise(1.0)
            .field("runtime", &Job::runtime, "length of the run", any_duration())
            .field("note", &Job::note, "free text")
            .field("rate", &Job::rate, "cap of the throughput")
            .otherwise(gigabits_per_second(25))
            .field("rate_iops", &Job::rate_iops, "cap of the rate")
            .otherwise(Iops{20'000})
            .field("direct", &Job::direct, "past the page cache")
            .otherwise(true)
            .field("targets", &Job::targets, "volumes")
            .otherwise(std::vector<std::string>{})
            .build();
    return all;
  }
};

}  // namespace orrery
