// The Store: workflows with their versions, executions with their journals, webhook routes and API keys. One interface,
// one conformance suite (store/suite), several backends. A call that returns success from a `save…` or `commit` is on disk
// (memory backend: in memory). Every tenant-owned thing is asked for with its TenantId; another tenant's is not found.
//
// Threads: any loop; a call resumes on the loop it was made from. Errors: store.unavailable (unavailable: try again),
// store.full, store.damaged (internal), plus those named at each call.
#pragma once

#include "base/id.h"
#include "base/loop.h"
#include "model/event.h"

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

// A webhook that is live: the routes of a workflow are replaced as a whole when it is published.
struct WebhookRoute {
  std::string path;    // without leading slash
  std::string method;  // upper case, or "*"
  TenantId tenant;
  WorkflowId workflow;
  int version = 0;
  std::string node_id;
};

struct ExecutionRecord {
  ExecutionId id;
  TenantId tenant;
  WorkflowId workflow;  // nil: run inline, the document is in `document`
  int version = 0;
  ExecutionStatus status = ExecutionStatus::queued;
  std::string trigger;  // "manual", "webhook", …
  Timestamp created_at{}, started_at{}, finished_at{};
  Timestamp wake_at{};  // earliest time it wants to go on by itself; zero: none
  std::string error_code, error_message;  // when failed
  std::uint32_t last_seq = 0;
};

// One step of one execution: the events since the last commit, and the execution's row as it is after them.
struct Commit {
  ExecutionRecord record;
  bool create = false;       // the first commit of this execution
  std::uint32_t first_seq = 1;
  std::string chunk;         // encode_events(…)
  bool flush = true;         // false: success may be reported before the data is on disk (durability: relaxed)
};

struct ApiKey {
  KeyId id;
  TenantId tenant;
  std::string name;
  std::string role;  // owner, admin, editor, operator, viewer
  std::string hash;  // sha256 of the key, 32 bytes
  Timestamp created_at{};
};

struct ExecutionFilter {
  std::optional<WorkflowId> workflow;
  std::optional<ExecutionStatus> status;
  std::optional<ExecutionId> before;  // keyset: ids older than this
  int limit = 50;
};

struct WorkflowFilter {
  std::optional<bool> published;
  std::string name_contains;  // case-insensitive
  std::string tag;
  std::optional<WorkflowId> before;
  int limit = 50;
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
  // Publishes that version with its routes, or (version 0) takes it back. Error store.route_taken: another workflow has
  // that path and method; the message names it.
  virtual Task<Result<void>> publish(TenantId tenant, WorkflowId id, int version, std::vector<WebhookRoute> routes) = 0;
  // The document goes from lists and can no longer start; history that refers to it stays readable.
  virtual Task<Result<void>> delete_workflow(TenantId tenant, WorkflowId id) = 0;
  // All live routes; small enough to hold in memory.
  virtual Task<Result<std::vector<WebhookRoute>>> routes() = 0;
  // Changes whenever routes, publications or keys change, by any process: a cache compares it. Cheap, never waits.
  [[nodiscard]] virtual std::uint64_t catalog_version() = 0;

  // ── executions
  // Error store.exists: that id was created before (start is idempotent by id); store.gap: first_seq does not follow.
  virtual Task<Result<void>> commit(Commit commit) = 0;
  virtual Task<Result<ExecutionRecord>> execution(TenantId tenant, ExecutionId id) = 0;
  virtual Task<Result<std::vector<ExecutionRecord>>> executions(TenantId tenant, ExecutionFilter filter) = 0;  // newest first
  // Journal chunks from the one that holds `from_seq` on, in order.
  virtual Task<Result<std::vector<std::string>>> journal(TenantId tenant, ExecutionId id, std::uint32_t from_seq) = 0;
  // Those that are not final, oldest first, after `after`: what a start must take up again.
  virtual Task<Result<std::vector<ExecutionRecord>>> unfinished(ExecutionId after, int limit) = 0;
  // Waiting ones whose wake_at is before `until`, earliest first.
  virtual Task<Result<std::vector<ExecutionRecord>>> due(Timestamp until, int limit) = 0;
  virtual Task<Result<void>> delete_execution(TenantId tenant, ExecutionId id) = 0;  // store.conflict while it is not final

  // ── keys
  virtual Task<Result<void>> save_key(ApiKey key) = 0;
  virtual Task<Result<std::optional<ApiKey>>> key_by_hash(std::string hash) = 0;
  virtual Task<Result<std::vector<ApiKey>>> keys(TenantId tenant) = 0;
  virtual Task<Result<void>> delete_key(TenantId tenant, KeyId id) = 0;

  // An error: the store refuses to write until it is opened anew (a disk that failed to sync, a damaged file). Any thread.
  [[nodiscard]] virtual Result<void> health() { return {}; }
  // Writes what is queued and closes; later calls give store.unavailable.
  virtual Task<Result<void>> close() = 0;
};

}  // namespace mbflow::store
