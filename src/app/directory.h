// How a command works on the Directory, or on the store that it is a part of: it opens the store beside a running server and closes it after the work.
#pragma once

#include "app/block.h"
#include "app/settings.h"
#include "app/store.h"

namespace mbflow::app {

// What a command works with; the words are its own.
struct DirectoryWork {
  store::Directory& directory;
  Loop& loop;
  std::vector<std::string> words;
  store::Store& store;
};

template <class T>
Result<T> with_directory(const Settings& settings, Task<Result<T>> (*work)(DirectoryWork work), std::vector<std::string> words = {}) {
  net::Loops loops(1);
  loops.run();
  MBF_TRY(auto store, open_store(settings, loops, false));
  DirectoryWork given{store->directory(), loops.loop(0), std::move(words), *store};
  auto done = block_on(loops.loop(0), work(std::move(given)));
  (void)block_on(loops.loop(0), close_store(*store));
  loops.stop();
  return done;
}

// The tenant of that name; the house without one. Error store.not_found.
[[nodiscard]] Task<Result<TenantId>> tenant_named(store::Directory& directory, std::string name);
// Adds to the audit log what a command did.
[[nodiscard]] Task<Result<void>> note(store::Directory& directory, TenantId tenant, std::string action, std::string target);
// Says what went wrong; the exit code.
int failed(const Error& error);

}  // namespace mbflow::app
