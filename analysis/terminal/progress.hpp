// A progress bar with the time that is left, on standard error if that is a terminal.
#pragma once

#include <chrono>
#include <string>

namespace orrery {

class Progress {
 public:
  // Draws nothing when not wanted or when standard error is no terminal.
  Progress(std::string label, bool is_wanted);
  Progress(const Progress&) = delete;
  ~Progress();  // removes the bar

  void update(double fraction);

 private:
  using Clock = std::chrono::steady_clock;

  std::string label_;
  bool is_drawn_;
  Clock::time_point started_ = Clock::now();
  Clock::time_point drawn_{};
};

// "42 s", "3 min 10 s".
std::string clock_text(double seconds);

}  // namespace orrery
