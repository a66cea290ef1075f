// Standard output or standard error led elsewhere for the length of a scope.
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

namespace orrery {

class Redirected {
 public:
  Redirected(int descriptor, int target) : descriptor_(descriptor), before_(dup(descriptor)) {
    flush();
    dup2(target, descriptor);
  }
  Redirected(const Redirected&) = delete;
  ~Redirected() {
    flush();
    dup2(before_, descriptor_);
    close(before_);
  }

 private:
  static void flush() {
    std::fflush(stdout);
    std::fflush(stderr);
  }
  int descriptor_;
  int before_;
};

// A terminal that nobody sits at.
class PseudoTerminal {
 public:
  explicit PseudoTerminal(unsigned short columns = 80) {
    const winsize size{24, columns, 0, 0};
    if (openpty(&near_, &far_, nullptr, nullptr, &size) == 0) return;
    std::puts("SKIPPED: no pseudo-terminals to be had here");
    std::exit(77);
  }
  PseudoTerminal(const PseudoTerminal&) = delete;
  ~PseudoTerminal() {
    close(near_);
    close(far_);
  }
  int descriptor() const { return far_; }

  // What has been written to it since the last call.
  std::string shown() const {
    std::string text;
    pollfd ready{near_, POLLIN, 0};
    char buffer[4096];
    while (poll(&ready, 1, 0) > 0) {
      const ssize_t count = read(near_, buffer, sizeof buffer);
      if (count <= 0) break;
      text.append(buffer, static_cast<std::size_t>(count));
    }
    return text;
  }

 private:
  int near_ = -1;
  int far_ = -1;
};

}  // namespace orrery
