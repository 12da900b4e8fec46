// What a request becomes, and who may make it. Signatures by the real senders' libraries are in tests/e2e.
#include "trigger/webhook.h"

#include "base/hash.h"
#include "trigger/form_body.h"

#include <mbflow/json.h>

#include <gtest/gtest.h>

#include <string>

namespace mbflow::trigger {
namespace {

constexpr const char* multipart = "multipart/form-data; boundary=b0";

std::string shown(const Result<Value>& value) { return value ? write_json(*value) : value.error().message; }

TEST(form_body, multipart_fields_and_files) {
  const std::string body =
      "preamble\r\n--b0\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--b0\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\ntwo\r\nlines\r\n"
      "--b0 \r\ncontent-disposition:form-data;name=f;filename=\"../\\\"x\\\".txt\"\r\nContent-Type: text/plain\r\n\r\nhi\r\n"
      "--b0\r\nContent-Disposition: form-data; name=\"__proto__\"\r\n\r\n\r\n--b0--\r\nepilogue";
  EXPECT_EQ(shown(parse_multipart(multipart, body)),
            R"({"a":["1","two\r\nlines"],"f":{"filename":"../\"x\".txt","content_type":"text/plain","size":2,"data_base64":"aGk="},"__proto__":""})");
  EXPECT_EQ(shown(parse_multipart("multipart/form-data; boundary=\"b0\"", "--b0--")), "{}");
  EXPECT_EQ(shown(parse_multipart(multipart, "--b0\r\nContent-Disposition: form-data; name=x\r\n\r\n\xff\r\n--b0--")),
            R"({"x":{"content_type":"text/plain","size":1,"data_base64":"/w=="}})");
}

TEST(form_body, broken_multipart_is_refused) {
  const std::string part = "--b0\r\nContent-Disposition: form-data; name=x\r\n\r\n1\r\n";
  for (const std::string& body : {std::string(), std::string("--b1--"), part, std::string("--b0\r\n1\r\n--b0--"), std::string("--b0 x\r\n\r\n1\r\n--b0--"),
                                  std::string("--b0\r\nno colon\r\n\r\n1\r\n--b0--"), std::string("--b0\r\nX: 1\r\n\r\n1\r\n--b0--"),
                                  "--b0\r\nX: " + std::string(9'000, 'x') + "\r\n\r\n1\r\n--b0--"}) {
    const auto result = parse_multipart(multipart, body);
    EXPECT_FALSE(result.ok()) << body;
    if (!result) {
      EXPECT_EQ(result.error().code, "webhook.body");
    }
  }
  EXPECT_FALSE(parse_multipart("multipart/form-data", "--b0--").ok());
  EXPECT_FALSE(parse_multipart("multipart/form-data; boundary=" + std::string(71, 'b'), "--" + std::string(71, 'b') + "--").ok());
  std::string many;
  for (int i = 0; i < 1'001; ++i) many += part;
  EXPECT_NE(shown(parse_multipart(multipart, many + "--b0--")).find("1000 parts"), std::string::npos);
}

Value config(std::string_view text) { return *parse_json(text); }

TEST(webhook, only_from_addresses_it_admits) {
  const Headers none;
  const auto admits = [&](std::string_view ranges, std::string_view peer) {
    const Value node = config("{\"auth\": \"public\", \"allow_from\": " + std::string(ranges) + "}");
    EXPECT_TRUE(webhook_faults(node).empty()) << ranges;
    return authorize(node, {.method = "POST", .path = "p", .query = {}, .headers = none, .body = {}, .now = {}, .peer = peer}).ok();
  };
  EXPECT_TRUE(admits("[]", "203.0.113.9"));
  EXPECT_TRUE(admits(R"(["10.0.0.1"])", "10.0.0.1"));
  EXPECT_FALSE(admits(R"(["10.0.0.1"])", "10.0.0.11"));
  EXPECT_FALSE(admits(R"(["10.0.0.1"])", "110.0.0.1"));
  EXPECT_TRUE(admits(R"(["192.0.2.7", "10.0.0.0/8"])", "10.255.0.3"));
  EXPECT_TRUE(admits(R"(["10.0.0.0/8"])", "::ffff:10.1.2.3"));
  EXPECT_TRUE(admits(R"(["2001:db8::/32"])", "2001:db8:1::5"));
  EXPECT_FALSE(admits(R"(["2001:db8::/32"])", "2001:db9::5"));
  EXPECT_FALSE(admits(R"(["10.0.0.0/8"])", "unknown"));
  EXPECT_FALSE(admits(R"(["10.0.0.0/8"])", ""));
  for (const char* wrong : {R"(["10.0.0.0/33"])", R"(["localhost"])", R"(["10.0.0.1:80"])", R"([""])", R"(["10.0.0.1/8"])"}) {
    const auto faults = webhook_faults(config("{\"allow_from\": " + std::string(wrong) + "}"));
    ASSERT_EQ(faults.size(), 1U) << wrong;
    EXPECT_EQ(faults[0].at, "/allow_from/0");
  }
}

TEST(webhook, slack_signs_version_time_and_body) {
  const Value node = config(R"({"auth": {"type": "hmac", "scheme": "slack", "secret": "8f742231b10e8888abcd99yyyzzz85a5"}})");
  // The example of https://docs.slack.dev/authentication/verifying-requests-from-slack
  const std::string body =
      "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&"
      "command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&"
      "trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
  const std::string signature = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503";
  const auto verdict = [&](std::string_view at, std::string_view sent, std::int64_t now) {
    const Headers headers{{"X-Slack-Request-Timestamp", std::string(at)}, {"X-Slack-Signature", std::string(sent)}};
    const Timestamp clock{std::chrono::seconds(now)};
    return authorize(node, {.method = "POST", .path = "p", .query = {}, .headers = headers, .body = body, .now = clock, .peer = {}}).ok();
  };
  EXPECT_TRUE(verdict("1531420618", signature, 1'531'420'618));
  EXPECT_TRUE(verdict("1531420618", signature, 1'531'420'918));
  EXPECT_FALSE(verdict("1531420618", signature, 1'531'420'919)) << "a replay";
  EXPECT_FALSE(verdict("1531420619", signature, 1'531'420'619)) << "another time";
  EXPECT_FALSE(verdict("1531420618", signature.substr(0, 20), 1'531'420'618));
  EXPECT_FALSE(verdict("", "", 0));
}

TEST(webhook, a_raw_body_is_left_as_it_is) {
  const Headers json{{"Content-Type", "application/json"}};
  const auto body = [&](std::string_view how, std::string_view sent) {
    const auto item = make_item({.method = "POST", .path = "p", .query = {}, .headers = json, .body = sent, .now = {}, .peer = {}},
                                config("{\"auth\": \"public\", \"body\": \"" + std::string(how) + "\"}"));
    return item ? write_json((*item)["body"]) : item.error().code;
  };
  EXPECT_EQ(body("auto", R"({ "a": 1 })"), R"({"a":1})");
  EXPECT_EQ(body("raw", R"({ "a": 1 })"), R"("{ \"a\": 1 }")");
  EXPECT_EQ(body("auto", "{"), "webhook.body");
  EXPECT_EQ(body("raw", "{"), R"("{")");
  EXPECT_EQ(body("raw", "\xff"), R"({"data_base64":"/w==","content_type":"application/json"})");
}

}  // namespace
}  // namespace mbflow::trigger
