// Blobs as files: what a bad disk, a death half-way or a person's hand does to them.
#include "store/sqlite/blob_files.h"
#include "store/sqlite/testing/fault_vfs.h"
#include "store/sqlite/testing/test_folder.h"

#include <fstream>
#include <set>

namespace mbflow::store {
namespace {

using sqlite::BlobFiles;
using sqlite::FaultDisk;

class Blobs : public SqliteTest {
 protected:
  std::vector<std::filesystem::path> files() const {
    std::vector<std::filesystem::path> found;
    std::error_code missing;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(BlobFiles::folder_of(folder.file()), missing)) {
      if (entry.is_regular_file()) found.push_back(entry.path());
    }
    return found;
  }
  std::string save(const std::string& bytes) { return code(store->save_blob(BlobId::of(bytes), bytes)); }
  const std::string large = std::string(100'000, 'l');
};

// Whichever step fails, nothing has the name of a blob that is not whole and on the disk, and the next attempt is a fresh one.
TEST_F(Blobs, no_step_that_fails_leaves_anything_behind) {
  FaultDisk disk;
  open();
  for (std::int64_t step = 1; step <= 5; ++step) {
    const std::string bytes = "bytes of step " + std::to_string(step);
    disk.fail_syncs(step);
    const std::string came = save(bytes);
    disk.heal();
    const bool known = code(store->blob(BlobId::of(bytes))) == "ok";
    EXPECT_EQ(came == "ok", known) << step << " " << came;
    EXPECT_EQ(save(bytes), "ok") << message;
    EXPECT_EQ(code(store->blob(BlobId::of(bytes))), "ok");
  }
  disk.fail_writes(1);
  EXPECT_EQ(save("other"), "store.unavailable");
  disk.heal();
  EXPECT_EQ(code(store->blob(BlobId::of("other"))), "store.blob_missing");
  EXPECT_TRUE(store->health().ok()) << "the database itself is well";
  store.reset();
}

TEST_F(Blobs, a_large_commit_is_not_done_while_its_blob_cannot_be_saved) {
  FaultDisk disk;
  open();
  disk.fail_syncs(1);
  EXPECT_EQ(commit(1, large.size()), "store.unavailable");
  disk.heal();
  EXPECT_FALSE(has(1));
  EXPECT_EQ(commit(1, large.size()), "ok") << message;
  EXPECT_EQ(now(store->journal(tenant, nth_execution(1), 1))->front().size(), large.size());
  EXPECT_EQ(files().size(), 1U);
  store.reset();
  expect_sound(folder.file());
}

TEST_F(Blobs, what_an_earlier_life_left_half_written_is_removed) {
  open();
  ASSERT_EQ(save("whole"), "ok");
  store.reset();
  std::ofstream(BlobFiles::folder_of(folder.file()) + "/unfinished/1-1") << "half";
  ASSERT_EQ(files().size(), 2U);
  open();
  EXPECT_EQ(files().size(), 1U);
  EXPECT_EQ(code(store->blob(BlobId::of("whole"))), "ok");
}

TEST_F(Blobs, what_was_changed_or_removed_is_found_out) {
  open();
  ASSERT_EQ(commit(1, large.size()), "ok");
  ASSERT_EQ(commit(2, large.size() + 1), "ok");
  store.reset();
  expect_sound(folder.file());
  ASSERT_EQ(files().size(), 2U);
  std::fstream(files()[0], std::ios::in | std::ios::out).put('m');
  EXPECT_EQ(check_sqlite_file(folder.file()).error().code, "store.damaged");
  open();
  const auto one = code(store->journal(tenant, nth_execution(1), 1));
  const auto two = code(store->journal(tenant, nth_execution(2), 1));
  EXPECT_EQ((std::set<std::string>{one, two}), (std::set<std::string>{"ok", "store.damaged"}));
  store.reset();
  std::filesystem::remove(files()[0]);
  const auto found = check_sqlite_file(folder.file());
  ASSERT_FALSE(found.ok());
  EXPECT_TRUE(found.error().message.find("kept apart") != std::string::npos) << found.error().message;
}

TEST_F(Blobs, a_backup_takes_them_along) {
  open();
  ASSERT_EQ(commit(1, large.size()), "ok");
  ASSERT_EQ(save("referred to by nothing"), "ok");
  const std::string copy = folder.path() + "/copy.db";
  ASSERT_TRUE(backup_sqlite_file(folder.file(), copy).ok());
  store.reset();
  expect_sound(copy);
  std::filesystem::remove_all(BlobFiles::folder_of(folder.file()));
  EXPECT_FALSE(check_sqlite_file(folder.file()).ok());
  const auto kept = restore_sqlite_file(copy, folder.file(), env.now());
  ASSERT_TRUE(kept.ok()) << kept.error().message;
  expect_sound(folder.file());
  std::filesystem::remove_all(BlobFiles::folder_of(copy));
  EXPECT_FALSE(restore_sqlite_file(copy, folder.file(), env.now()).ok()) << "a backup that lacks some restores nothing";
  expect_sound(folder.file());
}

// What a deletion has set free goes only when the deletion is on the disk.
TEST_F(Blobs, a_deletion_that_was_lost_has_removed_nothing) {
  FaultDisk disk;
  open();
  ASSERT_EQ(commit(1, large.size(), ExecutionStatus::succeeded), "ok");
  disk.fail_syncs(1);
  EXPECT_NE(code(store->delete_execution(tenant, nth_execution(1))), "ok");
  for (int step = 0; step < 256; ++step) (void)now(store->collect_blobs(Duration(-1)));
  disk.heal();
  store.reset();
  EXPECT_EQ(files().size(), 1U);
  expect_sound(folder.file());  // whether the deletion is found there or not
}

}  // namespace
}  // namespace mbflow::store
