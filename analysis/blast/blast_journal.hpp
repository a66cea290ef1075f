// What a blast has found so far, a line of JSON per failure in DIR/done.jsonl: written as soon as a
// run has ended, read when the blast is called again.
//
// A line belongs to one run: a failure of one scenario with all its settings, under one version of
// the program. Lines of other settings or versions stay and are not used, as do spoilt ones among
// good ones; their runs are made again. A last line that was not written to its end is cut off.
#pragma once

#include <cstddef>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "analysis/experiment/directory_lock.hpp"
#include "scenarios/scenario.hpp"

namespace orrery {

class BlastJournal {
 public:
  // Opens the directory's journal, or begins one. Throws InputError when it is of another scenario
  // or no journal at all, Failure when it cannot be written to or another program is writing to it.
  BlastJournal(const std::string& directory, const Scenario& scenario);
  BlastJournal(const BlastJournal&) = delete;
  ~BlastJournal();

  // The row of a run that has ended; nullptr: none.
  const nlohmann::ordered_json* find(const std::string& run) const;
  void add(const std::string& run, const nlohmann::ordered_json& row);
  // How many lines are of another version of the program.
  std::size_t of_other_versions() const { return of_other_versions_; }
  // How many lines are no entries.
  std::size_t unreadable() const { return unreadable_; }

 private:
  struct Rows;

  bool take_line(const std::string& line, int number);
  void write_whole(const std::string& text) const;

  std::string path_;
  std::string scenario_;
  std::optional<DirectoryLock> lock_;
  int descriptor_ = -1;
  std::unique_ptr<Rows> rows_;
  std::size_t of_other_versions_ = 0;
  std::size_t unreadable_ = 0;
};

// Of a scenario with its faults, by this version of the program.
std::string run_id_of(const Scenario& scenario);

}  // namespace orrery
