#include "store/postgres/writer.h"

#include "store/faults.h"

namespace mbflow::store::postgres {

namespace {

using namespace std::chrono_literals;

// A group waits in memory, then in the connection's buffer.
constexpr std::size_t group_bytes = 16u << 20;
constexpr int most_tries = 10;  // for collisions with others

constexpr const char* begin_sql = "BEGIN";
constexpr const char* relax_sql = "SELECT set_config('synchronous_commit', 'off', true)";
constexpr const char* mark_sql =
    "INSERT INTO sessions(number, batch) OVERRIDING SYSTEM VALUE VALUES($1, $2) "
    "ON CONFLICT (number) DO UPDATE SET batch = excluded.batch, seen_at = now()";

bool must_flush(const CallList& calls) {
  for (const auto* call = calls.first(); call; call = call->next) {
    if (call->flush) return true;
  }
  return false;
}

bool is_single(const CallList& calls) { return !calls.empty() && !calls.first()->next; }

}  // namespace

Writer::Writer(std::unique_ptr<Connection> db, Catalog& catalog, WriterOptions options)
    : options_(std::move(options)),
      queue_(options_.queue_limit, options_.queue_bytes),
      catalog_(catalog),
      link_(std::move(db), options_.patience, [this] { return queue_.closed(); }) {
  thread_ = std::thread([this] { work(); });
}

Writer::~Writer() { close(); }

void Writer::close() {
  queue_.close();
  if (thread_.joinable()) thread_.join();
}

void Writer::work() {
  for (;;) {
    auto calls = queue_.take(options_.group_limit);
    if (calls.empty()) break;  // closed
    while (!calls.empty()) perform(next_group(calls));
  }
  end();
}

// The calls at the head that can share a transaction, or the one that cannot.
CallList Writer::next_group(CallList& calls) const {
  CallList group;
  std::size_t bytes = 0;
  while (const auto* next = calls.first()) {
    const bool shares = static_cast<const DatabaseCall*>(next)->statement() != nullptr;
    bytes += next->bytes;
    if (!group.empty() && (!shares || bytes > group_bytes)) break;
    group.push(calls.pop());
    if (!shares) break;
  }
  return group;
}

void Writer::perform(CallList group) {
  if (group.first()->last) {
    call_of(*group.first()).run(link_.db());
    return finish(std::move(group));
  }
  const auto begun = Link::Clock::now();
  for (int tries = 1;; ++tries) {
    if (!link_.ready()) {
      if (link_.given_up()) return refuse(std::move(group), link_.error());
      continue;
    }
    switch (attempt(group)) {
      case Outcome::done:
        return finish(std::move(group));
      case Outcome::again:
        if (tries < most_tries && Link::Clock::now() - begun < options_.patience) continue;
        return refuse(std::move(group), link_.db().fault_error());
      case Outcome::unknown:
        return refuse(std::move(group), unknown_outcome());
      case Outcome::failed:
        if (!is_single(group)) return one_by_one(std::move(group));
        return refuse(std::move(group), link_.db().fault_error());
    }
  }
}

void Writer::one_by_one(CallList group) {
  while (auto call = group.pop()) {
    CallList alone;
    alone.push(std::move(call));
    perform(std::move(alone));
  }
}

// One transaction. Unless done, nothing of it is written and all calls are still in the list.
Writer::Outcome Writer::attempt(CallList& group) {
  auto& db = link_.db();
  db.clear_fault();
  altered_ = 0;
  if (!prepare_session()) return give_back();
  auto& first = call_of(*group.first());
  ++batch_;
  const bool all_ran = first.statement() ? run_group(group) : run_alone(first);
  if (!all_ran) return give_back();
  if (!first.statement() && !first.ok()) {
    (void)db.run("ROLLBACK");  // should that fail: the answer is the same
    return Outcome::done;
  }
  return commit();
}

// Each new connection: a row of its own in `sessions` for good, and the statements that a pipeline needs.
bool Writer::prepare_session() {
  auto& db = link_.db();
  if (session_ == 0) {
    auto number = db.number("INSERT INTO sessions DEFAULT VALUES RETURNING number");
    if (!number) return false;
    session_ = *number;
  }
  return db.prepare(begin_sql, {}).ok() && db.prepare(relax_sql, {}).ok() &&
         db.prepare(mark_sql, Parameters::of(session_, batch_)).ok();
}

bool Writer::run_alone(DatabaseCall& call) {
  auto& db = link_.db();
  if (!db.run(begin_sql)) return false;
  if (!call.flush && !db.run(relax_sql)) return false;
  if (call.alters_catalog) {
    auto version = alter_catalog(db);
    if (!version) return false;
    altered_ = *version;
  }
  call.run(db);
  if (db.fault() != Fault::none) return false;
  return !call.ok() || db.run(mark_sql, session_, batch_).ok();
}

bool Writer::run_group(CallList& group) {
  auto& db = link_.db();
  for (auto* call = group.first(); call; call = call->next) {
    const auto* sql = call_of(*call).statement();
    if (!db.has_prepared(sql) && !db.prepare(sql, call_of(*call).parameters())) return false;
  }
  const bool flush = must_flush(group);
  db.start_pipeline();
  db.send(begin_sql, {});
  if (!flush) db.send(relax_sql, {});
  db.send(mark_sql, Parameters::of(session_, batch_));
  for (auto* call = group.first(); call; call = call->next)
    db.send(call_of(*call).statement(), call_of(*call).parameters());
  db.end_sending();
  const bool read = read_group(group, flush);
  db.end_pipeline();
  return read && db.fault() == Fault::none;
}

// To the end, also when one failed: the answers stand in a row.
bool Writer::read_group(CallList& group, bool flush) {
  auto& db = link_.db();
  bool fine = db.receive().status().ok();
  if (!flush) fine = db.receive().status().ok() && fine;
  fine = db.receive().status().ok() && fine;
  for (auto* call = group.first(); call; call = call->next) {
    auto row = db.receive();
    fine = row.status().ok() && fine;
    if (fine) call_of(*call).take(row);
  }
  return fine;
}

Writer::Outcome Writer::commit() {
  auto& db = link_.db();
  auto committed = db.query("COMMIT");
  std::optional<bool> done = committed.status().ok() && committed.tag() == "COMMIT";
  if (db.fault() == Fault::lost) done = ask_what_became();
  if (!done) return Outcome::unknown;
  if (!*done) return give_back();
  if (altered_ != 0) catalog_.raise(altered_);  // before anyone hears of it: who has heard must find its cache outdated
  return Outcome::done;
}

// The connection was lost with COMMIT on its way. However long it takes: no answer is better than a wrong one, unless
// the store is closed.
std::optional<bool> Writer::ask_what_became() {
  auto& db = link_.db();
  for (;;) {
    if (!link_.ready()) {
      if (queue_.closed()) return std::nullopt;
      if (link_.given_up()) refuse(queue_.take(options_.queue_limit, 0ms), link_.error());
      continue;
    }
    db.clear_fault();
    auto row = db.query("SELECT batch FROM sessions WHERE number = $1 FOR UPDATE", session_);
    const bool found = row.next();
    if (row.status()) {
      db.clear_fault();
      return found && row.integer(0) == batch_;
    }
  }
}

// What the fault means for the calls.
Writer::Outcome Writer::give_back() {
  auto& db = link_.db();
  const auto fault = db.fault();
  if (fault != Fault::lost && db.connected()) (void)db.run("ROLLBACK");
  if (fault == Fault::lost) db.disconnect();
  return fault == Fault::statement || fault == Fault::full ? Outcome::failed : Outcome::again;
}

void Writer::refuse(CallList calls, const Error& error) {
  for (auto* call = calls.first(); call; call = call->next) call->refuse(error);
  finish(std::move(calls));
}

void Writer::finish(CallList calls) {
  while (auto call = calls.pop()) {
    if (call->last)
      last_.push(std::move(call));
    else
      delivery_.add(std::move(call));
  }
  delivery_.send();
}

void Writer::end() {
  if (options_.before_close) options_.before_close();
  auto& db = link_.db();
  if (session_ != 0 && db.connected()) (void)db.run("DELETE FROM sessions WHERE number = $1", session_);
  db.disconnect();
  while (auto call = last_.pop()) delivery_.add(std::move(call));
  delivery_.send();
}

}  // namespace mbflow::store::postgres
