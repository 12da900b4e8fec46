// A lock on a file that ends with the process, however it ends: it keeps a second server off a database.
#pragma once

#include <mbflow/result.h>

#include <string>

namespace mbflow::store {

class LockFile {
 public:
  // Error store.locked names the process that has it; store.io.
  [[nodiscard]] static Result<LockFile> take(const std::string& path);
  LockFile(LockFile&& other) noexcept;
  LockFile& operator=(LockFile&& other) noexcept;
  ~LockFile();

 private:
  explicit LockFile(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace mbflow::store
