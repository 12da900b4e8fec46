#include "store/postgres/life_file.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

namespace mbflow::store::postgres {

namespace {
constexpr std::string_view extension = ".alive";
}

// Locked before it gets the name by which others look for it.
Result<LockFile> make_life_file(const std::string& folder, const std::string& process) {
  const std::string path = folder + "/" + process + std::string(extension);
  const std::string early = path + ".new";
  MBF_TRY(auto lock, LockFile::take(early));
  if (std::rename(early.c_str(), path.c_str()) == 0) return lock;
  return fail(Kind::unavailable, "store.io", "the file " + path + " cannot be made: " + std::strerror(errno) + "; check the folder and its owner");
}

void find_ended(const std::string& folder, const std::function<Result<void>(const std::string& process)>& tell) {
  std::error_code ignored;  // a folder that cannot be read tells nothing
  for (const auto& file : std::filesystem::directory_iterator(folder, ignored)) {
    if (file.path().extension() != extension) continue;
    const auto lock = LockFile::take(file.path().string());
    if (lock && tell(file.path().stem().string())) ::unlink(file.path().c_str());
  }
}

}  // namespace mbflow::store::postgres
