// Blobs in memory, and which executions refer to them. Guarded by the store's mutex.
#pragma once

#include "base/env.h"
#include "store/store.h"

#include <map>
#include <set>

namespace mbflow::store {

class MemoryBlobs {
 public:
  explicit MemoryBlobs(Env& env) : env_(env) {}

  void save(const BlobId& id, std::string bytes);
  [[nodiscard]] Result<std::string> read(const BlobId& id) const;
  [[nodiscard]] int collect(Duration grace);

  // Error store.blob_missing: nothing is noted then.
  [[nodiscard]] Result<void> use(TenantId tenant, ExecutionId execution, const std::vector<BlobUse>& blobs);
  void forget(TenantId tenant, ExecutionId execution);
  [[nodiscard]] std::int64_t used_by(TenantId tenant, ExecutionId execution) const;  // bytes

 private:
  struct Blob {
    std::string bytes;
    Timestamp saved_at{};
    int uses = 0;
  };
  Env& env_;
  std::map<BlobId, Blob> blobs_;
  std::map<std::pair<TenantId, ExecutionId>, std::set<BlobId>> uses_;
};

}  // namespace mbflow::store
