// The tables of the Directory: their step in the schema. The statements over them are shared (store/sql).
#pragma once

namespace mbflow::store::sqlite {

inline constexpr const char* directory_tables = R"sql(
CREATE TABLE users(
  id BLOB PRIMARY KEY,
  login TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  password TEXT NOT NULL,           -- Argon2id hash; empty: none
  subject TEXT NOT NULL,            -- at an OIDC provider: "ISSUER SUBJECT"; empty: nobody
  active INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX users_by_subject ON users(subject) WHERE subject <> '';

CREATE TABLE user_sessions(
  hash BLOB PRIMARY KEY,            -- SHA-256 of the token, which itself is nowhere
  user_id BLOB NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  created_at INTEGER NOT NULL,
  seen_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX user_sessions_by_user ON user_sessions(user_id);

CREATE TABLE tenants(
  id BLOB PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE members(
  tenant_id BLOB NOT NULL,
  user_id BLOB NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  role TEXT NOT NULL,
  PRIMARY KEY(tenant_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX members_by_user ON members(user_id);

ALTER TABLE api_keys ADD COLUMN scopes TEXT NOT NULL DEFAULT '';       -- with spaces between; empty: all that the role may
ALTER TABLE api_keys ADD COLUMN expires_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE api_keys ADD COLUMN revoked_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE api_keys ADD COLUMN used_at INTEGER NOT NULL DEFAULT 0;

CREATE TABLE audit(
  number INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  tenant_id BLOB NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  target TEXT NOT NULL,
  detail TEXT NOT NULL,             -- JSON
  address TEXT NOT NULL,
  seal BLOB NOT NULL                -- SHA-256 of the seal before and of this row
) STRICT;
CREATE INDEX audit_by_tenant ON audit(tenant_id, number);
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'rows are only ever added to the audit log'); END;
CREATE TRIGGER audit_is_not_shortened BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'rows are only ever added to the audit log'); END;
-- One row: the newest number and seal.
CREATE TABLE audit_head(number INTEGER NOT NULL, seal BLOB NOT NULL) STRICT;
INSERT INTO audit_head VALUES(0, x'');
)sql";

}  // namespace mbflow::store::sqlite
