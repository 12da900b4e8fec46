// Native evaluation and JavaScript agree: on random expressions over random data, both ways give the same.
#include "expr/expr.h"
#include "expr/fake_scope.h"
#include "expr/program.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <random>

namespace mbflow::expr {
namespace {

constexpr std::array<const char*, 24> keys = {"a",        "b",
                                              "c",        "name",
                                              "length",   "0",
                                              "1",        "01",
                                              "-1",       "constructor",
                                              "toString", "__proto__",
                                              "valueOf",  "hasOwnProperty",
                                              "odd key",  "ключ",
                                              "😀",       "json",
                                              "item",     "a.b",
                                              "toJSON",   "map",
                                              "at",       ""};
constexpr std::array<const char*, 20> texts = {
    "",    "0",   "10", "-5",  "1.50",   "007",    "1e3",  " 7 ",  "0x1f", "Infinity",
    "abc", "abd", "é",  "😀x", "\uFFFF", "\uE000", "true", "null", "a\nb", "12345678901234567890"};
const std::array<double, 14> numbers = {
    0, -0.0, 1, -1, 2.5, 0.1, 0.2, 1e21, 1e-7, 123456789.125, 4294967296.0, 1e308, -1e308, 5e-324};
constexpr std::array<std::int64_t, 7> integers = {0, 1, -7, 100, 9007199254740993, INT64_MAX, INT64_MIN};
constexpr std::array<const char*, 20> operators = {"===", "!==", "==", "!=", "<", "<=", ">", ">=",  "&&", "||",
                                                   "?\?", "+",   "-",  "*",  "/", "%",  "+", "===", "<",  ">"};

class Maker {
 public:
  explicit Maker(std::uint64_t seed) : random_(seed) {}

  template <class List>
  auto any(const List& list) {
    return list[random_() % list.size()];
  }
  std::size_t below(std::size_t bound) { return random_() % bound; }

  Value value(int depth) {
    switch (below(depth > 0 ? 9 : 6)) {
      case 0:
        return Value();
      case 1:
        return Value(below(2) == 0);
      case 2:
        return Value(any(numbers));
      case 3:
        return Value(any(integers));
      case 4:
      case 5:
        return Value(any(texts));
      case 6:
        return array(depth);
      default:
        return object(depth);
    }
  }

  Value object(int depth) {
    ObjectBuilder builder;
    for (std::size_t n = below(6); n > 0; --n) builder.set(Value(any(keys)), value(depth - 1));
    return builder.build();
  }

  std::string expression(int depth) {
    switch (below(depth > 0 ? 8 : 3)) {
      case 0:
        return literal();
      case 1:
      case 2:
        return path();
      case 3:
        return "!" + operand(depth);
      case 4:
        return "-" + operand(depth);
      case 5:
        return operand(depth) + " ? " + operand(depth) + " : " + operand(depth);
      default:
        return operand(depth) + " " + any(operators) + " " + operand(depth);
    }
  }

  std::string path() {
    static const std::array<const char*, 16> roots = {"$json",
                                                      "$json",
                                                      "$json",
                                                      "$json",
                                                      "$vars",
                                                      "$env",
                                                      "$execution",
                                                      "$trigger",
                                                      "$workflow",
                                                      "$input.item.json",
                                                      "$input.first().json",
                                                      "$input.last().json",
                                                      "$('Node A').item.json",
                                                      "$(\"Node A\").first().json",
                                                      "$input.all()",
                                                      "$('Many').all()"};
    std::string path = any(roots);
    if (path.ends_with("all()")) path += below(3) == 0 ? "" : "[" + std::to_string(below(3)) + "].json";
    for (std::size_t n = below(4); n > 0; --n) path += step();
    return path;
  }

 private:
  Value array(int depth) {
    std::vector<Value> elements;
    for (std::size_t n = below(4); n > 0; --n) elements.push_back(value(depth - 1));
    return Value::array(std::move(elements));
  }

  std::string operand(int depth) {
    std::string inner = expression(depth - 1);
    return inner.find_first_of(" -!") == std::string::npos ? inner : "(" + inner + ")";
  }

  std::string step() {
    const std::string key = any(keys);
    const bool plain = !key.empty() && key.find_first_not_of("abcdefghijklmnopqrstuvwxyzJSONO_P") == std::string::npos;
    const char* maybe = below(4) == 0 ? "?." : "";
    if (plain && below(3) != 0) return (*maybe != 0 ? "?." : ".") + key;
    if (below(4) == 0) return std::string(maybe) + "[" + std::to_string(below(3)) + "]";
    return std::string(maybe) + "['" + key + "']";
  }

  std::string literal() {
    static const std::array<const char*, 12> literals = {"0",  "1",    "100",   "2.5",  "'abc'",     "\"10\"",
                                                         "''", "true", "false", "null", "undefined", "0.1"};
    return any(literals);
  }

  std::mt19937_64 random_;
};

FakeScope scope_of(Maker& maker) {
  FakeScope scope;
  scope.current = maker.object(4);
  scope.position = maker.below(3);
  for (std::size_t n = maker.below(3); n > 0; --n) scope.inputs.push_back({maker.object(3), {}, {}});
  FakeScope::Node& node = scope.nodes["Node A"];
  node.items.push_back({maker.object(3), {}, {}});
  FakeScope::Node& many = scope.nodes["Many"];
  for (std::size_t n = maker.below(4); n > 0; --n) many.items.push_back({maker.object(2), {}, {}});
  scope.roots = Value::object({{"vars", maker.object(3)},
                               {"env", maker.object(2)},
                               {"execution", maker.object(2)},
                               {"trigger", maker.object(3)},
                               {"workflow", maker.object(2)}});
  return scope;
}

// Integers beyond 2^53 are doubles in JavaScript, and only there.
Value as_javascript_sees(const Value& value) {
  if (value.is_integer()) return Value(static_cast<double>(value.as_integer()));
  if (value.is_array()) {
    std::vector<Value> elements;
    for (const Value& element : value.elements()) elements.push_back(as_javascript_sees(element));
    return Value::array(std::move(elements));
  }
  if (!value.is_object()) return value;
  ObjectBuilder builder;
  for (const Member& member : value.members()) builder.set(member.key, as_javascript_sees(member.value));
  return builder.build();
}

std::string outcome(const Result<Value>& result) {
  return result ? write_json(as_javascript_sees(*result)) : result.error().code;
}

bool same(const Result<Value>& a, const Result<Value>& b) {
  if (!a || !b) return outcome(a) == outcome(b);
  return as_javascript_sees(*a) == as_javascript_sees(*b);
}

void compare(std::uint64_t seed, int cases, int depth) {
  Maker maker(seed);
  Evaluator evaluator;
  int native = 0;
  for (int i = 0; i < cases; ++i) {
    const FakeScope scope = scope_of(maker);
    const std::string text = "{{ " + maker.expression(depth) + " }}";
    const auto compiled = Template::compile(text);
    ASSERT_TRUE(compiled) << text << "\n" << compiled.error().message;
    native += compiled->is_native() ? 1 : 0;
    const auto fast = evaluator.evaluate(*compiled, scope);
    const auto slow = evaluator.evaluate_in_js(*compiled, scope);
    ASSERT_TRUE(same(fast, slow)) << "seed " << seed << ", case " << i << ": " << text
                                  << "\n$json = " << write_json(scope.current) << "\nnative: " << outcome(fast)
                                  << "\nJavaScript: " << outcome(slow);
  }
  EXPECT_GT(native, cases * 9 / 10) << "the comparison compares nothing";
}

TEST(Differential, lengths) {
  Evaluator evaluator;
  const auto compiled = Template::compile("{{ [$json.a.length, $json.b.length, $json.a.length === 0] }}");
  const auto plain = Template::compile("{{ $json.a.length }}");
  for (const char* text : texts) {
    FakeScope scope;
    scope.current = Value::object({{"a", text}, {"b", Value::array({text, text})}});
    EXPECT_TRUE(same(evaluator.evaluate(*compiled, scope), evaluator.evaluate_in_js(*compiled, scope))) << text;
    EXPECT_TRUE(same(evaluator.evaluate(*plain, scope), evaluator.evaluate_in_js(*plain, scope))) << text;
  }
}

TEST(Differential, paths) { compare(1, 2'000, 0); }
TEST(Differential, operators) { compare(2, 3'000, 1); }
TEST(Differential, nested) { compare(3, 2'000, 3); }

std::vector<Value> plain_values() {
  std::vector<Value> values = {Value(), Value(true), Value(false)};
  for (const char* text : texts) values.emplace_back(text);
  for (const double number : numbers) values.emplace_back(number);
  for (const std::int64_t integer : integers) values.emplace_back(integer);
  return values;
}

// Every operator on every pair of plain values, the missing one among them.
TEST(Differential, every_pair_of_values) {
  Evaluator evaluator;
  const std::vector<Value> values = plain_values();
  for (const char* op : operators) {
    const auto compiled = Template::compile("{{ $json.a " + std::string(op) + " $json.b }}");
    ASSERT_TRUE(compiled && compiled->is_native());
    for (const Value& a : values) {
      for (std::size_t j = 0; j <= values.size(); ++j) {
        FakeScope scope;
        scope.current = Value::object({{"a", a}});
        if (j < values.size()) scope.current = scope.current.with("b", values[j]);
        const auto fast = evaluator.evaluate(*compiled, scope);
        const auto slow = evaluator.evaluate_in_js(*compiled, scope);
        ASSERT_TRUE(same(fast, slow)) << op << " on " << write_json(scope.current) << "\nnative: " << outcome(fast)
                                      << "\nJavaScript: " << outcome(slow);
      }
    }
  }
}

// Chains that begin with a plain path and go on in JavaScript: fetched natively and not.
TEST(Differential, calls_on_paths) {
  constexpr std::array<const char*, 12> endings = {
      ".toString()",     ".map(x => x.a)",   "?.length", ".concat([1])", "[1 - 1]",    ".at(-1)?.b.c",
      ".filter(x => x)", ".slice(1).length", "['a'].b",  ".json?.a",     ".join('-')", ".includes('a')"};
  Maker maker(4);
  Evaluator evaluator;
  for (int i = 0; i < 2'000; ++i) {
    const FakeScope scope = scope_of(maker);
    const std::string text = "{{ [" + maker.path() + maker.any(endings) + ", " + maker.path() + "] }}";
    const auto compiled = Template::compile(text);
    ASSERT_TRUE(compiled) << text;
    const auto fast = evaluator.evaluate(*compiled, scope);
    const auto slow = evaluator.evaluate_in_js(*compiled, scope);
    ASSERT_TRUE(same(fast, slow)) << "case " << i << ": " << text << "\n$json = " << write_json(scope.current)
                                  << "\nnative: " << outcome(fast) << "\nJavaScript: " << outcome(slow);
  }
}

}  // namespace
}  // namespace mbflow::expr
