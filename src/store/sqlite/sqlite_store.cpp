#include "store/sqlite/sqlite_store.h"

#include "store/faults.h"
#include "store/lock_file.h"
#include "store/sql/directory.h"
#include "store/sqlite/blob_files.h"
#include "store/sqlite/entries.h"
#include "store/sqlite/executions.h"
#include "store/sqlite/messages.h"
#include "store/sqlite/readers.h"
#include "store/sqlite/receipts.h"
#include "store/sqlite/schedules.h"
#include "store/sqlite/schema.h"
#include "store/sqlite/workers.h"
#include "store/sqlite/workflows.h"
#include "store/sqlite/writer.h"

#include <algorithm>
#include <atomic>
#include <sqlite3.h>
#include <thread>

namespace mbflow::store {

namespace {

using namespace sqlite;

constexpr std::size_t apart_from = 64 << 10;  // a chunk of the journal that is larger becomes a blob
constexpr int blob_folders = 256;
constexpr int page_bytes = 8192;  // a row of 1 KiB leaves less of a page unused than with 4096

class SqliteStore final : public Store {
 public:
  SqliteStore(Env& env, SqliteOptions options, std::optional<LockFile> lock, std::unique_ptr<Readers> readers,
              std::unique_ptr<Readers> blob_keeper, std::unique_ptr<Connection> db)
      : env_(env), options_(std::move(options)), blobs_(options_.path), lock_(std::move(lock)), readers_(std::move(readers)),
        blob_keeper_(std::move(blob_keeper)), writer_(std::move(db), writer_options()) {
    if (lock_) blobs_.clear_unfinished();
  }

  Task<Result<WorkflowRecord>> save_workflow(WorkflowRecord record, std::optional<int> expected_version) override {
    if (record.id.is_nil()) record.id = WorkflowId::make(env_);
    auto call = make_call<WorkflowRecord>([record = std::move(record), expected_version, now = env_.now()](Connection& db) {
      return sqlite::save_workflow(db, record, expected_version, now);
    });
    return write(std::move(call));
  }
  Task<Result<WorkflowRecord>> workflow(TenantId tenant, WorkflowId id, int version) override {
    return read(make_call<WorkflowRecord>([=](Connection& db) { return find_workflow(db, tenant, id, version); }));
  }
  Task<Result<std::vector<WorkflowRecord>>> workflows(TenantId tenant, WorkflowFilter filter) override {
    return read(make_call<std::vector<WorkflowRecord>>(
        [tenant, filter = std::move(filter)](Connection& db) { return list_workflows(db, tenant, filter); }));
  }
  Task<Result<std::vector<WorkflowVersion>>> versions(TenantId tenant, WorkflowId id, int before, int limit) override {
    return read(make_call<std::vector<WorkflowVersion>>([=](Connection& db) { return list_versions(db, tenant, id, before, limit); }));
  }
  Task<Result<std::vector<std::string>>> workflow_names(TenantId tenant, std::vector<WorkflowId> ids) override {
    return read(make_call<std::vector<std::string>>([tenant, ids = std::move(ids)](Connection& db) { return list_names(db, tenant, ids); }));
  }
  Task<Result<void>> publish(TenantId tenant, WorkflowId id, int version, LiveTriggers triggers) override {
    auto call = make_call<void>([tenant, id, version, triggers = std::move(triggers), now = env_.now()](Connection& db) {
      return sqlite::publish(db, tenant, id, version, triggers, now);
    });
    return write_catalog(std::move(call));
  }
  Task<Result<void>> delete_workflow(TenantId tenant, WorkflowId id) override {
    return write_catalog(
        make_call<void>([=, now = env_.now()](Connection& db) { return sqlite::delete_workflow(db, tenant, id, now); }));
  }
  Task<Result<void>> switch_trigger(TenantId tenant, WorkflowId id, std::string node_id, bool on) override {
    return write_catalog(make_call<void>(
        [=, now = env_.now()](Connection& db) { return sqlite::switch_trigger(db, tenant, id, node_id, on, now); }));
  }
  Task<Result<std::vector<WebhookRoute>>> routes() override {
    return read(make_call<std::vector<WebhookRoute>>([](Connection& db) { return list_routes(db); }));
  }
  Task<Result<std::vector<Schedule>>> schedules() override {
    return read(make_call<std::vector<Schedule>>([](Connection& db) { return list_schedules(db); }));
  }
  Task<Result<std::vector<Subscription>>> subscriptions() override {
    return read(make_call<std::vector<Subscription>>([](Connection& db) { return list_subscriptions(db); }));
  }
  std::uint64_t catalog_version() override { return writer_.catalog_version(); }

  Task<Result<void>> commit(Commit commit) override {
    const bool orphan = commit.create && commit.record.owner != 0 && commit.record.owner != newest_worker_;
    if (orphan) co_return lease_over();
    const bool apart = commit.chunk.size() > apart_from;
    if (apart) {
      const BlobUse use{BlobId::of(commit.chunk), commit.chunk.size()};
      MBF_CO_CHECK(co_await save_blob(use.id, std::exchange(commit.chunk, std::string(use.id.raw()))));
      commit.blobs.push_back(use);
    }
    auto bytes = sizeof(Commit) + commit.chunk.size();
    const bool flush = commit.flush;
    const bool atomic = commit.tick || commit.message || !commit.blobs.empty();  // they must not outlive a creation that fails
    auto call = make_call<void>(
        [this, commit = std::move(commit), apart](Connection& db) { return append_commit(db, blobs_, commit, apart); });
    call->bytes = bytes;
    call->flush = flush;
    call->atomic = atomic;
    co_return co_await perform(writer_.queue(), std::move(call));
  }
  Task<Result<ExecutionRecord>> execution(TenantId tenant, ExecutionId id) override {
    return read(make_call<ExecutionRecord>([=](Connection& db) { return find_execution(db, tenant, id); }));
  }
  Task<Result<std::vector<ExecutionRecord>>> executions(TenantId tenant, ExecutionFilter filter) override {
    return read(make_call<std::vector<ExecutionRecord>>([=](Connection& db) { return list_executions(db, tenant, filter); }));
  }
  Task<Result<std::vector<std::string>>> journal(TenantId tenant, ExecutionId id, std::uint32_t from_seq) override {
    return read(make_call<std::vector<std::string>>([=, this](Connection& db) { return read_journal(db, blobs_, tenant, id, from_seq); }));
  }
  Task<Result<void>> delete_execution(TenantId tenant, ExecutionId id) override {
    return write(make_call<void>([=](Connection& db) { return sqlite::delete_execution(db, tenant, id); }));
  }

  Task<Result<int>> expire(Expiry expiry) override {
    ExecutionId beyond;
    if (expiry.bytes > 0) {
      auto look = make_call<ExecutionId>([expiry](Connection& db) { return newest_beyond(db, expiry); });
      MBF_CO_TRY(beyond, co_await read(std::move(look)));
    }
    auto call = make_call<int>([expiry, beyond](Connection& db) { return expire_executions(db, expiry, beyond); });
    co_return co_await write(std::move(call));
  }

  Task<Result<void>> save_blob(BlobId id, std::string bytes) override {
    const std::size_t size = bytes.size();
    auto call = make_call<void>(
        [this, id, bytes = std::move(bytes), now = env_.now()](Connection&) { return blobs_.save(id, bytes, now); });
    call->bytes = size;
    return perform(blob_keeper_->queue(), std::move(call));
  }
  Task<Result<std::string>> blob(BlobId id) override {
    return read(make_call<std::string>([this, id](Connection&) { return blobs_.read(id); }));
  }
  // One folder at a time. What a deletion has set free is seen as free only once that is on disk: so a reader looks first. What a
  // commit refers to is seen by the writer: so it removes.
  Task<Result<Collected>> collect_blobs(Duration grace) override {
    const Timestamp before = env_.now() - grace;
    auto look = make_call<std::vector<BlobId>>([this, before, folder = next_folder_.load()](Connection& db) { return unused_blobs(db, before, folder); });
    MBF_CO_TRY(auto unused, co_await read(std::move(look)));
    next_folder_ = (next_folder_ + 1) % blob_folders;
    Collected collected{0, next_folder_ != 0};
    if (unused.empty()) co_return collected;
    auto sweep = make_call<int>([this, before, unused = std::move(unused)](Connection& db) { return remove_blobs(db, before, unused); });
    MBF_CO_TRY(collected.gone, co_await write(std::move(sweep)));
    co_return collected;
  }

  Task<Result<WorkerNumber>> join(Duration) override {
    MBF_CO_TRY(newest_worker_, co_await write(make_call<WorkerNumber>([](Connection& db) { return sqlite::join(db); })));
    co_return newest_worker_.load();
  }
  Task<Result<void>> beat(WorkerNumber worker, Duration) override {
    return read(make_call<void>([=](Connection& db) { return sqlite::beat(db, worker); }));
  }
  Task<Result<void>> leave(WorkerNumber worker) override {
    return write(make_call<void>([=](Connection& db) { return sqlite::leave(db, worker); }));
  }
  // Asked for many times a second, mostly in vain: so the writer is left alone until there is something.
  Task<Result<std::vector<ExecutionRecord>>> claim(WorkerNumber worker, Timestamp until, int limit) override {
    auto look = make_call<bool>([=](Connection& db) { return anything_to_claim(db, worker, until); });
    MBF_CO_TRY(bool any, co_await read(std::move(look)));
    if (!any) co_return std::vector<ExecutionRecord>();
    auto take = make_call<std::vector<ExecutionRecord>>([=](Connection& db) { return sqlite::claim(db, worker, until, limit); });
    co_return co_await write(std::move(take));
  }
  Task<Result<std::vector<QueuedOf>>> queued(int most) override {
    return read(make_call<std::vector<QueuedOf>>([most](Connection& db) { return count_queued(db, most); }));
  }

  Task<Result<void>> send(Signal signal) override {
    return write(make_call<void>([signal = std::move(signal)](Connection& db) { return sqlite::send(db, signal); }));
  }
  Task<Result<std::vector<Signal>>> signals(WorkerNumber worker, std::uint64_t after, int limit) override {
    return read(make_call<std::vector<Signal>>([=](Connection& db) { return list_signals(db, worker, after, limit); }));
  }

  Task<Result<void>> save_ticks(std::vector<Tick> ticks) override {
    return write(make_call<void>([ticks = std::move(ticks)](Connection& db) { return add_ticks(db, ticks); }));
  }
  Task<Result<std::vector<Tick>>> ticks(TenantId tenant, WorkflowId workflow, std::string node_id, Timestamp before,
                                        int limit) override {
    return read(make_call<std::vector<Tick>>([=, node_id = std::move(node_id)](Connection& db) {
      return list_ticks(db, tenant, workflow, node_id, before, limit);
    }));
  }

  Task<Result<std::uint64_t>> add_message(Message message) override {
    auto call = make_call<std::uint64_t>([message = std::move(message)](Connection& db) { return sqlite::add_message(db, message); });
    return write(std::move(call));
  }
  Task<Result<std::vector<Message>>> open_messages(int limit) override {
    return read(make_call<std::vector<Message>>([limit](Connection& db) { return list_open_messages(db, limit); }));
  }
  Task<Result<void>> hand_on(std::vector<std::uint64_t> numbers) override {
    return write(make_call<void>([numbers = std::move(numbers)](Connection& db) { return sqlite::hand_on(db, numbers); }));
  }
  Task<Result<std::vector<Message>>> messages(TenantId tenant, std::uint64_t before, int limit) override {
    return read(make_call<std::vector<Message>>([=](Connection& db) { return list_messages(db, tenant, before, limit); }));
  }
  Task<Result<int>> forget_messages(Timestamp before, int limit) override {
    return write(make_call<int>([=](Connection& db) { return sqlite::forget_messages(db, before, limit); }));
  }

  Directory& directory() override { return directory_; }

  Task<Result<Entry>> save_entry(Entry entry, std::optional<int> expected) override {
    if (entry.id.is_nil()) entry.id = EntryId::make(env_);
    auto call = make_call<Entry>([entry = std::move(entry), expected, now = env_.now()](Connection& db) {
      return sqlite::save_entry(db, entry, expected, now);
    });
    call->alters_catalog = true;
    return write(std::move(call));
  }
  Task<Result<Entry>> entry(TenantId tenant, EntryId id) override {
    return read(make_call<Entry>([=](Connection& db) { return find_entry(db, tenant, id); }));
  }
  Task<Result<std::vector<Entry>>> entries(TenantId tenant, std::string kind) override {
    return read(make_call<std::vector<Entry>>([tenant, kind = std::move(kind)](Connection& db) { return list_entries(db, tenant, kind); }));
  }
  Task<Result<void>> delete_entry(TenantId tenant, EntryId id) override {
    return write_catalog(make_call<void>([=](Connection& db) { return sqlite::delete_entry(db, tenant, id); }));
  }
  Task<Result<std::vector<Entry>>> all_entries(TenantId after_tenant, EntryId after, int limit) override {
    return read(make_call<std::vector<Entry>>([=](Connection& db) { return list_all_entries(db, after_tenant, after, limit); }));
  }

  Task<Result<Receipt>> reserve(Receipt receipt) override {
    return write(make_call<Receipt>([receipt = std::move(receipt)](Connection& db) { return sqlite::reserve(db, receipt); }));
  }
  Task<Result<void>> settle(TenantId tenant, std::string key, std::string answer) override {
    return write(make_call<void>([tenant, key = std::move(key), answer = std::move(answer)](Connection& db) {
      return sqlite::settle(db, tenant, key, answer);
    }));
  }
  Task<Result<int>> expire_receipts(Timestamp before, int limit) override {
    return write(make_call<int>([=](Connection& db) { return sqlite::expire_receipts(db, before, limit); }));
  }

  Result<void> health() override { return writer_.health(); }

  Task<Result<void>> close() override {
    auto call = make_call<void>([](Connection&) { return Result<void>(); });
    call->last = true;
    return close_once(std::move(call));
  }

  // For the Directory.
  template <class T, class Work>
  Task<Result<T>> perform_read(Work work) {
    return read(make_call<T>(std::move(work)));
  }
  template <class T, class Work>
  Task<Result<T>> perform_write(Work work, bool takes_rights) {
    auto call = make_call<T>(std::move(work));
    call->alters_catalog = takes_rights;
    return write(std::move(call));
  }

 private:
  template <class T, class Work>
  static std::unique_ptr<CallOf<T>> make_call(Work work) {
    return std::make_unique<WorkCall<T, Work>>(std::move(work));
  }

  template <class T>
  Task<Result<T>> read(std::unique_ptr<CallOf<T>> call) {
    return perform(readers_->queue(), std::move(call));
  }
  template <class T>
  Task<Result<T>> write(std::unique_ptr<CallOf<T>> call) {
    call->atomic = true;
    return perform(writer_.queue(), std::move(call));
  }
  Task<Result<void>> write_catalog(std::unique_ptr<CallOf<void>> call) {
    call->alters_catalog = true;
    return write(std::move(call));
  }

  Task<Result<void>> close_once(std::unique_ptr<CallOf<void>> call) {
    if (writer_.queue().closed()) co_return Result<void>();
    co_return co_await perform(writer_.queue(), std::move(call));
  }

  template <class T>
  Task<Result<T>> perform(CallQueue& queue, std::unique_ptr<CallOf<T>> call) {
    auto* loop = options_.current_loop ? options_.current_loop() : nullptr;
    Waiting waiting(queue, loop, std::move(call));
    auto done = co_await waiting;
    co_return std::move(*static_cast<CallOf<T>&>(*done).result);
  }

  Result<std::vector<BlobId>> unused_blobs(Connection& db, Timestamp before, int folder) {
    std::vector<BlobId> unused;
    for (const auto& id : blobs_.older_than(before, folder)) {
      MBF_TRY(const bool used, is_used(db, id));
      if (!used) unused.push_back(id);
    }
    return unused;
  }
  Result<int> remove_blobs(Connection& db, Timestamp before, const std::vector<BlobId>& unused) {
    int gone = 0;
    for (const auto& id : unused) {
      MBF_TRY(const bool used, is_used(db, id));
      if (!used && blobs_.remove(id, before)) ++gone;
    }
    return gone;
  }

  WriterOptions writer_options() {
    return WriterOptions{.queue_limit = options_.queue_limit,
                         .queue_bytes = options_.queue_bytes,
                         .group_limit = std::max<std::size_t>(options_.group_limit, 1),
                         .checkpoints = options_.server,
                         .before_close = [this] { return end_reading(); }};
  }

  // The last of all connections empties the log into the file. Beside a server that is the server's.
  bool end_reading() {
    readers_->close();
    blob_keeper_->close();
    if (lock_) return true;
    auto lock = LockFile::take(options_.path + ".lock");
    if (lock) lock_.emplace(std::move(*lock));
    return lock.ok();
  }

  Env& env_;
  sql::SqlDirectory<SqliteStore, Connection> directory_{*this};
  const SqliteOptions options_;
  BlobFiles blobs_;
  std::atomic<int> next_folder_{0};  // of blobs, to be looked through
  std::atomic<WorkerNumber> newest_worker_{0};  // the only one alive
  std::optional<LockFile> lock_;
  std::unique_ptr<Readers> readers_;
  std::unique_ptr<Readers> blob_keeper_;  // saves blobs: a thread of its own, for it waits for the disk
  Writer writer_;  // its thread uses the others: it ends first
};

// Two programs that make the same new file meet here.
Result<void> use_log(Connection& db) {
  Result<void> result = db.execute("PRAGMA journal_mode=WAL");
  for (int attempt = 0; !result && db.fault() == Fault::busy && attempt < 50; ++attempt) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    db.clear_fault();
    result = db.execute("PRAGMA journal_mode=WAL");
  }
  MBF_CHECK(std::move(result));
  auto mode = db.query("PRAGMA journal_mode");
  if (mode.next() && mode.text(0) == "wal") return {};
  MBF_CHECK(mode.status());
  return fail(Kind::unavailable, "store.io", "its file system cannot share memory between processes; use a local disk");
}

// The file as it should be, or why it cannot be.
Result<void> prepare(Connection& db, const SqliteOptions& options) {
  MBF_CHECK(db.execute("PRAGMA page_size=" + std::to_string(page_bytes) + "; PRAGMA auto_vacuum=INCREMENTAL"));
  MBF_CHECK(use_log(db));
  MBF_CHECK(db.execute("PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0; PRAGMA journal_size_limit=67108864; "
                       "PRAGMA cache_size=-8000"));
  MBF_CHECK(migrate(db, options.path, migrations()));
  if (options.max_bytes == 0) return {};
  return db.execute("PRAGMA max_page_count=" + std::to_string(std::max<std::uint64_t>(options.max_bytes / page_bytes, 1)));
}

// At the start an I/O error has a code of its own: nothing was promised yet, and the path is the first suspect.
Error opening_error(const Connection* db, const std::string& path, Error error) {
  bool disk = !db || db->fault() == Fault::disk;
  if (disk && error.code == "store.unavailable") error.code = "store.io";
  error.message = "the database " + path + " cannot be opened: " + error.message;
  return error;
}

}  // namespace

Result<std::unique_ptr<Store>> open_sqlite_store(Env& env, SqliteOptions options) {
  MBF_CHECK(check_library(sqlite3_libversion_number()));
  std::optional<LockFile> lock;
  if (options.server) {
    MBF_TRY(auto taken, LockFile::take(options.path + ".lock"));
    lock.emplace(std::move(taken));
  }
  auto db = Connection::open(options.path, Connection::Mode::write);
  if (!db) return opening_error(nullptr, options.path, std::move(db).error());
  if (auto ready = prepare(**db, options); !ready)
    return opening_error(db->get(), options.path, std::move(ready).error());
  auto readers = Readers::open(options.path, options.readers, options.queue_limit);
  if (!readers) return opening_error(nullptr, options.path, std::move(readers).error());
  auto keeper = Readers::open(options.path, 1, options.queue_limit, options.queue_bytes / 4);
  if (!keeper) return opening_error(nullptr, options.path, std::move(keeper).error());
  return std::unique_ptr<Store>(std::make_unique<SqliteStore>(env, std::move(options), std::move(lock), std::move(*readers),
                                                              std::move(*keeper), std::move(*db)));
}

}  // namespace mbflow::store
