#include "nodes/http/url.h"

#include <gtest/gtest.h>

namespace mbflow::nodes::http {
namespace {

std::string resolved(std::string_view base, std::string_view reference) {
  const auto url = Url::parse(base)->resolve(reference);
  return url ? url->text() : url.error().code;
}

TEST(url, resolves_as_rfc_3986_says) {
  constexpr std::string_view base = "http://a/b/c/d;p?q";
  const std::pair<std::string_view, std::string_view> examples[] = {{"g", "http://a/b/c/g"},
                                                                    {"./g", "http://a/b/c/g"},
                                                                    {"g/", "http://a/b/c/g/"},
                                                                    {"/g", "http://a/g"},
                                                                    {"//g", "http://g/"},
                                                                    {"?y", "http://a/b/c/d;p?y"},
                                                                    {"g?y", "http://a/b/c/g?y"},
                                                                    {"#s", "http://a/b/c/d;p?q"},
                                                                    {"g#s", "http://a/b/c/g"},
                                                                    {"g?y#s", "http://a/b/c/g?y"},
                                                                    {";x", "http://a/b/c/;x"},
                                                                    {"", "http://a/b/c/d;p?q"},
                                                                    {".", "http://a/b/c/"},
                                                                    {"./", "http://a/b/c/"},
                                                                    {"..", "http://a/b/"},
                                                                    {"../", "http://a/b/"},
                                                                    {"../g", "http://a/b/g"},
                                                                    {"../..", "http://a/"},
                                                                    {"../../g", "http://a/g"},
                                                                    {"../../../g", "http://a/g"},
                                                                    {"/./g", "http://a/g"},
                                                                    {"/../g", "http://a/g"},
                                                                    {"g.", "http://a/b/c/g."},
                                                                    {"..g", "http://a/b/c/..g"},
                                                                    {"./../g", "http://a/b/g"},
                                                                    {"g/./h", "http://a/b/c/g/h"},
                                                                    {"g/../h", "http://a/b/c/h"},
                                                                    {"https://x/y", "https://x/y"},
                                                                    {"g?y/../x", "http://a/b/c/g?y/../x"}};
  for (const auto& [reference, expected] : examples) EXPECT_EQ(resolved(base, reference), expected) << reference;
  EXPECT_EQ(resolved(base, "javascript:alert(1)"), "http.url");
  EXPECT_EQ(resolved(base, "file:///etc/passwd"), "http.url");
}

TEST(url, refuses_what_leads_nowhere) {
  for (const char* text :
       {"", "example.com", "http://", "http:///a", "ftp://x/", "http://a b/", "http://a\\b/", "://x"}) {
    EXPECT_FALSE(Url::parse(text)) << text;
  }
}

TEST(url, an_origin_is_scheme_host_and_port) {
  const auto same = [](std::string_view a, std::string_view b) { return Url::parse(a)->same_origin(*Url::parse(b)); };
  EXPECT_TRUE(same("https://a.example/x", "https://A.example:443/y?z"));
  EXPECT_TRUE(same("http://a.example:80", "http://user@a.example/"));
  EXPECT_FALSE(same("https://a.example/", "http://a.example/"));
  EXPECT_FALSE(same("https://a.example/", "https://a.example:8443/"));
  EXPECT_FALSE(same("https://a.example/", "https://a.example.evil.org/"));
  EXPECT_FALSE(same("https://a.example/", "https://a.example@evil.org/"));
}

TEST(url, messages_show_no_secret) {
  EXPECT_EQ(Url::parse("https://user:pw@a.example/x?token=t")->shown(), "https://a.example/x");
}

TEST(url, a_query_parameter_is_set_once) {
  Url url = *Url::parse("https://a.example/?page=1&pages=2");
  url.set_query("page", "3");
  url.set_query("x y", "&");
  EXPECT_EQ(url.text(), "https://a.example/?page=3&pages=2&x%20y=%26");
}

}  // namespace
}  // namespace mbflow::nodes::http
