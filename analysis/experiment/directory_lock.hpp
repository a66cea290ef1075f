// A directory that one process of the program at a time writes to: of two that want the same, the
// later is refused instead of leaving files of both.
//
// The lock is the kernel's and lies on the directory itself: it leaves no file behind and goes with
// the process that holds it. Where a file system has no locks there is none.
#pragma once

#include <string>

namespace orrery {

class DirectoryLock {
 public:
  // Of a directory that is there. Throws Failure when another process still has it after a moment.
  explicit DirectoryLock(const std::string& directory);
  DirectoryLock(DirectoryLock&& other) noexcept;
  DirectoryLock& operator=(DirectoryLock&& other) noexcept;
  ~DirectoryLock();

 private:
  int descriptor_ = -1;
};

}  // namespace orrery
