// The Store: workflows with their versions, executions with their journals, what starts them, and who may (directory.h). One interface,
// one conformance suite (store/suite), several backends. A call that returns success from a `save…` or `commit` is on disk
// (memory backend: in memory). Every tenant-owned thing is asked for with its TenantId; another tenant's is not found.
//
// Who drives an execution. A worker (a process, in a simulation one of several in a process) joins, keeps its lease alive
// with beat(), and holds executions: those it creates, and those it claims. Each claim raises the execution's epoch, and a
// commit that carries another epoch than the stored one is refused with store.fenced: a worker that was taken for dead,
// however late it wakes, can write nothing more. The store's own clock decides when a lease is over.
//
// Threads: any loop; a call resumes on the loop it was made from. Errors: store.unavailable (unavailable: try again), store.unknown_outcome (timeout: a store that is closed
// cannot tell whether it was saved),
// store.full, store.damaged (internal), plus those named at each call.
#pragma once

#include "base/id.h"
#include "base/loop.h"
#include "model/event.h"
#include "store/directory.h"

#include <mbflow/result.h>
#include <mbflow/task.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace mbflow::store {

struct WorkflowRecord {
  WorkflowId id;
  TenantId tenant;
  std::string name;
  std::vector<std::string> tags;
  int version = 0;            // the newest, from 1, also when the document of another was asked for; each save makes one
  int published_version = 0;  // 0: not published
  Timestamp created_at{}, updated_at{};
  Value document;             // canonical, of the version asked for (null in lists)
};

struct QueuedOf {
  TenantId tenant;
  WorkflowId workflow;
  int count = 0;
};

// A webhook that is live: the routes of a workflow are replaced as a whole when it is published.
struct WebhookRoute {
  std::string path;    // without leading slash
  std::string method;  // upper case, or "*"
  TenantId tenant;
  WorkflowId workflow;
  int version = 0;
  std::string node_id;
  bool enabled = true;  // the switch of its trigger: switch_trigger()
};

// A schedule node that is live, replaced like the routes. What it says (cron, zone, …) is in its node's config.
struct Schedule {
  TenantId tenant;
  WorkflowId workflow;
  int version = 0;
  std::string node_id;
  Timestamp since{};  // occurrences after this count: when this node was first published as it is
  Timestamp last{};   // the latest occurrence of it that has a Tick; zero: none
  bool enabled = true;
  Timestamp switched_at{};  // when it was switched off or on last: what was due before does not start any more; zero: never
};

// An event node that is live, replaced like the routes. What else it says (a filter) is in its node's config.
struct Subscription {
  TenantId tenant;
  WorkflowId workflow;
  int version = 0;
  std::string node_id;
  std::string name;  // of the events it wants, or a pattern of names (trigger/event.h)
  bool enabled = true;
  Timestamp switched_at{};  // what arrived before it was switched on it does not hear; zero: it always was
};

// Something that happened elsewhere, for whatever subscribes to it. Kept until it was handed on, and a while longer, so that
// one that is sent again is known by its source and key.
struct Message {
  std::uint64_t number = 0;  // from 1, given by the store in order of arrival
  TenantId tenant;
  std::string name;
  std::string source;
  std::string key;           // one of each (tenant, source, key) is taken; empty: any number
  Value data;
  Timestamp at{};
  bool handed_on = false;
};

// One occurrence of a schedule, and what became of it. Kept once per (tenant, workflow, node, at), however often it is tried;
// only one that is "queued" gives way to another.
struct Tick {
  TenantId tenant;
  WorkflowId workflow;
  std::string node_id;
  Timestamp at{};          // the instant the schedule names, in UTC
  std::string outcome;     // "started", "queued" behind another, or why it did not start
  ExecutionId execution;   // of "started"
};

// Workers are numbered from 1, each number given once in the life of a store. 0: nobody.
using WorkerNumber = std::uint64_t;

// What a person or another execution tells an execution; removed by the commit of what it led to, so never lost and never
// heeded twice. Numbered in order of sending.
struct Signal {
  std::uint64_t number = 0;
  TenantId tenant;
  ExecutionId execution;
  Value body;  // {"type": "cancel" | "retry" | "decide" | …}
};

struct ExecutionRecord {
  ExecutionId id;
  TenantId tenant;
  WorkflowId workflow;  // nil: run inline, the document is in `document`
  int version = 0;
  ExecutionStatus status = ExecutionStatus::queued;
  std::string trigger;  // "manual", "webhook", …; without blanks
  std::string entry;    // the node that was named to start at; empty: the usual one. Given at its creation
  Timestamp created_at{}, started_at{}, finished_at{};
  Timestamp wake_at{};  // earliest time it wants to go on by itself; zero: none
  std::string error_code, error_message;  // when failed
  std::uint32_t last_seq = 0;
  WorkerNumber owner = 0;   // who holds it; 0: nobody. What is final is held only when it was claimed to hear a signal
  std::uint32_t epoch = 1;  // how often it was taken over, from 1
  int deaths = 0;           // workers that died holding it since its last progress
  // What a queued execution waits in, never 0 then. Of one lane at most `lane_limit` (0: any number) are under way at a time:
  // claimed, running or waiting. Given at its creation.
  std::int64_t lane = 0;
  int lane_limit = 0;
};

// One step of one execution: the events since the last commit, and the execution's row as it is after them: record.owner 0
// lets go of it, record.deaths is kept as given. Without events (an empty chunk, last_seq as it was, first_seq the next) it
// changes the row and removes signals only.
struct Commit {
  ExecutionRecord record;    // its epoch must be the stored one, unless `create`
  bool create = false;       // the first commit of this execution
  std::uint32_t first_seq = 1;
  std::string chunk;         // encode_events(…)
  bool flush = true;         // false: success may be reported before the data is on disk (durability: relaxed)
  std::optional<Tick> tick;  // of a creation: the occurrence that starts it
  std::vector<std::uint64_t> signals;  // numbers of signals of this execution that it answers: they are removed
  std::vector<BlobUse> blobs;          // what its events refer to, each saved before: kept as long as the execution is
  std::shared_ptr<const Message> message;  // added with it, if any (add_message); without a key
};

// Something a tenant keeps under a name, part of it sealed: a credential or a variable. What is sealed the store cannot open.
struct Entry {
  EntryId id;
  TenantId tenant;
  std::string kind;    // "credential", "variable"
  std::string scope;   // of a variable: its environment
  std::string name;    // one of its kind and scope
  Value open;          // what may be shown
  std::string key_id;  // of the key that sealed the rest; "": nothing is sealed
  std::string sealed;
  int version = 0;     // from 1; each save makes one
  Timestamp created_at{}, updated_at{};
};

struct ExecutionFilter {
  std::optional<WorkflowId> workflow;
  std::vector<ExecutionStatus> statuses;  // one of these; none given: any
  Timestamp since{}, until{};             // created at or after, and before; zero: no bound
  std::optional<ExecutionId> before;      // keyset: ids older than this,
  std::optional<ExecutionId> after;       // and newer than this
  bool oldest_first = false;
  int limit = 50;
};

struct WorkflowVersion {
  int version = 0;
  Timestamp created_at{};
};

// A write that named an idempotency key: what it was about, and what was answered. `subject` is the id of whatever it makes,
// chosen before it is made: a call that comes again makes the same thing, or finds it made.
struct Receipt {
  TenantId tenant;
  std::string key;
  std::string request;  // sha256 of what was asked
  Uuid subject;
  Timestamp created_at{};
  std::string answer;   // as the server words it; empty: not known, the process may have died on the way
};

// What starts a published workflow.
struct LiveTriggers {
  std::vector<WebhookRoute> routes;
  std::vector<Schedule> schedules;
  std::vector<Subscription> subscriptions;
};

struct WorkflowFilter {
  std::optional<bool> published;
  std::string name_contains;  // case-insensitive
  std::string tag;
  std::optional<WorkflowId> before;
  bool deleted = false;  // instead: those that are deleted, while history refers to them
  int limit = 50;
};

// Which ended executions may go: those made before an instant, those beyond the newest `keep`, and those beyond the newest that
// take `bytes` together (journal and blobs; a blob of several counts for each). Of one workflow, or of all.
struct Expiry {
  TenantId tenant;
  std::optional<WorkflowId> workflow;
  Timestamp before{};  // zero: however old
  int keep = 0;        // zero: however many
  std::int64_t bytes = 0;  // zero: however large
  int limit = 500;     // of one call, which is one transaction
};

class Store {
 public:
  virtual ~Store() = default;

  // ── workflows
  // Creates (record.version must be 0) or adds a version. With `expected_version`, error store.conflict when the newest is
  // another. Error store.not_found. Returns the record with its new version and times.
  virtual Task<Result<WorkflowRecord>> save_workflow(WorkflowRecord record, std::optional<int> expected_version) = 0;
  // version 0: the newest. Error store.not_found.
  virtual Task<Result<WorkflowRecord>> workflow(TenantId tenant, WorkflowId id, int version) = 0;
  virtual Task<Result<std::vector<WorkflowRecord>>> workflows(TenantId tenant, WorkflowFilter filter) = 0;  // newest first
  // Newest first, less than `before` (0: all). Error store.not_found.
  virtual Task<Result<std::vector<WorkflowVersion>>> versions(TenantId tenant, WorkflowId id, int before, int limit) = 0;
  // As they are called now, in the order asked; "" for one that is not there.
  virtual Task<Result<std::vector<std::string>>> workflow_names(TenantId tenant, std::vector<WorkflowId> ids) = 0;
  // Publishes that version with what starts it, or (version 0) takes it back. Error store.route_taken: another workflow has
  // that path and method; the message names it. A schedule given with `since` zero keeps the one it had while its node was
  // live before, else it begins now.
  virtual Task<Result<void>> publish(TenantId tenant, WorkflowId id, int version, LiveTriggers triggers) = 0;
  // The document goes from lists and can no longer start; history that refers to it stays readable.
  virtual Task<Result<void>> delete_workflow(TenantId tenant, WorkflowId id) = 0;
  // The switch of one trigger stays with its node's id, whichever version is published, until the workflow is deleted; to turn it
  // to where it is changes nothing. Error store.not_found: no such workflow.
  virtual Task<Result<void>> switch_trigger(TenantId tenant, WorkflowId workflow, std::string node_id, bool on) = 0;
  // All live routes, those switched off too; small enough to hold in memory.
  virtual Task<Result<std::vector<WebhookRoute>>> routes() = 0;
  virtual Task<Result<std::vector<Schedule>>> schedules() = 0;
  virtual Task<Result<std::vector<Subscription>>> subscriptions() = 0;
  // Changes whenever routes, schedules, subscriptions, publications, or who may do what change, by any process: a cache compares it. Cheap, never waits.
  [[nodiscard]] virtual std::uint64_t catalog_version() = 0;

  // ── executions
  // Error store.exists: that id was created before (start is idempotent by id), or its tick has been, or was due while its
  // trigger is or was switched off; store.fenced
  // (conflict): another worker has taken it over, or the worker that creates it is dead by its lease; store.gap: first_seq
  // does not follow; store.blob_missing (unavailable): a blob it refers to is not there (any more): save it anew.
  virtual Task<Result<void>> commit(Commit commit) = 0;
  virtual Task<Result<ExecutionRecord>> execution(TenantId tenant, ExecutionId id) = 0;
  virtual Task<Result<std::vector<ExecutionRecord>>> executions(TenantId tenant, ExecutionFilter filter) = 0;
  // Journal chunks from the one that holds `from_seq` on, in order.
  virtual Task<Result<std::vector<std::string>>> journal(TenantId tenant, ExecutionId id, std::uint32_t from_seq) = 0;
  virtual Task<Result<void>> delete_execution(TenantId tenant, ExecutionId id) = 0;  // store.conflict while it is not final

  // Deletes the oldest of those that may go, never one that is not final, and gives free space back; how many.
  virtual Task<Result<int>> expire(Expiry expiry) = 0;

  // ── blobs: what is too large for a journal. Reached only through the journal that names them, so they belong to no tenant.
  // On disk when it returns. What no commit refers to is kept for a while (collect_blobs), counted from when it was saved last.
  virtual Task<Result<void>> save_blob(BlobId id, std::string bytes) = 0;
  // Error store.blob_missing; store.damaged: they are not the bytes that were saved.
  virtual Task<Result<std::string>> blob(BlobId id) = 0;
  // Removes what nothing refers to and was saved longer ago than `grace`; how many. In steps: false in `more` when all was looked at.
  struct Collected {
    int gone = 0;
    bool more = false;
  };
  virtual Task<Result<Collected>> collect_blobs(Duration grace) = 0;

  // ── workers
  // A new worker, whose lease ends `lease` from now. On a store that one process has to itself, all others are dead by that.
  virtual Task<Result<WorkerNumber>> join(Duration lease) = 0;
  // The lease ends `lease` from now. Error store.fenced (conflict): it was over; the worker must stop and join anew.
  virtual Task<Result<void>> beat(WorkerNumber worker, Duration lease) = 0;
  // What it holds may be claimed at once, and is not counted as a death.
  virtual Task<Result<void>> leave(WorkerNumber worker) = 0;
  // Takes executions that nobody alive holds and that want to go on: queued or running, waiting with wake_at before
  // `until`, or with a signal to hear, whatever their status. Of the queued ones only those whose lane has room, in fair turns
  // (store/lanes.h), the oldest of a lane first; of the others, the longest due first. What a dead worker held comes with
  // `deaths` raised by one. They are returned as they are now, owner and epoch set. Error store.fenced: the worker's own lease
  // is over.
  virtual Task<Result<std::vector<ExecutionRecord>>> claim(WorkerNumber worker, Timestamp until, int limit) = 0;

  // How many are queued and held by nobody, by workflow; counts to `most` in all.
  virtual Task<Result<std::vector<QueuedOf>>> queued(int most) = 0;

  // ── signals
  // On disk when it returns. Error store.not_found.
  virtual Task<Result<void>> send(Signal signal) = 0;
  // Signals with a greater number, of executions this worker holds, in order. Cheap when there are none.
  virtual Task<Result<std::vector<Signal>>> signals(WorkerNumber worker, std::uint64_t after, int limit) = 0;

  // ── ticks
  // Those that start nothing; one that is there already stays as it is.
  virtual Task<Result<void>> save_ticks(std::vector<Tick> ticks) = 0;
  // Newest first, older than `before` (zero: all).
  virtual Task<Result<std::vector<Tick>>> ticks(TenantId tenant, WorkflowId workflow, std::string node_id, Timestamp before,
                                                int limit) = 0;

  // ── messages
  // On disk when it returns; its number. Error store.exists: one of that source and key is there.
  virtual Task<Result<std::uint64_t>> add_message(Message message) = 0;
  // Those that are not handed on yet, the oldest first, of all tenants.
  virtual Task<Result<std::vector<Message>>> open_messages(int limit) = 0;
  virtual Task<Result<void>> hand_on(std::vector<std::uint64_t> numbers) = 0;
  // Newest first, with numbers less than `before` (0: all).
  virtual Task<Result<std::vector<Message>>> messages(TenantId tenant, std::uint64_t before, int limit) = 0;
  // Deletes up to `limit` of those that arrived before an instant and were handed on; how many.
  virtual Task<Result<int>> forget_messages(Timestamp before, int limit) = 0;

  // ── users, tenants, API keys, and the audit log; lives as long as the store
  [[nodiscard]] virtual Directory& directory() = 0;

  // ── entries
  // Creates (entry.version must be 0) or replaces, unless the stored version is another than `expected`: store.conflict. Errors
  // store.not_found; store.exists: that kind and scope has the name already. Changes the catalog's version.
  virtual Task<Result<Entry>> save_entry(Entry entry, std::optional<int> expected) = 0;
  virtual Task<Result<Entry>> entry(TenantId tenant, EntryId id) = 0;  // store.not_found
  // Of one kind, by scope and name; a tenant has few enough to hold in memory.
  virtual Task<Result<std::vector<Entry>>> entries(TenantId tenant, std::string kind) = 0;
  virtual Task<Result<void>> delete_entry(TenantId tenant, EntryId id) = 0;  // store.not_found
  // Of all tenants, by tenant and id, those after that one: for who keeps the keys, never for a caller.
  virtual Task<Result<std::vector<Entry>>> all_entries(TenantId after_tenant, EntryId after, int limit) = 0;

  // ── receipts
  // Keeps it, unless there is one under its key; gives the one that is kept.
  virtual Task<Result<Receipt>> reserve(Receipt receipt) = 0;
  virtual Task<Result<void>> settle(TenantId tenant, std::string key, std::string answer) = 0;
  // Of every tenant, those made before an instant, at most `limit` of them; how many went.
  virtual Task<Result<int>> expire_receipts(Timestamp before, int limit) = 0;

  // An error: the store refuses to write until it is opened anew (a disk that failed to sync, a damaged file). Any thread.
  [[nodiscard]] virtual Result<void> health() { return {}; }
  // Writes what is queued and closes; later calls give store.unavailable.
  virtual Task<Result<void>> close() = 0;
};

}  // namespace mbflow::store
