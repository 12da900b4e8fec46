// The one thread that writes. It takes what waits, runs all of it in one transaction and commits as soon as nothing more
// waits: while one fsync runs the next group gathers, so a lone call pays for one sync and a crowd shares it.
//
// A statement that fails takes its group back, and the calls are done again one by one: nobody fails for another's sake.
// An I/O error ends all writing (a retry after a failed fsync may lie); a full disk does not.
#pragma once

#include "store/sqlite/call.h"

#include <atomic>
#include <chrono>
#include <functional>
#include <thread>

namespace mbflow::store::sqlite {

struct WriterOptions {
  std::size_t queue_limit = 0;
  std::size_t queue_bytes = 0;
  std::size_t group_limit = 0;
  bool checkpoints = true;             // false: another process has the file and does it
  std::function<bool()> before_close;  // the other connections end; true: the log may be emptied into the file
};

class Writer {
 public:
  Writer(std::unique_ptr<Connection> db, WriterOptions options);
  ~Writer();  // writes what is queued and closes the connection
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  // A call with `last` set does the same as the destructor, and comes back after it.
  [[nodiscard]] CallQueue& queue() { return queue_; }
  // Grows with each committed call that alters the catalog, and within 200 ms after another process wrote to the file.
  [[nodiscard]] std::uint64_t catalog_version() const { return catalog_.load(std::memory_order_acquire); }
  // Why it refuses to write, if it does.
  [[nodiscard]] Result<void> health() const;

 private:
  using Clock = std::chrono::steady_clock;

  void work();
  void write(CallList calls);
  [[nodiscard]] bool together(CallList& calls);
  [[nodiscard]] bool run_all(CallList& calls, bool more_may_join);
  void one_by_one(CallList calls);
  [[nodiscard]] bool alone(Call& call);
  void run(Call& call);
  [[nodiscard]] bool begin(bool flush);
  [[nodiscard]] bool commit();
  void roll_back();
  void stop_writing(const Error& cause);
  void refuse(CallList calls, const Error& error);
  void finish(CallList calls);
  void keep_house(bool idle);
  void checkpoint();
  void look_for_others();
  void shrink();
  void close();

  const WriterOptions options_;
  CallQueue queue_;
  std::atomic<std::uint64_t> catalog_{1};
  mutable std::mutex health_mutex_;
  std::optional<Error> refusal_;  // guarded by health_mutex_; only the thread below sets it

  // The thread's own.
  std::unique_ptr<Connection> db_;
  Delivery delivery_;
  CallList last_;            // who waits for the close
  int wal_pages_ = 0;        // in the log
  int copied_pages_ = 0;     // of them, already in the file
  bool full_sync_ = true;
  bool maybe_shrinkable_ = true;
  std::int64_t others_ = 0;  // PRAGMA data_version
  Clock::time_point looked_{};

  std::thread thread_;
};

}  // namespace mbflow::store::sqlite
