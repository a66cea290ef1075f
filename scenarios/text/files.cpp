#include "scenarios/text/files.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

namespace orrery {

namespace {
std::system_error trouble(int code, const std::string& path) {
  return {code, std::generic_category(), path};
}
}  // namespace

FileReader disk_reader() {
  return [](const std::string& path) -> std::optional<std::string> {
    std::error_code error;
    if (std::filesystem::is_directory(path, error)) throw trouble(EISDIR, path);
    errno = 0;
    std::ifstream in(path, std::ios::binary);
    if (!in) {
      if (errno == ENOENT || errno == ENOTDIR || errno == 0) return std::nullopt;
      throw trouble(errno, path);
    }
    std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    if (in.bad()) throw trouble(EIO, path);
    return text;
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
