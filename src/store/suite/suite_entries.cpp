// Credentials and variables: a name is one, a version is never lost, and a tenant sees its own only.
#include "store/suite/suite.h"

#include <algorithm>

namespace mbflow::store {
namespace {

Entry entry_of(TenantId tenant, std::string name, std::string kind = "credential", std::string scope = "") {
  Entry entry;
  entry.tenant = tenant;
  entry.kind = std::move(kind);
  entry.scope = std::move(scope);
  entry.name = std::move(name);
  entry.open = Value::object({{"type", "basic"}, {"имя", "значение"}});
  entry.key_id = "k1";
  entry.sealed = std::string("\0\xff sealed", 9);
  return entry;
}

}  // namespace

TEST_P(StoreSuite, an_entry_comes_back_as_it_was_saved) {
  auto made = get(store->save_entry(entry_of(tenant, "ключ"), {}));
  EXPECT_EQ(made.version, 1);
  EXPECT_NE(made.created_at, Timestamp{});
  auto read = get(store->entry(tenant, made.id));
  EXPECT_EQ(read.kind, "credential");
  EXPECT_EQ(read.name, "ключ");
  EXPECT_EQ(read.open, made.open);
  EXPECT_EQ(read.key_id, "k1");
  EXPECT_EQ(read.sealed, made.sealed);
  EXPECT_EQ(read.version, 1);
  EXPECT_EQ(read.created_at, made.created_at);
}

TEST_P(StoreSuite, a_newer_entry_is_not_overwritten) {
  auto made = get(store->save_entry(entry_of(tenant, "one"), {}));
  auto mine = made;
  mine.sealed = "mine";
  EXPECT_EQ(get(store->save_entry(mine, 1)).version, 2);
  mine.sealed = "late";
  EXPECT_EQ(code(store->save_entry(mine, 1)), "store.conflict");
  EXPECT_EQ(get(store->entry(tenant, made.id)).sealed, "mine");
  mine.sealed = "whatever is there";
  EXPECT_EQ(get(store->save_entry(mine, {})).version, 3);
}

TEST_P(StoreSuite, a_name_is_one_of_its_kind_and_scope) {
  get(store->save_entry(entry_of(tenant, "one"), {}));
  EXPECT_EQ(code(store->save_entry(entry_of(tenant, "one"), {})), "store.exists");
  EXPECT_EQ(code(store->save_entry(entry_of(stranger, "one"), {})), "ok");
  EXPECT_EQ(code(store->save_entry(entry_of(tenant, "one", "variable"), {})), "ok");
  EXPECT_EQ(code(store->save_entry(entry_of(tenant, "one", "variable", "test"), {})), "ok");
  auto two = get(store->save_entry(entry_of(tenant, "two"), {}));
  two.name = "one";
  EXPECT_EQ(code(store->save_entry(two, {})), "store.exists");
}

TEST_P(StoreSuite, entries_are_listed_by_scope_and_name) {
  for (const char* name : {"b", "c", "a"}) get(store->save_entry(entry_of(tenant, name, "variable", "test"), {}));
  get(store->save_entry(entry_of(tenant, "z", "variable"), {}));
  get(store->save_entry(entry_of(tenant, "a credential"), {}));
  get(store->save_entry(entry_of(stranger, "theirs", "variable"), {}));
  std::vector<std::string> names;
  for (const auto& entry : get(store->entries(tenant, "variable"))) names.push_back(entry.scope + "/" + entry.name);
  EXPECT_EQ(names, (std::vector<std::string>{"/z", "test/a", "test/b", "test/c"}));
}

TEST_P(StoreSuite, entries_of_all_tenants_are_read_in_pages) {
  std::vector<EntryId> made;
  for (int i = 0; i < 5; ++i) made.push_back(get(store->save_entry(entry_of(i < 3 ? tenant : stranger, std::to_string(i)), {})).id);
  std::vector<EntryId> seen;
  Entry last;
  while (true) {
    auto page = get(store->all_entries(last.tenant, last.id, 2));
    if (page.empty()) break;
    for (const auto& entry : page) seen.push_back(entry.id);
    last = page.back();
  }
  std::ranges::sort(made);
  std::ranges::sort(seen);
  EXPECT_EQ(seen, made);
}

TEST_P(StoreSuite, a_deleted_entry_is_gone_and_a_strangers_was_never_there) {
  auto made = get(store->save_entry(entry_of(tenant, "one"), {}));
  EXPECT_EQ(now(store->entry(stranger, made.id)).error(), now(store->entry(tenant, EntryId::make(env))).error());
  EXPECT_EQ(code(store->delete_entry(stranger, made.id)), "store.not_found");
  get(store->delete_entry(tenant, made.id));
  EXPECT_EQ(code(store->entry(tenant, made.id)), "store.not_found");
  EXPECT_EQ(code(store->delete_entry(tenant, made.id)), "store.not_found");
  EXPECT_EQ(code(store->save_entry(made, {})), "store.not_found");
}

TEST_P(StoreSuite, whoever_keeps_entries_in_memory_hears_of_a_change) {
  auto before = store->catalog_version();
  auto made = get(store->save_entry(entry_of(tenant, "one"), {}));
  EXPECT_NE(store->catalog_version(), before);
  before = store->catalog_version();
  get(store->delete_entry(tenant, made.id));
  EXPECT_NE(store->catalog_version(), before);
}

}  // namespace mbflow::store
