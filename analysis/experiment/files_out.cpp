#include "analysis/experiment/files_out.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <deque>
#include <filesystem>
#include <utility>

#include "analysis/failure.hpp"

namespace orrery {

namespace fs = std::filesystem;

namespace {

// False with the reason in errno.
bool write_all(int descriptor, std::string_view contents) {
  while (!contents.empty()) {
    const ssize_t written = ::write(descriptor, contents.data(), contents.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    contents.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

// A file that disappears again unless it is renamed.
class TemporaryFile {
 public:
  TemporaryFile(std::string path, std::string target)
      : path_(std::move(path)), target_(std::move(target)) {
    descriptor_ =
        ::open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NONBLOCK, 0666);
    if (descriptor_ < 0) fail();
  }
  TemporaryFile(const TemporaryFile&) = delete;
  ~TemporaryFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
    if (!path_.empty()) ::unlink(path_.c_str());
  }

  void write(std::string_view contents) {
    if (!write_all(descriptor_, contents)) fail();
  }
  // Some file systems report a full disk here and not before.
  void close() {
    const int descriptor = std::exchange(descriptor_, -1);
    if (::close(descriptor) != 0) fail();
  }
  void rename_to_target() {
    if (std::rename(path_.c_str(), target_.c_str()) != 0) fail();
    path_.clear();
  }

 private:
  [[noreturn]] void fail() const {
    throw Failure(fmt::format("cannot write {}: {}", target_, std::strerror(errno)));
  }

  std::string path_;
  std::string target_;
  int descriptor_ = -1;
};

std::string beside(const std::string& path) { return fmt::format("{}.{}.tmp", path, ::getpid()); }

// What is no regular file (/dev/stdout, a pipe) cannot be replaced and is written to.
bool is_written_in_place(const std::string& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  return fs::exists(status) && !fs::is_regular_file(status) && !fs::is_directory(status);
}

// Without waiting for somebody to read a named pipe: where nobody does, it is an error.
void write_in_place(const std::string& path, std::string_view contents) {
  const int out = ::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  bool is_written = out >= 0;
  if (is_written) {
    ::fcntl(out, F_SETFL, ::fcntl(out, F_GETFL) & ~O_NONBLOCK);
    is_written = write_all(out, contents);
  }
  const int reason = errno;
  if (out >= 0 && ::close(out) != 0 && is_written)
    throw Failure(fmt::format("cannot write {}: {}", path, std::strerror(errno)));
  if (!is_written) throw Failure(fmt::format("cannot write {}: {}", path, std::strerror(reason)));
}

}  // namespace

void write_file(const std::string& path, std::string_view contents) {
  if (is_written_in_place(path)) return write_in_place(path, contents);
  TemporaryFile file(beside(path), path);
  file.write(contents);
  file.close();
  file.rename_to_target();
}

void write_files(const std::string& directory,
                 const std::vector<std::pair<std::string, std::string>>& files) {
  std::deque<TemporaryFile> written;
  for (const auto& [name, contents] : files) {
    const std::string path = (fs::path(directory) / name).string();
    written.emplace_back(beside(path), path).write(contents);
    written.back().close();
  }
  for (TemporaryFile& file : written) file.rename_to_target();
}

void ensure_writable(const std::string& directory, const std::vector<std::string>& files) {
  std::error_code error;
  fs::create_directories(directory, error);
  std::error_code unreachable;
  if (error && !fs::is_directory(directory, unreachable))
    throw Failure(fmt::format("cannot create directory {}: {}", directory, error.message()));
  const std::string target = (fs::path(directory) / "a file").string();
  try {
    TemporaryFile probe((fs::path(directory) / fmt::format(".orrery-{}.tmp", ::getpid())).string(),
                        target);
    probe.write(std::string(4096, ' '));
    probe.close();
  } catch (const Failure&) {
    throw Failure(
        fmt::format("cannot write into directory {}: {}", directory, std::strerror(errno)));
  }
  for (const std::string& file : files) {
    const fs::path path = fs::path(directory) / file;
    if (fs::is_directory(path, error))
      throw Failure(fmt::format("cannot write {}: {}", path.string(), std::strerror(EISDIR)));
    if (is_written_in_place(path.string()))
      throw Failure(fmt::format("cannot write {}: no regular file", path.string()));
  }
}

void ensure_file_writable(const std::string& path) {
  if (is_written_in_place(path)) {
    if (::access(path.c_str(), W_OK) != 0)
      throw Failure(fmt::format("cannot write {}: {}", path, std::strerror(errno)));
    return;
  }
  std::error_code error;
  if (fs::is_directory(path, error) || fs::path(path).filename().empty())
    throw Failure(fmt::format("cannot write {}: {}", path, std::strerror(EISDIR)));
  const std::string directory = fs::path(path).parent_path().string();
  ensure_writable(directory.empty() ? "." : directory);
}

}  // namespace orrery
