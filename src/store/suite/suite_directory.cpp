// Who may come in and what was done: logins are one, a tenant keeps an owner, what is taken away is heard of, and the audit log only
// grows.
#include "store/audit.h"
#include "store/suite/suite.h"

namespace mbflow::store {
namespace {

User user_of(Env& env, std::string login) {
  User user;
  user.id = UserId::make(env);
  user.name = "Имя";
  user.login = std::move(login);
  user.password = "$argon2id$…";
  user.created_at = user.updated_at = Timestamp(std::chrono::seconds(1'700'000'000));
  return user;
}

Member member_of(TenantId tenant, UserId user, std::string role) { return Member{tenant, user, std::move(role), {}, {}}; }

AuditRow row_of(TenantId tenant, std::string action) {
  AuditRow row;
  row.at = Timestamp(std::chrono::microseconds(1'700'000'000'123'456));
  row.tenant = tenant;
  row.actor = "user:1";
  row.action = std::move(action);
  row.target = std::string("a\0b", 3);
  row.detail = Value::object({{"status", 201}, {"имя", "значение"}, {"part", 0.1}});
  row.address = "127.0.0.1";
  return row;
}

}  // namespace

TEST_P(StoreSuite, a_user_comes_back_as_saved_and_is_found_by_login_and_subject) {
  auto& directory = store->directory();
  auto user = user_of(env, "anna@example.com");
  user.subject = "https://id.example.com 42";
  get(directory.save_user(user, {member_of(tenant, user.id, "editor")}, false));
  auto read = get(directory.user(user.id));
  EXPECT_EQ(read.login, user.login);
  EXPECT_EQ(read.name, user.name);
  EXPECT_EQ(read.password, user.password);
  EXPECT_EQ(read.subject, user.subject);
  EXPECT_TRUE(read.active);
  EXPECT_EQ(read.created_at, user.created_at);
  EXPECT_EQ(get(directory.user_by_login(user.login))->id, user.id);
  EXPECT_EQ(get(directory.user_by_subject(user.subject))->id, user.id);
  EXPECT_FALSE(get(directory.user_by_login("bob")).has_value());
  EXPECT_FALSE(get(directory.user_by_subject("")).has_value());
  EXPECT_EQ(code(directory.user(UserId::make(env))), "store.not_found");
  auto memberships = get(directory.memberships(user.id));
  ASSERT_EQ(memberships.size(), 1U);
  EXPECT_EQ(memberships[0].role, "editor");
}

TEST_P(StoreSuite, a_login_and_a_subject_belong_to_one_user) {
  auto& directory = store->directory();
  auto anna = user_of(env, "anna");
  anna.subject = "issuer 1";
  get(directory.save_user(anna, {}, false));
  auto twin = user_of(env, "anna");
  EXPECT_EQ(code(directory.save_user(twin, {}, false)), "store.exists");
  twin.login = "bob";
  twin.subject = anna.subject;
  EXPECT_EQ(code(directory.save_user(twin, {}, false)), "store.exists");
  twin.subject.clear();
  get(directory.save_user(twin, {}, false));
  get(directory.save_user(user_of(env, "carl"), {}, false));  // two without a subject are no conflict
  anna.name = "Anna";
  get(directory.save_user(anna, {}, false));
  EXPECT_EQ(get(directory.user(anna.id)).name, "Anna");
  auto page = get(directory.users("anna", 1));
  ASSERT_EQ(page.size(), 1U);
  EXPECT_EQ(page[0].login, "bob");
}

TEST_P(StoreSuite, only_one_can_be_the_first_user) {
  auto& directory = store->directory();
  auto first = user_of(env, "first");
  get(directory.save_user(first, {member_of(tenant, first.id, "owner")}, true));
  auto second = user_of(env, "second");
  EXPECT_EQ(code(directory.save_user(second, {member_of(tenant, second.id, "owner")}, true)), "store.exists");
  EXPECT_FALSE(get(directory.user_by_login("second")).has_value());
  EXPECT_EQ(get(directory.members(tenant)).size(), 1U);
}

TEST_P(StoreSuite, a_tenant_keeps_an_active_owner) {
  auto& directory = store->directory();
  auto anna = user_of(env, "anna");
  get(directory.save_user(anna, {}, false));
  get(directory.save_tenant({tenant, "ours", start}, {member_of(tenant, anna.id, "owner")}));
  EXPECT_EQ(code(directory.save_member(member_of(tenant, anna.id, "editor"))), "store.last_owner");
  EXPECT_EQ(code(directory.save_member(member_of(tenant, anna.id, ""))), "store.last_owner");
  anna.active = false;
  EXPECT_EQ(code(directory.save_user(anna, {}, false)), "store.last_owner");
  auto bob = user_of(env, "bob");
  bob.active = false;
  get(directory.save_user(bob, {member_of(tenant, bob.id, "owner")}, false));
  EXPECT_EQ(code(directory.save_user(anna, {}, false)), "store.last_owner");  // one who cannot sign in does not count
  bob.active = true;
  get(directory.save_user(bob, {}, false));
  get(directory.save_user(anna, {}, false));
  get(directory.save_member(member_of(tenant, anna.id, "")));
  EXPECT_EQ(code(directory.save_member(member_of(tenant, anna.id, ""))), "store.not_found");
  EXPECT_EQ(code(directory.save_member(member_of(tenant, UserId::make(env), "viewer"))), "store.not_found");
  auto members = get(directory.members(tenant));
  ASSERT_EQ(members.size(), 1U);
  EXPECT_EQ(members[0].login, "bob");
  EXPECT_EQ(members[0].tenant_name, "ours");
}

TEST_P(StoreSuite, tenants_have_names_of_their_own) {
  auto& directory = store->directory();
  get(directory.save_tenant({tenant, "b", start}, {}));
  EXPECT_EQ(code(directory.save_tenant({stranger, "b", start}, {})), "store.exists");
  get(directory.save_tenant({stranger, "a", start}, {}));
  auto list = get(directory.tenants());
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[0].id, stranger);
  get(directory.save_tenant({tenant, "c", start}, {}));
  EXPECT_EQ(get(directory.tenants())[1].name, "c");
}

TEST_P(StoreSuite, a_session_ends_when_it_is_ended_or_old) {
  auto& directory = store->directory();
  auto user = user_of(env, "anna");
  get(directory.save_user(user, {}, false));
  const auto session = [&](const std::string& hash, int made, int seen) {
    get(directory.save_session({hash, user.id, start + std::chrono::seconds(made), start + std::chrono::seconds(seen)}));
  };
  session(std::string("\0a", 2), 0, 0);
  session("b", 50, 50);
  session("c", 50, 50);
  get(directory.see_session(std::string("\0a", 2), start + std::chrono::seconds(70)));
  EXPECT_EQ(get(directory.session(std::string("\0a", 2)))->seen_at, start + std::chrono::seconds(70));
  EXPECT_EQ(get(directory.expire_sessions(start + std::chrono::seconds(1), start, 10)), 1);
  EXPECT_FALSE(get(directory.session(std::string("\0a", 2))).has_value());
  EXPECT_EQ(get(directory.expire_sessions(start, start + std::chrono::seconds(60), 1)), 1);
  session("d", 60, 60);
  const auto before = store->catalog_version();
  get(directory.end_session("d"));
  EXPECT_NE(store->catalog_version(), before);
  EXPECT_FALSE(get(directory.session("d")).has_value());
  session("e", 60, 60);
  get(directory.end_sessions(user.id));
  for (const char* hash : {"b", "c", "e"}) EXPECT_FALSE(get(directory.session(hash)).has_value());
}

TEST_P(StoreSuite, a_key_keeps_its_scopes_and_dates) {
  auto& directory = store->directory();
  ApiKey key{.id = KeyId::make(env), .tenant = tenant, .name = "k", .role = "editor", .hash = "h", .scopes = {"workflows:read", "executions:run"}, .expires_at = start};
  get(directory.save_key(key));
  get(directory.see_key(tenant, key.id, start + std::chrono::seconds(1)));
  auto read = *get(directory.key_by_hash("h"));
  EXPECT_EQ(read.scopes, key.scopes);
  EXPECT_EQ(read.expires_at, start);
  EXPECT_EQ(read.used_at, start + std::chrono::seconds(1));
  EXPECT_EQ(read.revoked_at, Timestamp{});
}

TEST_P(StoreSuite, whoever_loses_a_right_is_heard_of) {
  auto& directory = store->directory();
  auto before = store->catalog_version();
  const auto changed = [&] { return std::exchange(before, store->catalog_version()) != store->catalog_version(); };
  auto user = user_of(env, "anna");
  get(directory.save_user(user, {member_of(tenant, user.id, "admin")}, false));
  EXPECT_TRUE(changed());
  get(directory.save_member(member_of(tenant, user.id, "viewer")));
  EXPECT_TRUE(changed());
  get(directory.save_member(member_of(tenant, user.id, "")));
  EXPECT_TRUE(changed());
  get(directory.end_sessions(user.id));
  EXPECT_TRUE(changed());
  get(directory.add_audit(row_of(tenant, "a")));
  EXPECT_FALSE(changed());
}

TEST_P(StoreSuite, the_audit_log_is_a_chain) {
  auto& directory = store->directory();
  for (int i = 0; i < 5; ++i) get(directory.add_audit(row_of(i % 2 == 0 ? tenant : stranger, "action " + std::to_string(i))));
  auto mine = get(directory.audit(tenant, 0, 2));
  ASSERT_EQ(mine.size(), 2U);
  EXPECT_EQ(mine[0].number, 5U);
  EXPECT_EQ(mine[0].action, "action 4");
  EXPECT_EQ(mine[0].target, "a b");
  EXPECT_EQ(mine[0].detail, row_of(tenant, "").detail);
  EXPECT_EQ(get(directory.audit(tenant, mine[1].number, 10)).size(), 1U);
  EXPECT_EQ(get(directory.audit(std::nullopt, 0, 10)).size(), 5U);
  auto all = get(directory.audit_after(0, 10));
  std::string seal;
  for (const auto& row : all) {
    EXPECT_EQ(row.seal, seal_of(seal, row)) << row.number;
    seal = row.seal;
  }
  EXPECT_EQ(get(check_audit(directory)).seal, seal);
  all[2].action = "another";
  EXPECT_NE(all[2].seal, seal_of(all[1].seal, all[2]));
}

}  // namespace mbflow::store
