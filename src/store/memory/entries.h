// Credentials and variables in memory. The caller holds the store's lock.
#pragma once

#include "store/store.h"

#include <map>
#include <string_view>
#include <utility>

namespace mbflow::store {

class MemoryEntries {
 public:
  explicit MemoryEntries(Env& env) : env_(env) {}
  [[nodiscard]] Result<Entry> save(Entry entry, std::optional<int> expected);
  [[nodiscard]] Result<Entry> find(TenantId tenant, EntryId id) const;
  [[nodiscard]] Result<std::vector<Entry>> list(TenantId tenant, std::string_view kind) const;
  [[nodiscard]] Result<void> erase(TenantId tenant, EntryId id);
  [[nodiscard]] Result<std::vector<Entry>> all(TenantId after_tenant, EntryId after, std::size_t limit) const;

 private:
  Env& env_;
  std::map<std::pair<TenantId, EntryId>, Entry> entries_;
};

}  // namespace mbflow::store
