// The tables of the Directory: their step in the schema. The statements over them are shared (store/sql).
#pragma once

namespace mbflow::store::postgres {

inline constexpr const char* directory_tables = R"sql(
CREATE TABLE users(
  id uuid PRIMARY KEY,
  login text COLLATE "C" NOT NULL UNIQUE,
  name text COLLATE "C" NOT NULL,
  password text NOT NULL,           -- Argon2id hash; empty: none
  subject text NOT NULL,            -- at an OIDC provider: "ISSUER SUBJECT"; empty: nobody
  active bigint NOT NULL,
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL
);
CREATE UNIQUE INDEX users_by_subject ON users(subject) WHERE subject <> '';

CREATE TABLE user_sessions(
  hash bytea PRIMARY KEY,           -- SHA-256 of the token, which itself is nowhere
  user_id uuid NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  created_at bigint NOT NULL,
  seen_at bigint NOT NULL
);
CREATE INDEX user_sessions_by_user ON user_sessions(user_id);

CREATE TABLE tenants(
  id uuid PRIMARY KEY,
  name text COLLATE "C" NOT NULL UNIQUE,
  created_at bigint NOT NULL
);

CREATE TABLE members(
  tenant_id uuid NOT NULL,
  user_id uuid NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  role text NOT NULL,
  PRIMARY KEY(tenant_id, user_id)
);
CREATE INDEX members_by_user ON members(user_id);

ALTER TABLE api_keys ADD COLUMN scopes text NOT NULL DEFAULT '';       -- with spaces between; empty: all that the role may
ALTER TABLE api_keys ADD COLUMN expires_at bigint NOT NULL DEFAULT 0;
ALTER TABLE api_keys ADD COLUMN revoked_at bigint NOT NULL DEFAULT 0;
ALTER TABLE api_keys ADD COLUMN used_at bigint NOT NULL DEFAULT 0;

CREATE TABLE audit(
  number bigint PRIMARY KEY,
  at bigint NOT NULL,
  tenant_id uuid NOT NULL,
  actor text NOT NULL,
  action text NOT NULL,
  target text NOT NULL,
  detail text NOT NULL,             -- JSON
  address text NOT NULL,
  seal bytea NOT NULL                -- SHA-256 of the seal before and of this row
);
CREATE INDEX audit_by_tenant ON audit(tenant_id, number);
CREATE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN RAISE EXCEPTION 'rows are only ever added to the audit log'; END $$;
CREATE TRIGGER audit_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON audit EXECUTE FUNCTION audit_stays();
-- One row: the newest number and seal.
CREATE TABLE audit_head(number bigint NOT NULL, seal bytea NOT NULL);
INSERT INTO audit_head VALUES(0, '');
)sql";

}  // namespace mbflow::store::postgres
