#include "analysis/experiment/processes.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <thread>

#include "analysis/failure.hpp"

namespace orrery {

namespace {

// What a child says is a sequence of frames: a letter, a length, and that many bytes.
enum class Frame : char { progress = 'p', output = 'o', failure = 'f' };
constexpr std::size_t kFrameHead = 1 + sizeof(std::uint64_t);

void write_all(int descriptor, const char* data, std::size_t size) {
  while (size > 0) {
    const ssize_t written = ::write(descriptor, data, size);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) ::_exit(kInternalError);
    data += written;
    size -= static_cast<std::size_t>(written);
  }
}

void say(int descriptor, Frame kind, const std::string& text) {
  std::string frame(kFrameHead, '\0');
  frame[0] = static_cast<char>(kind);
  const std::uint64_t length = text.size();
  std::memcpy(frame.data() + 1, &length, sizeof length);
  frame += text;
  write_all(descriptor, frame.data(), frame.size());
}

// Nothing may unwind from here into what only the parent does.
[[noreturn]] void be_child(const ProcessJob& job, int descriptor) noexcept {
  try {
    auto said = std::chrono::steady_clock::now();
    const std::string output = job.work([&](double fraction) {
      const auto now = std::chrono::steady_clock::now();
      if (now - said < std::chrono::milliseconds(100)) return;
      said = now;
      say(descriptor, Frame::progress, fmt::format("{}", fraction));
    });
    say(descriptor, Frame::output, output);
  } catch (const std::exception& error) {
    say(descriptor, Frame::failure, error.what());
  }
  std::fflush(stderr);
  ::_exit(0);
}

struct Child {
  std::size_t index;
  pid_t id;
  int descriptor;
  std::string unread;
  double fraction = 0;
};

Child start(const std::vector<ProcessJob>& jobs, std::size_t index) {
  int ends[2];
  if (::pipe(ends) != 0) throw Failure(fmt::format("cannot make a pipe: {}", std::strerror(errno)));
  std::fflush(stdout);
  std::fflush(stderr);
  const pid_t parent = ::getpid();
  const pid_t id = ::fork();
  if (id < 0) {
    const int reason = errno;
    ::close(ends[0]);
    ::close(ends[1]);
    throw Failure(fmt::format("cannot make a process: {}", std::strerror(reason)));
  }
  if (id == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(kInternalError);
    ::close(ends[0]);
    be_child(jobs[index], ends[1]);
  }
  ::close(ends[1]);
  return {index, id, ends[0], {}, 0};
}

void take_frames(Child& child, ProcessResult& result) {
  while (child.unread.size() >= kFrameHead) {
    std::uint64_t length = 0;
    std::memcpy(&length, child.unread.data() + 1, sizeof length);
    if (child.unread.size() < kFrameHead + length) return;
    std::string text = child.unread.substr(kFrameHead, length);
    const auto kind = static_cast<Frame>(child.unread[0]);
    child.unread.erase(0, kFrameHead + length);
    if (kind == Frame::progress) child.fraction = std::strtod(text.c_str(), nullptr);
    if (kind == Frame::output) result.output = std::move(text);
    if (kind == Frame::failure) result.failure = std::move(text);
  }
}

// Reads what there is; false at the end.
bool read_some(Child& child) {
  char buffer[1 << 16];
  const ssize_t count = ::read(child.descriptor, buffer, sizeof buffer);
  if (count < 0) return errno == EINTR || errno == EAGAIN;
  child.unread.append(buffer, static_cast<std::size_t>(count));
  return count > 0;
}

void end(Child& child, ProcessResult& result) {
  ::close(child.descriptor);
  int status = 0;
  while (::waitpid(child.id, &status, 0) < 0 && errno == EINTR) {}
  if (result.output || !result.failure.empty()) return;
  if (WIFSIGNALED(status))
    result.failure = fmt::format("its process was ended by signal {} ({})", WTERMSIG(status),
                                 ::strsignal(WTERMSIG(status)));
  else
    result.failure =
        fmt::format("its process ended with code {} and no result", WEXITSTATUS(status));
}

}  // namespace

std::vector<ProcessResult> run_in_processes(const std::vector<ProcessJob>& jobs,
                                            const ProcessOptions& options) {
  const std::size_t at_most = options.at_most > 0
                                  ? static_cast<std::size_t>(options.at_most)
                                  : std::max(1u, std::thread::hardware_concurrency());
  std::vector<ProcessResult> results(jobs.size());
  std::vector<Child> children;
  std::size_t next = 0;
  std::size_t done = 0;
  while (done < jobs.size()) {
    while (next < jobs.size() && children.size() < at_most) children.push_back(start(jobs, next++));
    std::vector<pollfd> waiting;
    for (const Child& child : children) waiting.push_back({child.descriptor, POLLIN, 0});
    if (::poll(waiting.data(), waiting.size(), 200) < 0 && errno != EINTR)
      throw Failure(fmt::format("cannot wait for processes: {}", std::strerror(errno)));
    for (std::size_t i = waiting.size(); i-- > 0;) {
      if (waiting[i].revents == 0) continue;
      Child& child = children[i];
      const bool is_open = read_some(child);
      take_frames(child, results[child.index]);
      if (is_open) continue;
      const std::size_t index = child.index;
      end(child, results[index]);
      children.erase(children.begin() + static_cast<std::ptrdiff_t>(i));
      ++done;
      if (options.ended) options.ended(index, results[index]);
    }
    if (options.progress) {
      double sum = static_cast<double>(done);
      for (const Child& child : children) sum += child.fraction;
      options.progress(sum / static_cast<double>(jobs.size()));
    }
  }
  return results;
}

}  // namespace orrery
