// The Directory over a database of SQL, once for SQLite and PostgreSQL.
#pragma once

#include "store/sql/keys_and_audit.h"
#include "store/sql/people.h"

namespace mbflow::store::sql {

// Host: the store, with `perform_read<T>(work)` and `perform_write<T>(work, takes_rights)`, each a Task<Result<T>> over its connections.
template <class Host, class Db>
class SqlDirectory final : public Directory {
 public:
  explicit SqlDirectory(Host& host) : host_(host) {}

  Task<Result<void>> save_user(User user, std::vector<Member> members, bool first) override {
    return change<void>([=](Db& db) { return sql::save_user(db, user, members, first); });
  }
  Task<Result<User>> user(UserId id) override {
    return read<User>([=](Db& db) -> Result<User> {
      MBF_TRY(auto found, user_by_id(db, id));
      if (!found) return user_missing();
      return *std::move(found);
    });
  }
  Task<Result<std::optional<User>>> user_by_login(std::string login) override {
    return read<std::optional<User>>([=](Db& db) { return sql::user_by_login(db, login); });
  }
  Task<Result<std::optional<User>>> user_by_subject(std::string subject) override {
    return read<std::optional<User>>([=](Db& db) { return sql::user_by_subject(db, subject); });
  }
  Task<Result<std::vector<User>>> users(std::string after, int limit) override {
    return read<std::vector<User>>([=](Db& db) { return list_users(db, after, limit); });
  }
  Task<Result<void>> save_session(Session session) override {
    return write<void>([=](Db& db) { return sql::save_session(db, session); });
  }
  Task<Result<std::optional<Session>>> session(std::string hash) override {
    return read<std::optional<Session>>([=](Db& db) { return find_session(db, hash); });
  }
  Task<Result<void>> see_session(std::string hash, Timestamp at) override {
    return write<void>([=](Db& db) { return db.run("UPDATE user_sessions SET seen_at = $1 WHERE hash = $2", at, typename Db::Blob{hash}); });
  }
  Task<Result<void>> end_session(std::string hash) override {
    return change<void>([=](Db& db) { return db.run("DELETE FROM user_sessions WHERE hash = $1", typename Db::Blob{hash}); });
  }
  Task<Result<void>> end_sessions(UserId user) override {
    return change<void>([=](Db& db) { return db.run("DELETE FROM user_sessions WHERE user_id = $1", user); });
  }
  Task<Result<int>> expire_sessions(Timestamp made_before, Timestamp seen_before, int limit) override {
    return write<int>([=](Db& db) { return sql::expire_sessions(db, made_before, seen_before, limit); });
  }
  Task<Result<void>> save_tenant(Tenant tenant, std::vector<Member> members) override {
    return change<void>([=](Db& db) { return sql::save_tenant(db, tenant, members); });
  }
  Task<Result<std::vector<Tenant>>> tenants() override {
    return read<std::vector<Tenant>>([](Db& db) { return list_tenants(db); });
  }
  Task<Result<void>> save_member(Member member) override {
    return change<void>([=](Db& db) { return sql::save_member(db, member); });
  }
  Task<Result<std::vector<Member>>> members(TenantId tenant) override {
    return read<std::vector<Member>>([=](Db& db) { return list_members(db, tenant); });
  }
  Task<Result<std::vector<Member>>> memberships(UserId user) override {
    return read<std::vector<Member>>([=](Db& db) { return list_memberships(db, user); });
  }
  Task<Result<void>> save_key(ApiKey key) override {
    return change<void>([=](Db& db) { return sql::save_key(db, key); });
  }
  Task<Result<std::optional<ApiKey>>> key_by_hash(std::string hash) override {
    return read<std::optional<ApiKey>>([=](Db& db) { return find_key(db, hash); });
  }
  Task<Result<std::vector<ApiKey>>> keys(TenantId tenant) override {
    return read<std::vector<ApiKey>>([=](Db& db) { return list_keys(db, tenant); });
  }
  Task<Result<void>> see_key(TenantId tenant, KeyId id, Timestamp at) override {
    return write<void>([=](Db& db) { return db.run("UPDATE api_keys SET used_at = $1 WHERE tenant_id = $2 AND id = $3", at, tenant, id); });
  }
  Task<Result<void>> revoke_key(TenantId tenant, KeyId id, Timestamp at) override {
    return change<void>([=](Db& db) { return sql::revoke_key(db, tenant, id, at); });
  }
  Task<Result<AuditRow>> add_audit(AuditRow row) override {
    return write<AuditRow>([row = plain_row(std::move(row))](Db& db) { return sql::add_audit(db, row); });
  }
  Task<Result<std::vector<AuditRow>>> audit(std::optional<TenantId> tenant, std::uint64_t before, int limit) override {
    return read<std::vector<AuditRow>>([=](Db& db) { return list_audit(db, tenant, before, limit); });
  }
  Task<Result<std::vector<AuditRow>>> audit_after(std::uint64_t after, int limit) override {
    return read<std::vector<AuditRow>>([=](Db& db) { return list_audit_after(db, after, limit); });
  }
  Task<Result<AuditRow>> audit_head() override {
    return read<AuditRow>([](Db& db) { return sql::audit_head(db); });
  }

 private:
  template <class T, class Work>
  Task<Result<T>> read(Work work) {
    return host_.template perform_read<T>(std::move(work));
  }
  template <class T, class Work>
  Task<Result<T>> write(Work work) {
    return host_.template perform_write<T>(std::move(work), false);
  }
  template <class T, class Work>
  Task<Result<T>> change(Work work) {
    return host_.template perform_write<T>(std::move(work), true);
  }

  Host& host_;
};

}  // namespace mbflow::store::sql
