#include "store/memory/blobs.h"

#include "store/faults.h"

namespace mbflow::store {

void MemoryBlobs::save(const BlobId& id, std::string bytes) {
  auto& blob = blobs_[id];
  blob.bytes = std::move(bytes);
  blob.saved_at = env_.now();
}

Result<std::string> MemoryBlobs::read(const BlobId& id) const {
  const auto found = blobs_.find(id);
  if (found == blobs_.end()) return blob_missing(id);
  return found->second.bytes;
}

int MemoryBlobs::collect(Duration grace) {
  const Timestamp before = env_.now() - grace;
  return static_cast<int>(std::erase_if(blobs_, [&](const auto& entry) { return entry.second.uses == 0 && entry.second.saved_at < before; }));
}

Result<void> MemoryBlobs::use(TenantId tenant, ExecutionId execution, const std::vector<BlobUse>& blobs) {
  for (const auto& use : blobs) {
    if (!blobs_.contains(use.id)) return blob_missing(use.id);
  }
  for (const auto& use : blobs) {
    if (uses_[{tenant, execution}].insert(use.id).second) ++blobs_[use.id].uses;
  }
  return {};
}

void MemoryBlobs::forget(TenantId tenant, ExecutionId execution) {
  const auto found = uses_.find({tenant, execution});
  if (found == uses_.end()) return;
  for (const auto& id : found->second) --blobs_[id].uses;
  uses_.erase(found);
}

std::int64_t MemoryBlobs::used_by(TenantId tenant, ExecutionId execution) const {
  std::int64_t bytes = 0;
  const auto found = uses_.find({tenant, execution});
  if (found == uses_.end()) return 0;
  for (const auto& id : found->second) bytes += static_cast<std::int64_t>(blobs_.at(id).bytes.size());
  return bytes;
}

}  // namespace mbflow::store
