#include <mbflow/json.h>

#include "base/yaml.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <random>

namespace mbflow {
namespace {

Value parse(std::string_view text) {
  auto value = parse_json(text);
  EXPECT_TRUE(value.ok()) << text << ": " << (value.ok() ? "" : value.error().message);
  return value.ok() ? *std::move(value) : Value("(failed)");
}

Error error_of(std::string_view text, const JsonOptions& options = {}) {
  auto value = parse_json(text, options);
  EXPECT_FALSE(value.ok()) << text;
  return value.ok() ? Error{} : value.error();
}

std::string nested(int levels) {
  return std::string(static_cast<std::size_t>(levels), '[') + std::string(static_cast<std::size_t>(levels), ']');
}

TEST(JsonParse, ReadsEveryType) {
  EXPECT_TRUE(parse("null").is_null());
  EXPECT_EQ(parse(" true "), Value(true));
  EXPECT_EQ(parse("false"), Value(false));
  EXPECT_EQ(parse("\"a\\n\\u00e9\\ud83d\\ude00\""), Value("a\né😀"));
  EXPECT_EQ(parse("[]"), Value::array());
  EXPECT_EQ(parse("{}"), Value::object());
  EXPECT_EQ(parse(R"({"a":[1,{"b":null}],"c":"x"})"),
            Value::object({{"a", Value::array({1, Value::object({{"b", nullptr}})})}, {"c", "x"}}));
}

TEST(JsonParse, KeepsIntegersAndDoublesApart) {
  EXPECT_TRUE(parse("5").is_integer());
  EXPECT_FALSE(parse("5.0").is_integer());
  EXPECT_FALSE(parse("5e0").is_integer());
  EXPECT_TRUE(parse("-0").is_integer());
  EXPECT_TRUE(std::signbit(parse("-0.0").as_number()));
  EXPECT_EQ(parse("9223372036854775807").as_integer(), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(parse("-9223372036854775808").as_integer(), std::numeric_limits<std::int64_t>::min());
  EXPECT_FALSE(parse("9223372036854775808").is_integer());
  EXPECT_EQ(parse("9223372036854775808").as_number(), 9223372036854775808.0);
  EXPECT_EQ(parse("-9223372036854775809").as_number(), -9223372036854775808.0);
  EXPECT_EQ(parse("123456789012345678901234567890").as_number(), 123456789012345678901234567890.0);
  EXPECT_EQ(parse("[1e-400,0." + std::string(400, '0') + "1,5e-324]"), Value::array({0.0, 0.0, 5e-324}));
  EXPECT_EQ(parse("[123456789012345678901234567890,1e-400,0." + std::string(400, '0') + "1]")[1], Value(0));
  EXPECT_EQ(parse("1" + std::string(400, '0') + "e-400"), Value(1));
}

TEST(JsonParse, DropsAByteOrderMark) { EXPECT_EQ(parse("\xEF\xBB\xBF{}"), Value::object()); }

TEST(JsonParse, LastOfDoubledKeysWins) {
  EXPECT_EQ(parse(R"({"a":1,"b":2,"a":3})"), Value::object({{"a", 3}, {"b", 2}}));
  JsonOptions strict;
  strict.reject_duplicate_keys = true;
  EXPECT_TRUE(parse_json(R"({"a":1,"b":2})", strict).ok());
  const Error error = error_of("{\"x\": {\"a\":1,\n \"a\":3}}", strict);
  EXPECT_EQ(error.code, "json.duplicate_key");
  EXPECT_EQ(error.at, "/x");
  EXPECT_TRUE(error.message.starts_with("line 2, column 2: ")) << error.message;
}

TEST(JsonParse, BoundsDepth) {
  EXPECT_EQ(parse(nested(Value::max_depth)).depth(), Value::max_depth);
  EXPECT_EQ(error_of(nested(Value::max_depth + 1)).code, "json.depth");
  EXPECT_EQ(error_of(nested(100000)).code, "json.depth");
  EXPECT_EQ(error_of(std::string(1000000, '[')).code, "json.depth");
  JsonOptions flat;
  flat.max_depth = 1;
  EXPECT_TRUE(parse_json("[1]", flat).ok());
  EXPECT_EQ(error_of(R"({"a":[]})", flat).code, "json.depth");
  flat.max_depth = 1000000;
  EXPECT_EQ(error_of(nested(Value::max_depth + 1), flat).code, "json.depth");
  flat.max_depth = 0;
  EXPECT_TRUE(parse_json("1", flat).ok());
  EXPECT_EQ(error_of("[]", flat).code, "json.depth");
}

TEST(JsonParse, BoundsSize) {
  JsonOptions small;
  small.max_bytes = 10;
  EXPECT_TRUE(parse_json("\"12345678\"", small).ok());
  EXPECT_EQ(error_of("\"123456789\"", small).code, "json.too_large");
}

TEST(JsonParse, RefusesBadText) {
  for (const std::string text :
       {"\"\x80\"", "\"\xC0\x80\"", "\"\xED\xA0\x80\"", "\"\xF5\x80\x80\x80\"", "\"\xE2\x82\"", "\"a\xFF\"",
        "{\"\xFE\":1}", "\"\\ud800\"", "\"\\ud800x\"", "\"\\ud800\\u0041\"", "\"\\udc00\"", "\"\\udc00\\ud800\""}) {
    EXPECT_EQ(error_of(text).code, "json.utf8") << text;
  }
}

TEST(JsonParse, RefusesWhatIsNotJson) {
  for (const std::string_view text :
       {"",          " ",         "\n",          "nul",   "nulll", "tru",     "[1,]",     "[,1]",   "{\"a\":1,}",
        "{\"a\" 1}", "{a:1}",     "{'a':1}",     "[1 2]", "01",    "-01",     "+1",       "1.",     ".5",
        "1e",        "1e+",       "-",           "--1",   "0x10",  "NaN",     "Infinity", "\"abc",  "\"a\nb\"",
        "\"a\tb\"",  "\"\\x41\"", "\"\\u12g4\"", "\"\\",  "[",     "{",       "]",        "[1",     "{\"a\"",
        "{\"a\":",   "{\"a\":1",  "{}x",         "1 2",   "{} {}", "// c\n1", "[1]]",     "\"a\"b", "\x01",
        "é"}) {
    EXPECT_EQ(error_of(text).code, "json.syntax") << text;
    EXPECT_EQ(error_of(text).kind, Kind::invalid);
  }
  EXPECT_EQ(error_of(std::string_view("1\0", 2)).code, "json.syntax");
}

TEST(JsonParse, RefusesNumbersBeyondADouble) {
  const Error error = error_of("[1, 1e400]");
  EXPECT_EQ(error.code, "json.syntax");
  EXPECT_EQ(error.message, "line 1, column 5: the number is too large: the largest is about 1.8e308");
  EXPECT_EQ(error.at, "/1");
  EXPECT_EQ(error_of("-1e400").code, "json.syntax");
  EXPECT_EQ(error_of("1" + std::string(400, '0')).code, "json.syntax");
  EXPECT_EQ(error_of("1e99999999999999999999999").code, "json.syntax");
}

TEST(JsonParse, NamesLineAndColumn) {
  EXPECT_EQ(error_of("{\n  \"a\": 1\n  \"b\": 2\n}").message, "line 3, column 3: expected ',' or '}' here");
  EXPECT_EQ(error_of("[\"é\" 1]").message, "line 1, column 6: expected ',' or ']' here");
  EXPECT_EQ(error_of("{\"a\": tru}").message, "line 1, column 7: expected true, false or null");
  EXPECT_EQ(error_of("{\"nodes\": [{\"a\": 1}, {\"a/b\": 01}]}").at, "/nodes/1/a~1b");
}

TEST(JsonParse, AcceptsTextWithNothingBehindIt) {
  // A view into the middle of a larger text: what follows must not be read as part of it.
  const std::string text = "[1,2,3]garbage";
  EXPECT_EQ(parse(std::string_view(text).substr(0, 7)).size(), 3u);
  EXPECT_EQ(parse(std::string_view(text).substr(1, 1)), Value(1));
}

TEST(JsonParse, ReadsManySizesOneAfterAnother) {
  for (const std::size_t size : {10u, 20000u, 5u, 3000000u, 100u}) {
    const std::string text(size, 'x');
    EXPECT_EQ(parse("[\"" + text + "\"]")[0].as_string(), text);
  }
}

TEST(JsonLocated, KnowsLines) {
  auto located = parse_json_located("{\n \"a\": [\n  1,\n  {\"x/y\": 2}\n ],\n \"b\":\n  3}");
  ASSERT_TRUE(located.ok());
  EXPECT_EQ(located->line_of(""), 1);
  EXPECT_EQ(located->line_of("/a"), 2);
  EXPECT_EQ(located->line_of("/a/0"), 3);
  EXPECT_EQ(located->line_of("/a/1"), 4);
  EXPECT_EQ(located->line_of("/a/1/x~1y"), 4);
  EXPECT_EQ(located->line_of("/b"), 6);
  EXPECT_EQ(located->line_of("/b/none/deeper"), 6);
  EXPECT_EQ(located->line_of("/none"), 1);
  EXPECT_EQ(located->value["b"].as_integer(), 3);
  EXPECT_EQ(parse_json_located(R"({"a":1,"a":2})").error().code, "json.duplicate_key");
}

std::string written(double value) { return write_json(Value(value)); }

TEST(JsonWrite, WritesNumbersAsJavaScript) {
  EXPECT_EQ(written(100.0), "100");
  EXPECT_EQ(written(-0.0), "0");
  EXPECT_EQ(written(35.12), "35.12");
  EXPECT_EQ(written(0.1 + 0.2), "0.30000000000000004");
  EXPECT_EQ(written(1e21), "1e+21");
  EXPECT_EQ(written(1e20), "100000000000000000000");
  EXPECT_EQ(written(123456789012345680000.0), "123456789012345680000");
  EXPECT_EQ(written(1.5e300), "1.5e+300");
  EXPECT_EQ(written(0.000001), "0.000001");
  EXPECT_EQ(written(1e-7), "1e-7");
  EXPECT_EQ(written(1.25e-7), "1.25e-7");
  EXPECT_EQ(written(-1.5), "-1.5");
  EXPECT_EQ(written(-1e-7), "-1e-7");
  EXPECT_EQ(written(5e-324), "5e-324");
  EXPECT_EQ(written(1.7976931348623157e308), "1.7976931348623157e+308");
  EXPECT_EQ(written(9007199254740993.0), "9007199254740992");
  EXPECT_EQ(written(1152921504606846976.0), "1152921504606847000");
  EXPECT_EQ(written(123.456), "123.456");
  EXPECT_EQ(written(0.5), "0.5");
  EXPECT_EQ(written(std::numeric_limits<double>::quiet_NaN()), "null");
  EXPECT_EQ(write_json(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
  EXPECT_EQ(write_json(0), "0");
}

TEST(JsonWrite, EscapesWhatItMust) {
  EXPECT_EQ(write_json("\"\\/\b\f\n\r\t"), R"("\"\\/\b\f\n\r\t")");
  EXPECT_EQ(write_json(std::string_view("\0\x1f\x7f", 3)), "\"\\u0000\\u001f\x7f\"");
  EXPECT_EQ(write_json("é😀\u2028"), "\"é😀\u2028\"");
  for (std::size_t at = 0; at < 20; ++at) {
    std::string text(20, 'a');
    text[at] = '\n';
    EXPECT_EQ(write_json(text), "\"" + text.substr(0, at) + "\\n" + text.substr(at + 1) + "\"");
  }
}

TEST(JsonWrite, WritesContainers) {
  const Value value =
      Value::object({{"a", Value::array({1, Value::array(), Value::object()})}, {"b", nullptr}, {"c", true}});
  EXPECT_EQ(write_json(value), R"({"a":[1,[],{}],"b":null,"c":true})");
  EXPECT_EQ(write_json_pretty(value), "{\n  \"a\": [\n    1,\n    [],\n    {}\n  ],\n  \"b\": null,\n  \"c\": true\n}");
  EXPECT_EQ(write_json_pretty(Value(1)), "1");
  std::string out = "x";
  write_json(value["a"], out);
  EXPECT_EQ(out, "x[1,[],{}]");
}

TEST(JsonWrite, WritesAnyDepth) {
  Value deep;
  for (int i = 0; i < 1000000; ++i) deep = Value::array({std::move(deep)});
  EXPECT_EQ(write_json(deep).size(), 2000004u);
}

TEST(JsonWrite, ReadsBackEqual) {
  std::mt19937_64 random(7);
  std::vector<Value> values;
  for (int i = 0; i < 20000; ++i) {
    const std::uint64_t bits = random();
    double real = 0;
    std::memcpy(&real, &bits, sizeof real);
    if (std::isfinite(real)) values.emplace_back(real);
    values.emplace_back(static_cast<std::int64_t>(bits >> (bits % 64)));
    values.emplace_back(static_cast<double>(static_cast<std::int64_t>(bits)) / 1000);
    std::string text;
    for (std::uint64_t j = 0; j < bits % 40; ++j) text += static_cast<char>(random() % 128);
    values.emplace_back(text);
  }
  const Value all = Value::array(values);
  const std::string text = write_json(all);
  EXPECT_EQ(parse(text), all);
  EXPECT_EQ(write_json(parse(text)), text);
  auto located = parse_json_located(text);
  ASSERT_TRUE(located.ok());
  EXPECT_EQ(located->value, all);
  EXPECT_EQ(parse(write_json_pretty(all)), all);
}

}  // namespace
}  // namespace mbflow
