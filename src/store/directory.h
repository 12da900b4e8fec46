// The Directory: who may come in, and what was done by whom: users, their sessions, tenants and their members, API keys, and the
// audit log. A part of every Store; the same rules hold (store.h): success of a write means on disk, errors store.unavailable,
// store.full and store.damaged besides those named.
//
// Whatever takes a right away (a key, a session, a role, a user) changes the store's catalog_version(): caches of who may what
// compare it.
#pragma once

#include "base/id.h"

#include <mbflow/result.h>
#include <mbflow/task.h>
#include <mbflow/value.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mbflow::store {

struct User {
  UserId id;
  std::string login;     // what they sign in with, such as an e-mail address; folded (filter.h), one of its kind
  std::string name;      // as shown
  std::string password;  // its Argon2id hash as libsodium words it; empty: they sign in elsewhere
  std::string subject;   // who they are at an OIDC provider: "ISSUER SUBJECT", one of its kind; empty: nobody
  bool active = true;
  Timestamp created_at{}, updated_at{};
};

// Signed in: known by a token, of which only the SHA-256 is kept.
struct Session {
  std::string hash;
  UserId user;
  Timestamp created_at{}, seen_at{};
};

struct Tenant {
  TenantId id;
  std::string name;  // one of its kind
  Timestamp created_at{};
};

// What a user may in a tenant. `login` and `tenant_name` are filled in by lists.
struct Member {
  TenantId tenant;
  UserId user;
  std::string role;  // owner, admin, editor, operator, viewer; saved empty: none any more
  std::string login, tenant_name;
};

struct ApiKey {
  KeyId id;
  TenantId tenant;
  std::string name;
  std::string role;  // owner, admin, editor, operator, viewer
  std::string hash;  // sha256 of the key, 32 bytes
  Timestamp created_at{};
  std::vector<std::string> scopes;  // of what its role may, only this (server/auth.h); none: all
  Timestamp expires_at{}, revoked_at{}, used_at{};  // zero: never
};

// One thing that was done. Rows are only ever added, each sealed with the one before it (audit.h).
struct AuditRow {
  std::uint64_t number = 0;  // from 1, without gaps
  Timestamp at{};
  TenantId tenant;           // nil: concerns the house
  std::string actor;         // "user:ID", "key:ID", "command line", "" for somebody unknown
  std::string action;        // the operation, such as create_workflow
  std::string target;        // what it was done to: an id or a name
  Value detail;
  std::string address;       // where it came from
  std::string seal;          // 32 bytes
};

class Directory {
 public:
  virtual ~Directory() = default;

  // ── users
  // Creates or replaces by id, with these memberships, all or nothing. `first`: only while there is no user. Errors store.exists: the
  // login or subject is another's, or `first` and there is one; store.last_owner: a tenant would lose its last active owner.
  virtual Task<Result<void>> save_user(User user, std::vector<Member> members, bool first) = 0;
  virtual Task<Result<User>> user(UserId id) = 0;  // store.not_found
  virtual Task<Result<std::optional<User>>> user_by_login(std::string login) = 0;
  virtual Task<Result<std::optional<User>>> user_by_subject(std::string subject) = 0;
  virtual Task<Result<std::vector<User>>> users(std::string after_login, int limit) = 0;  // by login

  // ── sessions
  virtual Task<Result<void>> save_session(Session session) = 0;
  virtual Task<Result<std::optional<Session>>> session(std::string hash) = 0;
  virtual Task<Result<void>> see_session(std::string hash, Timestamp at) = 0;  // it was used; takes no right away
  virtual Task<Result<void>> end_session(std::string hash) = 0;
  virtual Task<Result<void>> end_sessions(UserId user) = 0;
  // Those made before one instant or used last before another, at most `limit`; how many.
  virtual Task<Result<int>> expire_sessions(Timestamp made_before, Timestamp seen_before, int limit) = 0;

  // ── tenants
  virtual Task<Result<void>> save_tenant(Tenant tenant, std::vector<Member> members) = 0;  // store.exists: the name is taken
  virtual Task<Result<std::vector<Tenant>>> tenants() = 0;                                 // by name; few
  // Adds, changes or (role empty) removes one. Errors store.not_found: no such user or membership; store.last_owner.
  virtual Task<Result<void>> save_member(Member member) = 0;
  virtual Task<Result<std::vector<Member>>> members(TenantId tenant) = 0;      // by login
  virtual Task<Result<std::vector<Member>>> memberships(UserId user) = 0;      // by tenant

  // ── keys
  virtual Task<Result<void>> save_key(ApiKey key) = 0;  // creates or replaces; store.exists: another has that hash
  virtual Task<Result<std::optional<ApiKey>>> key_by_hash(std::string hash) = 0;
  virtual Task<Result<std::vector<ApiKey>>> keys(TenantId tenant) = 0;
  virtual Task<Result<void>> see_key(TenantId tenant, KeyId id, Timestamp at) = 0;  // it was used; takes no right away
  virtual Task<Result<void>> revoke_key(TenantId tenant, KeyId id, Timestamp at) = 0;  // store.not_found; once revoked it stays so

  // ── the audit log
  // Gives it its number and seal.
  virtual Task<Result<AuditRow>> add_audit(AuditRow row) = 0;
  // Newest first, with numbers less than `before` (0: all); of one tenant, or of all.
  virtual Task<Result<std::vector<AuditRow>>> audit(std::optional<TenantId> tenant, std::uint64_t before, int limit) = 0;
  // Of all, oldest first, with greater numbers: to check the seals.
  virtual Task<Result<std::vector<AuditRow>>> audit_after(std::uint64_t after, int limit) = 0;
  // The seal of the newest as it was noted beside the log; empty: there is none.
  virtual Task<Result<AuditRow>> audit_head() = 0;
};

}  // namespace mbflow::store
