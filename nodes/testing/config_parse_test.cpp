#include "nodes/config_parse.h"

#include <gtest/gtest.h>

namespace mbflow::nodes {
namespace {

using std::chrono::milliseconds;

std::string code_of(const Result<void>& result) { return result ? "" : result.error().code; }

TEST(read_text, takes_text_numbers_and_booleans) {
  std::string out;
  EXPECT_TRUE(read_text("a", out));
  EXPECT_EQ(out, "a");
  EXPECT_TRUE(read_text(5, out));
  EXPECT_EQ(out, "5");
  EXPECT_TRUE(read_text(2.5, out));
  EXPECT_EQ(out, "2.5");
  EXPECT_TRUE(read_text(true, out));
  EXPECT_EQ(out, "true");
  EXPECT_EQ(code_of(read_text(Value::array(), out)), "config.type");
  EXPECT_EQ(code_of(read_text(Value::object(), out)), "config.type");
}

TEST(read_text, length_counts_characters) {
  std::string out;
  EXPECT_TRUE(read_text("жжж", out, {.max = 3}));
  EXPECT_EQ(code_of(read_text("жжжж", out, {.max = 3})), "config.range");
  EXPECT_EQ(code_of(read_text("", out, {.min = 1})), "config.range");
  EXPECT_EQ(code_of(read_text("a", out, {.min = 2})), "config.range");
}

TEST(read_boolean, takes_the_words_too) {
  bool out = false;
  EXPECT_TRUE(read_boolean("true", out));
  EXPECT_TRUE(out);
  EXPECT_TRUE(read_boolean(false, out));
  EXPECT_FALSE(out);
  for (const Value& bad : {Value(1), Value("yes"), Value("TRUE"), Value(), Value("")})
    EXPECT_EQ(code_of(read_boolean(bad, out)), "config.type");
}

TEST(read_integer, takes_what_is_whole) {
  std::int64_t out = 0;
  EXPECT_TRUE(read_integer("5", out));
  EXPECT_EQ(out, 5);
  EXPECT_TRUE(read_integer("-7", out));
  EXPECT_EQ(out, -7);
  EXPECT_TRUE(read_integer(4.0, out));
  EXPECT_EQ(out, 4);
  for (const Value& bad : {Value(1.5), Value("5 "), Value("5.0"), Value("0x5"), Value(true), Value(1e300), Value("")}) {
    EXPECT_EQ(code_of(read_integer(bad, out)), "config.type");
  }
  EXPECT_EQ(code_of(read_integer(0, out, {.min = 1})), "config.range");
  EXPECT_EQ(code_of(read_integer(11, out, {.max = 10})), "config.range");
  EXPECT_TRUE(read_integer(10, out, {.min = 1, .max = 10}));
}

TEST(read_number, takes_numbers_as_text) {
  double out = 0;
  EXPECT_TRUE(read_number("2.5", out));
  EXPECT_EQ(out, 2.5);
  EXPECT_TRUE(read_number(3, out));
  for (const Value& bad : {Value("inf"), Value("nan"), Value("2,5"), Value(false)})
    EXPECT_EQ(code_of(read_number(bad, out)), "config.type");
  EXPECT_EQ(code_of(read_number(-0.5, out, {.min = 0})), "config.range");
}

TEST(read_duration, takes_units_and_seconds) {
  milliseconds out{};
  EXPECT_TRUE(read_duration("1h30m", out));
  EXPECT_EQ(out, milliseconds(5'400'000));
  EXPECT_TRUE(read_duration(2, out));
  EXPECT_EQ(out, milliseconds(2000));
  EXPECT_TRUE(read_duration("250ms", out));
  EXPECT_EQ(out, milliseconds(250));
  EXPECT_EQ(code_of(read_duration("soon", out)), "config.type");
  EXPECT_EQ(code_of(read_duration(-1, out)), "config.type");
  EXPECT_EQ(code_of(read_duration(true, out)), "config.type");
  const auto long_one = read_duration("2h", out, {.max = milliseconds(3'600'000)});
  EXPECT_EQ(code_of(long_one), "config.range");
  EXPECT_NE(long_one.error().message.find("1h"), std::string::npos);
}

TEST(read_choice, names_the_choices) {
  enum class Method { get, post };
  constexpr std::string_view names[] = {"GET", "POST"};
  Method out{};
  EXPECT_TRUE(read_choice(Value("POST"), out, names));
  EXPECT_EQ(out, Method::post);
  const auto bad = read_choice(Value("SEND"), out, names);
  EXPECT_EQ(code_of(bad), "config.enum");
  EXPECT_EQ(bad.error().message, "choose one of \"GET\", \"POST\"; found \"SEND\"");
  EXPECT_EQ(code_of(read_choice(Value(), out, names)), "config.enum");
  EXPECT_EQ(code_of(read_choice(Value::array(), out, names)), "config.enum");
}

TEST(read_choice, an_empty_choice_is_not_what_is_no_text) {
  enum class Kind { none, some };
  constexpr std::string_view names[] = {"", "some"};
  Kind out = Kind::some;
  EXPECT_EQ(code_of(read_choice(Value::array(), out, names)), "config.enum");
  EXPECT_TRUE(read_choice(Value(""), out, names));
}

TEST(read_list, errors_name_the_element) {
  std::vector<std::int64_t> out;
  const auto read = [](const Value& value, std::int64_t& to) { return read_integer(value, to); };
  EXPECT_TRUE(read_list(Value::array({1, "2"}), out, {}, read));
  EXPECT_EQ(out, (std::vector<std::int64_t>{1, 2}));
  const auto bad = read_list(Value::array({1, "x"}), out, {}, read);
  EXPECT_EQ(bad.error().at, "/1");
  EXPECT_EQ(code_of(read_list(Value::array(), out, {.min = 1}, read)), "config.range");
  EXPECT_EQ(code_of(read_list(Value("x"), out, {}, read)), "config.type");
}

struct Sample {
  std::string name;
  std::optional<std::int64_t> count;
  std::string kept = "default";
  std::optional<Value> any;
};

Result<void> read_sample(const Value& value, Sample& out) {
  Fields fields(value);
  fields.required("name", out.name, [](const Value& from, std::string& to) { return read_text(from, to); });
  fields.optional("count", out.count, [](const Value& from, std::int64_t& to) { return read_integer(from, to); });
  fields.optional("kept", out.kept, [](const Value& from, std::string& to) { return read_text(from, to); });
  fields.optional("any", out.any, read_any, Null::value);
  constexpr std::string_view known[] = {"name", "count", "kept", "any"};
  return fields.end(known);
}

TEST(fields, reads_what_is_there) {
  Sample sample;
  ASSERT_TRUE(read_sample(Value::object({{"name", "a"}, {"count", "3"}, {"any", nullptr}}), sample));
  EXPECT_EQ(sample.name, "a");
  EXPECT_EQ(sample.count, 3);
  EXPECT_EQ(sample.kept, "default");
  ASSERT_TRUE(sample.any);
  EXPECT_TRUE(sample.any->is_null());
}

TEST(fields, null_is_no_value_for_a_typed_field) {
  Sample sample;
  ASSERT_TRUE(read_sample(Value::object({{"name", "a"}, {"count", nullptr}, {"kept", nullptr}}), sample));
  EXPECT_FALSE(sample.count);
  EXPECT_EQ(sample.kept, "default");
  const auto bad = read_sample(Value::object({{"name", nullptr}}), sample);
  EXPECT_EQ(code_of(bad), "config.required");
  EXPECT_NE(bad.error().message.find("found nothing"), std::string::npos);
}

TEST(fields, the_first_fault_is_told_with_its_place) {
  Sample sample;
  const auto missing = read_sample(Value::object({{"count", "x"}}), sample);
  EXPECT_EQ(code_of(missing), "config.required");
  EXPECT_EQ(missing.error().at, "/name");
  const auto wrong = read_sample(Value::object({{"name", "a"}, {"count", "x"}}), sample);
  EXPECT_EQ(wrong.error().at, "/count");
  const auto unknown = read_sample(Value::object({{"name", "a"}, {"a/b~c", 1}}), sample);
  EXPECT_EQ(code_of(unknown), "config.unknown_key");
  EXPECT_EQ(unknown.error().at, "/a~1b~0c");
  EXPECT_EQ(code_of(read_sample(Value("x"), sample)), "config.type");
}

TEST(messages, a_long_value_is_cut_at_a_character) {
  std::int64_t out = 0;
  std::string many = "a";
  for (int i = 0; i < 100; ++i) many += "ж";
  const auto bad = read_integer(Value(many), out);
  EXPECT_LT(bad.error().message.size(), 120U);
  EXPECT_NO_FATAL_FAILURE(static_cast<void>(Value(bad.error().message)));
}

}  // namespace
}  // namespace mbflow::nodes
