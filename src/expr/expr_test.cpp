#include "expr/expr.h"

#include "expr/fake_scope.h"

#include <gtest/gtest.h>

namespace mbflow::expr {
namespace {

class Expr : public ::testing::Test {
 protected:
  // The result as JSON, or the error's code and message.
  std::string eval(std::string_view text) {
    auto compiled = Template::compile(text);
    if (!compiled) return compiled.error().code + ": " + compiled.error().message;
    auto result = evaluator.evaluate(*compiled, scope);
    if (!result) return result.error().code + ": " + result.error().message;
    return write_json(*result);
  }
  static std::string fault(std::string_view text) {
    auto compiled = Template::compile(text);
    return compiled ? "compiled" : compiled.error().code + ": " + compiled.error().message;
  }

  FakeScope scope{
      R"({"a":{"b":[1,{"c":"deep"}]},"name":"Ада","n":5,"big":9007199254740993,"t":true,"z":null,"odd key":1,
                      "items":[{"x":1,"address":{"city":"Rome"}},{"x":2}]})"};
  Evaluator evaluator;
};

TEST_F(Expr, literals_and_parts) {
  EXPECT_EQ(eval("plain"), R"("plain")");
  EXPECT_EQ(eval(""), R"("")");
  EXPECT_EQ(eval("{{ $json.n }}"), "5");
  EXPECT_EQ(eval(" {{ $json.n }}\n"), "5");
  EXPECT_EQ(eval("n={{ $json.n }}!"), R"("n=5!")");
  EXPECT_EQ(eval("{{ $json.z }}{{ $json.missing }}{{ $json.a.b }}"), R"("[1,{\"c\":\"deep\"}]")");
  EXPECT_EQ(eval(R"(\{{ $json.n }})"), R"("{{ $json.n }}")");
  EXPECT_EQ(eval(R"(C:\\{{ $json.n }})"), R"("C:\\5")");
  EXPECT_EQ(eval("{{ {a: {b: 1}} }}"), R"({"a":{"b":1}})");
  EXPECT_EQ(eval("{{ '}}' + `}} ${ {a:1}.a }}}` }}"), R"("}}}} 1}}")");
  EXPECT_EQ(eval("{{ /}}/.test('}}') }}"), "true");
}

TEST_F(Expr, paths) {
  EXPECT_EQ(eval("{{ $json.a.b[1]['c'] }}"), R"("deep")");
  EXPECT_EQ(eval("{{ $json?.a?.b?.[0] }}"), "1");
  EXPECT_EQ(eval("{{ $json['odd key'] }}"), "1");
  EXPECT_EQ(eval("{{ $json.name.length }}"), "3");
  EXPECT_EQ(eval("{{ $json.a.b.length }}"), "2");
  EXPECT_EQ(eval("{{ $json.big }}"), "9007199254740993");
  EXPECT_EQ(eval("{{ $json.x.y.z }}"), "null");
  EXPECT_EQ(eval("{{ $json.z.y.z }}"), "null");
}

TEST_F(Expr, javascript) {
  EXPECT_EQ(eval("{{ $json.name.toUpperCase() }}"), R"("АДА")");
  EXPECT_EQ(eval("{{ $json.items.map(i => i.x * 2) }}"), "[2,4]");
  EXPECT_EQ(eval("{{ $json.items.map(i => i.address.city) }}"), R"(["Rome",null])");
  EXPECT_EQ(eval("{{ $json.missing.deep.toUpperCase() }}"), "null");
  EXPECT_EQ(eval("{{ Object.keys($json).length }}"), "8");
  EXPECT_EQ(eval("{{ new Date().toISOString() }}"), R"("2026-01-01T00:00:00.000Z")");
  EXPECT_EQ(eval("{{ $now }}"), R"("2026-01-01T00:00:00.000Z")");
  EXPECT_EQ(eval("{{ $now.plus({days: 1}).toFormat('yyyy-MM-dd') }}"), R"("2026-01-02")");
  EXPECT_EQ(eval("{{ 10n }}"), "10");
}

TEST_F(Expr, faults) {
  EXPECT_EQ(
      fault("a {{ 1"),
      R"(expr.syntax: line 1, column 3: this {{ is never closed; end it with }}, or write \{{ for the two characters)");
  EXPECT_EQ(fault("{{ }}"), "expr.syntax: line 1, column 3: the expression is empty");
  EXPECT_EQ(fault("x\n  {{ 1 + }}"), "expr.syntax: line 2, column 9: the expression ends before it is complete");
  EXPECT_EQ(fault("{{ 'ü' + * 2 }}"), "expr.syntax: line 1, column 10: unexpected token in expression: '*'");
  EXPECT_EQ(fault("{{ 'open }}"), "expr.syntax: line 1, column 4: this string is never closed");
  EXPECT_EQ(fault("{{ (1 }}"), "expr.syntax: line 1, column 7: '}' does not close '('");
  EXPECT_EQ(fault("{{ " + std::string(40'000, '1') + " }}"),
            "expr.syntax: line 1, column 3: the expression is longer than 32 KiB; use a code node");
  EXPECT_TRUE(fault("{{ " + std::string(30'000, '(') + " }}").starts_with("expr.syntax: "));
  EXPECT_EQ(eval("{{ foo.bar }}"), "expr.raised: ReferenceError: foo is not defined in {{ foo.bar }}");
  EXPECT_EQ(eval("{{ $json.n.nope() }}"), "expr.raised: TypeError: not a function in {{ $json.n.nope() }}");
  EXPECT_EQ(eval("{{ (() => { throw 'plain text' })() }}"),
            "expr.raised: plain text in {{ (() => { throw 'plain text' })() }}");
  EXPECT_EQ(eval("{{ $('X').first().json }}"), "expr.node: 'X' did not run in {{ $('X').first().json }}");
  EXPECT_EQ(eval("{{ [$('X').first().json, foo()] }}"),
            "expr.node: 'X' did not run in {{ [$('X').first().json, foo()] }}");
  EXPECT_EQ(eval("{{ true ? 1 : $('X').first().json.map(x => x) }}"), "1");
  const std::string letters(100, 'x');
  EXPECT_EQ(eval("{{ " + letters + " }}"), "expr.raised: ReferenceError: " + letters.substr(0, 63) +
                                               " is not defined in {{ " + letters.substr(0, 80) + "… }}");
}

TEST_F(Expr, limits_say_what_was_too_much) {
  EXPECT_EQ(eval("{{ (() => { for (;;); })() }}"),
            "expr.limit: it took longer than 50 ms in {{ (() => { for (;;); })() }}; a code node may take longer");
  EXPECT_EQ(eval("{{ 'x'.repeat(1e8) }}"),
            "expr.limit: it needed more than 16 MiB of memory in {{ 'x'.repeat(1e8) }}; a code node may take longer");
  EXPECT_EQ(
      eval("{{ (function f() { return f() + 1 })() }}"),
      "expr.limit: it calls itself too deep in {{ (function f() { return f() + 1 })() }}; a code node may take longer");
}

TEST_F(Expr, items) {
  scope.inputs = {{FakeScope::parsed(R"({"n":1})"), {}, {}}, {FakeScope::parsed(R"({"n":2})"), {}, {}}};
  scope.position = 1;
  scope.with_node("One", R"([{"id":"a"}])")
      .with_node("Three", R"([{"id":"a"},{"id":"b"},{"id":"c"}])", 1)
      .with_node("None", "[]");
  EXPECT_EQ(eval("{{ $index }}"), "1");
  EXPECT_EQ(eval("{{ $input.all() }}"), R"([{"json":{"n":1}},{"json":{"n":2}}])");
  EXPECT_EQ(eval("{{ $input.all().map(i => i.json.n) }}"), "[1,2]");
  EXPECT_EQ(eval("{{ $input.last().json.n + $input.first().json.n }}"), "3");
  EXPECT_EQ(eval("{{ $input.item.json.name }}"), R"("Ада")");
  EXPECT_EQ(eval("{{ $('One').item.json.id }}"), R"("a")");
  EXPECT_EQ(eval("{{ $('Three').item.json.id }}"), R"("b")");
  EXPECT_EQ(eval("{{ $('Three').all().length }}"), "3");
  EXPECT_EQ(eval("{{ $('Three').all()[2].json.id.toUpperCase() }}"), R"("C")");
  EXPECT_EQ(eval("{{ $('None').first().json.id }}"), "null");
  EXPECT_EQ(eval("{{ $('None').item.json.id }}"), "null");
  EXPECT_EQ(eval("{{ ['One', 'Three'].map(name => $(name).last().json.id) }}"), R"(["a","c"])");
  EXPECT_EQ(eval("{{ $('One').isExecuted + '' + $('Gone').isExecuted }}"), R"("truefalse")");
  scope.nodes["Three"].paired = NodeView::npos;
  EXPECT_EQ(eval("{{ $('Three').item.json.id }}"),
            "expr.node: the current item does not come from one item of 'Three' alone; say which one you mean: "
            ".first(), .last() or .all() in "
            "{{ $('Three').item.json.id }}");
}

TEST_F(Expr, missing_members_read_as_undefined) {
  EXPECT_EQ(eval("{{ $json.items.map(i => i.address.city.toUpperCase()) }}"), R"(["ROME",null])");
  EXPECT_EQ(eval("{{ ((x) => x.y.z ?? 'none')({}) }}"), R"("none")");
  EXPECT_EQ(eval("{{ $json.none[0][$json.n].x }}"), "null");
  EXPECT_EQ(eval("{{ ((o) => { o.x = {y: 1}; o.x.y += 2; o.x.z ?\?= 3; delete o.a; return o })({a: 1}) }}"),
            R"({"x":{"y":3,"z":3}})");
  EXPECT_EQ(eval("{{ new Map([[1, 2]]).get(1) + new Date(0).getTime() }}"), "2");
  EXPECT_EQ(eval("{{ String.raw`a${1}b` }}"), R"("a1b")");
  EXPECT_EQ(
      eval("{{ (() => { let n = 0; for (const [k, v] of Object.entries({a: 1, b: 2})) { n += v } return n })() }}"),
      "3");
  EXPECT_EQ(eval("{{ (() => { if ($json.n > 1) { return $json.a.b.length } return 0 })() }}"), "2");
  EXPECT_EQ(eval("{{ (($json) => $json.own)({own: 'shadowed'}) }}"), R"("shadowed")");
  EXPECT_EQ(eval("{{ (() => { $json.n = 6; return $json.n })() }}"), "6");
  EXPECT_EQ(eval("{{ $json.n }}"), "5");
  EXPECT_EQ(eval("{{ $json.items === $json.items && $json.items.includes($json.items[0]) }}"), "true");
  EXPECT_EQ(eval("{{ [1.5.toFixed(2), 1..toFixed(1), true ?.5 : 1, /a.b/.test('axb')] }}"),
            R"(["1.50","1.0",0.5,true])");
  EXPECT_EQ(eval("{{ (() => { try { return null.x.y } catch { return 'threw' } })() }}"), "null");
}

}  // namespace
}  // namespace mbflow::expr
