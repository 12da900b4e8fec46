#include "store/sqlite/writer.h"

#include "store/faults.h"

#include <sqlite3.h>

namespace mbflow::store::sqlite {

namespace {

using namespace std::chrono_literals;

constexpr auto look_every = 200ms;
// 16 MiB of pages: large enough that a page written often is copied once, small enough that copying stalls for
// milliseconds only.
constexpr int checkpoint_pages = 2048;
constexpr int starved_pages = 4 * checkpoint_pages;
// What is free is used again; it is given back to the disk only when it is much.
constexpr std::int64_t worth_shrinking = 4096;

bool must_flush(const CallList& calls) {
  for (const auto* call = calls.first(); call; call = call->next) {
    if (call->flush) return true;
  }
  return false;
}

}  // namespace

Writer::Writer(std::unique_ptr<Connection> db, WriterOptions options)
    : options_(std::move(options)), queue_(options_.queue_limit, options_.queue_bytes), db_(std::move(db)) {
  auto note_pages = [](void* self, sqlite3*, const char*, int pages) {
    auto& writer = *static_cast<Writer*>(self);
    if (pages < writer.wal_pages_) writer.copied_pages_ = 0;  // the log began anew
    writer.wal_pages_ = pages;
    return SQLITE_OK;
  };
  sqlite3_wal_hook(db_->handle(), note_pages, this);
  look_for_others();
  thread_ = std::thread([this] { work(); });
}

Writer::~Writer() {
  queue_.close();
  thread_.join();
}

Result<void> Writer::health() const {
  std::lock_guard lock(health_mutex_);
  return refusal_ ? Result<void>(*refusal_) : Result<void>();
}

void Writer::work() {
  for (;;) {
    bool closed = queue_.closed();  // asked first: whatever was queued before is still taken
    auto calls = queue_.take(options_.group_limit, look_every);
    if (calls.empty() && closed) break;
    bool idle = calls.empty();
    if (!idle) write(std::move(calls));
    keep_house(idle);
  }
  close();
}

void Writer::write(CallList calls) {
  if (auto state = health(); !state) return refuse(std::move(calls), state.error());
  if (together(calls)) return finish(std::move(calls));
  auto fault = db_->fault();
  auto error = db_->fault_error();
  if (fault == Fault::disk || fault == Fault::damaged) stop_writing(error);
  bool is_anyones = fault == Fault::busy || fault == Fault::disk || fault == Fault::damaged;
  if (is_anyones) return refuse(std::move(calls), error);
  one_by_one(std::move(calls));
}

// One transaction. False: nothing of it is written, the connection knows why, and all calls are still in the list.
bool Writer::together(CallList& calls) {
  db_->clear_fault();
  bool flush = must_flush(calls);
  if (begin(flush) && run_all(calls, flush) && commit()) return true;
  roll_back();
  return false;
}

bool Writer::run_all(CallList& calls, bool more_may_join) {
  CallList done;
  std::size_t count = 0;
  while (auto call = calls.pop()) {
    run(*call);
    done.push(std::move(call));
    if (db_->fault() != Fault::none) break;
    ++count;
    if (calls.empty() && more_may_join && count < options_.group_limit) calls = queue_.take(options_.group_limit - count, 0ms);
  }
  done.append(std::move(calls));
  calls = std::move(done);
  return db_->fault() == Fault::none;
}

void Writer::run(Call& call) {
  if (!call.atomic) return sqlite::run(call, *db_);
  if (!db_->run("SAVEPOINT call")) return;
  sqlite::run(call, *db_);
  if (db_->fault() != Fault::none) return;
  if (!call.ok()) (void)db_->run("ROLLBACK TO call");
  (void)db_->run("RELEASE call");
}

void Writer::one_by_one(CallList calls) {
  CallList done;
  while (auto call = calls.pop()) {
    auto state = health();
    if (!state) call->refuse(state.error());
    else if (!alone(*call)) call->refuse(db_->fault_error());
    done.push(std::move(call));
  }
  finish(std::move(done));
}

bool Writer::alone(Call& call) {
  db_->clear_fault();
  if (begin(call.flush)) {
    run(call);
    if (db_->fault() == Fault::none && commit()) return true;
  }
  roll_back();
  if (db_->fault() == Fault::disk || db_->fault() == Fault::damaged) stop_writing(db_->fault_error());
  return false;
}

// A group in which nobody asked for the disk is committed without a sync; the next full one syncs it, too.
bool Writer::begin(bool flush) {
  if (flush != full_sync_) {
    // Not a prepared statement: this one works when it is compiled.
    if (!db_->execute(flush ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL")) return false;
    full_sync_ = flush;
  }
  return db_->run("BEGIN IMMEDIATE").ok();
}

bool Writer::commit() { return db_->run("COMMIT").ok(); }

void Writer::roll_back() {
  if (sqlite3_get_autocommit(db_->handle()) == 0) (void)db_->run("ROLLBACK");
}

void Writer::stop_writing(const Error& cause) {
  std::lock_guard lock(health_mutex_);
  if (!refusal_) refusal_ = cause;
}

void Writer::refuse(CallList calls, const Error& error) {
  for (auto* call = calls.first(); call; call = call->next) call->refuse(error);
  finish(std::move(calls));
}

void Writer::finish(CallList calls) {
  bool altered = false;
  for (const auto* call = calls.first(); call; call = call->next) altered = altered || (call->alters_catalog && call->ok());
  // Before anyone hears of it: who has heard of it must find its cache outdated.
  if (altered) catalog_.fetch_add(1, std::memory_order_release);
  while (auto call = calls.pop()) {
    if (call->last) last_.push(std::move(call));
    else delivery_.add(std::move(call));
  }
  delivery_.send();
}

void Writer::keep_house(bool idle) {
  if (!health()) return;
  int waiting = wal_pages_ - copied_pages_;
  if (waiting >= checkpoint_pages || (idle && waiting > 0)) checkpoint();
  if (idle || Clock::now() - looked_ >= look_every) look_for_others();
  if (idle && maybe_shrinkable_) shrink();
  if (!idle) maybe_shrinkable_ = true;
}

// Only ever on this connection. Readers are quick; should they still never leave the log alone at once, it would grow
// without bound, so from some size on they are waited for.
void Writer::checkpoint() {
  if (!options_.checkpoints) return;
  db_->clear_fault();
  bool starved = wal_pages_ >= starved_pages;
  sqlite3_busy_timeout(db_->handle(), 100);
  int pages = 0;
  int copied = 0;
  int code = sqlite3_wal_checkpoint_v2(db_->handle(), nullptr,
                                       starved ? SQLITE_CHECKPOINT_RESTART : SQLITE_CHECKPOINT_PASSIVE, &pages, &copied);
  sqlite3_busy_timeout(db_->handle(), 5000);
  copied_pages_ = code == SQLITE_OK ? copied : wal_pages_;  // after a failure: not again with every group
  if (code == SQLITE_OK || code == SQLITE_BUSY) return;
  auto error = db_->error(code);
  if (db_->fault() == Fault::disk || db_->fault() == Fault::damaged) stop_writing(error);
}

// The number changes when another connection has written; those of this process only read.
void Writer::look_for_others() {
  looked_ = Clock::now();
  db_->clear_fault();
  auto version = db_->number("PRAGMA data_version");
  if (!version || *version == others_) return;
  if (others_ != 0) catalog_.fetch_add(1, std::memory_order_release);
  others_ = *version;
}

void Writer::shrink() {
  auto free = db_->number("PRAGMA freelist_count");
  auto pages = db_->number("PRAGMA page_count");
  maybe_shrinkable_ = free && pages && *free >= worth_shrinking && *free * 4 >= *pages;
  if (maybe_shrinkable_) (void)db_->execute("PRAGMA incremental_vacuum(512)");
}

void Writer::close() {
  bool empty_log = options_.before_close() && health().ok();
  if (!empty_log) sqlite3_db_config(db_->handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  db_.reset();
  while (auto call = last_.pop()) delivery_.add(std::move(call));
  delivery_.send();
}

}  // namespace mbflow::store::sqlite
