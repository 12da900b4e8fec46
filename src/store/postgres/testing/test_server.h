// A PostgreSQL of the test program's own: in a temporary folder, on a Unix socket alone, with fsync as in earnest. It
// ends with the thread that started it. Started as root, it runs as nobody, since the server refuses root.
#pragma once

#include "store/postgres/connection.h"
#include "store/postgres/postgres_store.h"
#include "store/suite/suite.h"

#include <sys/types.h>
#include <filesystem>

namespace mbflow::store {

class TestServer {
 public:
  // `settings`: more arguments of the server. A program that cannot be started ends the test program.
  explicit TestServer(std::vector<std::string> settings = {});
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;
  ~TestServer();

  [[nodiscard]] std::string url() const;
  // As after a power cut: nothing is written any more, and the log is recovered at the next start.
  void stop_at_once();
  void start();  // returns when it takes connections

 private:
  void make_files();

  std::vector<std::string> settings_;
  std::filesystem::path folder_;
  pid_t pid_ = 0;
};

// The one of this program, started by the first who asks: a thread that lives as long.
[[nodiscard]] TestServer& test_server();
// A name that no other test has.
[[nodiscard]] std::string new_schema();
// A connection beside the store's, for what a store does not do.
[[nodiscard]] std::unique_ptr<postgres::Connection> test_connection(const std::string& schema);
[[nodiscard]] std::unique_ptr<Store> open_test_store(Env& env, const std::string& schema, PostgresOptions options = {});

// Waits for something that comes by itself; ctest's time limit is the bound.
void wait_until(const std::function<bool()>& came);

}  // namespace mbflow::store
