// How the end of a process is known for certain on the machine it ran on: it holds the lock of a file, and the kernel lets go of
// that however the process ends. Elsewhere only the lease tells.
#pragma once

#include "store/lock_file.h"

#include <functional>

namespace mbflow::store::postgres {

// In a folder that is there. The process is a name that no other has or had. Error store.io.
[[nodiscard]] Result<LockFile> make_life_file(const std::string& folder, const std::string& process);

// Tells of each process that has ended; its file goes once that has succeeded.
void find_ended(const std::string& folder, const std::function<Result<void>(const std::string& process)>& tell);

}  // namespace mbflow::store::postgres
