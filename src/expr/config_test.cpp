#include "expr/expr.h"
#include "expr/fake_scope.h"

#include <gtest/gtest.h>

namespace mbflow::expr {
namespace {

const char* const schema = R"({"type":"object","properties":{
  "url":{"type":"string"},
  "path":{"type":"string","x-mbflow":"path"},
  "mapping":{"type":"object","additionalProperties":{"type":"string","x-mbflow":"path"}},
  "script":{"type":"string","x-mbflow":"literal"},
  "rules":{"type":"array","items":{"type":"object","properties":{"field":{"$ref":"#/$defs/field"}}}},
  "choice":{"oneOf":[{"type":"object","properties":{"at":{"x-mbflow":"path"}}},{"type":"string"}]},
  "fields":{"x-mbflow":"path","type":"array"}},
  "$defs":{"field":{"type":"string","x-mbflow":"path"}}})";

Result<ConfigTemplate> compile(std::string_view config) {
  return ConfigTemplate::compile(FakeScope::parsed(config), FakeScope::parsed(schema));
}

std::string resolve(std::string_view config) {
  auto compiled = compile(config);
  if (!compiled) return compiled.error().code + " at " + compiled.error().at;
  Evaluator evaluator;
  const FakeScope scope(R"({"id":7,"user":{"name":"Ada","tags":["x","y"]},"odd key":1,"items":{"length":3}})");
  auto value = compiled->resolve(evaluator, scope);
  return value ? write_json(*value) : value.error().code + " at " + value.error().at;
}

TEST(Config, expressions_anywhere) {
  EXPECT_EQ(resolve(R"({"url":"/users/{{ $json.id }}","n":5,"deep":[{"a":["{{ $json.user }}"]},true]})"),
            R"({"url":"/users/7","n":5,"deep":[{"a":[{"name":"Ada","tags":["x","y"]}]},true]})");
  EXPECT_EQ(resolve(R"("{{ $json.id }}")"), "7");
  EXPECT_EQ(resolve(R"({"{{ key }}":"{{ $json.missing }}"})"), R"({"{{ key }}":null})");
}

TEST(Config, paths_by_schema) {
  EXPECT_EQ(resolve(R"({"path":"user.name"})"), R"({"path":"Ada"})");
  EXPECT_EQ(resolve(R"({"path":"{{ $json.user.name }}!"})"), R"({"path":"Ada!"})");
  EXPECT_EQ(
      resolve(R"({"mapping":{"a":"user.tags[1]","b":"$.id","c":"['odd key']","d":"none.at.all","e":"$json.id"}})"),
      R"({"mapping":{"a":"y","b":7,"c":1,"d":null,"e":7}})");
  EXPECT_EQ(resolve(R"({"rules":[{"field":"id","other":"id"}]})"), R"({"rules":[{"field":7,"other":"id"}]})");
  EXPECT_EQ(resolve(R"({"choice":{"at":"id"}})"), R"({"choice":{"at":7}})");
  EXPECT_EQ(resolve(R"({"fields":["id","user.name"]})"), R"({"fields":[7,"Ada"]})");
  EXPECT_EQ(resolve(R"({"path":"user.tags.length"})"), R"({"path":2})");
  EXPECT_EQ(resolve(R"({"path":"user.tags.map"})"), R"({"path":null})");
  EXPECT_EQ(resolve(R"({"path":"user.constructor"})"), R"({"path":null})");
}

TEST(Config, literals) {
  EXPECT_EQ(resolve(R"({"script":"{{ not code }}"})"), R"({"script":"{{ not code }}"})");
  EXPECT_EQ(resolve(R"({"url":{"$literal":{"x":"{{ 1 +"}},"path":{"$literal":"user.name"}})"),
            R"({"url":{"x":"{{ 1 +"},"path":"user.name"})");
  EXPECT_EQ(resolve(R"({"url":{"$literal":1,"more":2}})"), R"({"url":{"$literal":1,"more":2}})");
  EXPECT_EQ(resolve(R"({"url":"\\{{ braces }}"})"), R"({"url":"{{ braces }}"})");
}

TEST(Config, constants_are_shared) {
  const Value config = FakeScope::parsed(R"({"deep":{"list":[1,2,3]},"url":"{{ $json.id }}"})");
  auto compiled = ConfigTemplate::compile(config, Value());
  ASSERT_TRUE(compiled);
  EXPECT_FALSE(compiled->is_constant());
  Evaluator evaluator;
  const FakeScope scope;
  auto first = compiled->resolve(evaluator, scope);
  auto second = compiled->resolve(evaluator, scope);
  ASSERT_TRUE(first && second);
  EXPECT_EQ((*first)["deep"].block(), (*second)["deep"].block());
  auto constant = compile(R"({"url":"x","deep":[1,{"$literal":2}]})");
  ASSERT_TRUE(constant);
  EXPECT_TRUE(constant->is_constant());
  EXPECT_EQ(write_json(*constant->resolve(evaluator, scope)), R"({"url":"x","deep":[1,2]})");
}

TEST(Config, errors_name_the_place) {
  EXPECT_EQ(resolve(R"({"a":{"b/c":["x","{{ 1 + }}"]}})"), "expr.syntax at /a/b~1c/1");
  EXPECT_EQ(resolve(R"({"mapping":{"x~y":"a..b"}})"), "expr.path at /mapping/x~0y");
  EXPECT_EQ(resolve(R"({"a":[{"b":"{{ $json.id.nope() }}"}]})"), "expr.raised at /a/0/b");
  EXPECT_EQ(resolve(R"({"a":"{{ $('Gone').first().json }}"})"), "expr.node at /a");
}

TEST(Config, nodes_are_known) {
  auto compiled =
      compile(R"({"a":"{{ $('One').item.json.x }} {{ $(\"Two\").all().length }}","b":["{{ $('One').first() }}"]})");
  ASSERT_TRUE(compiled);
  EXPECT_EQ(compiled->nodes(), (std::vector<std::string>{"One", "Two"}));
}

TEST(Path, grammar) {
  for (const char* good : {"a", "a.b", "a[0].b", "$", "$.a", "$json", "$json.a", "['odd key'].x", "[\"a\\\"b\"]",
                           "user-name.first name", "ключ", "0.1", "a['b.c']", "$ref"}) {
    EXPECT_TRUE(Template::compile_path(good)) << good;
  }
  for (const char* bad :
       {"", "a..b", "a.", ".", "a[", "a[]", "a[x]", "a[-1]", "a['b", "a['b'", "a[0]b", "a['b'x]", "$..a", "[01]"}) {
    const auto compiled = Template::compile_path(bad);
    EXPECT_EQ(compiled ? "" : compiled.error().code, "expr.path") << bad;
  }
}

}  // namespace
}  // namespace mbflow::expr
