// The master keys: a file of its owner alone, never in the database and never in a backup. The last key seals; every one opens.
// A line is `ID CREATED BASE64`; the id is made from the key, so a damaged line is seen. Safe from any thread.
#pragma once

#include "base/env.h"

#include <mbflow/credential.h>
#include <mbflow/result.h>

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace mbflow::vault {

struct MasterKey {
  std::string id;
  std::string created;  // RFC 3339
  Secret bytes;         // 32
};

class Keyring {
 public:
  explicit Keyring(std::string path) : path_(std::move(path)) {}

  // Reads the file anew; one that is not there is empty. Errors: vault.keys_rights, vault.keys_file (invalid).
  Result<void> load();
  // The key of that id, of the file as it is now. Error vault.key_missing (internal).
  [[nodiscard]] Result<MasterKey> find(std::string_view id);
  // The one that seals; made when there is none yet.
  [[nodiscard]] Result<MasterKey> newest(Env& env);
  // One more, on disk when this returns; it seals from here on.
  Result<MasterKey> add(Env& env);
  // Takes keys out of the file; the caller knows that nothing is sealed with them.
  Result<void> drop(std::string_view id);
  // Without their bytes.
  [[nodiscard]] std::vector<MasterKey> list() const;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  Result<void> read();
  Result<MasterKey> append(Env& env);
  Result<void> write(const std::vector<MasterKey>& keys);
  [[nodiscard]] const MasterKey* look_up(std::string_view id) const;

  const std::string path_;
  mutable std::mutex mutex_;
  std::vector<MasterKey> keys_;
};

}  // namespace mbflow::vault
