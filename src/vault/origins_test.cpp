#include "vault/origins.h"

#include <gtest/gtest.h>

namespace mbflow::vault {
namespace {

std::string normal(std::string_view text) {
  auto origin = parse_origin(text);
  return origin ? *origin : origin.error().code;
}

TEST(Origins, have_one_normal_form) {
  EXPECT_EQ(normal("https://API.example.com"), "https://api.example.com");
  EXPECT_EQ(normal("https://api.example.com/"), "https://api.example.com");
  EXPECT_EQ(normal("https://api.example.com:443"), "https://api.example.com");
  EXPECT_EQ(normal("http://127.0.0.1:8080"), "http://127.0.0.1:8080");
  EXPECT_EQ(normal("https://*.example.com"), "https://*.example.com");
}

TEST(Origins, what_is_none_is_refused) {
  for (const char* text : {"", "api.example.com", "https://", "https://api.example.com/path", "https://api.example.com?x=1", "ftp://example.com",
                           "https://user@example.com", "https://*.com", "https://*", "https://a.*.com", "javascript:alert(1)"}) {
    EXPECT_EQ(normal(text), "credential.origin_syntax") << text;
  }
}

TEST(Origins, an_address_is_within_by_scheme_host_and_port) {
  const std::vector<std::string> origins{"https://api.example.com", "https://*.corp.example"};
  for (const char* url : {"https://api.example.com/x?y", "https://API.EXAMPLE.COM:443/", "https://a.corp.example/", "https://a.b.corp.example/"})
    EXPECT_TRUE(is_within(url, origins)) << url;
  for (const char* url : {"http://api.example.com/", "https://api.example.com:8443/", "https://api.example.com.evil.org/", "https://evil.org/api.example.com",
                          "https://example.com/", "https://corp.example/", "https://evilcorp.example/", "https://evil.org#.corp.example",
                          "https://evil.org/.corp.example", "https://api.example.com@evil.org/", "nonsense"})
    EXPECT_FALSE(is_within(url, origins)) << url;
}

TEST(Origins, fewer_are_a_subset_and_others_are_not) {
  EXPECT_TRUE(is_subset({"https://a.example"}, {"https://b.example", "https://a.example"}));
  EXPECT_TRUE(is_subset({"https://a.corp.example"}, {"https://*.corp.example"}));
  EXPECT_FALSE(is_subset({"https://*.corp.example"}, {"https://a.corp.example"}));
  EXPECT_FALSE(is_subset({"https://a.example", "https://evil.org"}, {"https://a.example"}));
}

}  // namespace
}  // namespace mbflow::vault
