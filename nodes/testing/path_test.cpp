#include "nodes/path.h"

#include <mbflow/json.h>

#include <gtest/gtest.h>

namespace mbflow::nodes {
namespace {

Value json(std::string_view text) {
  auto parsed = parse_json(text);
  EXPECT_TRUE(parsed) << text;
  return parsed ? *parsed : Value();
}

std::string found(std::string_view path, const Value& root) {
  const auto parsed = Path::parse(path);
  if (!parsed) return parsed.error().code;
  const Value* value = parsed->find(root);
  return value == nullptr ? "nothing" : write_json(*value);
}

std::string set(std::string_view path, std::string_view root, Value value) {
  const auto edited = Path::parse(path)->set(json(root), std::move(value));
  return edited ? write_json(*edited) : edited.error().code;
}

std::string removed(std::string_view path, std::string_view root) {
  return write_json(Path::parse(path)->remove(json(root)));
}

TEST(path, finds) {
  const Value root = json(R"({"a":{"b":[10,{"c":1}]},"odd key":2,"x.y":3,"":4,"$":5,"it's":6,"0":7})");
  EXPECT_EQ(found("a.b[0]", root), "10");
  EXPECT_EQ(found("$.a.b[1].c", root), "1");
  EXPECT_EQ(found("a['b'][1][\"c\"]", root), "1");
  EXPECT_EQ(found("odd key", root), "2");
  EXPECT_EQ(found("['x.y']", root), "3");
  EXPECT_EQ(found("$['x.y']", root), "3");
  EXPECT_EQ(found("['']", root), "4");
  EXPECT_EQ(found("['$']", root), "5");
  EXPECT_EQ(found(R"(['it\'s'])", root), "6");
  EXPECT_EQ(found("0", root), "7");
  EXPECT_EQ(found("$", json("5")), "5");
  EXPECT_EQ(found("", json("5")), "5");
}

TEST(path, finds_nothing_where_nothing_is) {
  const Value root = json(R"({"a":{"b":[10]},"s":"text"})");
  for (const char* path : {"b", "a.c", "a.b[1]", "a.b.c", "a[0]", "s.x", "s[0]", "a.b[0].c"})
    EXPECT_EQ(found(path, root), "nothing") << path;
}

TEST(path, refuses_what_is_no_path) {
  for (const char* path : {".", "..", "a.", "a..b", "a[", "a[]", "a[x]", "a['x", "a['x'", "a['x]", "a[-1]", "a.[0]",
                           "a[1", "a['x'y]", "[99999999999999999999999]"}) {
    EXPECT_EQ(found(path, Value()), "path.syntax") << path;
  }
  std::string deep = "a";
  for (int i = 0; i < 64; ++i) deep += ".a";
  EXPECT_EQ(found(deep, Value()), "path.syntax");
}

TEST(path, sets) {
  EXPECT_EQ(set("a", "{}", 1), R"({"a":1})");
  EXPECT_EQ(set("a.b.c", R"({"a":{"x":0}})", 1), R"({"a":{"x":0,"b":{"c":1}}})");
  EXPECT_EQ(set("a[0]", "{}", 1), R"({"a":[1]})");
  EXPECT_EQ(set("a[1].b", R"({"a":[0]})", 1), R"({"a":[0,{"b":1}]})");
  EXPECT_EQ(set("a[0]", R"({"a":[5,6]})", 1), R"({"a":[1,6]})");
  EXPECT_EQ(set("a.b", R"({"a":"text"})", 1), R"({"a":{"b":1}})");
  EXPECT_EQ(set("$", R"({"a":1})", 2), "2");
  EXPECT_EQ(set("a[2]", R"({"a":[0]})", 1), "path.index");
  EXPECT_EQ(set("a[999999999]", "{}", 1), "path.index");
}

TEST(path, removes) {
  EXPECT_EQ(removed("a", R"({"a":1,"b":2})"), R"({"b":2})");
  EXPECT_EQ(removed("a.b", R"({"a":{"b":1,"c":2}})"), R"({"a":{"c":2}})");
  EXPECT_EQ(removed("a[0]", R"({"a":[1,2]})"), R"({"a":[2]})");
  EXPECT_EQ(removed("a[0].b", R"({"a":[{"b":1,"c":2}]})"), R"({"a":[{"c":2}]})");
  EXPECT_EQ(removed("x.y", R"({"a":1})"), R"({"a":1})");
  EXPECT_EQ(removed("$", R"({"a":1})"), "null");
}

TEST(path, names_what_is_there) {
  EXPECT_EQ(Path::parse("a.b")->last_key(), "b");
  EXPECT_EQ(Path::parse("a.b[0]")->last_key(), "b");
  EXPECT_EQ(Path::parse("$")->last_key(), "value");
}

}  // namespace
}  // namespace mbflow::nodes
