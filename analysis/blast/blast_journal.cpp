#include "analysis/blast/blast_journal.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "analysis/blast/blast.hpp"
#include "analysis/experiment/files_out.hpp"
#include "analysis/failure.hpp"
#include "analysis/version.hpp"
#include "scenarios/text/files.hpp"
#include "sim/random.hpp"

namespace orrery {

using Json = nlohmann::ordered_json;

namespace {

constexpr std::size_t kMostBytes = std::size_t{1} << 30;

std::string contents_of(int descriptor, const std::string& path) {
  std::string text;
  char buffer[1 << 16];
  for (;;) {
    if (text.size() > kMostBytes)
      throw Failure(fmt::format("cannot read {}: larger than {} MiB", path, kMostBytes >> 20));
    const ssize_t count = ::read(descriptor, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw Failure(fmt::format("cannot read {}: {}", path, std::strerror(errno)));
    if (count == 0) return text;
    text.append(buffer, static_cast<std::size_t>(count));
  }
}

}  // namespace

struct BlastJournal::Rows {
  std::map<std::string, Json> of_runs;
};

BlastJournal::BlastJournal(const std::string& directory, const Scenario& scenario)
    : path_((std::filesystem::path(directory) / "done.jsonl").string()),
      scenario_(scenario.head.scenario),
      rows_(std::make_unique<Rows>()) {
  ensure_writable(directory, {"done.jsonl", "blast.csv", "blast.json"});
  lock_.emplace(directory);
  descriptor_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0666);
  if (descriptor_ < 0)
    throw Failure(fmt::format("cannot write {}: {}", path_, std::strerror(errno)));
  try {
    if (const std::error_code why = not_a_file(descriptor_))
      throw Failure(fmt::format("cannot write {}: {}", path_, why.message()));
    const std::string text = contents_of(descriptor_, path_);
    std::size_t from = 0;
    int number = 0;
    for (std::size_t to; (to = text.find('\n', from)) != std::string::npos; from = to + 1)
      unreadable_ += !take_line(text.substr(from, to - from), ++number);
    if (number > 0 && unreadable_ == static_cast<std::size_t>(number))
      throw InputError({path_, 1, 1}, "this line was not written by a blast",
                       "choose another output directory, or remove the file");
    if (from < text.size() && ::ftruncate(descriptor_, static_cast<off_t>(from)) != 0)
      throw Failure(fmt::format("cannot write {}: {}", path_, std::strerror(errno)));
  } catch (...) {
    ::close(descriptor_);
    throw;
  }
}

BlastJournal::~BlastJournal() { ::close(descriptor_); }

// Whether it is an entry.
bool BlastJournal::take_line(const std::string& line, int number) {
  const Json entry = Json::parse(line, nullptr, false);
  const auto is_text = [&](const char* key) {
    return entry.is_object() && entry.contains(key) && entry[key].is_string();
  };
  if (!is_text("run") || !is_text("scenario") || !is_text("version") || !entry.contains("row") ||
      !entry["row"].is_object())
    return false;
  if (entry["scenario"] != scenario_)
    throw InputError({path_, number, 1},
                     fmt::format("these are results of scenario '{}', not of '{}'",
                                 entry["scenario"].get<std::string>(), scenario_),
                     "choose another output directory, or remove this one");
  if (entry["version"] != kProgramVersion) {
    ++of_other_versions_;
    return true;
  }
  if (!is_blast_row(entry["row"])) return false;
  rows_->of_runs[entry["run"].get<std::string>()] = entry["row"];
  return true;
}

const Json* BlastJournal::find(const std::string& run) const {
  const auto found = rows_->of_runs.find(run);
  return found == rows_->of_runs.end() ? nullptr : &found->second;
}

void BlastJournal::add(const std::string& run, const Json& row) {
  Json entry;
  entry["run"] = run;
  entry["scenario"] = scenario_;
  entry["version"] = kProgramVersion;
  entry["row"] = row;
  write_whole(entry.dump() + "\n");
  rows_->of_runs[run] = row;
}

void BlastJournal::write_whole(const std::string& text) const {
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t count = ::write(descriptor_, text.data() + done, text.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw Failure(fmt::format("cannot write {}: {}", path_, std::strerror(errno)));
    done += static_cast<std::size_t>(count);
  }
}

std::string run_id_of(const Scenario& scenario) {
  const std::string text = to_yaml(resolved_scenario(scenario));
  return fmt::format("{:016x}{:016x}", hash_of(1, text + kProgramVersion),
                     hash_of(2, text + kProgramVersion));
}

}  // namespace orrery
