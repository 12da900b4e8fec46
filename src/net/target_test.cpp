#include "net/target.h"

#include <gtest/gtest.h>

namespace mbflow::net {
namespace {

TEST(Target, DecodesOnce) {
  struct Case {
    const char *text, *path, *query;
  };
  const Case cases[] = {
      {"/", "/", ""},
      {"/a/b", "/a/b", ""},
      {"/a/b/", "/a/b/", ""},
      {"/a?b?c=/../", "/a", "b?c=/../"},
      {"/a?", "/a", ""},
      {"/%41", "/A", ""},
      {"/%2541", "/%41", ""},
      {"/a%20b", "/a b", ""},
      {"/%d0%b4", "/д", ""},
      {"/д", "/д", ""},
      {"/a;b=c", "/a;b=c", ""},
      {"/.well-known/x", "/.well-known/x", ""},
      {"/a..b/...", "/a..b/...", ""},
      {"http://host:80/a?b", "/a", "b"},
      {"https://host", "/", ""},
  };
  for (const auto& [text, path, query] : cases) {
    auto target = parse_target("GET", text);
    ASSERT_TRUE(target) << text << ": " << target.error().message;
    EXPECT_EQ(target->path, path) << text;
    EXPECT_EQ(target->query, query) << text;
  }
  EXPECT_EQ(parse_target("GET", "http://host:80/a")->authority, "host:80");
  EXPECT_EQ(parse_target("OPTIONS", "*")->path, "*");
}

// Each of these could be read as another path by a proxy or a file system: refused, not rewritten (S16).
TEST(Target, RefusesASecondSpelling) {
  const char* paths[] = {
      "//",        "/a//b",   "//a",        "/a//",       "/.",        "/./a",     "/a/.",      "/a/./b",  "/..",
      "/../a",     "/a/..",   "/a/../b",    "/%2e",       "/%2e%2e/a", "/.%2e/a",  "/%2E./a",   "/a%2eb",  "/a%2fb",
      "/a%2Fb",    "/%2f",    "/a\\b",      "/a\\..\\b",  "/a%5cb",    "/a%5C..",  "/a%00b",    "/%00",    "/a%0ab",
      "/a%0d%0ab", "/%7f",    "/%",         "/%4",        "/%4g",      "/%g4",     "/%%41",     "/%u0041", "/%ff",
      "/%c0%af",   "/%c0%ae", "/%ed%a0%80", "/%e0%80%af", "/%f8%80",   "/a/%2e/b", "/x/%2e%2e", "/a//?b",  "/%2e%2e%2f",
  };
  for (const char* path : paths) {
    auto target = parse_target("GET", path);
    ASSERT_FALSE(target) << path;
    EXPECT_EQ(target.error().code, "net.path") << path;
    EXPECT_EQ(target.error().kind, Kind::invalid) << path;
  }
  EXPECT_FALSE(parse_target("GET", std::string_view("/a\0b", 4)));
}

TEST(Target, RefusesOtherForms) {
  for (const char* text : {"", "a", "*", "?a", "http:/a", "http://", "http://@h/", "http:///a", "ws://h/",
                           "javascript:1", "/a#b", "http://h?q"})
    EXPECT_EQ(parse_target("GET", text).error().code, "net.target") << text;
}

}  // namespace
}  // namespace mbflow::net
