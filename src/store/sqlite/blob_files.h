// Blobs as files beside the database: FILE.blobs/ab/<SHA-256 in hex>. A file has its name only once it is whole and on the disk.
// What it is for is in the database; here is only when it was saved last (the file's time of change). Any thread.
#pragma once

#include "base/time.h"
#include "model/blob.h"

#include <mbflow/result.h>

#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace mbflow::store::sqlite {

// Hears of each step before it is made, and may let it fail: for tests.
struct FileWatch {
  std::function<bool(const std::string& path, std::string_view bytes)> writes;
  std::function<bool(const std::string& path)> syncs;
  std::function<bool(const std::string& from, const std::string& to)> renames;
  std::function<bool(const std::string& folder)> syncs_folder;
  std::function<bool(const std::string& path)> removes;
};

class BlobFiles {
 public:
  explicit BlobFiles(const std::string& database) : folder_(folder_of(database)) {}
  [[nodiscard]] static std::string folder_of(const std::string& database) { return database + ".blobs"; }
  static void watch(const FileWatch* watch);  // null: nobody does; before any other call

  // Removes what an earlier life left half written. The store that owns the database, before its first call.
  void clear_unfinished();
  // On the disk when it returns. Errors: store.unavailable, store.full.
  Result<void> save(const BlobId& id, std::string_view bytes, Timestamp now);
  // Errors: store.blob_missing, store.damaged, store.unavailable.
  [[nodiscard]] Result<std::string> read(const BlobId& id) const;
  [[nodiscard]] bool has(const BlobId& id) const;
  // Those of one of the 256 folders that were last saved before an instant.
  [[nodiscard]] std::vector<BlobId> older_than(Timestamp instant, int folder) const;
  // Unless it has been saved again since; true: it is gone.
  bool remove(const BlobId& id, Timestamp older_than);

 private:
  [[nodiscard]] std::string shelf_of(const BlobId& id) const { return folder_ + "/" + id.to_hex().substr(0, 2); }
  [[nodiscard]] std::string path_of(const BlobId& id) const { return shelf_of(id) + "/" + id.to_hex(); }
  [[nodiscard]] bool refresh(const std::string& path, Timestamp now);
  Result<void> write(const std::string& path, std::string_view bytes, Timestamp now);

  const std::string folder_;
  std::mutex mutex_;  // guards: whether a file that is there is refreshed or removed
  std::uint64_t next_ = 0;  // of unfinished files; guarded by mutex_
};

// On the disk, with its name, when it returns.
Result<void> sync_folder(const std::string& folder);

}  // namespace mbflow::store::sqlite
