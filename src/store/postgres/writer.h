// A thread that writes, with a connection of its own. It takes what waits and does all of it in one transaction: the
// statements go out in one pipeline, their answers are read, then COMMIT is sent. While the server syncs one group to
// disk the next gathers. A call that is a function of its own has a transaction for itself.
//
// Nobody hears of success before COMMIT has succeeded. Within the transaction the connection's row in `sessions` takes
// the transaction's number. So when the connection is lost after COMMIT was sent, the row tells what became of it: the
// old transaction, if it still lives, holds that row, and who asks for it waits for its end. What was not committed is
// done again. Statements that fail for unforeseen reasons take their group back, and its calls are done again one by
// one.
#pragma once

#include "store/postgres/call.h"
#include "store/postgres/catalog.h"
#include "store/postgres/link.h"

#include <thread>

namespace mbflow::store::postgres {

struct WriterOptions {
  std::size_t queue_limit = 0;
  std::size_t queue_bytes = 0;
  std::size_t group_limit = 0;
  std::chrono::milliseconds patience{};
  std::function<void()> before_close;  // ends the other threads of the store
};

class Writer {
 public:
  Writer(std::unique_ptr<Connection> db, Catalog& catalog, WriterOptions options);
  ~Writer();  // close()
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  // A call with `last` set does the same as close(), and comes back after it.
  [[nodiscard]] CallQueue& queue() { return queue_; }
  void close();  // writes what is queued and disconnects; one thread calls it

 private:
  enum class Outcome : std::uint8_t { done, again, failed, unknown };

  void work();
  [[nodiscard]] CallList next_group(CallList& calls) const;
  void perform(CallList group);
  void one_by_one(CallList group);
  [[nodiscard]] Outcome attempt(CallList& group);
  [[nodiscard]] bool run_alone(DatabaseCall& call);
  [[nodiscard]] bool run_group(CallList& group);
  [[nodiscard]] bool read_group(CallList& group, bool flush);
  [[nodiscard]] Outcome commit();
  [[nodiscard]] Outcome give_back();
  [[nodiscard]] std::optional<bool> ask_what_became();  // nothing: nobody knows
  [[nodiscard]] bool prepare_session();
  void refuse(CallList calls, const Error& error);
  void finish(CallList calls);
  void end();

  const WriterOptions options_;
  CallQueue queue_;
  Catalog& catalog_;

  // The thread's own.
  Link link_;
  Delivery delivery_;
  CallList last_;             // who waits for the close
  std::int64_t session_ = 0;  // the row in `sessions`; 0: none yet
  std::int64_t batch_ = 0;    // the transaction's number
  std::int64_t altered_ = 0;  // the version that the transaction gives the catalog; 0: it does not

  std::thread thread_;
};

}  // namespace mbflow::store::postgres
