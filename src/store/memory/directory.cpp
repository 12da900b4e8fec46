#include "store/memory/directory.h"

#include "store/audit.h"
#include "store/faults.h"
#include "store/filter.h"

#include <algorithm>

namespace mbflow::store {

// Whether a tenant of theirs has no other active owner.
bool MemoryDirectory::is_last_owner(UserId user, std::optional<TenantId> tenant) const {
  const auto is_owner_beside = [&](const auto& entry, TenantId of) {
    const auto& [place, role] = entry;
    return place.first == of && place.second != user && role == "owner" && users_.at(place.second).active;
  };
  return std::ranges::any_of(roles_, [&](const auto& entry) {
    const auto& [place, role] = entry;
    if (place.second != user || role != "owner" || (tenant && *tenant != place.first)) return false;
    return std::ranges::none_of(roles_, [&](const auto& other) { return is_owner_beside(other, place.first); });
  });
}

Result<void> MemoryDirectory::check_members(const std::vector<Member>& members) const {
  for (const auto& member : members) {
    if (member.role != "owner" && is_last_owner(member.user, member.tenant)) return last_owner();
  }
  return {};
}

void MemoryDirectory::put_members(const std::vector<Member>& members) {
  for (const auto& member : members) roles_[{member.tenant, member.user}] = member.role;
}

Task<Result<void>> MemoryDirectory::save_user(User user, std::vector<Member> members, bool first) {
  std::lock_guard lock(mutex_);
  if (first && !users_.empty()) co_return not_the_first();
  for (const auto& [id, other] : users_) {
    const bool same = other.login == user.login || (!user.subject.empty() && other.subject == user.subject);
    if (same && id != user.id) co_return login_taken();
  }
  if (!user.active && is_last_owner(user.id, std::nullopt)) co_return last_owner();
  MBF_CO_CHECK(check_members(members));
  if (const auto found = users_.find(user.id); found != users_.end()) user.created_at = found->second.created_at;
  users_.insert_or_assign(user.id, std::move(user));
  put_members(members);
  ++catalog_;
  co_return Result<void>();
}

Task<Result<User>> MemoryDirectory::user(UserId id) {
  std::lock_guard lock(mutex_);
  const auto found = users_.find(id);
  if (found == users_.end()) co_return user_missing();
  co_return found->second;
}

Task<Result<std::optional<User>>> MemoryDirectory::user_by_login(std::string login) {
  std::lock_guard lock(mutex_);
  const auto found = std::ranges::find(users_, login, [](const auto& entry) { return entry.second.login; });
  co_return found == users_.end() ? std::nullopt : std::optional(found->second);
}

Task<Result<std::optional<User>>> MemoryDirectory::user_by_subject(std::string subject) {
  std::lock_guard lock(mutex_);
  const auto found = std::ranges::find(users_, subject, [](const auto& entry) { return entry.second.subject; });
  co_return found == users_.end() || subject.empty() ? std::nullopt : std::optional(found->second);
}

Task<Result<std::vector<User>>> MemoryDirectory::users(std::string after_login, int limit) {
  std::lock_guard lock(mutex_);
  std::vector<User> list;
  for (const auto& [id, user] : users_)
    if (user.login > after_login) list.push_back(user);
  std::ranges::sort(list, {}, &User::login);
  if (list.size() > page_size(limit)) list.resize(page_size(limit));
  co_return list;
}

Task<Result<void>> MemoryDirectory::save_session(Session session) {
  std::lock_guard lock(mutex_);
  sessions_.insert_or_assign(session.hash, session);
  co_return Result<void>();
}

Task<Result<std::optional<Session>>> MemoryDirectory::session(std::string hash) {
  std::lock_guard lock(mutex_);
  const auto found = sessions_.find(hash);
  co_return found == sessions_.end() ? std::nullopt : std::optional(found->second);
}

Task<Result<void>> MemoryDirectory::see_session(std::string hash, Timestamp at) {
  std::lock_guard lock(mutex_);
  if (const auto found = sessions_.find(hash); found != sessions_.end()) found->second.seen_at = at;
  co_return Result<void>();
}

Task<Result<void>> MemoryDirectory::end_session(std::string hash) {
  std::lock_guard lock(mutex_);
  sessions_.erase(hash);
  ++catalog_;
  co_return Result<void>();
}

Task<Result<void>> MemoryDirectory::end_sessions(UserId user) {
  std::lock_guard lock(mutex_);
  std::erase_if(sessions_, [&](const auto& entry) { return entry.second.user == user; });
  ++catalog_;
  co_return Result<void>();
}

Task<Result<int>> MemoryDirectory::expire_sessions(Timestamp made_before, Timestamp seen_before, int limit) {
  std::lock_guard lock(mutex_);
  int gone = 0;
  for (auto at = sessions_.begin(); at != sessions_.end() && gone < limit;) {
    const bool old = at->second.created_at < made_before || at->second.seen_at < seen_before;
    at = old ? sessions_.erase(at) : std::next(at);
    gone += old ? 1 : 0;
  }
  co_return gone;
}

Task<Result<void>> MemoryDirectory::save_tenant(Tenant tenant, std::vector<Member> members) {
  std::lock_guard lock(mutex_);
  for (const auto& [id, other] : tenants_)
    if (other.name == tenant.name && id != tenant.id) co_return tenant_exists(tenant.name);
  MBF_CO_CHECK(check_members(members));
  if (const auto found = tenants_.find(tenant.id); found != tenants_.end()) tenant.created_at = found->second.created_at;
  tenants_.insert_or_assign(tenant.id, std::move(tenant));
  put_members(members);
  ++catalog_;
  co_return Result<void>();
}

Task<Result<std::vector<Tenant>>> MemoryDirectory::tenants() {
  std::lock_guard lock(mutex_);
  std::vector<Tenant> list;
  for (const auto& [id, tenant] : tenants_) list.push_back(tenant);
  std::ranges::sort(list, {}, &Tenant::name);
  co_return list;
}

Task<Result<void>> MemoryDirectory::save_member(Member member) {
  std::lock_guard lock(mutex_);
  if (!users_.contains(member.user)) co_return user_missing();
  MBF_CO_CHECK(check_members({member}));
  if (member.role.empty()) {
    if (roles_.erase({member.tenant, member.user}) == 0) co_return user_missing();
  } else {
    put_members({member});
  }
  ++catalog_;
  co_return Result<void>();
}

std::vector<Member> MemoryDirectory::members_where(bool (*wanted)(const Member&, const Uuid&), const Uuid& id) const {
  std::vector<Member> list;
  for (const auto& [place, role] : roles_) {
    const auto tenant = tenants_.find(place.first);
    Member member{place.first, place.second, role, users_.at(place.second).login, tenant == tenants_.end() ? std::string() : tenant->second.name};
    if (wanted(member, id)) list.push_back(std::move(member));
  }
  return list;
}

Task<Result<std::vector<Member>>> MemoryDirectory::members(TenantId tenant) {
  std::lock_guard lock(mutex_);
  auto list = members_where([](const Member& member, const Uuid& id) { return member.tenant == TenantId(id); }, tenant);
  std::ranges::sort(list, {}, &Member::login);
  co_return list;
}

Task<Result<std::vector<Member>>> MemoryDirectory::memberships(UserId user) {
  std::lock_guard lock(mutex_);
  co_return members_where([](const Member& member, const Uuid& id) { return member.user == UserId(id); }, user);
}

Task<Result<void>> MemoryDirectory::save_key(ApiKey key) {
  std::lock_guard lock(mutex_);
  const std::pair place(key.tenant, key.id);
  for (const auto& [other_place, other] : keys_)
    if (other.hash == key.hash && other_place != place) co_return key_exists();
  keys_.insert_or_assign(place, std::move(key));
  ++catalog_;
  co_return Result<void>();
}

Task<Result<std::optional<ApiKey>>> MemoryDirectory::key_by_hash(std::string hash) {
  std::lock_guard lock(mutex_);
  const auto key = std::ranges::find(keys_, hash, [](const auto& entry) { return entry.second.hash; });
  co_return key == keys_.end() ? std::nullopt : std::optional(key->second);
}

Task<Result<std::vector<ApiKey>>> MemoryDirectory::keys(TenantId tenant) {
  std::lock_guard lock(mutex_);
  std::vector<ApiKey> list;
  for (auto key = keys_.lower_bound({tenant, {}}); key != keys_.end() && key->first.first == tenant; ++key) list.push_back(key->second);
  co_return list;
}

Task<Result<void>> MemoryDirectory::see_key(TenantId tenant, KeyId id, Timestamp at) {
  std::lock_guard lock(mutex_);
  if (const auto found = keys_.find({tenant, id}); found != keys_.end()) found->second.used_at = at;
  co_return Result<void>();
}

Task<Result<void>> MemoryDirectory::revoke_key(TenantId tenant, KeyId id, Timestamp at) {
  std::lock_guard lock(mutex_);
  const auto found = keys_.find({tenant, id});
  if (found == keys_.end()) co_return key_missing();
  if (found->second.revoked_at == Timestamp{}) found->second.revoked_at = at;
  ++catalog_;
  co_return Result<void>();
}

Task<Result<AuditRow>> MemoryDirectory::add_audit(AuditRow row) {
  std::lock_guard lock(mutex_);
  row = plain_row(std::move(row));
  row.number = audit_.size() + 1;
  row.seal = seal_of(audit_.empty() ? std::string() : audit_.back().seal, row);
  audit_.push_back(row);
  co_return row;
}

Task<Result<std::vector<AuditRow>>> MemoryDirectory::audit(std::optional<TenantId> tenant, std::uint64_t before, int limit) {
  std::lock_guard lock(mutex_);
  std::vector<AuditRow> list;
  for (auto row = audit_.rbegin(); row != audit_.rend() && list.size() < page_size(limit); ++row) {
    const bool wanted = (before == 0 || row->number < before) && (!tenant || row->tenant == *tenant);
    if (wanted) list.push_back(*row);
  }
  co_return list;
}

Task<Result<std::vector<AuditRow>>> MemoryDirectory::audit_after(std::uint64_t after, int limit) {
  std::lock_guard lock(mutex_);
  std::vector<AuditRow> list;
  for (auto at = after; at < audit_.size() && list.size() < page_size(limit); ++at) list.push_back(audit_[at]);
  co_return list;
}

Task<Result<AuditRow>> MemoryDirectory::audit_head() {
  std::lock_guard lock(mutex_);
  AuditRow head;
  if (!audit_.empty()) head = audit_.back();
  co_return head;
}

}  // namespace mbflow::store
