// What is kept apart stays as long as something refers to it, and no longer.
#include "store/filter.h"
#include "store/suite/suite.h"

namespace mbflow::store {

namespace {

constexpr Duration no_grace{-1'000'000};  // also what was saved this moment

BlobUse use_of(const std::string& bytes) { return {BlobId::of(bytes), bytes.size()}; }

}  // namespace

TEST_P(StoreSuite, a_blob_is_read_as_it_was_saved) {
  const std::string large(300'000, 'x');
  for (const std::string& bytes : {std::string("a"), std::string("\0\xff b", 4), large}) {
    get(store->save_blob(BlobId::of(bytes), bytes));
    get(store->save_blob(BlobId::of(bytes), bytes));
    EXPECT_EQ(get(store->blob(BlobId::of(bytes))), bytes);
  }
  EXPECT_EQ(code(store->blob(BlobId::of("never saved"))), "store.blob_missing");
}

TEST_P(StoreSuite, no_commit_refers_to_a_blob_that_is_not_there) {
  auto record = execution_of(tenant, nth_execution(1));
  auto first = first_commit(record);
  first.blobs = {use_of("one")};
  EXPECT_EQ(code(store->commit(first)), "store.blob_missing");
  EXPECT_EQ(code(store->execution(tenant, record.id)), "store.not_found") << "nothing of it was done";
  get(store->save_blob(BlobId::of("one"), "one"));
  get(store->commit(first));
  record.last_seq = 1;
  auto next = next_commit(record, "next");
  next.blobs = {use_of("one"), use_of("two")};
  EXPECT_EQ(code(store->commit(next)), "store.blob_missing");
  EXPECT_EQ(get(store->execution(tenant, record.id)).last_seq, 1U);
  EXPECT_EQ(get(store->journal(tenant, record.id, 1)).size(), 1U);
  get(store->save_blob(BlobId::of("two"), "two"));
  get(store->commit(next));
  EXPECT_EQ(get(store->journal(tenant, record.id, 1)).size(), 2U);
}

TEST_P(StoreSuite, blobs_go_when_nothing_refers_to_them_any_more) {
  for (const std::string bytes : {"used", "shared", "loose"}) get(store->save_blob(BlobId::of(bytes), bytes));
  auto one = execution_of(tenant, nth_execution(1), ExecutionStatus::succeeded);
  auto two = execution_of(stranger, nth_execution(2), ExecutionStatus::succeeded);
  auto commit = first_commit(one);
  commit.blobs = {use_of("used"), use_of("shared"), use_of("shared")};
  get(store->commit(commit));
  commit = first_commit(two);
  commit.blobs = {use_of("shared")};
  get(store->commit(commit));
  EXPECT_EQ(collect(std::chrono::hours(1)), 0) << "all of them are new";
  EXPECT_EQ(collect(no_grace), 1);
  EXPECT_EQ(code(store->blob(BlobId::of("loose"))), "store.blob_missing");
  get(store->delete_execution(tenant, one.id));
  EXPECT_EQ(collect(no_grace), 1);
  EXPECT_EQ(code(store->blob(BlobId::of("used"))), "store.blob_missing");
  EXPECT_EQ(get(store->blob(BlobId::of("shared"))), "shared");
  get(store->expire({.tenant = stranger, .workflow = {}, .before = start + std::chrono::hours(1'000'000)}));
  EXPECT_EQ(collect(no_grace), 1);
  EXPECT_EQ(code(store->blob(BlobId::of("shared"))), "store.blob_missing");
}

// A chunk that a backend keeps apart by itself is its execution's like any other.
TEST_P(StoreSuite, large_chunks_are_read_and_go_with_their_execution) {
  const std::string large(200'000, 'c');
  const std::string larger(3'000'000, 'd');
  auto record = execution_of(tenant, nth_execution(1));
  get(store->commit(first_commit(record, large)));
  record.last_seq = 1;
  get(store->commit(next_commit(record, "small")));
  record.last_seq = 2;
  record.status = ExecutionStatus::succeeded;
  get(store->commit(next_commit(record, larger)));
  auto whole = execution_of(tenant, nth_execution(2), ExecutionStatus::succeeded);
  get(store->commit(first_commit(whole, large + "e")));
  EXPECT_EQ(collect(no_grace), 0);
  EXPECT_EQ(get(store->journal(tenant, record.id, 1)), (std::vector<std::string>{large, "small", larger}));
  EXPECT_EQ(get(store->journal(tenant, record.id, 3)), std::vector<std::string>{larger});
  EXPECT_EQ(get(store->journal(tenant, whole.id, 1)), std::vector<std::string>{large + "e"});
  get(store->delete_execution(tenant, record.id));
  EXPECT_EQ(code(store->journal(tenant, record.id, 1)), "store.not_found");
  collect(no_grace);
  EXPECT_EQ(get(store->journal(tenant, whole.id, 1)), std::vector<std::string>{large + "e"});
}

TEST_P(StoreSuite, executions_expire_by_bytes_with_what_they_keep_apart) {
  auto workflow = saved("sized");
  const std::string blob(50'000, 'b');
  get(store->save_blob(BlobId::of(blob), blob));
  for (std::uint64_t n = 1; n <= 6; ++n) {
    auto record = execution_of(tenant, nth_execution(n), n == 2 ? ExecutionStatus::held : ExecutionStatus::succeeded);
    if (n != 3) record.workflow = workflow.id;
    auto commit = first_commit(record, std::string(10'000, static_cast<char>('0' + n)));
    if (n == 5) commit.blobs = {{BlobId::of(blob), blob.size()}};
    get(store->commit(commit));
  }
  const auto left = [&] {
    std::string names;
    for (const auto& id : ids_of(get(store->executions(tenant, {.limit = 100})))) names += static_cast<char>('0' + id.bytes[7]);
    return names;
  };
  EXPECT_EQ(get(store->expire({.tenant = tenant, .workflow = workflow.id, .bytes = 100'000})), 0);
  EXPECT_EQ(get(store->expire({.tenant = tenant, .workflow = workflow.id, .bytes = 99'999})), 1);
  EXPECT_EQ(left(), "65432");
  EXPECT_EQ(get(store->expire({.tenant = tenant, .workflow = workflow.id, .bytes = 70'000})), 1);
  EXPECT_EQ(left(), "6532") << "what has not ended stays";
  EXPECT_EQ(get(store->expire({.tenant = tenant, .workflow = {}, .bytes = 15'000})), 2);
  EXPECT_EQ(left(), "62");
}

}  // namespace mbflow::store
