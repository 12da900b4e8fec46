#include "store/postgres/postgres_store.h"

#include "base/hash.h"
#include "store/faults.h"
#include "store/postgres/catalog.h"
#include "store/postgres/entries.h"
#include "store/postgres/executions.h"
#include "store/postgres/life_file.h"
#include "store/postgres/messages.h"
#include "store/postgres/readers.h"
#include "store/postgres/receipts.h"
#include "store/postgres/schedules.h"
#include "store/postgres/schema.h"
#include "store/postgres/workers.h"
#include "store/postgres/workflows.h"
#include "store/postgres/writer.h"
#include "store/sql/directory.h"

#include <algorithm>
#include <array>
#include <atomic>

namespace mbflow::store {

namespace {

using namespace postgres;

using Connections = std::vector<std::unique_ptr<Connection>>;

constexpr std::chrono::seconds thorough_every{1};

std::unique_ptr<Connection> pop(Connections& connections) {
  auto last = std::move(connections.back());
  connections.pop_back();
  return last;
}

// What says on this machine that this process lives; without a folder nothing does.
struct Life {
  std::string process;
  std::optional<LockFile> file;
};

class PostgresStore final : public Store {
 public:
  // Four connections, and one for each reader.
  PostgresStore(Env& env, PostgresOptions options, Connections connections, std::int64_t catalog, Life life)
      : env_(env),
        options_(std::move(options)),
        life_(std::move(life)),
        watch_(pop(connections), catalog_),
        office_(pop(connections), catalog_, writer_options([] {})),
        pulse_(pop(connections), catalog_, writer_options([] {})),
        journal_(pop(connections), catalog_, writer_options([this] { end_the_others(); })),
        readers_(std::move(connections), options_.queue_limit, options_.patience) {
    catalog_.raise(catalog);
  }
  ~PostgresStore() override { journal_.close(); }

  Task<Result<WorkflowRecord>> save_workflow(WorkflowRecord record, std::optional<int> expected_version) override {
    if (record.id.is_nil()) record.id = WorkflowId::make(env_);
    auto call =
        make_call<WorkflowRecord>([record = std::move(record), expected_version, now = env_.now()](Connection& db) {
          return postgres::save_workflow(db, record, expected_version, now);
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
    auto call =
        make_call<void>([tenant, id, version, triggers = std::move(triggers), now = env_.now()](Connection& db) {
          return postgres::publish(db, tenant, id, version, triggers, now);
        });
    return write_catalog(std::move(call));
  }
  Task<Result<void>> delete_workflow(TenantId tenant, WorkflowId id) override {
    return write_catalog(make_call<void>(
        [=, now = env_.now()](Connection& db) { return postgres::delete_workflow(db, tenant, id, now); }));
  }
  Task<Result<void>> switch_trigger(TenantId tenant, WorkflowId id, std::string node_id, bool on) override {
    return write_catalog(make_call<void>(
        [=, now = env_.now()](Connection& db) { return postgres::switch_trigger(db, tenant, id, node_id, on, now); }));
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
  std::uint64_t catalog_version() override { return catalog_.version(); }

  Task<Result<void>> commit(Commit commit) override {
    if (commit.create) {
      if (auto fits = check_sequence(commit, 0); !fits) return refused(std::move(fits).error());
    }
    const auto bytes = sizeof(Commit) + commit.chunk.size();
    const bool flush = commit.flush;
    std::unique_ptr<CallOf<void>> call = std::make_unique<StepCall<CommitStep>>(CommitStep(std::move(commit)));
    call->bytes = bytes;
    call->flush = flush;
    return perform(journal_.queue(), std::move(call));
  }
  Task<Result<ExecutionRecord>> execution(TenantId tenant, ExecutionId id) override {
    return read(make_call<ExecutionRecord>([=](Connection& db) { return find_execution(db, tenant, id); }));
  }
  Task<Result<std::vector<ExecutionRecord>>> executions(TenantId tenant, ExecutionFilter filter) override {
    return read(
        make_call<std::vector<ExecutionRecord>>([=](Connection& db) { return list_executions(db, tenant, filter); }));
  }
  Task<Result<std::vector<std::string>>> journal(TenantId tenant, ExecutionId id, std::uint32_t from_seq) override {
    return read(
        make_call<std::vector<std::string>>([=](Connection& db) { return read_journal(db, tenant, id, from_seq); }));
  }
  Task<Result<void>> delete_execution(TenantId tenant, ExecutionId id) override {
    return write(make_call<void>([=](Connection& db) { return postgres::delete_execution(db, tenant, id); }));
  }

  Task<Result<int>> expire(Expiry expiry) override {
    return write(make_call<int>([expiry](Connection& db) { return expire_executions(db, expiry); }));
  }

  // On the connections that read: a large one must not keep leases and commits waiting. Said twice it does no harm.
  Task<Result<void>> save_blob(BlobId id, std::string bytes) override {
    const std::size_t size = bytes.size();
    auto call = make_call<void>([id, bytes = std::move(bytes)](Connection& db) { return postgres::save_blob(db, id, bytes); });
    call->bytes = size;
    return read(std::move(call));
  }
  Task<Result<std::string>> blob(BlobId id) override {
    return read(make_call<std::string>([id](Connection& db) { return find_blob(db, id); }));
  }
  Task<Result<Collected>> collect_blobs(Duration grace) override {
    return write(make_call<Collected>([grace](Connection& db) { return postgres::collect_blobs(db, grace); }));
  }

  Task<Result<WorkerNumber>> join(Duration lease) override {
    return write(make_call<WorkerNumber>([=, process = life_.process](Connection& db) { return postgres::join(db, lease, process); }));
  }
  Task<Result<void>> beat(WorkerNumber worker, Duration lease) override {
    return perform(pulse_.queue(), make_call<void>([=](Connection& db) { return postgres::beat(db, worker, lease); }));
  }
  Task<Result<void>> leave(WorkerNumber worker) override {
    return write(make_call<void>([=](Connection& db) { return postgres::leave(db, worker); }));
  }
  // Asked for many times a second, mostly in vain: so the writer is left alone until there is something. After a full page there
  // most likely is.
  Task<Result<std::vector<ExecutionRecord>>> claim(WorkerNumber worker, Timestamp until, int limit) override {
    const Look look = look_now();
    if (!full_page_.exchange(false)) {
      auto any_call = make_call<bool>([=](Connection& db) { return anything_to_claim(db, worker, until, look); });
      MBF_CO_TRY(bool any, co_await read(std::move(any_call)));
      if (!any) co_return std::vector<ExecutionRecord>();
    }
    auto take = make_call<std::vector<ExecutionRecord>>(
        [=](Connection& db) { return postgres::claim(db, worker, until, limit, look); });
    auto taken = co_await write(std::move(take));
    if (taken && limit > 0) full_page_ = taken->size() >= static_cast<std::size_t>(limit);
    co_return taken;
  }
  Task<Result<std::vector<QueuedOf>>> queued(int most) override {
    return read(make_call<std::vector<QueuedOf>>([most](Connection& db) { return count_queued(db, most); }));
  }

  Task<Result<void>> send(Signal signal) override {
    return write(std::unique_ptr<CallOf<void>>(std::make_unique<StepCall<SendStep>>(SendStep(signal))));
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
    auto call = make_call<std::uint64_t>([message = std::move(message)](Connection& db) { return postgres::add_message(db, message); });
    return write(std::move(call));
  }
  Task<Result<std::vector<Message>>> open_messages(int limit) override {
    return read(make_call<std::vector<Message>>([limit](Connection& db) { return list_open_messages(db, limit); }));
  }
  Task<Result<void>> hand_on(std::vector<std::uint64_t> numbers) override {
    return write(make_call<void>([numbers = std::move(numbers)](Connection& db) { return postgres::hand_on(db, numbers); }));
  }
  Task<Result<std::vector<Message>>> messages(TenantId tenant, std::uint64_t before, int limit) override {
    return read(make_call<std::vector<Message>>([=](Connection& db) { return list_messages(db, tenant, before, limit); }));
  }
  Task<Result<int>> forget_messages(Timestamp before, int limit) override {
    return write(make_call<int>([=](Connection& db) { return postgres::forget_messages(db, before, limit); }));
  }

  Directory& directory() override { return directory_; }

  Task<Result<Entry>> save_entry(Entry entry, std::optional<int> expected) override {
    if (entry.id.is_nil()) entry.id = EntryId::make(env_);
    auto call = make_call<Entry>([entry = std::move(entry), expected, now = env_.now()](Connection& db) {
      return postgres::save_entry(db, entry, expected, now);
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
    return write_catalog(make_call<void>([=](Connection& db) { return postgres::delete_entry(db, tenant, id); }));
  }
  Task<Result<std::vector<Entry>>> all_entries(TenantId after_tenant, EntryId after, int limit) override {
    return read(make_call<std::vector<Entry>>([=](Connection& db) { return list_all_entries(db, after_tenant, after, limit); }));
  }

  Task<Result<Receipt>> reserve(Receipt receipt) override {
    return write(make_call<Receipt>([receipt = std::move(receipt)](Connection& db) { return postgres::reserve(db, receipt); }));
  }
  Task<Result<void>> settle(TenantId tenant, std::string key, std::string answer) override {
    return write(make_call<void>([tenant, key = std::move(key), answer = std::move(answer)](Connection& db) {
      return postgres::settle(db, tenant, key, answer);
    }));
  }
  Task<Result<int>> expire_receipts(Timestamp before, int limit) override {
    return write(make_call<int>([=](Connection& db) { return postgres::expire_receipts(db, before, limit); }));
  }

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
    return perform(readers_.queue(), std::move(call));
  }
  template <class T>
  Task<Result<T>> write(std::unique_ptr<CallOf<T>> call) {
    return perform(office_.queue(), std::move(call));
  }
  Task<Result<void>> write_catalog(std::unique_ptr<CallOf<void>> call) {
    call->alters_catalog = true;
    return write(std::move(call));
  }

  Task<Result<void>> close_once(std::unique_ptr<CallOf<void>> call) {
    if (journal_.queue().closed()) co_return Result<void>();
    co_return co_await perform(journal_.queue(), std::move(call));
  }

  // Any thread. One that just misses the turn of another looks thoroughly the next time.
  Look look_now() {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    if (now < next_thorough_look_.load()) return Look::quick;
    next_thorough_look_ = now + thorough_every;
    return Look::thorough;
  }

  static Task<Result<void>> refused(Error error) { co_return std::move(error); }

  template <class T>
  Task<Result<T>> perform(CallQueue& queue, std::unique_ptr<CallOf<T>> call) {
    auto* loop = options_.current_loop ? options_.current_loop() : nullptr;
    Waiting waiting(queue, loop, std::move(call));
    auto done = co_await waiting;
    co_return std::move(*static_cast<CallOf<T>&>(*done).result);
  }

  WriterOptions writer_options(std::function<void()> before_close) {
    return WriterOptions{.queue_limit = options_.queue_limit,
                         .queue_bytes = options_.queue_bytes,
                         .group_limit = std::max<std::size_t>(options_.group_limit, 1),
                         .patience = options_.patience,
                         .before_close = std::move(before_close)};
  }

  void end_the_others() {
    office_.close();
    pulse_.close();
    readers_.close();
    watch_.stop();
  }

  Env& env_;
  sql::SqlDirectory<PostgresStore, Connection> directory_{*this};
  const PostgresOptions options_;
  const Life life_;
  Catalog catalog_;
  CatalogWatch watch_;
  Writer office_;   // whatever has a transaction of its own, and signals
  Writer pulse_;    // signs of life: they must not wait for anything else
  Writer journal_;  // commits; its thread ends the others
  Readers readers_;
  std::atomic<bool> full_page_{false};
  std::atomic<std::chrono::steady_clock::duration> next_thorough_look_{std::chrono::steady_clock::duration::min()};
};

// The database as it should be, or why it cannot be.
Result<std::int64_t> prepare(Connection& db) {
  MBF_CHECK(db.connect());
  MBF_CHECK(check_server(db));
  MBF_CHECK(migrate(db, migrations()));
  // Those of processes that could not clear up behind themselves. Nobody waits a month for an answer.
  MBF_CHECK(db.run("DELETE FROM sessions WHERE seen_at < now() - interval '30 days'"));
  return postgres::catalog_version(db);
}

// Those that died here hold their leases no longer. A folder that cannot be written costs only that.
Life begin_life(Env& env, Connection& db, const std::string& folder) {
  if (folder.empty()) return {};
  find_ended(folder, [&db](const std::string& process) { return tell_ended(db, process); });
  std::array<std::uint8_t, 16> random{};
  env.random(random);
  std::string process = to_hex(std::string_view(reinterpret_cast<const char*>(random.data()), random.size()));
  auto file = make_life_file(folder, process);
  if (!file) return {};
  return {std::move(process), std::move(*file)};
}

Error opening_error(const Address& address, Error error) {
  error.message = "the database " + address.name() + " cannot be opened: " + error.message;
  return error;
}

bool is_plain(std::string_view name) {
  return !name.empty() && name.size() < 64 &&
         std::ranges::all_of(name, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

}  // namespace

Result<std::unique_ptr<Store>> open_postgres_store(Env& env, PostgresOptions options) {
  if (!is_plain(options.schema))
    return fail(Kind::invalid, "store.address", "a schema's name has small letters, digits and _ only; choose another");
  MBF_TRY(auto address, Address::parse(options.url));
  options.url.clear();
  Connections connections;
  for (std::size_t i = 0; i < 4 + std::max<std::size_t>(options.readers, 1); ++i)
    connections.push_back(std::make_unique<Connection>(address, options.schema));
  auto catalog = prepare(*connections.front());
  if (!catalog) return opening_error(address, std::move(catalog).error());
  for (std::size_t i = 1; i < connections.size(); ++i) {
    if (auto connected = connections[i]->connect(); !connected)
      return opening_error(address, std::move(connected).error());
  }
  auto life = begin_life(env, *connections.front(), options.folder);
  return std::unique_ptr<Store>(
      std::make_unique<PostgresStore>(env, std::move(options), std::move(connections), *catalog, std::move(life)));
}

}  // namespace mbflow::store
