#include "store/lock_file.h"

#include <cerrno>
#include <charconv>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>
#include <utility>

namespace mbflow::store {

namespace {

Error io_error(const std::string& path) {
  return fail(Kind::unavailable, "store.io",
              "the lock file " + path + " cannot be made: " + std::strerror(errno) + "; check the folder and its owner");
}

// Informative only: who holds the lock wrote it there.
std::string holder(int fd) {
  char text[24] = {};
  auto size = ::pread(fd, text, sizeof text - 1, 0);
  long pid = 0;
  if (size <= 0 || std::from_chars(text, text + size, pid).ec != std::errc{}) return "unknown";
  return std::to_string(pid);
}

}  // namespace

Result<LockFile> LockFile::take(const std::string& path) {
  int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return io_error(path);
  LockFile lock(fd);
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return io_error(path);
    return fail(Kind::conflict, "store.locked",
                "another MBFlow server (process " + holder(fd) + ") runs on this database; stop it, or choose another folder");
  }
  auto pid = std::to_string(::getpid()) + "\n";
  if (::ftruncate(fd, 0) != 0 || ::pwrite(fd, pid.data(), pid.size(), 0) < 0) return io_error(path);
  return lock;
}

LockFile::LockFile(LockFile&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

LockFile& LockFile::operator=(LockFile&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

// The file stays: to remove it would let two servers lock two files of one name.
LockFile::~LockFile() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace mbflow::store
