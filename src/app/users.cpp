// mbflow users, tenants and audit: on the database itself. Passwords come by standard input: the arguments of a process are seen by
// everybody on the machine.
#include "app/commands.h"
#include "app/directory.h"
#include "base/hash.h"
#include "server/sign_in.h"
#include "store/audit.h"
#include "store/filter.h"

#include <mbflow/json.h>

#include <algorithm>
#include <cstdio>

namespace mbflow::app {
namespace {

constexpr int page = 200;

Task<Result<store::User>> user_named(store::Directory& directory, std::string login) {
  MBF_CO_TRY(auto user, co_await directory.user_by_login(store::fold_case(login)));
  if (!user) co_return fail(Kind::not_found, "store.not_found", "nobody signs in with '" + login + "'; `mbflow users list` shows all");
  co_return *std::move(user);
}

Task<Result<std::string>> hashed(Loop& loop, std::string password, std::string login) {
  server::Passwords passwords;
  MBF_CO_CHECK(server::Passwords::check_strength(password, login));
  Secret secret(password);
  co_return co_await passwords.hash(loop, std::move(secret));
}

// The words: login, role, tenant, password.
Task<Result<void>> create(DirectoryWork work) {
  MBF_CO_TRY(const auto tenant, co_await tenant_named(work.directory, work.words.at(2)));
  MBF_CO_TRY(auto user, server::new_user(system_env(), work.words.at(0), ""));
  MBF_CO_TRY(user.password, co_await hashed(work.loop, work.words.at(3), user.login));
  std::vector<store::Member> members(1);
  members[0].tenant = tenant;
  members[0].user = user.id;
  members[0].role = work.words.at(1);
  MBF_CO_CHECK(co_await work.directory.save_user(user, std::move(members), false));
  co_return co_await note(work.directory, tenant, "create_user", user.login);
}

Task<Result<void>> change_password(DirectoryWork work) {
  MBF_CO_TRY(auto user, co_await user_named(work.directory, work.words.at(0)));
  MBF_CO_TRY(user.password, co_await hashed(work.loop, work.words.at(1), user.login));
  user.updated_at = system_env().now();
  MBF_CO_CHECK(co_await work.directory.save_user(user, std::vector<store::Member>(), false));
  MBF_CO_CHECK(co_await work.directory.end_sessions(user.id));
  co_return co_await note(work.directory, default_tenant(), "change_password", user.login);
}

Task<Result<void>> change_active(DirectoryWork work) {
  MBF_CO_TRY(auto user, co_await user_named(work.directory, work.words.at(0)));
  user.active = work.words.at(1) == "yes";
  user.updated_at = system_env().now();
  MBF_CO_CHECK(co_await work.directory.save_user(user, std::vector<store::Member>(), false));
  if (!user.active) MBF_CO_CHECK(co_await work.directory.end_sessions(user.id));
  co_return co_await note(work.directory, default_tenant(), user.active ? "activate_user" : "deactivate_user", user.login);
}

Task<Result<std::vector<store::User>>> all_users(DirectoryWork work) {
  std::vector<store::User> all;
  for (std::size_t more = page; more == page;) {
    MBF_CO_TRY(auto users, co_await work.directory.users(all.empty() ? std::string() : all.back().login, page));
    more = users.size();
    std::ranges::move(users, std::back_inserter(all));
  }
  co_return all;
}

Task<Result<std::vector<store::Tenant>>> all_tenants(DirectoryWork work) { co_return co_await work.directory.tenants(); }

Task<Result<void>> make_tenant(DirectoryWork work) {
  store::Tenant tenant{TenantId::make(system_env()), work.words.at(0), system_env().now()};
  MBF_CO_CHECK(co_await work.directory.save_tenant(tenant, std::vector<store::Member>()));
  co_return co_await note(work.directory, tenant.id, "create_tenant", tenant.name);
}

Task<Result<std::vector<store::AuditRow>>> newest_rows(DirectoryWork work) {
  co_return co_await work.directory.audit(std::nullopt, 0, std::stoi(work.words.at(0)));
}

Task<Result<store::AuditRow>> check_chain(DirectoryWork work) { co_return co_await store::check_audit(work.directory); }

// One line, without its end.
Result<std::string> read_line() {
  MBF_TRY(auto text, read_text("-"));
  text.resize(std::min(text.find('\n'), text.size()));
  if (text.ends_with('\r')) text.pop_back();
  return text;
}

int ended(const Result<void>& done) { return done ? exit_ok : failed(done.error()); }

}  // namespace

Task<Result<TenantId>> tenant_named(store::Directory& directory, std::string name) {
  if (name.empty()) co_return default_tenant();
  MBF_CO_TRY(const auto tenants, co_await directory.tenants());
  const auto found = std::ranges::find(tenants, name, &store::Tenant::name);
  if (found == tenants.end()) co_return fail(Kind::not_found, "store.not_found", "there is no tenant '" + name + "'; `mbflow tenants list` shows all");
  co_return found->id;
}

Task<Result<void>> note(store::Directory& directory, TenantId tenant, std::string action, std::string target) {
  store::AuditRow row;
  row.at = system_env().now();
  row.tenant = tenant;
  row.actor = "command line";
  row.action = std::move(action);
  row.target = std::move(target);
  MBF_CO_CHECK(co_await directory.add_audit(std::move(row)));
  co_return Result<void>();
}

int failed(const Error& error) {
  complain(error);
  return error.kind == Kind::invalid ? exit_invalid : exit_failed;
}

int list_users(const Settings& settings, bool json) {
  auto users = with_directory(settings, all_users);
  if (!users) return failed(users.error());
  std::vector<Value> items;
  for (const auto& user : *users) {
    if (!json) std::printf("%s  %s%s\n", user.id.to_string().c_str(), user.login.c_str(), user.active ? "" : " (deactivated)");
    items.push_back(Value::object({{"id", user.id.to_string()}, {"login", user.login}, {"name", user.name}, {"active", user.active}}));
  }
  if (json) std::puts(write_json(Value::array(std::move(items))).c_str());
  return exit_ok;
}

int create_user(const Settings& settings, const std::string& login, const std::string& role, const std::string& tenant) {
  if (!server::is_role(role)) return complain(fail(Kind::invalid, "key.role", "--role must be owner, admin, editor, operator or viewer"));
  auto password = read_line();
  if (!password) return failed(password.error());
  return ended(with_directory(settings, create, {login, role, tenant, *std::move(password)}));
}

int set_password(const Settings& settings, const std::string& login) {
  auto password = read_line();
  if (!password) return failed(password.error());
  return ended(with_directory(settings, change_password, {login, *std::move(password)}));
}

int set_active(const Settings& settings, const std::string& login, bool active) {
  return ended(with_directory(settings, change_active, {login, active ? "yes" : "no"}));
}

int list_tenants(const Settings& settings, bool json) {
  auto tenants = with_directory(settings, all_tenants);
  if (!tenants) return failed(tenants.error());
  std::vector<Value> items;
  for (const auto& tenant : *tenants) {
    if (!json) std::printf("%s  %s\n", tenant.id.to_string().c_str(), tenant.name.c_str());
    items.push_back(Value::object({{"id", tenant.id.to_string()}, {"name", tenant.name}, {"created_at", format_timestamp(tenant.created_at)}}));
  }
  if (json) std::puts(write_json(Value::array(std::move(items))).c_str());
  return exit_ok;
}

int create_tenant(const Settings& settings, const std::string& name) {
  if (name.empty()) return complain(fail(Kind::invalid, "tenant.name", "a tenant needs a name"));
  return ended(with_directory(settings, make_tenant, {name}));
}

int list_audit(const Settings& settings, int limit, bool json) {
  auto rows = with_directory(settings, newest_rows, {std::to_string(limit)});
  if (!rows) return failed(rows.error());
  std::vector<Value> items;
  for (const auto& row : *rows) {
    const std::string at = format_timestamp(row.at);
    if (!json) std::printf("%llu  %s  %s  %s  %s\n", static_cast<unsigned long long>(row.number), at.c_str(), row.actor.c_str(), row.action.c_str(), row.target.c_str());
    items.push_back(Value::object({{"number", static_cast<std::int64_t>(row.number)}, {"at", at}, {"actor", row.actor}, {"action", row.action}, {"target", row.target}, {"address", row.address}}));
  }
  if (json) std::puts(write_json(Value::array(std::move(items))).c_str());
  return exit_ok;
}

int verify_audit(const Settings& settings) {
  auto head = with_directory(settings, check_chain);
  if (!head) {
    complain(head.error());
    return exit_failed;
  }
  std::printf("%llu rows, sealed %s\n", static_cast<unsigned long long>(head->number), to_hex(head->seal).c_str());
  return exit_ok;
}

}  // namespace mbflow::app
