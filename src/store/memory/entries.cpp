#include "store/memory/entries.h"

#include "store/faults.h"

#include <algorithm>
#include <tuple>

namespace mbflow::store {

Result<Entry> MemoryEntries::save(Entry entry, std::optional<int> expected) {
  if (entry.id.is_nil()) entry.id = EntryId::make(env_);
  const std::pair place(entry.tenant, entry.id);
  const auto found = entries_.find(place);
  const int newest = found == entries_.end() ? 0 : found->second.version;
  if (newest == 0 && (entry.version != 0 || expected.value_or(0) != 0)) return entry_missing();
  if (expected && *expected != newest) return newer_version(newest);
  for (const auto& [other_place, other] : entries_) {
    const bool same = other.tenant == entry.tenant && other.kind == entry.kind && other.scope == entry.scope && other.name == entry.name;
    if (same && other_place != place) return name_taken(entry);
  }
  entry.version = newest + 1;
  entry.updated_at = env_.now();
  entry.created_at = newest == 0 ? entry.updated_at : found->second.created_at;
  entries_.insert_or_assign(place, entry);
  return entry;
}

Result<Entry> MemoryEntries::find(TenantId tenant, EntryId id) const {
  const auto found = entries_.find({tenant, id});
  if (found == entries_.end()) return entry_missing();
  return found->second;
}

Result<std::vector<Entry>> MemoryEntries::list(TenantId tenant, std::string_view kind) const {
  std::vector<Entry> list;
  for (auto place = entries_.lower_bound({tenant, {}}); place != entries_.end() && place->first.first == tenant; ++place)
    if (place->second.kind == kind) list.push_back(place->second);
  std::ranges::sort(list, {}, [](const Entry& entry) { return std::tie(entry.scope, entry.name); });
  return list;
}

Result<void> MemoryEntries::erase(TenantId tenant, EntryId id) {
  if (entries_.erase({tenant, id}) == 0) return entry_missing();
  return {};
}

Result<std::vector<Entry>> MemoryEntries::all(TenantId after_tenant, EntryId after, std::size_t limit) const {
  std::vector<Entry> list;
  for (auto place = entries_.upper_bound({after_tenant, after}); place != entries_.end() && list.size() < limit; ++place)
    list.push_back(place->second);
  return list;
}

}  // namespace mbflow::store
