#include "store/sqlite/testing/fault_vfs.h"

#include "store/sqlite/blob_files.h"

#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <sqlite3.h>
#include <sstream>
#include <utility>
#include <vector>

namespace mbflow::store::sqlite {

// A change that a file has seen and the disk perhaps not.
struct Change {
  std::int64_t offset;
  std::string bytes;
  bool truncation = false;  // to `offset`
};

namespace {

void apply(std::string& content, const Change& change, std::size_t bytes) {
  auto offset = static_cast<std::size_t>(change.offset);
  if (change.truncation) return content.resize(offset);
  if (content.size() < offset + bytes) content.resize(offset + bytes);
  content.replace(offset, bytes, change.bytes, 0, bytes);
}

}  // namespace

struct FaultDisk::State {
  std::mutex mutex;
  std::int64_t syncs_from = 0, writes_from = 0, full_from = 0;  // counts down; 1: fails now; 0: never
  bool lies = false;
  std::function<void(const Moment&)> before_each;
  Moment now;
  FileWatch blobs;

  static bool due(std::int64_t& countdown) {
    if (countdown <= 1) return countdown == 1;
    --countdown;
    return false;
  }

  void operation() const {
    if (before_each) before_each(now);
  }
  void change(const std::string& path, Change change) {
    now.files_[path].pending.push_back(std::make_shared<const Change>(std::move(change)));
  }
  void sync(const std::string& path) {
    auto& file = now.files_[path];
    if (file.pending.empty()) return;
    std::string content = file.synced ? *file.synced : std::string();
    for (const auto& change : file.pending) apply(content, *change, change->bytes.size());
    file = {std::make_shared<const std::string>(std::move(content)), {}};
  }
  void rename(const std::string& from, const std::string& to) {
    now.files_[to] = std::move(now.files_[from]);
    now.files_.erase(from);
    now.renamed_[to] = from;
  }
  void sync_folder(const std::string& folder) {
    std::erase_if(now.renamed_, [&](const auto& names) { return names.first.starts_with(folder + "/"); });
  }
  void watch_blobs();
  // An empty file of a known name was removed in between and is a new one.
  void opened(const std::string& path, std::string content) {
    const bool is_new = !now.files_.contains(path);
    if (is_new || content.empty()) now.files_[path] = {std::make_shared<const std::string>(std::move(content)), {}};
  }
};

namespace {

std::string place_of(const std::string& path) {
  const auto blobs = path.find(".blobs/");
  return path.substr(path.rfind('/', blobs) + 1);
}

}  // namespace

template <class Choose, class Rename>
FaultDisk::Files FaultDisk::Moment::files(Choose bytes_kept, Rename has_new_name) const {
  Files files;
  for (const auto& [path, file] : files_) {
    std::string content = file.synced ? *file.synced : std::string();
    for (const auto& change : file.pending) {
      if (const auto bytes = bytes_kept(*change)) apply(content, *change, *bytes);
    }
    const auto old = renamed_.find(path);
    files[place_of(old == renamed_.end() || has_new_name() ? path : old->second)] = std::move(content);
  }
  return files;
}

FaultDisk::Files FaultDisk::Moment::after_kill() const {
  return files([](const Change& change) { return std::optional(change.bytes.size()); }, [] { return true; });
}

FaultDisk::Files FaultDisk::Moment::after_power_cut(std::uint64_t seed) const {
  std::mt19937_64 random(seed);
  const auto kept = [&](const Change& change) -> std::optional<std::size_t> {
    if (random() % 3 == 0) return std::nullopt;
    const bool torn = random() % 5 == 0 && !change.truncation;
    return torn ? random() % (change.bytes.size() + 1) : change.bytes.size();
  };
  return files(kept, [&] { return random() % 2 == 0; });
}

namespace {

FaultDisk::State* the_disk = nullptr;  // the VFS interface has no place for it in a file's static methods
sqlite3_vfs* real_vfs = nullptr;

struct File {
  sqlite3_file base;
  std::string* path;
  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

File& file_of(sqlite3_file* file) { return *reinterpret_cast<File*>(file); }
const sqlite3_io_methods& methods_of(sqlite3_file* file) { return *file_of(file).real()->pMethods; }

int close(sqlite3_file* file) {
  auto& self = file_of(file);
  delete std::exchange(self.path, nullptr);
  return methods_of(file).xClose(self.real());
}

int read(sqlite3_file* file, void* to, int size, sqlite3_int64 offset) {
  return methods_of(file).xRead(file_of(file).real(), to, size, offset);
}

int write(sqlite3_file* file, const void* from, int size, sqlite3_int64 offset) {
  auto& self = file_of(file);
  {
    std::lock_guard lock(the_disk->mutex);
    the_disk->operation();
    if (FaultDisk::State::due(the_disk->writes_from)) return SQLITE_IOERR_WRITE;
    if (FaultDisk::State::due(the_disk->full_from)) return SQLITE_FULL;
    the_disk->change(*self.path, {offset, std::string(static_cast<const char*>(from), static_cast<std::size_t>(size))});
  }
  return methods_of(file).xWrite(self.real(), from, size, offset);
}

int truncate(sqlite3_file* file, sqlite3_int64 size) {
  auto& self = file_of(file);
  {
    std::lock_guard lock(the_disk->mutex);
    the_disk->operation();
    the_disk->change(*self.path, {size, {}, true});
  }
  return methods_of(file).xTruncate(self.real(), size);
}

int sync(sqlite3_file* file, int flags) {
  auto& self = file_of(file);
  {
    std::lock_guard lock(the_disk->mutex);
    the_disk->operation();
    if (FaultDisk::State::due(the_disk->syncs_from)) return SQLITE_IOERR_FSYNC;
    if (the_disk->lies) return SQLITE_OK;
    the_disk->sync(*self.path);
  }
  return methods_of(file).xSync(self.real(), flags);
}

int file_size(sqlite3_file* file, sqlite3_int64* size) { return methods_of(file).xFileSize(file_of(file).real(), size); }
int lock(sqlite3_file* file, int level) { return methods_of(file).xLock(file_of(file).real(), level); }
int unlock(sqlite3_file* file, int level) { return methods_of(file).xUnlock(file_of(file).real(), level); }
int check_lock(sqlite3_file* file, int* out) { return methods_of(file).xCheckReservedLock(file_of(file).real(), out); }
int control(sqlite3_file* file, int op, void* arg) { return methods_of(file).xFileControl(file_of(file).real(), op, arg); }
int sector_size(sqlite3_file* file) { return methods_of(file).xSectorSize(file_of(file).real()); }
int characteristics(sqlite3_file* file) { return methods_of(file).xDeviceCharacteristics(file_of(file).real()); }
int shm_map(sqlite3_file* file, int page, int size, int extend, void volatile** out) {
  return methods_of(file).xShmMap(file_of(file).real(), page, size, extend, out);
}
int shm_lock(sqlite3_file* file, int offset, int n, int flags) {
  return methods_of(file).xShmLock(file_of(file).real(), offset, n, flags);
}
void shm_barrier(sqlite3_file* file) { methods_of(file).xShmBarrier(file_of(file).real()); }
int shm_unmap(sqlite3_file* file, int remove) { return methods_of(file).xShmUnmap(file_of(file).real(), remove); }

constexpr sqlite3_io_methods fault_methods = {
    2,       close,      read,    write,       truncate,        sync,    file_size, lock,        unlock,    check_lock,
    control, sector_size, characteristics, shm_map, shm_lock, shm_barrier, shm_unmap, nullptr, nullptr};

int open(sqlite3_vfs*, const char* path, sqlite3_file* file, int flags, int* out_flags) {
  auto& self = file_of(file);
  self.base.pMethods = nullptr;
  self.path = nullptr;
  int code = real_vfs->xOpen(real_vfs, path, self.real(), flags, out_flags);
  if (code != SQLITE_OK) return code;
  self.path = new std::string(path ? path : "temporary");
  self.base.pMethods = &fault_methods;
  if (!path) return SQLITE_OK;
  std::ostringstream content;
  content << std::ifstream(path, std::ios::binary).rdbuf();
  std::lock_guard lock(the_disk->mutex);
  the_disk->opened(*self.path, content.str());
  return SQLITE_OK;
}

sqlite3_vfs& fault_vfs() {
  static sqlite3_vfs vfs = [] {
    real_vfs = sqlite3_vfs_find(nullptr);
    auto copy = *real_vfs;
    copy.zName = "mbflow-fault";
    copy.szOsFile += static_cast<int>(sizeof(File));
    copy.xOpen = open;
    copy.pNext = nullptr;
    return copy;
  }();
  return vfs;
}

}  // namespace

void FaultDisk::State::watch_blobs() {
  blobs.writes = [this](const std::string& path, std::string_view bytes) {
    std::lock_guard lock(mutex);
    operation();
    if (due(writes_from) || due(full_from)) return false;
    now.files_[path] = {};
    change(path, {0, std::string(bytes)});
    return true;
  };
  blobs.syncs = [this](const std::string& path) {
    std::lock_guard lock(mutex);
    operation();
    if (due(syncs_from)) return false;
    if (!lies) sync(path);
    return true;
  };
  blobs.renames = [this](const std::string& from, const std::string& to) {
    std::lock_guard lock(mutex);
    operation();
    rename(from, to);
    return true;
  };
  blobs.syncs_folder = [this](const std::string& folder) {
    std::lock_guard lock(mutex);
    operation();
    if (due(syncs_from)) return false;
    if (!lies) sync_folder(folder);
    return true;
  };
  blobs.removes = [this](const std::string& path) {
    std::lock_guard lock(mutex);
    operation();
    now.files_.erase(path);
    return true;
  };
  BlobFiles::watch(&blobs);
}

FaultDisk::FaultDisk() : state_(std::make_unique<State>()) {
  the_disk = state_.get();
  state_->watch_blobs();
  sqlite3_vfs_register(&fault_vfs(), 1);
}

FaultDisk::~FaultDisk() {
  BlobFiles::watch(nullptr);
  sqlite3_vfs_unregister(&fault_vfs());
  the_disk = nullptr;
}

void FaultDisk::know_blobs(const std::string& database) {
  std::error_code missing;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(BlobFiles::folder_of(database), missing)) {
    if (!entry.is_regular_file()) continue;
    std::ostringstream content;
    content << std::ifstream(entry.path(), std::ios::binary).rdbuf();
    std::lock_guard lock(state_->mutex);
    state_->opened(entry.path().string(), content.str());
  }
}

void FaultDisk::fail_syncs(std::int64_t from) {
  std::lock_guard lock(state_->mutex);
  state_->syncs_from = from;
}

void FaultDisk::fail_writes(std::int64_t from) {
  std::lock_guard lock(state_->mutex);
  state_->writes_from = from;
}

void FaultDisk::fill_up(std::int64_t from) {
  std::lock_guard lock(state_->mutex);
  state_->full_from = from;
}

void FaultDisk::heal() {
  std::lock_guard lock(state_->mutex);
  state_->syncs_from = state_->writes_from = state_->full_from = 0;
}

void FaultDisk::watch(std::function<void(const Moment&)> before_each) {
  std::lock_guard lock(state_->mutex);
  state_->before_each = std::move(before_each);
}

void FaultDisk::lie() {
  std::lock_guard lock(state_->mutex);
  state_->lies = true;
}

}  // namespace mbflow::store::sqlite
