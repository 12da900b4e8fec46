// One life of the program over a database file: engine, runtime and SQLite store on one thread with virtual time.
#pragma once

#include "base/manual_loop.h"
#include "runtime/runtime.h"
#include "store/sqlite/sqlite_store.h"

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace mbflow::power {

struct Call {
  std::string url;
  std::string execution;
  std::string node;
  std::string key;  // Idempotency-Key
};

// What the world outside has seen; written on the loop's thread, read at a cut on the store's.
class Ledger {
 public:
  struct Seen {
    std::vector<Call> calls;
    std::vector<ExecutionId> acknowledged;
  };
  void add(Call call);
  void add(ExecutionId acknowledged);
  [[nodiscard]] Seen seen() const;

 private:
  mutable std::mutex mutex_;
  Seen seen_;
};

// Peers at http://peer/[slow/|flaky/|bad/|large/]NODE/EXECUTION: after a while, after two failures, with 400, with 100 KB.
class Peers final : public HttpClient {
 public:
  Peers(ManualLoop& loop, Ledger& ledger) : loop_(loop), ledger_(ledger) {}
  void remember(const std::vector<Call>& calls);  // of earlier lives
  [[nodiscard]] Task<Result<HttpResponse>> send(HttpRequest request, std::stop_token stop) override;

 private:
  ManualLoop& loop_;
  Ledger& ledger_;
  std::map<std::string, int> calls_;  // by url
};

struct Outcome {
  ExecutionStatus status{};
  std::string output;  // JSON
  bool operator==(const Outcome&) const = default;
};

class Life {
 public:
  Life(const std::string& file, std::uint64_t seed, Ledger& ledger);
  ~Life();
  Life(const Life&) = delete;
  Life& operator=(const Life&) = delete;

  [[nodiscard]] const Result<void>& opened() const { return opened_; }
  void remember(const std::vector<Call>& calls) { peers_.remember(calls); }
  void save(const Value& document);
  void start(std::int64_t n);  // asks for it; the ledger hears when it is acknowledged
  // Takes up what there is and lets time pass until all is over or held; false: it never is.
  bool run();

  struct Found {
    ExecutionId id;
    std::int64_t n = 0;                // of its input
    Outcome outcome;
    std::set<std::string> finished;    // nodes
  };
  [[nodiscard]] std::vector<Found> look();

 private:
  template <class T>
  T now(Task<T> task);
  [[nodiscard]] bool is_over();

  ManualLoop loop_;
  ManualEnv env_;
  Ledger& ledger_;
  Peers peers_;
  expr::Sandbox sandbox_;
  std::unique_ptr<store::Store> store_;
  Result<void> opened_;
  std::unique_ptr<runtime::Services> services_;
  std::unique_ptr<runtime::Runtime> runtime_;
  std::shared_ptr<const runtime::Program> program_;
  bool joined_ = false;
};

}  // namespace mbflow::power
