// The third version of the schema. Included by schema.cpp only.
#pragma once

namespace mbflow::store::postgres {

// What is too large for a journal, by its SHA-256. Lists of names are 32 bytes each, one behind the other.
inline constexpr const char* version_3 = R"sql(
CREATE TABLE blobs(
  id bytea PRIMARY KEY,
  bytes bytea NOT NULL,
  size bigint NOT NULL,
  saved_at timestamptz NOT NULL
);
ALTER TABLE blobs ALTER COLUMN bytes SET STORAGE EXTERNAL;  -- not compressed: it costs more than it saves

CREATE TABLE blob_uses(
  execution bigint NOT NULL,
  blob bytea NOT NULL REFERENCES blobs(id),
  PRIMARY KEY(execution, blob)
);
CREATE INDEX blob_uses_by_blob ON blob_uses(blob);

CREATE FUNCTION blob_list(p_blobs bytea) RETURNS SETOF bytea LANGUAGE sql IMMUTABLE AS $body$
  SELECT DISTINCT substr(p_blobs, at, 32) FROM generate_series(1, length(p_blobs), 32) AS at
$body$;

-- Whether all of them are there: then they stay until the transaction ends.
CREATE FUNCTION hold_blobs(p_blobs bytea) RETURNS boolean LANGUAGE plpgsql AS $body$
DECLARE
  v_found bigint;
BEGIN
  PERFORM 1 FROM blobs WHERE id IN (SELECT blob_list(p_blobs)) ORDER BY id FOR KEY SHARE;
  GET DIAGNOSTICS v_found = ROW_COUNT;
  RETURN v_found = (SELECT count(*) FROM blob_list(p_blobs));
END
$body$;

CREATE FUNCTION use_blobs(p_execution bigint, p_blobs bytea) RETURNS void LANGUAGE sql AS $body$
  INSERT INTO blob_uses(execution, blob) SELECT p_execution, blob_list(p_blobs) ON CONFLICT DO NOTHING
$body$;

DROP FUNCTION create_execution;
CREATE FUNCTION create_execution(
  p_tenant uuid, p_id uuid, p_workflow uuid, p_version bigint, p_status bigint, p_trigger text, p_created_at bigint,
  p_started_at bigint, p_finished_at bigint, p_wake_at bigint, p_error_code text, p_error_message text, p_last_seq bigint,
  p_owner bigint, p_epoch bigint, p_deaths bigint, p_inline bytea, p_apart bytea, p_tick_tenant uuid, p_tick_workflow uuid,
  p_tick_node text, p_tick_at bigint, p_tick_outcome text, p_tick_execution uuid, p_lane bigint, p_lane_limit bigint, p_blobs bytea) RETURNS bigint
LANGUAGE plpgsql AS $body$
DECLARE
  v_number bigint;
BEGIN
  IF p_owner <> 0 AND NOT EXISTS(SELECT 1 FROM workers WHERE number = p_owner AND lease_until > clock_timestamp()) THEN
    RETURN 2;
  END IF;
  IF p_blobs IS NOT NULL AND NOT hold_blobs(p_blobs) THEN
    RETURN 4;
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
  PERFORM use_blobs(v_number, p_blobs) WHERE p_blobs IS NOT NULL;
  RETURN 0;
END
$body$;

DROP FUNCTION continue_execution;
CREATE FUNCTION continue_execution(
  p_tenant uuid, p_id uuid, p_epoch bigint, p_first_seq bigint, p_follows boolean, p_status bigint, p_started_at bigint,
  p_finished_at bigint, p_wake_at bigint, p_error_code text, p_error_message text, p_last_seq bigint, p_owner bigint,
  p_deaths bigint, p_chunk bytea, p_signals bigint[], p_blobs bytea) RETURNS bigint
LANGUAGE plpgsql AS $body$
DECLARE
  v_number bigint;
  v_epoch bigint;
  v_last_seq bigint;
BEGIN
  IF p_blobs IS NOT NULL AND NOT hold_blobs(p_blobs) THEN
    RETURN -3;
  END IF;
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
  PERFORM use_blobs(v_number, p_blobs) WHERE p_blobs IS NOT NULL;
  RETURN 0;
END
$body$;
)sql";

}  // namespace mbflow::store::postgres
