// Users, sessions, tenants and members in SQL that both databases read alike: parameters $1, $2 … appear in that order (SQLite numbers
// them as they come). Db is a backend's Connection. Called on a database thread, the writing ones inside a transaction.
#pragma once

#include "store/directory.h"
#include "store/faults.h"
#include "store/filter.h"
#include "store/sql/rows.h"

namespace mbflow::store::sql {

// ── users

inline const std::string select_users = "SELECT id, login, name, password, subject, active, created_at, updated_at FROM users ";

inline constexpr auto user_of = [](const auto& row) {
  User user;
  user.id = row.template id<UserId>(0);
  user.login = row.text(1);
  user.name = row.text(2);
  user.password = row.text(3);
  user.subject = row.text(4);
  user.active = row.integer(5) != 0;
  user.created_at = row.time(6);
  user.updated_at = row.time(7);
  return user;
};

// Whether a tenant of theirs has no other active owner.
template <class Db>
Result<bool> is_last_owner(Db& db, UserId user, std::optional<TenantId> tenant) {
  auto owned = db.query("SELECT tenant_id FROM members WHERE user_id = $1 AND role = 'owner'", user);
  std::vector<TenantId> tenants;
  while (owned.next()) tenants.push_back(owned.template id<TenantId>(0));
  MBF_CHECK(owned.status());
  for (const auto& one : tenants) {
    if (tenant && *tenant != one) continue;
    MBF_TRY(const bool another, any(db.query("SELECT 1 FROM members JOIN users ON users.id = members.user_id WHERE tenant_id = $1 AND role = 'owner' AND "
                                             "user_id <> $2 AND active = 1 LIMIT 1",
                                             one, user)));
    if (!another) return true;
  }
  return false;
}

template <class Db>
Result<void> put_member(Db& db, const Member& member) {
  if (member.role != "owner") {
    MBF_TRY(const bool last, is_last_owner(db, member.user, member.tenant));
    if (last) return last_owner();
  }
  return db.run("INSERT INTO members(tenant_id, user_id, role) VALUES($1, $2, $3) ON CONFLICT(tenant_id, user_id) DO UPDATE SET role = excluded.role",
                member.tenant, member.user, std::string_view(member.role));
}

template <class Db>
Result<void> save_user(Db& db, const User& user, const std::vector<Member>& members, bool first) {
  if (first) {
    // Two who come at the same time meet at this row, which is always there.
    MBF_CHECK(db.run("UPDATE audit_head SET number = number"));
    MBF_TRY(const bool someone, any(db.query("SELECT 1 FROM users LIMIT 1")));
    if (someone) return not_the_first();
  }
  MBF_TRY(const bool taken, any(db.query("SELECT 1 FROM users WHERE id <> $1 AND (login = $2 OR (subject <> '' AND subject = $3))", user.id,
                                         std::string_view(user.login), std::string_view(user.subject))));
  if (taken) return login_taken();
  if (!user.active) {
    MBF_TRY(const bool last, is_last_owner(db, user.id, std::nullopt));
    if (last) return last_owner();
  }
  MBF_CHECK(db.run("INSERT INTO users(id, login, name, password, subject, active, created_at, updated_at) VALUES($1, $2, $3, $4, $5, $6, $7, $8) "
                   "ON CONFLICT(id) DO UPDATE SET login = excluded.login, name = excluded.name, password = excluded.password, "
                   "subject = excluded.subject, active = excluded.active, updated_at = excluded.updated_at",
                   user.id, std::string_view(user.login), std::string_view(user.name), std::string_view(user.password),
                   std::string_view(user.subject), user.active ? 1 : 0, user.created_at, user.updated_at));
  for (const auto& member : members) MBF_CHECK(put_member(db, member));
  return {};
}

template <class Db, class Value>
Result<std::optional<User>> find_user(Db& db, const char* where, const Value& value) {
  auto row = db.query(where, value);
  return one_of(row, user_of);
}
template <class Db>
Result<std::optional<User>> user_by_id(Db& db, UserId id) {
  static const auto sql = select_users + "WHERE id = $1";
  return find_user(db, sql.c_str(), id);
}
template <class Db>
Result<std::optional<User>> user_by_login(Db& db, std::string_view login) {
  static const auto sql = select_users + "WHERE login = $1";
  return find_user(db, sql.c_str(), login);
}
template <class Db>
Result<std::optional<User>> user_by_subject(Db& db, std::string_view subject) {
  static const auto sql = select_users + "WHERE subject = $1 AND subject <> ''";
  return find_user(db, sql.c_str(), subject);
}
template <class Db>
Result<std::vector<User>> list_users(Db& db, std::string_view after, int limit) {
  static const auto sql = select_users + "WHERE login > $1 ORDER BY login LIMIT $2";
  auto rows = db.query(sql.c_str(), after, page_size(limit));
  return all_of(rows, user_of);
}

// ── sessions

inline constexpr auto session_of = [](const auto& row) {
  return Session{std::string(row.bytes(0)), row.template id<UserId>(1), row.time(2), row.time(3)};
};
template <class Db>
Result<void> save_session(Db& db, const Session& session) {
  return db.run("INSERT INTO user_sessions(hash, user_id, created_at, seen_at) VALUES($1, $2, $3, $4)", typename Db::Blob{session.hash}, session.user,
                session.created_at, session.seen_at);
}
template <class Db>
Result<std::optional<Session>> find_session(Db& db, const std::string& hash) {
  auto row = db.query("SELECT hash, user_id, created_at, seen_at FROM user_sessions WHERE hash = $1", typename Db::Blob{hash});
  return one_of(row, session_of);
}
template <class Db>
Result<int> expire_sessions(Db& db, Timestamp made_before, Timestamp seen_before, int limit) {
  auto rows = db.query("DELETE FROM user_sessions WHERE hash IN (SELECT hash FROM user_sessions WHERE created_at < $1 OR seen_at < $2 LIMIT $3) RETURNING 1",
                       made_before, seen_before, limit);
  int gone = 0;
  while (rows.next()) ++gone;
  MBF_CHECK(rows.status());
  return gone;
}

// ── tenants

inline constexpr auto tenant_of = [](const auto& row) {
  return Tenant{row.template id<TenantId>(0), std::string(row.text(1)), row.time(2)};
};
inline constexpr auto member_of = [](const auto& row) {
  return Member{row.template id<TenantId>(0), row.template id<UserId>(1), std::string(row.text(2)), std::string(row.text(3)), std::string(row.text(4))};
};
template <class Db>
Result<void> save_tenant(Db& db, const Tenant& tenant, const std::vector<Member>& members) {
  MBF_TRY(const bool taken, any(db.query("SELECT 1 FROM tenants WHERE id <> $1 AND name = $2", tenant.id, std::string_view(tenant.name))));
  if (taken) return tenant_exists(tenant.name);
  MBF_CHECK(db.run("INSERT INTO tenants(id, name, created_at) VALUES($1, $2, $3) ON CONFLICT(id) DO UPDATE SET name = excluded.name", tenant.id,
                   std::string_view(tenant.name), tenant.created_at));
  for (const auto& member : members) MBF_CHECK(put_member(db, member));
  return {};
}
template <class Db>
Result<std::vector<Tenant>> list_tenants(Db& db) {
  auto rows = db.query("SELECT id, name, created_at FROM tenants ORDER BY name");
  return all_of(rows, tenant_of);
}
template <class Db>
Result<void> save_member(Db& db, const Member& member) {
  MBF_TRY(const auto user, user_by_id(db, member.user));
  if (!user) return user_missing();
  if (!member.role.empty()) return put_member(db, member);
  MBF_TRY(const bool last, is_last_owner(db, member.user, member.tenant));
  if (last) return last_owner();
  MBF_TRY(const bool gone, any(db.query("DELETE FROM members WHERE tenant_id = $1 AND user_id = $2 RETURNING 1", member.tenant, member.user)));
  if (!gone) return user_missing();
  return {};
}

inline const std::string select_members =
    "SELECT members.tenant_id, members.user_id, members.role, users.login, COALESCE(tenants.name, '') FROM members JOIN users ON users.id = "
    "members.user_id LEFT JOIN tenants ON tenants.id = members.tenant_id ";
template <class Db>
Result<std::vector<Member>> list_members(Db& db, TenantId tenant) {
  static const auto sql = select_members + "WHERE members.tenant_id = $1 ORDER BY users.login";
  auto rows = db.query(sql.c_str(), tenant);
  return all_of(rows, member_of);
}
template <class Db>
Result<std::vector<Member>> list_memberships(Db& db, UserId user) {
  static const auto sql = select_members + "WHERE members.user_id = $1 ORDER BY members.tenant_id";
  auto rows = db.query(sql.c_str(), user);
  return all_of(rows, member_of);
}

}  // namespace mbflow::store::sql
