// Users, tenants, API keys and the audit log in memory. Any thread.
#pragma once

#include "store/directory.h"

#include <atomic>
#include <map>
#include <mutex>
#include <utility>

namespace mbflow::store {

class MemoryDirectory final : public Directory {
 public:
  // `catalog` is raised whenever a right goes.
  explicit MemoryDirectory(std::atomic<std::uint64_t>& catalog) : catalog_(catalog) {}

  Task<Result<void>> save_user(User user, std::vector<Member> members, bool first) override;
  Task<Result<User>> user(UserId id) override;
  Task<Result<std::optional<User>>> user_by_login(std::string login) override;
  Task<Result<std::optional<User>>> user_by_subject(std::string subject) override;
  Task<Result<std::vector<User>>> users(std::string after_login, int limit) override;
  Task<Result<void>> save_session(Session session) override;
  Task<Result<std::optional<Session>>> session(std::string hash) override;
  Task<Result<void>> see_session(std::string hash, Timestamp at) override;
  Task<Result<void>> end_session(std::string hash) override;
  Task<Result<void>> end_sessions(UserId user) override;
  Task<Result<int>> expire_sessions(Timestamp made_before, Timestamp seen_before, int limit) override;
  Task<Result<void>> save_tenant(Tenant tenant, std::vector<Member> members) override;
  Task<Result<std::vector<Tenant>>> tenants() override;
  Task<Result<void>> save_member(Member member) override;
  Task<Result<std::vector<Member>>> members(TenantId tenant) override;
  Task<Result<std::vector<Member>>> memberships(UserId user) override;
  Task<Result<void>> save_key(ApiKey key) override;
  Task<Result<std::optional<ApiKey>>> key_by_hash(std::string hash) override;
  Task<Result<std::vector<ApiKey>>> keys(TenantId tenant) override;
  Task<Result<void>> see_key(TenantId tenant, KeyId id, Timestamp at) override;
  Task<Result<void>> revoke_key(TenantId tenant, KeyId id, Timestamp at) override;
  Task<Result<AuditRow>> add_audit(AuditRow row) override;
  Task<Result<std::vector<AuditRow>>> audit(std::optional<TenantId> tenant, std::uint64_t before, int limit) override;
  Task<Result<std::vector<AuditRow>>> audit_after(std::uint64_t after, int limit) override;
  Task<Result<AuditRow>> audit_head() override;

 private:
  [[nodiscard]] bool is_last_owner(UserId user, std::optional<TenantId> tenant) const;
  [[nodiscard]] Result<void> check_members(const std::vector<Member>& members) const;
  void put_members(const std::vector<Member>& members);
  [[nodiscard]] std::vector<Member> members_where(bool (*wanted)(const Member&, const Uuid&), const Uuid& id) const;

  std::atomic<std::uint64_t>& catalog_;
  std::mutex mutex_;  // guards all below
  std::map<UserId, User> users_;
  std::map<std::string, Session> sessions_;  // by hash
  std::map<TenantId, Tenant> tenants_;
  std::map<std::pair<TenantId, UserId>, std::string> roles_;
  std::map<std::pair<TenantId, KeyId>, ApiKey> keys_;
  std::vector<AuditRow> audit_;
};

}  // namespace mbflow::store
