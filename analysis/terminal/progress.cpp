#include "analysis/terminal/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>

#include "analysis/terminal/terminal.hpp"

namespace orrery {

namespace {
constexpr int kBarWidth = 24;
constexpr std::chrono::milliseconds kRedraw{100};
}  // namespace

std::string clock_text(double seconds) {
  const long whole = std::lround(std::max(0.0, seconds));
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{} min {} s", whole / 60, whole % 60);
  return fmt::format("{} h {} min", whole / 3600, whole % 3600 / 60);
}

Progress::Progress(std::string label, bool is_wanted)
    : label_(std::move(label)), is_drawn_(is_wanted && isatty(STDERR_FILENO) == 1) {}

void Progress::update(double fraction) {
  if (!is_drawn_) return;
  const Clock::time_point now = Clock::now();
  if (now - drawn_ < kRedraw) return;
  drawn_ = now;
  fraction = std::clamp(fraction, 0.0, 1.0);
  const int filled = static_cast<int>(fraction * kBarWidth);
  const double elapsed = std::chrono::duration<double>(now - started_).count();
  std::string left;
  if (fraction > 0.01 && elapsed > 0.5)
    left = fmt::format("  {} left", clock_text(elapsed * (1 - fraction) / fraction));
  const std::string bar(static_cast<std::size_t>(filled), '#');
  print_err(
      fmt::format("\r\033[K{} [{:<{}}] {:3.0f} %{}", label_, bar, kBarWidth, 100 * fraction, left));
}

Progress::~Progress() {
  if (!is_drawn_ || drawn_ == Clock::time_point{}) return;
  print_err("\r\033[K");
}

}  // namespace orrery
