#include "store/sqlite/blob_files.h"

#include "store/faults.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

namespace mbflow::store::sqlite {

namespace {

const FileWatch* the_watch = nullptr;

// False: it shall fail.
template <class Heard, class... What>
bool may(Heard FileWatch::*heard, const What&... what) {
  if (!the_watch || !(the_watch->*heard) || (the_watch->*heard)(what...)) return true;
  errno = EIO;
  return false;
}

class File {
 public:
  File(const std::string& path, int flags) : fd_(::open(path.c_str(), flags | O_CLOEXEC, 0600)) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] int fd() const { return fd_; }
  [[nodiscard]] bool open() const { return fd_ >= 0; }

 private:
  int fd_;
};

Error io_error(const std::string& path) {
  if (errno == ENOSPC || errno == EDQUOT) return fail(Kind::unavailable, "store.full", "the disk is full; free some space, work goes on by itself");
  return fail(Kind::unavailable, "store.unavailable", path + " cannot be written or read: " + std::strerror(errno));
}

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

timespec time_of(Timestamp instant) {
  const auto micros = instant.time_since_epoch().count();
  return {.tv_sec = micros / 1'000'000, .tv_nsec = micros % 1'000'000 * 1'000};
}

Timestamp saved_at(const struct stat& file) {
  return Timestamp(std::chrono::seconds(file.st_mtim.tv_sec) + std::chrono::microseconds(file.st_mtim.tv_nsec / 1'000));
}

Result<void> make_folder(const std::string& path, const std::string& parent) {
  if (::mkdir(path.c_str(), 0700) == 0) return sync_folder(parent);
  return errno == EEXIST ? Result<void>() : io_error(path);
}

}  // namespace

Result<void> sync_folder(const std::string& folder) {
  const File opened(folder.empty() ? "." : folder, O_RDONLY | O_DIRECTORY);
  if (!opened.open() || !may(&FileWatch::syncs_folder, folder) || ::fsync(opened.fd()) != 0) return io_error(folder);
  return {};
}

void BlobFiles::watch(const FileWatch* watch) { the_watch = watch; }

void BlobFiles::clear_unfinished() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_ + "/unfinished", ignored);
}

bool BlobFiles::refresh(const std::string& path, Timestamp now) {
  const std::lock_guard lock(mutex_);
  const timespec times[2] = {time_of(now), time_of(now)};
  return ::utimensat(AT_FDCWD, path.c_str(), times, 0) == 0;
}

// A file that is there may have got its name a moment before the process died: the folder is synced again.
Result<void> BlobFiles::save(const BlobId& id, std::string_view bytes, Timestamp now) {
  const std::string path = path_of(id);
  if (refresh(path, now)) return sync_folder(shelf_of(id));
  MBF_CHECK(make_folder(folder_, std::filesystem::path(folder_).parent_path().string()));
  MBF_CHECK(make_folder(folder_ + "/unfinished", folder_));
  MBF_CHECK(make_folder(shelf_of(id), folder_));
  std::string unfinished = folder_ + "/unfinished/";
  {
    const std::lock_guard lock(mutex_);
    unfinished += std::to_string(::getpid()) + "-" + std::to_string(++next_);
  }
  auto written = write(unfinished, bytes, now);
  if (written) {
    if (!may(&FileWatch::renames, unfinished, path) || ::rename(unfinished.c_str(), path.c_str()) != 0) written = io_error(path);
  }
  if (!written) {
    ::unlink(unfinished.c_str());
    return written;
  }
  auto named = sync_folder(shelf_of(id));
  if (!named) ::unlink(path.c_str());  // or the next save would take it for safe
  return named;
}

Result<void> BlobFiles::write(const std::string& path, std::string_view bytes, Timestamp now) {
  if (!may(&FileWatch::writes, path, bytes)) return io_error(path);
  const File file(path, O_WRONLY | O_CREAT | O_TRUNC);
  const timespec times[2] = {time_of(now), time_of(now)};
  if (!file.open() || !write_all(file.fd(), bytes) || ::futimens(file.fd(), times) != 0) return io_error(path);
  return may(&FileWatch::syncs, path) && ::fsync(file.fd()) == 0 ? Result<void>() : io_error(path);
}

Result<std::string> BlobFiles::read(const BlobId& id) const {
  const std::string path = path_of(id);
  const File file(path, O_RDONLY);
  struct stat found {};
  if (!file.open() && errno == ENOENT) return blob_missing(id);
  if (!file.open() || ::fstat(file.fd(), &found) != 0) return io_error(path);
  std::string bytes(static_cast<std::size_t>(found.st_size), '\0');
  std::size_t have = 0;
  while (have < bytes.size()) {
    const auto count = ::read(file.fd(), bytes.data() + have, bytes.size() - have);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return io_error(path);
    if (count == 0) return blob_damaged(id);
    have += static_cast<std::size_t>(count);
  }
  if (BlobId::of(bytes) != id) return blob_damaged(id);
  return bytes;
}

bool BlobFiles::has(const BlobId& id) const {
  struct stat found {};
  return ::stat(path_of(id).c_str(), &found) == 0;
}

std::vector<BlobId> BlobFiles::older_than(Timestamp instant, int folder) const {
  char name[3];
  std::snprintf(name, sizeof name, "%02x", static_cast<unsigned>(folder) & 0xffU);
  std::vector<BlobId> found;
  std::error_code missing;
  for (const auto& entry : std::filesystem::directory_iterator(folder_ + "/" + name, missing)) {
    const auto id = BlobId::from_hex(entry.path().filename().string());
    struct stat file {};
    if (id && ::stat(entry.path().c_str(), &file) == 0 && saved_at(file) < instant) found.push_back(*id);
  }
  return found;
}

bool BlobFiles::remove(const BlobId& id, Timestamp older_than) {
  const std::string path = path_of(id);
  const std::lock_guard lock(mutex_);
  struct stat file {};
  if (::stat(path.c_str(), &file) != 0 || saved_at(file) >= older_than) return false;
  return may(&FileWatch::removes, path) && ::unlink(path.c_str()) == 0;
}

}  // namespace mbflow::store::sqlite
