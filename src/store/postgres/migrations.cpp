// What turns each version of the schema into the next.
#include "store/postgres/entries.h"
#include "store/postgres/schema.h"
#include "store/postgres/schema_blobs.h"
#include "store/postgres/schema_directory.h"

#include <array>

namespace mbflow::store::postgres {

namespace {

// Ids are UUIDs, version 7 where we make them, so that rows and index entries are appended. Times are microseconds
// since 1970, 0: none; only leases are on the server's clock. A tenant's ids are its own: uniqueness across tenants
// would tell of another's. Every integer is a bigint, as every parameter is.
constexpr const char* tables_1 = R"sql(
CREATE TABLE workflows(
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  name text NOT NULL,
  tags text NOT NULL,                 -- a JSON array
  version bigint NOT NULL,            -- the newest
  published_version bigint NOT NULL DEFAULT 0,
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL,
  deleted_at bigint NOT NULL DEFAULT 0,
  PRIMARY KEY(tenant_id, id)
);

CREATE TABLE workflow_versions(
  tenant_id uuid NOT NULL,
  workflow_id uuid NOT NULL,
  version bigint NOT NULL,
  created_at bigint NOT NULL,
  document text NOT NULL,
  PRIMARY KEY(tenant_id, workflow_id, version),
  FOREIGN KEY(tenant_id, workflow_id) REFERENCES workflows ON DELETE CASCADE
);

CREATE TABLE routes(
  path text COLLATE "C" NOT NULL,
  method text COLLATE "C" NOT NULL,
  tenant_id uuid NOT NULL,
  workflow_id uuid NOT NULL,
  version bigint NOT NULL,
  node_id text NOT NULL,
  PRIMARY KEY(path, method),
  FOREIGN KEY(tenant_id, workflow_id) REFERENCES workflows ON DELETE CASCADE
);
CREATE INDEX routes_by_workflow ON routes(tenant_id, workflow_id);

CREATE TABLE schedules(
  tenant_id uuid NOT NULL,
  workflow_id uuid NOT NULL,
  node_id text COLLATE "C" NOT NULL,
  version bigint NOT NULL,
  since bigint NOT NULL,
  PRIMARY KEY(tenant_id, workflow_id, node_id),
  FOREIGN KEY(tenant_id, workflow_id) REFERENCES workflows ON DELETE CASCADE
);

CREATE TABLE ticks(
  tenant_id uuid NOT NULL,
  workflow_id uuid NOT NULL,
  node_id text COLLATE "C" NOT NULL,
  at bigint NOT NULL,
  outcome text NOT NULL,
  execution_id uuid NOT NULL,
  PRIMARY KEY(tenant_id, workflow_id, node_id, at)
);

CREATE TABLE api_keys(
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  name text NOT NULL,
  role text NOT NULL,
  hash bytea NOT NULL UNIQUE,         -- SHA-256 of the key, which itself is nowhere
  created_at bigint NOT NULL,
  PRIMARY KEY(tenant_id, id)
);

-- One row, raised by whoever changes what processes keep in memory: it is also the lock that makes them take turns.
CREATE TABLE catalog(version bigint NOT NULL);
INSERT INTO catalog VALUES(1);

-- One row a writing connection: the number of its last transaction that was committed (see writer.h).
CREATE TABLE sessions(
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  batch bigint NOT NULL DEFAULT 0,
  seen_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE workers(
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  lease_until timestamptz NOT NULL
);

CREATE TABLE signals(
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant_id uuid NOT NULL,
  execution_id uuid NOT NULL,
  body text NOT NULL
);
CREATE INDEX signals_by_execution ON signals(tenant_id, execution_id);
)sql";

constexpr const char* executions_1 = R"sql(
CREATE TABLE executions(
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  workflow_id uuid NOT NULL,
  number bigint GENERATED ALWAYS AS IDENTITY, -- stands for both ids in the journal
  version bigint NOT NULL,
  status bigint NOT NULL,             -- 0 queued 1 running 2 waiting 3 succeeded 4 failed 5 cancelled 6 held
  created_at bigint NOT NULL,
  started_at bigint NOT NULL,
  finished_at bigint NOT NULL,
  wake_at bigint NOT NULL,            -- 0 once the status is final
  last_seq bigint NOT NULL,
  owner bigint NOT NULL,              -- the worker that holds it; 0 nobody
  epoch bigint NOT NULL,              -- raised whenever the owner changes other than by its own commit
  deaths bigint NOT NULL,
  trigger text NOT NULL,
  error_code text NOT NULL,
  error_message text NOT NULL,
  chunk bytea,                        -- the first of the journal, unless it is large; the rest is in `journal`
  PRIMARY KEY(tenant_id, id)
) WITH (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX executions_by_workflow ON executions(tenant_id, workflow_id, id);
CREATE INDEX executions_open ON executions(tenant_id, status, id) WHERE status IN (0, 1, 2, 6);
CREATE INDEX executions_ended_badly ON executions(tenant_id, status, id) WHERE status IN (4, 5);
CREATE INDEX executions_owned ON executions(owner) WHERE owner <> 0;
-- What nobody holds and what will go on by itself, by when.
CREATE INDEX executions_free ON executions((CASE WHEN status = 2 THEN wake_at ELSE 0 END), id)
  WHERE owner = 0 AND (status IN (0, 1) OR (status = 2 AND wake_at > 0));

CREATE TABLE journal(
  execution bigint NOT NULL,
  first_seq bigint NOT NULL,
  chunk bytea NOT NULL,
  PRIMARY KEY(execution, first_seq)
);
)sql";

// One call of a function is one commit. None of them raises for what can be foreseen: its neighbours in the transaction
// would go down with it. A creation takes itself back when its tick is there.
constexpr const char* functions_1 = R"sql(
CREATE FUNCTION create_execution(
  p_tenant uuid, p_id uuid, p_workflow uuid, p_version bigint, p_status bigint, p_trigger text, p_created_at bigint,
  p_started_at bigint, p_finished_at bigint, p_wake_at bigint, p_error_code text, p_error_message text, p_last_seq bigint,
  p_owner bigint, p_epoch bigint, p_deaths bigint, p_inline bytea, p_apart bytea, p_tick_tenant uuid, p_tick_workflow uuid,
  p_tick_node text, p_tick_at bigint, p_tick_outcome text, p_tick_execution uuid) RETURNS bigint
LANGUAGE plpgsql AS $body$
DECLARE
  v_number bigint;
BEGIN
  IF p_owner <> 0 AND NOT EXISTS(SELECT 1 FROM workers WHERE number = p_owner AND lease_until > clock_timestamp()) THEN
    RETURN 2;
  END IF;
  INSERT INTO executions(tenant_id, id, workflow_id, version, status, trigger, created_at, started_at, finished_at, wake_at,
      error_code, error_message, last_seq, owner, epoch, deaths, chunk)
    VALUES(p_tenant, p_id, p_workflow, p_version, p_status, p_trigger, p_created_at, p_started_at, p_finished_at, p_wake_at,
      p_error_code, p_error_message, p_last_seq, p_owner, p_epoch, p_deaths, p_inline)
    ON CONFLICT DO NOTHING RETURNING number INTO v_number;
  IF NOT FOUND THEN
    RETURN 1;
  END IF;
  IF p_tick_at IS NOT NULL THEN
    INSERT INTO ticks(tenant_id, workflow_id, node_id, at, outcome, execution_id)
      VALUES(p_tick_tenant, p_tick_workflow, p_tick_node, p_tick_at, p_tick_outcome, p_tick_execution)
      ON CONFLICT (tenant_id, workflow_id, node_id, at) DO UPDATE
        SET outcome = excluded.outcome, execution_id = excluded.execution_id WHERE ticks.outcome = 'queued';
    IF NOT FOUND THEN
      DELETE FROM executions WHERE tenant_id = p_tenant AND id = p_id;
      RETURN 3;
    END IF;
  END IF;
  IF p_apart IS NOT NULL THEN
    INSERT INTO journal(execution, first_seq, chunk) VALUES(v_number, 1, p_apart);
  END IF;
  RETURN 0;
END
$body$;

-- 0: done. -1: there is none. -2: it was taken over. Else one more than its last event.
CREATE FUNCTION continue_execution(
  p_tenant uuid, p_id uuid, p_epoch bigint, p_first_seq bigint, p_follows boolean, p_status bigint, p_started_at bigint,
  p_finished_at bigint, p_wake_at bigint, p_error_code text, p_error_message text, p_last_seq bigint, p_owner bigint,
  p_deaths bigint, p_chunk bytea, p_signals bigint[]) RETURNS bigint
LANGUAGE plpgsql AS $body$
DECLARE
  v_number bigint;
  v_epoch bigint;
  v_last_seq bigint;
BEGIN
  UPDATE executions SET status = p_status, started_at = p_started_at, finished_at = p_finished_at, wake_at = p_wake_at,
      error_code = p_error_code, error_message = p_error_message, last_seq = p_last_seq, owner = p_owner, deaths = p_deaths
    WHERE tenant_id = p_tenant AND id = p_id AND epoch = p_epoch AND last_seq = p_first_seq - 1 AND p_follows
    RETURNING number INTO v_number;
  IF NOT FOUND THEN
    SELECT epoch, last_seq INTO v_epoch, v_last_seq FROM executions WHERE tenant_id = p_tenant AND id = p_id;
    RETURN CASE WHEN v_epoch IS NULL THEN -1 WHEN v_epoch <> p_epoch THEN -2 ELSE v_last_seq + 1 END;
  END IF;
  IF cardinality(p_signals) > 0 THEN
    DELETE FROM signals WHERE number = ANY(p_signals) AND tenant_id = p_tenant AND execution_id = p_id;
  END IF;
  IF p_chunk IS NOT NULL THEN
    INSERT INTO journal(execution, first_seq, chunk) VALUES(v_number, p_first_seq, p_chunk);
  END IF;
  RETURN 0;
END
$body$;

-- Whoever reads signals remembers the greatest number it has seen: so a number must not become visible after a greater one,
-- and senders take turns until their transaction ends.
CREATE FUNCTION send_signal(p_lock bigint, p_tenant uuid, p_execution uuid, p_body text) RETURNS boolean
LANGUAGE plpgsql AS $body$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext(current_schema()), p_lock::int);
  INSERT INTO signals(tenant_id, execution_id, body) SELECT p_tenant, p_execution, p_body
    WHERE EXISTS(SELECT 1 FROM executions WHERE tenant_id = p_tenant AND id = p_execution);
  RETURN FOUND;
END
$body$;
)sql";

const std::string version_1 = std::string(tables_1) + executions_1 + functions_1;

// What waits for room.
constexpr const char* version_2 = R"sql(
ALTER TABLE executions ADD COLUMN lane bigint NOT NULL DEFAULT 0, -- what it queues in; 0: it never did
  ADD COLUMN lane_limit bigint NOT NULL DEFAULT 0;
DROP INDEX executions_free;
CREATE INDEX executions_free ON executions((CASE WHEN status = 2 THEN wake_at ELSE 0 END), id)
  WHERE owner = 0 AND (status = 1 OR (status = 2 AND wake_at > 0));
-- What waits for room in its lane, and what takes it there.
CREATE INDEX executions_queued ON executions(lane, id) WHERE status = 0 AND owner = 0;
CREATE INDEX executions_under_way ON executions(lane) WHERE lane <> 0 AND (status IN (1, 2) OR (status = 0 AND owner <> 0));

DROP FUNCTION create_execution;
CREATE FUNCTION create_execution(
  p_tenant uuid, p_id uuid, p_workflow uuid, p_version bigint, p_status bigint, p_trigger text, p_created_at bigint,
  p_started_at bigint, p_finished_at bigint, p_wake_at bigint, p_error_code text, p_error_message text, p_last_seq bigint,
  p_owner bigint, p_epoch bigint, p_deaths bigint, p_inline bytea, p_apart bytea, p_tick_tenant uuid, p_tick_workflow uuid,
  p_tick_node text, p_tick_at bigint, p_tick_outcome text, p_tick_execution uuid, p_lane bigint, p_lane_limit bigint) RETURNS bigint
LANGUAGE plpgsql AS $body$
DECLARE
  v_number bigint;
BEGIN
  IF p_owner <> 0 AND NOT EXISTS(SELECT 1 FROM workers WHERE number = p_owner AND lease_until > clock_timestamp()) THEN
    RETURN 2;
  END IF;
  INSERT INTO executions(tenant_id, id, workflow_id, version, status, trigger, created_at, started_at, finished_at, wake_at,
      error_code, error_message, last_seq, owner, epoch, deaths, lane, lane_limit, chunk)
    VALUES(p_tenant, p_id, p_workflow, p_version, p_status, p_trigger, p_created_at, p_started_at, p_finished_at, p_wake_at,
      p_error_code, p_error_message, p_last_seq, p_owner, p_epoch, p_deaths, p_lane, p_lane_limit, p_inline)
    ON CONFLICT DO NOTHING RETURNING number INTO v_number;
  IF NOT FOUND THEN
    RETURN 1;
  END IF;
  IF p_tick_at IS NOT NULL THEN
    INSERT INTO ticks(tenant_id, workflow_id, node_id, at, outcome, execution_id)
      VALUES(p_tick_tenant, p_tick_workflow, p_tick_node, p_tick_at, p_tick_outcome, p_tick_execution)
      ON CONFLICT (tenant_id, workflow_id, node_id, at) DO UPDATE
        SET outcome = excluded.outcome, execution_id = excluded.execution_id WHERE ticks.outcome = 'queued';
    IF NOT FOUND THEN
      DELETE FROM executions WHERE tenant_id = p_tenant AND id = p_id;
      RETURN 3;
    END IF;
  END IF;
  IF p_apart IS NOT NULL THEN
    INSERT INTO journal(execution, first_seq, chunk) VALUES(v_number, 1, p_apart);
  END IF;
  RETURN 0;
END
$body$;
)sql";

// Lists of the failures of one workflow; what idempotency keys stand for.
constexpr const char* version_4 = R"sql(
CREATE INDEX executions_ended_badly_by_workflow ON executions(tenant_id, workflow_id, status, id) WHERE status IN (4, 5);

CREATE TABLE receipts(
  tenant_id uuid NOT NULL,
  key text COLLATE "C" NOT NULL,
  request bytea NOT NULL,             -- SHA-256 of what was asked
  subject uuid NOT NULL,              -- the id of what it makes
  created_at bigint NOT NULL,
  answer text NOT NULL DEFAULT '',
  PRIMARY KEY(tenant_id, key)
);
CREATE INDEX receipts_by_age ON receipts(created_at);
)sql";

constexpr const char* version_5 = R"sql(
CREATE TABLE subscriptions(
  tenant_id uuid NOT NULL,
  workflow_id uuid NOT NULL,
  node_id text COLLATE "C" NOT NULL,
  version bigint NOT NULL,
  name text NOT NULL,
  PRIMARY KEY(tenant_id, workflow_id, node_id),
  FOREIGN KEY(tenant_id, workflow_id) REFERENCES workflows ON DELETE CASCADE
);

CREATE TABLE messages(
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant_id uuid NOT NULL,
  name text NOT NULL,
  source text NOT NULL,
  key text NOT NULL,                  -- the sender's, one of each source; empty: none
  data text NOT NULL,                 -- JSON
  at bigint NOT NULL,
  handed_on bigint NOT NULL
);
CREATE UNIQUE INDEX messages_by_key ON messages(tenant_id, source, key) WHERE key <> '';
CREATE INDEX messages_by_tenant ON messages(tenant_id, number);
CREATE INDEX messages_open ON messages(number) WHERE handed_on = 0;
CREATE INDEX messages_by_age ON messages(at) WHERE handed_on = 1;
)sql";

constexpr const char* version_8 = R"sql(
ALTER TABLE workers ADD COLUMN process text NOT NULL DEFAULT '';  -- the token of its life_file; empty: it has none
)sql";

// Whose they are is counted without a look at the rows.
constexpr const char* version_9 = R"sql(
DROP INDEX executions_queued;
CREATE INDEX executions_queued ON executions(lane, id) INCLUDE (tenant_id, workflow_id) WHERE status = 0 AND owner = 0;
)sql";

// Triggers that are or were switched off. Their occurrences of that time start nothing, though a process that has not heard of the
// switch yet wants them to: for create_execution() they have been.
constexpr const char* version_10 = R"sql(
CREATE TABLE switches(
  tenant_id uuid NOT NULL,
  workflow_id uuid NOT NULL,
  node_id text COLLATE "C" NOT NULL,
  enabled bigint NOT NULL,
  at bigint NOT NULL,                 -- when it was turned last
  PRIMARY KEY(tenant_id, workflow_id, node_id),
  FOREIGN KEY(tenant_id, workflow_id) REFERENCES workflows ON DELETE CASCADE
);

CREATE FUNCTION drop_tick_when_off() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
  IF EXISTS(SELECT 1 FROM switches WHERE tenant_id = NEW.tenant_id AND workflow_id = NEW.workflow_id AND node_id = NEW.node_id
      AND (enabled = 0 OR at >= NEW.at)) THEN
    RETURN NULL;
  END IF;
  RETURN NEW;
END
$body$;
CREATE TRIGGER ticks_of_switched_off BEFORE INSERT ON ticks FOR EACH ROW WHEN (NEW.outcome = 'started') EXECUTE FUNCTION drop_tick_when_off();
)sql";

}  // namespace

Migrations migrations() {
  static const std::array<const char*, 10> all = {version_1.c_str(), version_2, version_3, version_4, version_5, entries_table, directory_tables, version_8, version_9, version_10};
  return all;
}

}  // namespace mbflow::store::postgres
