// Rows that were swapped or changed, keys that are missing or rotated, secrets that come back, tokens that end.
#include "vault/testing_vault.h"

namespace mbflow::vault {
namespace {

TEST_F(VaultTest, what_is_kept_does_not_show_the_secret) {
  const auto entry = bearer();
  EXPECT_EQ(entry.sealed.find("canary"), std::string::npos);
  EXPECT_EQ(write_json(entry.open).find("canary"), std::string::npos);
  EXPECT_EQ(write_json(entry.open["set"]), R"(["token"])");
  EXPECT_EQ(now(vault->credential(tenant, "api", "bearer"))->secret("token"), "canary-secret");
  EXPECT_EQ(now(vault->credential(tenant, entry.id.to_string(), "bearer"))->secret("token"), "canary-secret");
  EXPECT_EQ(code(now(vault->credential(tenant, "api", "smtp"))), "credential.type");
  EXPECT_EQ(code(now(vault->credential(TenantId::make(env), "api", "bearer"))), "credential.unknown");
}

TEST_F(VaultTest, rows_that_were_swapped_or_changed_do_not_open) {
  const auto one = bearer("one");
  const auto two = bearer("two");
  auto swapped = one;
  swapped.sealed = two.sealed;
  ASSERT_TRUE(now(store->save_entry(swapped, {})));
  EXPECT_EQ(code(call("one")), "vault.sealed");
  auto astray = two;
  astray.open = two.open.with("origins", Value::array({"https://evil.example"}));
  ASSERT_TRUE(now(store->save_entry(astray, {})));
  EXPECT_EQ(code(call("two", "https://evil.example/")), "vault.sealed");
  auto moved = bearer("three");
  moved.tenant = TenantId::make(env);
  moved.version = 0;
  ASSERT_TRUE(now(store->save_entry(moved, {})));
  EXPECT_EQ(code(now(vault->credential(moved.tenant, "three", "bearer"))), "vault.sealed");
  EXPECT_EQ(code(now(vault->check())), "vault.sealed");
  EXPECT_TRUE(server.seen.empty());
}

TEST_F(VaultTest, without_the_right_keys_nothing_starts) {
  bearer();
  EXPECT_EQ(code(now(vault->check())), "ok");
  EXPECT_EQ(::chmod((folder + "/keys").c_str(), 0640), 0);
  make();
  EXPECT_EQ(code(now(vault->check())), "vault.keys_rights");
  std::filesystem::rename(folder + "/keys", folder + "/elsewhere");
  make();
  EXPECT_EQ(code(now(vault->check())), "vault.key_missing");
  EXPECT_TRUE(Keyring(folder + "/keys").newest(env));  // another key
  make();
  EXPECT_EQ(code(now(vault->check())), "vault.key_missing");
  std::ofstream(folder + "/keys") << "k0 2026 AAAA\n";
  make();
  EXPECT_EQ(code(now(vault->check())), "vault.keys_file");
}

TEST_F(VaultTest, where_it_goes_is_not_changed_without_its_secrets) {
  const auto entry = bearer();
  const auto put = [&](std::string_view json) { return code(now(vault->save_credential(tenant, entry.id, body(json), std::nullopt))); };
  EXPECT_EQ(put(R"({"name": "renamed", "type": "bearer", "fields": {}, "origins": ["https://api.example.com"]})"), "ok");
  EXPECT_EQ(put(R"({"name": "api", "type": "bearer", "fields": {}, "origins": ["https://evil.example"]})"), "credential.secrets_again");
  EXPECT_EQ(put(R"({"name": "api", "type": "bearer", "fields": {"token": "new-token"}, "origins": ["https://other.example"]})"), "ok");
  EXPECT_EQ(put(R"({"name": "api", "type": "header", "fields": {}, "origins": ["https://other.example"]})"), "credential.type");
  EXPECT_EQ(now(vault->credential(tenant, "api", ""))->secret("token"), "new-token");
}

TEST_F(VaultTest, a_token_does_not_move_to_another_origin) {
  const auto entry = saved(R"({"name": "p", "type": "oauth2_authorization_code", "origins": ["https://api.example.com"],
      "fields": {"authorization_url": "https://id.example/authorize", "token_url": "https://id.example/token", "client_id": "me"}})");
  server.answer = [](const HttpRequest&) { return HttpResponse{200, {}, R"({"access_token": "token-1", "refresh_token": "renew-1"})", ""}; };
  const std::string url = *now(vault->begin_authorization(tenant, entry.id, "caller", "https://flow.example/back"));
  const auto at = url.find("state=") + 6;
  ASSERT_EQ(code(now(vault->finish_authorization(tenant, "caller", url.substr(at, url.find('&', at) - at), "code"))), "ok");
  ASSERT_EQ(code(call("p")), "ok");
  ASSERT_EQ(code(now(vault->save_credential(tenant, entry.id, body(R"({"name": "p", "type": "oauth2_authorization_code",
      "origins": ["https://evil.example"], "fields": {"authorization_url": "https://id.example/authorize",
      "token_url": "https://id.example/token", "client_id": "me"}})"), std::nullopt))), "ok");
  server.seen.clear();
  EXPECT_EQ(code(call("p", "https://evil.example/")), "credential.refused");
  EXPECT_TRUE(server.seen.empty());
}

TEST_F(VaultTest, a_session_token_is_a_secret_like_any_other) {
  const std::string fields = R"("access_key_id": "AKID", "region": "r", "service": "s3", "secret_access_key": "s3cr3t")";
  const auto entry = saved(R"({"name": "a", "type": "aws_sigv4", "origins": ["https://s3.example"], "fields": {)" + fields + R"(, "session_token": "canary"}})");
  const auto put = [&](const std::string& more) {
    const Value moved = body(R"({"name": "a", "type": "aws_sigv4", "origins": ["https://evil.example"], "fields": {)" + fields + more + "}}");
    return code(now(vault->save_credential(tenant, entry.id, moved, std::nullopt)));
  };
  EXPECT_EQ(put(""), "credential.secrets_again");
  EXPECT_EQ(put(R"(, "session_token": "another")"), "ok");
}

TEST_F(VaultTest, what_cannot_be_a_credential_is_refused) {
  const auto post = [&](std::string_view json) { return code(now(vault->save_credential(tenant, std::nullopt, body(json), std::nullopt))); };
  EXPECT_EQ(post(R"({"type": "bearer", "fields": {"token": "x"}, "origins": ["https://a.example"]})"), "credential.name");
  EXPECT_EQ(post(R"({"name": "x", "type": "magic", "fields": {}})"), "credential.type");
  EXPECT_EQ(post(R"({"name": "x", "type": "bearer", "fields": {}, "origins": ["https://a.example"]})"), "credential.field");
  EXPECT_EQ(post(R"({"name": "x", "type": "bearer", "fields": {"token": "x", "more": "y"}, "origins": ["https://a.example"]})"), "credential.field");
  EXPECT_EQ(post(R"({"name": "x", "type": "bearer", "fields": {"token": "a\r\nHost: b"}, "origins": ["https://a.example"]})"), "credential.field");
  EXPECT_EQ(post(R"({"name": "x", "type": "bearer", "fields": {"token": 7}, "origins": ["https://a.example"]})"), "credential.field");
  EXPECT_EQ(post(R"({"name": "x", "type": "bearer", "fields": {"token": "x"}})"), "credential.origins");
  EXPECT_EQ(post(R"({"name": "x", "type": "bearer", "fields": {"token": "x"}, "origins": ["api"]})"), "credential.origin_syntax");
}

TEST_F(VaultTest, every_type_has_texts_in_both_languages) {
  EXPECT_EQ(credential_types().size(), 11U);
  for (const auto& type : credential_types()) {
    const Value& russian = type.definition["text"]["ru"];
    for (const char* text : {"title", "summary"}) EXPECT_FALSE(russian[text].as_string().empty()) << type.name;
    EXPECT_EQ(russian["fields"].size(), type.definition["fields"]["properties"].size()) << type.name;
    for (const auto& [name, field] : type.definition["fields"]["properties"].members()) {
      const Value& own = russian["fields"][name.as_string()];
      for (const char* text : {"title", "description"}) {
        EXPECT_FALSE(field[text].as_string().empty()) << type.name << " " << name.as_string();
        EXPECT_FALSE(own[text].as_string().empty()) << type.name << " " << name.as_string();
      }
      EXPECT_EQ(own["labels"].size(), field["x-labels"].size()) << type.name << " " << name.as_string();
    }
  }
}

TEST_F(VaultTest, a_rotation_that_is_cut_off_anywhere_loses_nothing) {
  std::vector<store::Entry> entries;
  for (int i = 0; i < 8; ++i) entries.push_back(bearer("c" + std::to_string(i), "secret-" + std::to_string(i)));
  // As if the process had died after the n-th row: the new key is there, some rows are sealed with it.
  for (std::size_t n = 0; n <= entries.size(); ++n) {
    Keyring ring(folder + "/keys");
    ASSERT_TRUE(ring.add(env));
    for (std::size_t i = 0; i < n; ++i) {
      auto entry = *now(store->entry(tenant, entries[i].id));
      auto secrets = open(ring, entry);
      ASSERT_TRUE(secrets) << secrets.error().message;
      ASSERT_TRUE(seal(ring, env, entry, *secrets));
      ASSERT_TRUE(now(store->save_entry(entry, entry.version)));
    }
    make();
    ASSERT_EQ(code(now(vault->check())), "ok") << n;
    for (std::size_t i = 0; i < entries.size(); ++i)
      ASSERT_EQ(now(vault->credential(tenant, "c" + std::to_string(i), ""))->secret("token"), "secret-" + std::to_string(i));
    const auto resealed = now(vault->reseal());
    ASSERT_TRUE(resealed);
    EXPECT_EQ(*resealed, entries.size() - n);
  }
}

TEST_F(VaultTest, a_key_is_dropped_only_when_it_seals_nothing) {
  bearer();
  const auto first = now(vault->keys())->at(0).id;
  EXPECT_EQ(code(now(vault->drop_key(first))), "vault.key_used");
  ASSERT_EQ(*now(vault->rotate()), 1U);
  const auto uses = *now(vault->keys());
  ASSERT_EQ(uses.size(), 2U);
  EXPECT_EQ(uses[0].entries, 0U);
  EXPECT_EQ(uses[1].entries, 1U);
  EXPECT_EQ(code(now(vault->drop_key(uses[1].id))), "vault.key_used");
  EXPECT_EQ(code(now(vault->drop_key(first))), "ok");
  make();
  EXPECT_EQ(code(now(vault->check())), "ok");
}

TEST_F(VaultTest, a_token_is_got_once_kept_sealed_and_renewed_when_it_ends) {
  saved(R"({"name": "o", "type": "oauth2_client_credentials", "origins": ["https://api.example.com"],
            "fields": {"token_url": "https://id.example/token", "client_id": "me", "client_secret": "client-canary"}})");
  int given = 0;
  server.answer = [&](const HttpRequest& request) {
    const bool token = request.url == "https://id.example/token";
    if (token) return HttpResponse{200, {}, R"({"access_token": "token-)" + std::to_string(++given) + R"(", "expires_in": 3600})", ""};
    return HttpResponse{200, {}, header(request, "authorization"), ""};
  };
  server.takes = std::chrono::seconds(1);
  std::vector<std::optional<Result<HttpResponse>>> answers(5);
  for (auto& answer : answers) {
    HttpRequest request;
    request.url = "https://api.example.com/x";
    request.credential = "o";
    spawn(loop, keep<Result<HttpResponse>>(vault->send(tenant, std::move(request), {}), answer));
  }
  loop.run_ready();
  loop.advance(std::chrono::seconds(5));
  for (const auto& answer : answers) {
    ASSERT_TRUE(answer && *answer);
    EXPECT_EQ((*answer)->body, "Bearer [secret]");
  }
  EXPECT_EQ(given, 1);
  EXPECT_EQ(header(server.seen[0], "authorization"), "Basic " + base64_encode("me:client-canary"));
  EXPECT_EQ(header(server.seen.back(), "authorization"), "Bearer token-1");
  const auto entry = *now(vault->credential_entry(tenant, "o"));
  EXPECT_EQ((write_json(entry.open) + entry.sealed).find("token-1"), std::string::npos);
  server.takes = {};
  loop.advance(std::chrono::hours(1));
  ASSERT_TRUE(call("o"));
  EXPECT_EQ(given, 2);
}

TEST_F(VaultTest, a_token_that_the_server_no_longer_takes_is_renewed_once) {
  saved(R"({"name": "o", "type": "oauth2_client_credentials", "origins": ["https://api.example.com"],
            "fields": {"token_url": "https://id.example/token", "client_id": "me", "client_secret": "client-canary"}})");
  int given = 0;
  std::string good = "token-2";
  server.answer = [&](const HttpRequest& request) {
    if (request.url == "https://id.example/token") return HttpResponse{200, {}, R"({"access_token": "token-)" + std::to_string(++given) + "\"}", ""};
    return HttpResponse{header(request, "authorization") == "Bearer " + good ? 200 : 401, {}, "", ""};
  };
  EXPECT_EQ(call("o")->status, 200);
  EXPECT_EQ(given, 2);
  good = "never";
  EXPECT_EQ(call("o")->status, 401);
  EXPECT_EQ(given, 3);
}

TEST_F(VaultTest, consent_is_bound_to_whoever_asked_for_it) {
  const auto entry = saved(R"({"name": "p", "type": "oauth2_authorization_code", "origins": ["https://api.example.com"],
      "fields": {"authorization_url": "https://id.example/authorize", "token_url": "https://id.example/token", "client_id": "me"}})");
  EXPECT_EQ(code(call("p")), "credential.refused");
  const std::string url = *now(vault->begin_authorization(tenant, entry.id, "caller", "https://flow.example/back"));
  const auto parameter = [&](std::string_view name) {
    const auto at = url.find(std::string(name) + "=") + name.size() + 1;
    return url.substr(at, std::min(url.find('&', at), url.size()) - at);
  };
  const std::string state = parameter("state");
  std::string body_sent;
  server.answer = [&](const HttpRequest& request) {
    if (request.url == "https://id.example/token") body_sent = request.body;
    return HttpResponse{200, {}, R"({"access_token": "token-1", "refresh_token": "renew-1", "expires_in": 60})", ""};
  };
  EXPECT_EQ(code(now(vault->finish_authorization(tenant, "another", state, "code"))), "credential.state");
  EXPECT_EQ(code(now(vault->finish_authorization(TenantId::make(env), "caller", state, "code"))), "credential.state");
  EXPECT_EQ(code(now(vault->finish_authorization(tenant, "caller", state + "A", "code"))), "credential.state");
  EXPECT_TRUE(body_sent.empty());
  ASSERT_EQ(code(now(vault->finish_authorization(tenant, "caller", state, "code"))), "ok");
  const auto at = body_sent.find("code_verifier=") + 14;
  const std::string verifier = body_sent.substr(at, body_sent.find('&', at) - at);
  EXPECT_EQ(base64url_encode(sha256(verifier)), parameter("code_challenge"));
  EXPECT_EQ(code(call("p")), "ok");
  loop.advance(std::chrono::minutes(5));
  ASSERT_EQ(code(call("p")), "ok");
  EXPECT_EQ(body_sent, "grant_type=refresh_token&refresh_token=renew-1&client_id=me");
  loop.advance(std::chrono::minutes(6));
  EXPECT_EQ(code(now(vault->finish_authorization(tenant, "caller", state, "code"))), "credential.state");
}

TEST_F(VaultTest, variables_of_the_environment_stand_above_the_default_ones) {
  const auto save = [&](std::string_view json) {
    auto entry = now(vault->save_variable(tenant, std::nullopt, body(json), std::nullopt));
    EXPECT_TRUE(entry) << entry.error().message;
  };
  save(R"({"name": "url", "kind": "text", "value": "https://a.example"})");
  save(R"({"name": "both", "kind": "text", "value": "default"})");
  save(R"({"name": "both", "kind": "text", "value": "test", "environment": "test"})");
  save(R"({"name": "key", "kind": "secret", "value": "variable-canary"})");
  EXPECT_EQ((*now(vault->variables(tenant)))->open, body(R"({"url": "https://a.example", "both": "default"})"));
  EXPECT_EQ((*now(vault->variables(tenant)))->secret, std::vector<std::string>{"key"});
  Options options;
  options.keys_file = folder + "/keys";
  options.environment = "test";
  Vault other(*store, server, env, std::move(options));
  EXPECT_EQ((*now(other.variables(tenant)))->open["both"].as_string(), "test");
  save(R"({"name": "more", "kind": "text", "value": "seen at once"})");
  EXPECT_EQ((*now(vault->variables(tenant)))->open["more"].as_string(), "seen at once");
  const auto kept = *now(store->entries(tenant, "variable"));
  for (const auto& entry : kept) EXPECT_EQ((write_json(entry.open) + entry.sealed).find("canary"), std::string::npos);
}

TEST(Secret, is_equal_by_content_only) {
  const Secret secret("canary");
  EXPECT_TRUE(secret.equals("canary"));
  EXPECT_FALSE(secret.equals("canarx"));
  EXPECT_FALSE(secret.equals("canary "));
  Secret moved = secret;
  Secret target("other");
  target = std::move(moved);
  EXPECT_TRUE(target.equals("canary"));
  std::string text = "canary";
  wipe(text);
  EXPECT_TRUE(text.empty());
}

}  // namespace
}  // namespace mbflow::vault
