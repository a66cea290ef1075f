#include "scenarios/text/files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <string_view>
#include <system_error>

namespace orrery {

namespace {

class FileCategory : public std::error_category {
 public:
  const char* name() const noexcept override { return "file"; }
  std::string message(int) const override { return "no regular file"; }
};

std::error_code no_regular_file() {
  static const FileCategory category;
  return {1, category};
}

// Whether the descriptor is a pipe that has no place in the file system.
bool is_unnamed_pipe(int descriptor) {
  std::error_code error;
  const auto target =
      std::filesystem::read_symlink(fmt::format("/proc/self/fd/{}", descriptor), error);
  return !error && target.string().starts_with("pipe:");
}

struct OpenFile {
  int descriptor;
  explicit OpenFile(int opened) : descriptor(opened) {}
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile() { ::close(descriptor); }
};

// No more than is needed to tell that there are more than `most` bytes.
std::string contents(int descriptor, const std::string& path, std::size_t most) {
  std::string text;
  char buffer[1 << 16];
  while (text.size() <= most) {
    const ssize_t count = ::read(descriptor, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw std::system_error(errno, std::generic_category(), path);
    if (count == 0) break;
    text.append(buffer, static_cast<std::size_t>(count));
  }
  return text;
}

}  // namespace

std::error_code not_a_file(int descriptor) {
  struct stat status = {};
  if (::fstat(descriptor, &status) != 0) return {errno, std::generic_category()};
  if (S_ISDIR(status.st_mode)) return {EISDIR, std::generic_category()};
  if (S_ISREG(status.st_mode)) return {};
  return no_regular_file();
}

FileReader disk_reader() {
  return [](const std::string& path, std::size_t most) -> std::optional<std::string> {
    // A name that holds a zero byte is nobody's.
    if (path.find('\0') != std::string::npos) return std::nullopt;
    // Without waiting: a named pipe opens at once, and is refused.
    const int opened = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (opened < 0) {
      if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
      // What open() says of a socket.
      if (errno == ENXIO) throw std::system_error(no_regular_file(), path);
      throw std::system_error(errno, std::generic_category(), path);
    }
    const OpenFile file(opened);
    if (const std::error_code why = not_a_file(opened)) {
      if (!is_unnamed_pipe(opened)) throw std::system_error(why, path);
      ::fcntl(opened, F_SETFL, ::fcntl(opened, F_GETFL) & ~O_NONBLOCK);
    }
    return contents(opened, path, most);
  };
}

DirectoryLister disk_lister() {
  return [](const std::string& directory) {
    std::vector<std::string> names;
    std::error_code error;
    std::filesystem::directory_iterator entry(directory.empty() ? "." : directory, error), end;
    for (; !error && entry != end; entry.increment(error)) {
      std::error_code unreadable;
      if (!entry->is_directory(unreadable)) names.push_back(entry->path().filename().string());
    }
    std::sort(names.begin(), names.end());
    return names;
  };
}

}  // namespace orrery
