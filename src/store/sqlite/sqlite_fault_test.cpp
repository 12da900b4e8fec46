// Disks that are full or fail, and files that are damaged. Power cuts: tests/power.
#include "store/sqlite/testing/fault_vfs.h"
#include "store/sqlite/testing/test_folder.h"

#include <algorithm>
#include <fstream>

namespace mbflow::store {
namespace {

using sqlite::FaultDisk;
using FullDisk = SqliteTest;
using BrokenDisk = SqliteTest;
using DamagedFile = SqliteTest;

TEST_F(FullDisk, is_told_and_writing_goes_on_when_there_is_space) {
  open({.max_bytes = 1 << 20});
  std::uint64_t n = 0;
  while (commit(n, 20'000, ExecutionStatus::succeeded) == "ok") ASSERT_LT(++n, 100U);
  EXPECT_EQ(commit(n, 20'000), "store.full") << message;
  EXPECT_EQ(now(store->commit(first_commit(execution_of(tenant, nth_execution(n)), std::string(20'000, 'x')))).error().kind,
            Kind::unavailable);
  EXPECT_TRUE(store->health().ok());
  EXPECT_FALSE(has(n));
  EXPECT_TRUE(has(n - 1));
  for (std::uint64_t i = 0; i < 10; ++i) ASSERT_EQ(code(store->delete_execution(tenant, nth_execution(i))), "ok") << message;
  EXPECT_EQ(commit(n, 20'000), "ok") << message;
  store.reset();
  expect_sound(folder.file());
}

// Small ones of a group still fit where a large one does not.
TEST_F(FullDisk, one_that_does_not_fit_does_not_fail_the_others) {
  ManualLoop loop;
  open({.max_bytes = 1 << 20, .current_loop = [&] { return &loop; }});
  std::vector<std::string> codes(20);
  auto run = [](Store& to, Commit commit, std::string& into) -> Task<void> {
    auto result = co_await to.commit(std::move(commit));
    into = result ? "ok" : result.error().code;
  };
  for (std::uint64_t n = 0; n < codes.size(); ++n) {
    auto record = execution_of(tenant, nth_execution(n));
    record.error_message = std::string(n % 5 == 2 ? 2'000'000U : 100U, 'x');
    spawn(loop, run(*store, first_commit(std::move(record)), codes[n]));
  }
  loop.run_ready();
  while (std::ranges::count(codes, "") > 0) loop.run_ready();
  for (std::uint64_t n = 0; n < codes.size(); ++n) EXPECT_EQ(codes[n], n % 5 == 2 ? "store.full" : "ok") << n;
  store.reset();
}

TEST_F(FullDisk, of_the_system_is_the_same) {
  FaultDisk disk;
  open();
  ASSERT_EQ(commit(1), "ok");
  disk.fill_up(1);
  EXPECT_EQ(commit(2), "store.full") << message;
  EXPECT_EQ(commit(3), "store.full");
  EXPECT_TRUE(store->health().ok());
  disk.heal();
  EXPECT_EQ(commit(2), "ok");
  EXPECT_TRUE(has(1) && has(2) && !has(3));
  store.reset();
  expect_sound(folder.file());
}

TEST_F(BrokenDisk, after_a_failed_sync_nothing_is_written_until_reopened) {
  FaultDisk disk;
  open();
  ASSERT_EQ(commit(1), "ok");
  disk.fail_syncs(1);
  EXPECT_EQ(commit(2), "store.unavailable");
  EXPECT_NE(message.find("disk"), std::string::npos) << message;
  ASSERT_FALSE(store->health().ok());
  EXPECT_EQ(store->health().error().code, "store.unavailable");
  disk.heal();
  EXPECT_EQ(commit(3), "store.unavailable");  // the disk seems well again: it is not to be believed
  EXPECT_TRUE(has(1));                        // reading goes on
  store.reset();
  open();
  EXPECT_TRUE(store->health().ok());
  EXPECT_TRUE(has(1));
  EXPECT_FALSE(has(3));
  EXPECT_EQ(commit(3), "ok");
  store.reset();  // before the disk
}

// Fail the k-th write or sync, for each k: what was reported as done is there afterwards, and the file is whole.
TEST_F(BrokenDisk, no_success_is_reported_that_is_not_there) {
  bool reached_end = false;
  for (std::int64_t k = 1; !reached_end; ++k) {
    ASSERT_LT(k, 500);
    for (bool sync : {false, true}) {
      TestFolder own;
      SqliteOptions options{.path = own.file(), .readers = 1};
      FaultDisk disk;
      auto opened = open_sqlite_store(env, options);
      ASSERT_TRUE(opened.ok());
      if (sync) disk.fail_syncs(k);
      else disk.fail_writes(k);
      std::vector<std::uint64_t> reported;
      for (std::uint64_t n = 0; n < 5; ++n) {
        auto commit = first_commit(execution_of(tenant, nth_execution(n)), std::string(3000, 'x'));
        if (now((*opened)->commit(commit))) reported.push_back(n);
      }
      reached_end = reported.size() == 5;
      opened->reset();
      disk.heal();
      auto again = open_sqlite_store(env, options);
      ASSERT_TRUE(again.ok()) << again.error().message;
      for (auto n : reported) EXPECT_TRUE(now((*again)->execution(tenant, nth_execution(n))).ok()) << k << " " << n;
      again->reset();
      expect_sound(own.file());
    }
  }
}

TEST_F(DamagedFile, of_garbage_is_reported) {
  std::ofstream(folder.file(), std::ios::binary) << std::string(100'000, 'g');
  EXPECT_EQ(open_error(), "store.damaged");
  EXPECT_NE(message.find(folder.file()), std::string::npos) << message;
  EXPECT_EQ(check_sqlite_file(folder.file()).error().code, "store.damaged");
}

TEST_F(DamagedFile, within_is_reported_and_writing_stops) {
  open();
  for (std::uint64_t n = 0; n < 300; ++n) ASSERT_EQ(commit(n, 1000), "ok");
  store.reset();
  auto size = static_cast<std::streamoff>(folder.size_of(""));
  {
    std::fstream file(folder.file(), std::ios::binary | std::ios::in | std::ios::out);
    for (std::streamoff at = size / 4; at + 8192 < size; at += 8192) {
      file.seekp(at / 8192 * 8192);
      file.write(std::string(4096, '\x5a').data(), 4096);
    }
  }
  EXPECT_EQ(check_sqlite_file(folder.file()).error().code, "store.damaged");
  auto opened = open_error();
  if (opened != "ok") {
    EXPECT_EQ(opened, "store.damaged");
    return;
  }
  open();
  std::set<std::string> codes;
  for (std::uint64_t n = 0; n < 400; ++n) codes.insert(code(store->execution(tenant, nth_execution(n))));
  EXPECT_TRUE(codes.contains("store.damaged"));
  for (std::uint64_t n = 1000; n < 1100 && store->health().ok(); ++n) (void)commit(n);
  ASSERT_FALSE(store->health().ok());
  EXPECT_EQ(store->health().error().code, "store.damaged");
  EXPECT_EQ(commit(2000), "store.damaged");
}

}  // namespace
}  // namespace mbflow::store
