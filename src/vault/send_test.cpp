// What goes out with a request, where it may go, and what comes back of it.
#include "vault/testing_vault.h"

namespace mbflow::vault {
namespace {

TEST_F(VaultTest, a_credential_goes_to_its_own_origins_only) {
  bearer();
  EXPECT_EQ(code(call("api")), "ok");
  EXPECT_EQ(header(server.seen.at(0), "authorization"), "Bearer canary-secret");
  for (const char* url : {"https://evil.example/", "http://api.example.com/", "https://api.example.com:8443/", "https://api.example.com.evil.example/"})
    EXPECT_EQ(code(call("api", url)), "credential.origin") << url;
  EXPECT_EQ(server.seen.size(), 1U);
  auto signer = make_signer(*now(vault->credential(tenant, "api", "bearer")), {"https://api.example.com"}, env);
  ASSERT_TRUE(signer);
  HttpRequest redirected;
  redirected.url = "https://evil.example/";
  EXPECT_TRUE((*signer)->sign(redirected, true));
  EXPECT_TRUE(redirected.headers.empty());
}

TEST_F(VaultTest, each_http_type_says_who_calls) {
  const std::string origins = R"(, "origins": ["https://api.example.com"]})";
  saved(R"({"name": "b", "type": "basic", "fields": {"username": "Aladdin", "password": "open sesame"})" + origins);
  saved(R"({"name": "h", "type": "header", "fields": {"name": "X-Own", "value": "own-key"})" + origins);
  saved(R"({"name": "q", "type": "query", "fields": {"name": "key", "value": "a b&c"})" + origins);
  saved(R"({"name": "k", "type": "api_key", "fields": {"key": "the-key"})" + origins);
  saved(R"({"name": "a", "type": "aws_sigv4", "fields": {"access_key_id": "AKID", "secret_access_key": "s3cr3t", "region": "r", "service": "s3"})" + origins);
  for (const char* name : {"b", "h", "q", "k", "a"}) EXPECT_EQ(code(call(name)), "ok") << name;
  EXPECT_EQ(header(server.seen[0], "authorization"), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");  // RFC 7617 §2
  EXPECT_EQ(header(server.seen[1], "x-own"), "own-key");
  EXPECT_EQ(server.seen[2].url, "https://api.example.com/x?key=a%20b%26c");
  EXPECT_EQ(header(server.seen[3], "x-api-key"), "the-key");
  EXPECT_TRUE(header(server.seen[4], "authorization").starts_with("AWS4-HMAC-SHA256 Credential=AKID/"));
}

TEST_F(VaultTest, a_secret_that_the_server_repeats_is_masked) {
  const std::string secret = "canary \"quoted\"/ключ";
  bearer("api", "canary \\\"quoted\\\"/ключ");
  const std::string json = write_json(Value(secret));
  server.answer = [&](const HttpRequest& request) {
    HttpResponse answer{200, {{"X-Echo", header(request, "authorization")}}, "", "https://api.example.com/?t=" + secret};
    answer.body = secret + "\n" + json + "\n" + base64_encode(secret) + "\n" + base64url_encode(secret) + "\n" + to_hex(secret);
    return answer;
  };
  auto answer = call("api");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "[secret]\n\"[secret]\"\n[secret]\n[secret]\n[secret]");
  EXPECT_EQ(*find_header(answer->headers, "x-echo"), "Bearer [secret]");
  EXPECT_EQ(answer->url, "https://api.example.com/?t=[secret]");
}

// A node reads the answer as JSON: what was masked only in plain would be whole again after that.
TEST_F(VaultTest, however_the_server_writes_it_it_is_masked) {
  bearer("api", R"(can/ar y+%41\u043a\ud83d\ude00)");
  for (const char* text : {R"(can/ar y+%41\u043a\uD83D\uDE00)", R"(can\/ar y+%41\u043A\ud83d\ude00)", "can%2far+y%2b%2541%d0%ba%f0%9f%98%80",
                           "can%2Far%20y%2B%2541%D0%BA%F0%9F%98%80", R"(\u0063an\/ar\u0020y+%41к\ud83d\ude00)"}) {
    server.answer = [&](const HttpRequest&) { return HttpResponse{200, {}, "<" + std::string(text) + "\\%+>" + text, ""}; };
    EXPECT_EQ(call("api")->body, "<[secret]\\%+>[secret]") << text;
  }
  server.answer = [&](const HttpRequest&) { return HttpResponse{200, {}, R"(can/ar \u12 %4 can\)", ""}; };
  EXPECT_EQ(call("api")->body, R"(can/ar \u12 %4 can\)");
}

TEST_F(VaultTest, whoever_edits_the_workflow_cannot_read_it_on_the_way) {
  saved(R"({"name": "api", "type": "bearer", "fields": {"token": "canary-secret"}, "origins": ["https://api.example.com", "http://inner.example"]})");
  const auto by = [&](std::string url, bool verify_tls, std::string proxy) {
    HttpRequest request;
    request.url = std::move(url);
    request.credential = "api";
    request.verify_tls = verify_tls;
    request.proxy = std::move(proxy);
    return code(now(vault->send(tenant, std::move(request), {})));
  };
  EXPECT_EQ(by("https://api.example.com/", false, ""), "credential.exposed");
  EXPECT_EQ(by("https://api.example.com/", false, "http://proxy.example:3128"), "credential.exposed");
  EXPECT_EQ(by("http://inner.example/", true, "http://proxy.example:3128"), "credential.exposed");
  EXPECT_TRUE(server.seen.empty());
  EXPECT_EQ(by("https://api.example.com/", true, "http://proxy.example:3128"), "ok");
  EXPECT_EQ(by("http://inner.example/", true, ""), "ok");
}

}  // namespace
}  // namespace mbflow::vault
