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

  FakeScope scope{R"({"a":{"b":[1,{"c":"deep"}]},"name":"Ада","n":5,"big":9007199254740993,"t":true,"z":null,"odd key":1,
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
  EXPECT_EQ(fault("a {{ 1"), R"(expr.syntax: line 1, column 3: this {{ is never closed; end it with }}, or write \{{ for the two characters)");
  EXPECT_EQ(fault("{{ }}"), "expr.syntax: line 1, column 3: the expression is empty");
  EXPECT_EQ(fault("x\n  {{ 1 + }}"), "expr.syntax: line 2, column 9: unexpected token in expression: ')'");
  EXPECT_EQ(eval("{{ foo.bar }}"), "");
  EXPECT_EQ(eval("{{ $json.n.nope() }}"), "");
  EXPECT_EQ(eval("{{ (() => { for (;;); })() }}"), "");
  EXPECT_EQ(eval("{{ 'x'.repeat(1e8) }}"), "");
  EXPECT_EQ(eval("{{ (function f() { return f() + 1 })() }}"), "");
  EXPECT_EQ(eval("{{ eval('1') }}"), "");
  EXPECT_EQ(eval("{{ (() => {}).constructor('return 1')() }}"), "");
  EXPECT_EQ(eval("{{ async () => 1 }}"), "");
  EXPECT_EQ(eval("{{ (async () => 1)() }}"), "");
  EXPECT_EQ(eval("{{ Array.prototype.map = 1 }}"), "");
  EXPECT_EQ(eval("{{ $('X').first().json }}"), "");
}

}  // namespace
}  // namespace mbflow::expr
