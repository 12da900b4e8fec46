#include "base/yaml.h"

#include <mbflow/json.h>

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <random>

namespace mbflow {
namespace {

Value parse(std::string_view text) {
  auto located = parse_yaml(text);
  EXPECT_TRUE(located.ok()) << text << ": " << (located.ok() ? "" : located.error().message);
  return located.ok() ? located->value : Value("(failed)");
}

Value json(std::string_view text) { return *parse_json(text); }

Error error_of(std::string_view text) {
  auto located = parse_yaml(text);
  EXPECT_FALSE(located.ok()) << text.substr(0, 200) << " gives " << (located.ok() ? write_json(located->value) : "");
  return located.ok() ? Error{} : located.error();
}

TEST(YamlParse, ReadsDocuments) {
  EXPECT_EQ(parse("a: 1\nb:\n  - x\n  - y: z\n    w: [1, {q: r}]\n"),
            json(R"({"a":1,"b":["x",{"y":"z","w":[1,{"q":"r"}]}]})"));
  EXPECT_EQ(parse("---\n- 1\n...\n"), json("[1]"));
  EXPECT_EQ(parse(R"({"json": ["is", "yaml", {"too": null}]})"), json(R"({"json":["is","yaml",{"too":null}]})"));
  EXPECT_EQ(parse("\xEF\xBB\xBF"
                  "a: é"),
            json(R"({"a":"é"})"));
  EXPECT_EQ(parse("a: |\n  one\n  two\nb: >\n  one\n  two\n"), json(R"({"a":"one\ntwo\n","b":"one two\n"})"));
  EXPECT_EQ(parse(""), Value());
  EXPECT_EQ(parse("# nothing\n"), Value());
  EXPECT_EQ(parse("a:\nb: ~\nc: ''\n"), json(R"({"a":null,"b":null,"c":""})"));
  EXPECT_EQ(parse("\"a\": 1\n'b': 2\n3: 4\ntrue: 5\non: 6\n\"null\": 7"),
            json(R"({"a":1,"b":2,"3":4,"true":5,"on":6,"null":7})"));
  EXPECT_EQ(parse("\"\\x41\\u00e9\\U0001F600\\n\\0\""), Value(std::string_view("Aé😀\n\0", 9)));
  EXPECT_EQ(parse("\"é\\N\\_\\L\\P\\xe9\""), Value("é\u0085\u00a0\u2028\u2029é"));
}

TEST(YamlParse, TypesPlainScalarsByTheCoreSchema) {
  for (const std::string_view text : {"null", "Null", "NULL", "~"}) EXPECT_TRUE(parse(text).is_null()) << text;
  for (const std::string_view text : {"true", "True", "TRUE"}) EXPECT_EQ(parse(text), Value(true)) << text;
  for (const std::string_view text : {"false", "False", "FALSE"}) EXPECT_EQ(parse(text), Value(false)) << text;
  for (const std::string_view text :
       {"yes", "no",  "on", "off", "y", "n", "nUll", "tRUE",  "1_000", "0b1",   "1:30", "2026-01-01", "0x",
        "0xg", "0o8", "1e", "e5",  ".", "+", "--1",  "1.2.3", "0x-1",  "-0x10", "inf",  "nan"}) {
    EXPECT_EQ(parse(text), Value(text)) << text;
  }
  EXPECT_EQ(parse("[0, -1, +2, 012, 0x1F, 0o17]"), json("[0,-1,2,12,31,15]"));
  EXPECT_TRUE(parse("[012]")[0].is_integer());
  EXPECT_EQ(parse("[1.5, .5, 5., -1e3, +1.5E-2, 1e3]"), json("[1.5,0.5,5.0,-1000.0,0.015,1000.0]"));
  EXPECT_FALSE(parse("1e3").is_integer());
  EXPECT_EQ(parse("9223372036854775808").as_number(), 9223372036854775808.0);
  EXPECT_EQ(parse("0xFFFFFFFFFFFFFFFF").as_number(), 18446744073709551615.0);
  EXPECT_EQ(parse("0x10000000000000000").as_number(), 18446744073709551616.0);
  EXPECT_EQ(parse("['1', \"true\", 'null', \"\"]"), json(R"(["1","true","null",""])"));
  for (const std::string_view text : {".inf", "-.inf", "+.INF", ".nan", ".NaN", "1e400"})
    EXPECT_EQ(error_of(text).code, "yaml.syntax") << text;
}

TEST(YamlParse, KnowsTheStandardTags) {
  EXPECT_EQ(parse("[!!str 1, !!int 2, !!float 3, !!bool true, !!null ~, !!seq [1], !!map {a: 1}, ! 5]"),
            json(R"(["1",2,3.0,true,null,[1],{"a":1},"5"])"));
  for (const std::string_view text :
       {"!!int x", "!mine 1", "!!set {a: 1}", "!!binary aGk=", "!!map [1]", "!!float x", "!!bool 1"}) {
    EXPECT_EQ(error_of(text).code, "yaml.syntax") << text;
  }
}

TEST(YamlParse, KnowsLines) {
  const auto located = parse_yaml(
      "# a comment\nname: x\nnodes:\n  - id: a\n    config:\n      url: http\n  - id: b\n\"a/b\":\n  {c: [1,\n 2]}\n");
  ASSERT_TRUE(located.ok()) << located.error().message;
  EXPECT_EQ(located->line_of(""), 2);
  EXPECT_EQ(located->line_of("/nodes"), 3);
  EXPECT_EQ(located->line_of("/nodes/0"), 4);
  EXPECT_EQ(located->line_of("/nodes/0/config"), 5);
  EXPECT_EQ(located->line_of("/nodes/0/config/url"), 6);
  EXPECT_EQ(located->line_of("/nodes/1/id"), 7);
  EXPECT_EQ(located->line_of("/nodes/1/config/url"), 7);
  EXPECT_EQ(located->line_of("/a~1b"), 8);
  EXPECT_EQ(located->line_of("/a~1b/c/1"), 10);
}

TEST(YamlParse, TakesNullForAKeyWithoutValue) {
  EXPECT_EQ(parse("a: 1\nb:"), json(R"({"a":1,"b":null})"));
  EXPECT_EQ(parse("a: 1\n\"b c\" :"), json(R"({"a":1,"b c":null})"));
  EXPECT_EQ(parse("? a\n? b\n"), json(R"({"a":null,"b":null})"));
  EXPECT_EQ(parse("{a: 1, b}"), json(R"({"a":1,"b":null})"));
  EXPECT_EQ(parse("a: 1\nhttp://x:  # none\n"), json(R"({"a":1,"http://x":null})"));
  EXPECT_EQ(parse("&k a:\nb: &v\n"), json(R"({"a":null,"b":null})"));
}

TEST(YamlParse, NamesLineAndColumn) {
  EXPECT_EQ(error_of("é: [é é, 'é\nb\n").message, "line 1, column 10: the closing quote of this text is missing");
  EXPECT_TRUE(error_of("a: 1\nb: [1, 2\nc: 3\n").message.starts_with("line 3, column "))
      << error_of("a: 1\nb: [1, 2\nc: 3\n").message;
  EXPECT_TRUE(error_of("a:\n\t- b\n").message.starts_with("line 2, column 2: ")) << error_of("a:\n\t- b\n").message;
  const Error doubled = error_of("a: 1\nx:\n  b: 1\n  b: 2\n");
  EXPECT_EQ(doubled.code, "yaml.duplicate_key");
  EXPECT_EQ(doubled.at, "/x");
  EXPECT_TRUE(doubled.message.starts_with("line 4, column 3: ")) << doubled.message;
}

TEST(YamlParse, RefusesTheRest) {
  for (const std::string_view text : {"a: b: c",
                                      "[1, 2",
                                      "{a: 1",
                                      "'abc",
                                      "\"abc",
                                      "\"\\q\"",
                                      "a: 1\n b: 2",
                                      "? [1]\n: 2",
                                      "{[1]: 2}",
                                      ": 1",
                                      "~: 1",
                                      "null: 1",
                                      "a: @b",
                                      "a: `b",
                                      "a\n---\nb",
                                      "---\na\n---\n",
                                      "- 1\n---\n- 2",
                                      "*nothing",
                                      "a: \"abc\nb: 2\n",
                                      "'abc\n",
                                      "- &x !!str \"abc\n",
                                      "a: 'it''s\n",
                                      "a: 1\nb",
                                      "a: 1\nb\n",
                                      "a:\n  b: 1\n  c\n",
                                      "a: 1\n\"b\"",
                                      "a: 1\nhttp://x"}) {
    EXPECT_EQ(error_of(text).code, "yaml.syntax") << text;
  }
  EXPECT_EQ(error_of(std::string_view("a: \0b", 5)).code, "yaml.syntax");
  EXPECT_EQ(error_of("a: \x04 b").message,
            "line 1, column 4: a control character: write it as an escape in double quotes");
  EXPECT_EQ(error_of("é: 1\né: \xFF").message, "line 2, column 4: not valid UTF-8: save the text as UTF-8");
}

TEST(YamlAlias, IsAllowed) {
  const Value value = parse("base: &b [one, two, three]\nother: *b\nlist: [&s text, *s, *b]\n&k key: *k\n");
  EXPECT_EQ(
      value,
      json(
          R"({"base":["one","two","three"],"other":["one","two","three"],"list":["text","text",["one","two","three"]],"key":"key"})"));
  EXPECT_EQ(value["base"].block(), value["other"].block());
  EXPECT_EQ(parse("a: &k x\nb: {*k : 1}"), json(R"({"a":"x","b":{"x":1}})"));
}

TEST(YamlAlias, IsBounded) {
  std::string laughs = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string last = "*a" + std::to_string(i - 1);
    laughs += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + last;
    for (int j = 0; j < 9; ++j) laughs += ", " + last;
    laughs += "]\n";
  }
  EXPECT_EQ(error_of(laughs).code, "yaml.alias");
  std::string fat = "a: &a " + std::string(1 << 20, 'x') + "\nb: [*a";
  for (int i = 0; i < 400; ++i) fat += ", *a";
  EXPECT_EQ(error_of(fat + "]\n").code, "yaml.alias");
  EXPECT_EQ(error_of("&a [*a]").code, "yaml.alias");
  EXPECT_EQ(error_of("a: &a {b: *a}").code, "yaml.alias");
  EXPECT_EQ(error_of("a: &a {b: 1}\nc:\n  <<: *a\n").code, "yaml.alias");
  EXPECT_EQ(parse("\"<<\": 1"), json(R"({"<<":1})"));
}

TEST(YamlDepth, IsBounded) {
  const auto repeat = [](std::string_view part, int times) {
    std::string text;
    for (int i = 0; i < times; ++i) text += part;
    return text;
  };
  EXPECT_EQ(parse(repeat("[", 256) + repeat("]", 256)).depth(), 256);
  EXPECT_EQ(error_of(repeat("[", 257) + repeat("]", 257)).code, "yaml.depth");
  EXPECT_EQ(error_of(repeat("[", 100000)).code, "yaml.depth");
  EXPECT_EQ(error_of(repeat("[", 100000) + repeat("]", 100000)).code, "yaml.depth");
  EXPECT_EQ(error_of(repeat("- ", 100000) + "1").code, "yaml.depth");
  EXPECT_EQ(error_of(repeat("{a: ", 100000)).code, "yaml.depth");
  EXPECT_FALSE(error_of(repeat("? ", 100000) + "1").code.empty());
  EXPECT_FALSE(error_of(repeat("{", 100000)).code.empty());
  EXPECT_FALSE(error_of(repeat("[{", 100000)).code.empty());
  std::string lines;
  for (int i = 0; i < 1000; ++i) lines += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
  EXPECT_EQ(error_of(lines).code, "yaml.depth");
  std::string aliases = "a0: &a0 [x]\n";
  for (int i = 1; i < 400; ++i)
    aliases += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" + std::to_string(i - 1) + "]\n";
  EXPECT_EQ(error_of(aliases).code, "yaml.depth");
}

TEST(YamlWrite, IsReadable) {
  EXPECT_EQ(
      write_yaml(json(
          R"({"name":"x y","list":[1,"two",{"a":1,"b":[]},[1,2]],"empty":{},"text":"one\ntwo\n","none":null,"wait":"30s"})")),
      "name: x y\nlist:\n  - 1\n  - two\n  - a: 1\n    b: []\n  - - 1\n    - 2\nempty: {}\ntext: |\n  one\n  "
      "two\nnone: null\nwait: 30s\n");
  EXPECT_EQ(write_yaml(json(R"(["yes","1e5","{{ $json.a }}","say \"hi\"","\"hi\"","a: b",""])")),
            "- \"yes\"\n- \"1e5\"\n- \"{{ $json.a }}\"\n- say \"hi\"\n- '\"hi\"'\n- \"a: b\"\n- \"\"\n");
  EXPECT_EQ(write_yaml(Value()), "null\n");
  EXPECT_EQ(write_yaml(Value::object()), "{}\n");
}

void expect_same(const Value& value) {
  const std::string text = write_yaml(value);
  auto located = parse_yaml(text);
  ASSERT_TRUE(located.ok()) << located.error().message << "\n" << text << "\n" << write_json(value);
  ASSERT_EQ(located->value, value) << text << "\n" << write_json(value) << "\n" << write_json(located->value);
}

void expect_same_everywhere(const std::string& text) {
  expect_same(text);
  expect_same(Value::array({text, Value::array({text, 1}), text}));
  expect_same(Value::object(
      {{text, text}, {"k" + text, Value::object({{"in", text}, {text, Value::array({text})}})}, {"last", text}}));
}

TEST(YamlWrite, ReadsBackEveryText) {
  for (const std::string_view text : {"yes",         "no",
                                      "on",          "off",
                                      "null",        "Null",
                                      "~",           "true",
                                      "0x10",        "0o7",
                                      "1e5",         "1",
                                      "-1",          "+1",
                                      ".5",          "5.",
                                      "1_000",       "12:30",
                                      "2026-01-01",  ".inf",
                                      ".nan",        "",
                                      " ",           "  ",
                                      " x",          "x ",
                                      "#",           "# x",
                                      "x #y",        "x#y",
                                      "-",           "- x",
                                      "-x",          "--",
                                      "---",         "--- x",
                                      "...",         "... x",
                                      "?",           "? x",
                                      "?x",          ":",
                                      ": x",         ":x",
                                      "x:",          "x: y",
                                      "x:y",         ",",
                                      "a,b",         "[",
                                      "]",           "[x]",
                                      "{",           "}",
                                      "{x}",         "{{ x }}",
                                      "&x",          "*x",
                                      "!x",          "!!str x",
                                      "|",           ">",
                                      "'",           "''",
                                      "it's",        "\"",
                                      "\\",          "a\\b",
                                      "%x",          "@x",
                                      "`x`",         "=",
                                      "<<",          "\n",
                                      "\n\n",        "a\n",
                                      "a\n\n",       "a\n\n\n",
                                      "a\nb",        "a\n\nb",
                                      "\na",         "a\n b",
                                      "a\n  b\nc",   " a\nb",
                                      "a \nb",       "a\n \nb",
                                      "a\n\tb",      "\ta",
                                      "a\t",         "a\tb",
                                      "\t",          "a\r\nb",
                                      "\r",          "a\rb",
                                      "a\n# b",      "a\n---\nb",
                                      "a\n...\nb",   "a\n- b",
                                      "é",           "😀",
                                      "a\u0085b",    "a\u2028b",
                                      "a\u2029b",    "\uFEFFa",
                                      "a\uFEFFb",    "\u00a0",
                                      "a\u00a0b",    "\x01",
                                      "\x7f",        "\x1b[0m",
                                      "\u0080",      "\u009f",
                                      "\uFFFD",      "\uE000",
                                      "a\n\u2028b",  "a\n\u0085",
                                      "é\nè",        "a: b\nc: d\n",
                                      "key: |\n  x", "\"quoted\"",
                                      "'single'",    "\"a'b\\c",
                                      "a\"\n'b'\n"}) {
    expect_same_everywhere(std::string(text));
  }
  expect_same_everywhere(std::string(1, '\0'));
  expect_same_everywhere(std::string(2000, 'x'));
  expect_same_everywhere("\"" + std::string(2000, 'x'));
  expect_same_everywhere(std::string(500, 'x') + "\n" + std::string(500, 'y'));
  expect_same_everywhere(std::string(600, '\x01'));
}

Value random_value(std::mt19937_64& random, int depth) {
  static const std::vector<std::string> pieces = {"a", "B", " ", "\n", "\t", ":", "-", "#",    "'",      "\"",   "\\",
                                                  "{", "[", "é", "😀", "1",  "0", ".", "e",    "\r",     ",",    "&",
                                                  "*", "!", "|", ">",  "%",  "@", "~", "null", "\u2028", "\x02", "y"};
  const auto text = [&] {
    std::string out;
    for (std::uint64_t i = random() % 7; i > 0; --i) out += pieces[random() % pieces.size()];
    return out;
  };
  switch (random() % (depth > 0 ? 8 : 5)) {
    case 0:
      return Value(static_cast<std::int64_t>(random()) >> (random() % 64));
    case 1:
      return Value(std::ldexp(static_cast<double>(random()), static_cast<int>(random() % 200) - 100));
    case 2:
      return random() % 3 == 0 ? Value() : Value(random() % 2 == 0);
    case 3:
    case 4:
      return Value(text());
    case 5:
    case 6: {
      ObjectBuilder members;
      for (std::uint64_t i = random() % 5; i > 0; --i) members.set(text(), random_value(random, depth - 1));
      return members.build();
    }
    default: {
      std::vector<Value> elements;
      for (std::uint64_t i = random() % 5; i > 0; --i) elements.push_back(random_value(random, depth - 1));
      return Value::array(std::move(elements));
    }
  }
}

TEST(YamlWrite, ReadsBackRandomValues) {
  std::mt19937_64 random(3);
  for (int i = 0; i < 5000; ++i) {
    expect_same(random_value(random, 4));
    if (HasFatalFailure()) return;
  }
}

TEST(YamlWrite, WritesAnyDepth) {
  Value deep(1);
  for (int i = 0; i < Value::max_depth; ++i)
    deep = i % 2 ? Value::array({deep}) : Value::object({{"a", deep}, {"b", i}});
  expect_same(deep);
  for (int i = 0; i < 100000; ++i) deep = Value::array({deep});
  EXPECT_GT(write_yaml(deep).size(), 200000u);
}

TEST(Pointer, ResolvesTheExamplesOfTheRfc) {
  const Value root =
      json(R"({"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"e^f":3,"g|h":4,"i\\j":5,"k\"l":6," ":7,"m~n":8})");
  EXPECT_EQ(*resolve_pointer(root, ""), root);
  EXPECT_EQ(*resolve_pointer(root, "/foo"), root["foo"]);
  EXPECT_EQ(*resolve_pointer(root, "/foo/0"), Value("bar"));
  EXPECT_EQ(*resolve_pointer(root, "/"), Value(0));
  EXPECT_EQ(*resolve_pointer(root, "/a~1b"), Value(1));
  EXPECT_EQ(*resolve_pointer(root, "/m~0n"), Value(8));
  EXPECT_EQ(*resolve_pointer(root, "/ "), Value(7));
  for (const std::string_view bad : {"foo", "/nothing", "/foo/2", "/foo/-", "/foo/01", "/foo/x", "/foo/0/x", "/foo/",
                                     "/foo/-1", "/foo/99999999999999999999"}) {
    EXPECT_EQ(resolve_pointer(root, bad), nullptr) << bad;
  }
  EXPECT_EQ(pointer_escape("a/b~c"), "a~1b~0c");
  EXPECT_EQ(*resolve_pointer(json(R"({"~1":1})"), "/" + pointer_escape("~1")), Value(1));
}

}  // namespace
}  // namespace mbflow
