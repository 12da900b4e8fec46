#include "store/suite/suite.h"

#include <set>

namespace mbflow::store {

TEST_P(StoreSuite, workflow_is_saved_and_read) {
  auto record = workflow_of(tenant, "Отчёт");
  record.tags = {"daily", "отчёт"};
  auto saved = get(store->save_workflow(record, {}));
  EXPECT_FALSE(saved.id.is_nil());
  EXPECT_EQ(saved.version, 1);
  EXPECT_EQ(saved.created_at, env.now());

  auto read = get(store->workflow(tenant, saved.id, 0));
  EXPECT_EQ(read.id, saved.id);
  EXPECT_EQ(read.tenant, tenant);
  EXPECT_EQ(read.name, "Отчёт");
  EXPECT_EQ(read.tags, record.tags);
  EXPECT_EQ(read.version, 1);
  EXPECT_EQ(read.published_version, 0);
  EXPECT_EQ(read.created_at, saved.created_at);
  EXPECT_TRUE(read.document == record.document);
}

TEST_P(StoreSuite, a_given_id_is_kept) {
  auto record = workflow_of(tenant, "a");
  record.id = WorkflowId::make(env);
  EXPECT_EQ(get(store->save_workflow(record, {})).id, record.id);
  EXPECT_EQ(get(store->workflow(tenant, record.id, 0)).name, "a");
}

TEST_P(StoreSuite, each_save_makes_a_version) {
  auto record = saved("first");
  env.advance(std::chrono::seconds(5));
  record.name = "second";
  record.document = Value::object({{"name", "second"}});
  auto second = get(store->save_workflow(record, {}));
  EXPECT_EQ(second.version, 2);
  EXPECT_EQ(second.created_at, record.created_at);
  EXPECT_EQ(second.updated_at, record.created_at + std::chrono::seconds(5));

  EXPECT_EQ(get(store->workflow(tenant, record.id, 0)).document["name"].as_string(), "second");
  auto old = get(store->workflow(tenant, record.id, 1));
  EXPECT_EQ(old.document["name"].as_string(), "first");
  EXPECT_EQ(old.version, 2);  // the newest there is
  EXPECT_EQ(code(store->workflow(tenant, record.id, 3)), "store.not_found");
  EXPECT_EQ(code(store->workflow(tenant, record.id, -1)), "store.not_found");
}

TEST_P(StoreSuite, an_outdated_save_is_a_conflict) {
  auto record = saved("first");
  EXPECT_EQ(get(store->save_workflow(record, 1)).version, 2);
  auto result = now(store->save_workflow(record, 1));
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, "store.conflict");
  EXPECT_EQ(result.error().kind, Kind::conflict);
  EXPECT_EQ(get(store->workflow(tenant, record.id, 0)).version, 2);
}

TEST_P(StoreSuite, a_version_of_an_unknown_workflow_is_not_found) {
  auto record = workflow_of(tenant, "a");
  record.id = WorkflowId::make(env);
  record.version = 3;
  EXPECT_EQ(code(store->save_workflow(record, {})), "store.not_found");
  record.version = 0;
  EXPECT_EQ(code(store->save_workflow(record, 2)), "store.not_found");
  EXPECT_EQ(code(store->workflow(tenant, record.id, 0)), "store.not_found");
}

TEST_P(StoreSuite, workflow_list_has_no_gap_and_no_double) {
  std::set<std::string> names;
  for (int i = 0; i < 57; ++i) {
    env.advance(std::chrono::milliseconds(1));
    names.insert(saved("w" + std::to_string(i)).name);
  }
  WorkflowFilter filter{.limit = 10};
  std::vector<WorkflowRecord> all;
  for (;;) {
    auto page = get(store->workflows(tenant, filter));
    for (const auto& record : page) {
      if (!all.empty()) { EXPECT_LT(record.id, all.back().id); }
      EXPECT_TRUE(record.document.is_null());
      EXPECT_EQ(names.erase(record.name), 1U);
      all.push_back(record);
    }
    if (page.size() < 10) break;
    filter.before = page.back().id;
  }
  EXPECT_TRUE(names.empty());
  EXPECT_EQ(all.front().name, "w56");
}

TEST_P(StoreSuite, workflow_list_is_filtered) {
  auto record = workflow_of(tenant, "Ежедневный Отчёт");
  record.tags = {"sales"};
  auto report = get(store->save_workflow(record, {}));
  auto other = saved("Daily Mail");
  get(store->publish(tenant, other.id, 1, {}));
  auto names = [&](const WorkflowFilter& filter) {
    std::vector<std::string> list;
    for (const auto& found : get(store->workflows(tenant, filter))) list.push_back(found.name);
    return list;
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(names({.name_contains = "отчёт"}), Names{report.name});
  EXPECT_EQ(names({.name_contains = "dAILY"}), Names{other.name});
  EXPECT_EQ(names({.name_contains = "%"}), Names{});
  EXPECT_EQ(names({.tag = "sales"}), Names{report.name});
  EXPECT_EQ(names({.tag = "sale"}), Names{});
  EXPECT_EQ(names({.published = true}), Names{other.name});
  EXPECT_EQ(names({.published = false}), Names{report.name});
  EXPECT_EQ(names({.limit = 0}), Names{});
}

TEST_P(StoreSuite, publishing_makes_routes_live) {
  auto record = saved("hooks");
  get(store->save_workflow(record, {}));
  get(store->publish(tenant, record.id, 1, live({route_of("orders", "POST"), route_of("orders", "GET", "n2")})));
  auto routes = get(store->routes());
  ASSERT_EQ(routes.size(), 2U);
  for (const auto& route : routes) {
    EXPECT_EQ(route.path, "orders");
    EXPECT_EQ(route.tenant, tenant);
    EXPECT_EQ(route.workflow, record.id);
    EXPECT_EQ(route.version, 1);
    EXPECT_EQ(route.node_id, route.method == "POST" ? "n1" : "n2");
  }
  EXPECT_EQ(get(store->workflow(tenant, record.id, 0)).published_version, 1);

  get(store->publish(tenant, record.id, 2, live({route_of("orders", "POST")})));
  routes = get(store->routes());
  ASSERT_EQ(routes.size(), 1U);
  EXPECT_EQ(routes[0].version, 2);

  get(store->publish(tenant, record.id, 0, live({route_of("ignored", "POST")})));
  EXPECT_TRUE(get(store->routes()).empty());
  EXPECT_EQ(get(store->workflow(tenant, record.id, 0)).published_version, 0);
  EXPECT_EQ(code(store->publish(tenant, record.id, 3, {})), "store.not_found");
}

TEST_P(StoreSuite, a_taken_route_is_refused_as_a_whole) {
  auto first = saved("first");
  auto second = saved("second");
  get(store->publish(tenant, first.id, 1, live({route_of("a", "POST"), route_of("any", "*")})));
  get(store->publish(tenant, second.id, 1, live({route_of("b", "POST")})));

  auto result = now(store->publish(tenant, second.id, 1, live({route_of("free", "POST"), route_of("a", "POST")})));
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, "store.route_taken");
  EXPECT_NE(result.error().message.find("\"first\""), std::string::npos) << result.error().message;
  EXPECT_EQ(code(store->publish(tenant, second.id, 1, live({route_of("any", "GET")}))), "store.route_taken");
  EXPECT_EQ(code(store->publish(tenant, second.id, 1, live({route_of("a", "*")}))), "store.route_taken");
  EXPECT_EQ(code(store->publish(tenant, second.id, 1, live({route_of("c", "GET"), route_of("c", "GET", "n2")}))), "store.route_taken");

  auto routes = get(store->routes());  // as before: the refused ones left nothing behind
  std::set<std::string> paths;
  for (const auto& route : routes) paths.insert(route.path);
  EXPECT_EQ(paths, (std::set<std::string>{"a", "any", "b"}));
  EXPECT_EQ(code(store->publish(tenant, second.id, 1, live({route_of("a", "GET")}))), "ok");
  EXPECT_EQ(code(store->publish(tenant, first.id, 1, live({route_of("a", "POST"), route_of("any", "*"), route_of("any", "PUT")}))), "ok");
}

TEST_P(StoreSuite, the_name_of_another_tenants_workflow_is_not_told) {
  auto mine = saved("mine");
  auto theirs = get(store->save_workflow(workflow_of(stranger, "secret plan"), {}));
  get(store->publish(stranger, theirs.id, 1, live({route_of("a", "POST")})));
  auto result = now(store->publish(tenant, mine.id, 1, live({route_of("a", "POST")})));
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, "store.route_taken");
  EXPECT_EQ(result.error().message.find("secret plan"), std::string::npos);
}

TEST_P(StoreSuite, a_deleted_workflow_leaves_lists_and_routes) {
  auto record = saved("gone");
  get(store->publish(tenant, record.id, 1, live({route_of("a", "POST")})));
  auto run = execution_of(tenant, nth_execution(1), ExecutionStatus::succeeded);
  run.workflow = record.id;
  run.version = 1;
  get(store->commit(first_commit(run)));
  get(store->delete_workflow(tenant, record.id));

  EXPECT_EQ(code(store->workflow(tenant, record.id, 0)), "store.not_found");
  EXPECT_TRUE(get(store->workflows(tenant, {})).empty());
  EXPECT_TRUE(get(store->routes()).empty());
  EXPECT_EQ(code(store->publish(tenant, record.id, 1, {})), "store.not_found");
  EXPECT_EQ(code(store->delete_workflow(tenant, record.id)), "store.not_found");
  EXPECT_EQ(code(store->save_workflow(record, {})), "store.not_found");
  record.version = 0;
  EXPECT_EQ(code(store->save_workflow(record, {})), "store.not_found");

  auto history = get(store->workflow(tenant, record.id, 1));  // the execution still shows what it ran
  EXPECT_EQ(history.published_version, 0);
  EXPECT_EQ(history.document["name"].as_string(), "gone");
  get(store->delete_execution(tenant, run.id));
  EXPECT_EQ(code(store->workflow(tenant, record.id, 1)), "store.not_found");
}

TEST_P(StoreSuite, a_deleted_workflow_without_history_is_gone) {
  auto record = saved("gone");
  get(store->delete_workflow(tenant, record.id));
  EXPECT_EQ(code(store->workflow(tenant, record.id, 1)), "store.not_found");
}

TEST_P(StoreSuite, catalog_version_follows_publications_and_keys) {
  auto record = saved("a");
  auto before = store->catalog_version();
  auto changed = [&] { return std::exchange(before, store->catalog_version()) != store->catalog_version(); };
  get(store->publish(tenant, record.id, 1, {}));
  EXPECT_TRUE(changed());
  (void)now(store->publish(tenant, record.id, 9, {}));
  get(store->routes());
  EXPECT_FALSE(changed());
  ApiKey key{.id = KeyId::make(env), .tenant = tenant, .name = "k", .role = "admin", .hash = "h"};
  get(store->directory().save_key(key));
  EXPECT_TRUE(changed());
  get(store->directory().revoke_key(tenant, key.id, start));
  EXPECT_TRUE(changed());
  get(store->delete_workflow(tenant, record.id));
  EXPECT_TRUE(changed());
  get(store->commit(first_commit(execution_of(tenant, nth_execution(1)))));
  EXPECT_FALSE(changed());
}

TEST_P(StoreSuite, keys_are_found_by_hash) {
  ApiKey key{.id = KeyId::make(env), .tenant = tenant, .name = "ключ", .role = "editor",
             .hash = std::string("\0\x01 binary \xff", 11), .created_at = env.now()};
  get(store->directory().save_key(key));
  auto found = get(store->directory().key_by_hash(key.hash));
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->id, key.id);
  EXPECT_EQ(found->tenant, tenant);
  EXPECT_EQ(found->name, "ключ");
  EXPECT_EQ(found->role, "editor");
  EXPECT_EQ(found->hash, key.hash);
  EXPECT_EQ(found->created_at, key.created_at);
  EXPECT_FALSE(get(store->directory().key_by_hash("unknown")).has_value());
  EXPECT_FALSE(get(store->directory().key_by_hash("")).has_value());

  key.role = "viewer";
  get(store->directory().save_key(key));
  EXPECT_EQ(get(store->directory().key_by_hash(key.hash))->role, "viewer");
  auto twin = key;
  twin.id = KeyId::make(env);
  EXPECT_EQ(code(store->directory().save_key(twin)), "store.exists");
  EXPECT_EQ(get(store->directory().keys(tenant)).size(), 1U);

  get(store->directory().revoke_key(tenant, key.id, start));
  EXPECT_EQ(get(store->directory().key_by_hash(key.hash))->revoked_at, start);
  get(store->directory().revoke_key(tenant, key.id, start + std::chrono::hours(1)));
  EXPECT_EQ(get(store->directory().key_by_hash(key.hash))->revoked_at, start);
}

TEST_P(StoreSuite, a_closed_store_refuses) {
  get(store->close());
  EXPECT_EQ(code(store->close()), "ok");
  EXPECT_EQ(code(store->routes()), "store.unavailable");
  EXPECT_EQ(code(store->commit(first_commit(execution_of(tenant, nth_execution(1))))), "store.unavailable");
}

}  // namespace mbflow::store
