// What the tests of this folder share: a folder of their own, and a store in it.
#pragma once

#include "store/sqlite/sqlite_store.h"
#include "store/suite/suite.h"
#include "store/suite/temp_folder.h"

#include <gtest/gtest.h>

#include <filesystem>

namespace mbflow::store {

class TestFolder : public TempFolder {
 public:
  [[nodiscard]] std::string file() const { return path() + "/flows.db"; }
  [[nodiscard]] std::uintmax_t size_of(const char* suffix) const {
    std::error_code missing;
    auto size = std::filesystem::file_size(file() + suffix, missing);
    return missing ? 0 : size;
  }
};

inline void expect_sound(const std::string& file) {
  auto checked = check_sqlite_file(file);
  EXPECT_TRUE(checked.ok()) << checked.error().message;
}

class SqliteTest : public testing::Test {
 protected:
  void open(SqliteOptions options = {}) {
    options.path = folder.file();
    auto opened = open_sqlite_store(env, std::move(options));
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    store = std::move(*opened);
  }
  std::string open_error(SqliteOptions options = {}) {
    options.path = folder.file();
    auto opened = open_sqlite_store(env, std::move(options));
    message = opened ? "" : opened.error().message;
    return opened ? "ok" : opened.error().code;
  }
  template <class T>
  std::string code(Task<Result<T>> task) {
    auto result = now(std::move(task));
    message = result ? "" : result.error().message;
    return result ? "ok" : result.error().code;
  }
  std::string commit(std::uint64_t n, std::size_t size = 100, ExecutionStatus status = ExecutionStatus::running) {
    return code(store->commit(first_commit(execution_of(tenant, nth_execution(n), status), std::string(size, 'x'))));
  }
  bool has(std::uint64_t n) { return code(store->execution(tenant, nth_execution(n))) == "ok"; }

  TestFolder folder;
  ManualEnv env{1};
  TenantId tenant = TenantId::make(env);
  std::string message;  // of the last error
  std::unique_ptr<Store> store;
};

}  // namespace mbflow::store
