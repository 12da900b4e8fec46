// Redirects as a table: what the next request is, and what stays behind.
#include "net/url.h"

#include <gtest/gtest.h>

namespace mbflow::net {
namespace {

struct Step {
  const char* from;
  const char* method;
  int status;
  const char* location;
  const char* to;    // "" = the answer is final
  const char* next;  // method
  bool keeps_body;
  bool keeps_credentials;
};

const Step steps[] = {
    {"http://a.test/x", "GET", 301, "/y", "http://a.test/y", "GET", true, true},
    {"http://a.test/x/z", "GET", 302, "y?q=1", "http://a.test/x/y?q=1", "GET", true, true},
    {"http://a.test/x", "GET", 302, "?q", "http://a.test/x?q", "GET", true, true},
    {"http://a.test/x", "GET", 302, "../../y", "http://a.test/y", "GET", true, true},
    {"http://a.test/x", "GET", 302, "/y#part", "http://a.test/y", "GET", true, true},
    {"http://a.test/x", "GET", 302, "/a b", "http://a.test/a%20b", "GET", true, true},
    {"http://a.test/x", "POST", 301, "/y", "http://a.test/y", "GET", false, true},
    {"http://a.test/x", "POST", 302, "/y", "http://a.test/y", "GET", false, true},
    {"http://a.test/x", "POST", 303, "/y", "http://a.test/y", "GET", false, true},
    {"http://a.test/x", "PUT", 301, "/y", "http://a.test/y", "PUT", true, true},
    {"http://a.test/x", "DELETE", 302, "/y", "http://a.test/y", "DELETE", true, true},
    {"http://a.test/x", "PUT", 303, "/y", "http://a.test/y", "GET", false, true},
    {"http://a.test/x", "HEAD", 303, "/y", "http://a.test/y", "HEAD", true, true},
    {"http://a.test/x", "POST", 307, "/y", "http://a.test/y", "POST", true, true},
    {"http://a.test/x", "POST", 308, "/y", "http://a.test/y", "POST", true, true},
    // another origin: host, port or scheme
    {"http://a.test/x", "GET", 302, "http://b.test/y", "http://b.test/y", "GET", true, false},
    {"http://a.test/x", "GET", 302, "//b.test/y", "http://b.test/y", "GET", true, false},
    {"http://a.test/x", "GET", 302, "http://a.test:81/y", "http://a.test:81/y", "GET", true, false},
    {"http://a.test/x", "GET", 302, "https://a.test/y", "https://a.test/y", "GET", true, false},
    {"https://a.test/x", "GET", 302, "http://a.test/y", "http://a.test/y", "GET", true, false},
    {"http://a.test/x", "GET", 302, "http://sub.a.test/y", "http://sub.a.test/y", "GET", true, false},
    {"http://a.test/x", "POST", 307, "http://b.test/y", "http://b.test/y", "POST", true, false},
    {"http://a.test/x", "POST", 302, "http://b.test/y", "http://b.test/y", "GET", false, false},
    // the same origin in another spelling
    {"http://a.test/x", "GET", 302, "HTTP://A.TEST:80/y", "http://a.test:80/y", "GET", true, true},
    {"https://a.test:443/x", "GET", 302, "https://a.test./y", "https://a.test/y", "GET", true, true},
    // no redirect
    {"http://a.test/x", "GET", 200, "/y", "", "GET", true, true},
    {"http://a.test/x", "GET", 300, "/y", "", "GET", true, true},
    {"http://a.test/x", "GET", 304, "/y", "", "GET", true, true},
    {"http://a.test/x", "GET", 305, "/y", "", "GET", true, true},
    {"http://a.test/x", "GET", 302, "", "", "GET", true, true},
};

TEST(Redirect, GoesByTheTable) {
  for (const auto& step : steps) {
    SCOPED_TRACE(std::string(step.method) + " " + step.from + " " + std::to_string(step.status) + " " + step.location);
    HttpRequest request;
    request.method = step.method;
    request.body = "body";
    request.headers = {{"Authorization", "secret"},
                       {"cookie", "secret"},
                       {"X-Api-Key", "secret"},
                       {"Accept", "a"},
                       {"content-type", "t"}};
    auto url = *parse_url(step.from);
    HttpResponse answer;
    answer.status = step.status;
    answer.headers = {{"LOCATION", step.location}};
    auto more = follow_redirect(request, url, answer);
    ASSERT_TRUE(more) << more.error().message;
    EXPECT_EQ(*more, *step.to != '\0');
    EXPECT_EQ(url.text, *more ? step.to : step.from);
    EXPECT_EQ(request.method, step.next);
    EXPECT_EQ(request.body, step.keeps_body ? "body" : "");
    EXPECT_EQ(find_header(request.headers, "content-type") != nullptr, step.keeps_body);
    EXPECT_NE(find_header(request.headers, "accept"), nullptr);
    for (const char* secret : {"authorization", "Cookie", "x-api-key"})
      EXPECT_EQ(find_header(request.headers, secret) != nullptr, step.keeps_credentials) << secret;
  }
}

TEST(Url, SaysWhyNot) {
  auto secret = parse_url("http://user@host/path?token=secret#x");
  ASSERT_FALSE(secret);
  EXPECT_EQ(secret.error().kind, Kind::invalid);
  EXPECT_EQ(secret.error().message.find("secret"), std::string::npos) << secret.error().message;
  auto proxy = parse_proxy("ftp://user:secret@host:1");
  EXPECT_EQ(proxy.error().message.find("secret"), std::string::npos) << proxy.error().message;
}

TEST(Url, HasOneForm) {
  struct Case {
    const char *text, *form, *host;
    int port;
  };
  const Case cases[] = {
      {"http://A.test", "http://a.test/", "a.test", 80},
      {"https://a.test:8443/x", "https://a.test:8443/x", "a.test", 8443},
      {"http://a.test./x/../y", "http://a.test/y", "a.test", 80},
      {"http://пример.рф/путь?q=да", "http://xn--e1afmkfd.xn--p1ai/%d0%bf%d1%83%d1%82%d1%8c?q=%d0%b4%d0%b0",
       "xn--e1afmkfd.xn--p1ai", 80},
      {"http://0x7f.1/", "http://127.0.0.1/", "127.0.0.1", 80},
      {"http://[0:0::1]:81/", "http://[::1]:81/", "::1", 81},
  };
  for (const auto& [text, form, host, port] : cases) {
    auto url = parse_url(text);
    ASSERT_TRUE(url) << url.error().message;
    EXPECT_EQ(url->text, form);
    EXPECT_EQ(url->host, host);
    EXPECT_EQ(url->port, port);
  }
}

}  // namespace
}  // namespace mbflow::net
