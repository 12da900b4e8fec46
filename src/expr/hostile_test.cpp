// What a hostile author may try. Judged from outside: an error or a harmless value, in time, and a clean evaluation
// after.
#include "expr/expr.h"
#include "expr/fake_scope.h"
#include "expr/leash.h"

#include <gtest/gtest.h>

#include <string>

namespace mbflow::expr {
namespace {

constexpr const char* probe =
    R"({{ [[3,1,2].map(x => x + 1).sort().join(), JSON.stringify({a: [1]}), 'x'.toUpperCase(), Object.keys({a: 1}).length,
  new Date(0).toISOString(), Math.max(1, 2), ({}).polluted, [].polluted, (() => {}).polluted, ''.polluted, typeof leak, typeof globalThis.leak,
  [...'ab'].length, /b/.exec('abc').index, Number('1') + parseInt('2'), new Map([[1, 2]]).get(1), Symbol.iterator in [], $now.year,
  `${{}}`, String([1, 2]), (function* () { yield 1 })().next().value, new Error('m').message, 'a-b'.split('-').length] }})";
constexpr const char* clean =
    R"(["2,3,4","{\"a\":[1]}","X",1,"1970-01-01T00:00:00.000Z",2,null,null,null,null,"undefined","undefined",2,1,3,2,true,2026,)"
    R"("[object Object]","1,2",1,"m",2])";

class Hostile : public ::testing::Test {
 protected:
  // The result as JSON or the error's code; checks time and cleanliness.
  std::string attempt(const std::string& source) {
    auto compiled = Template::compile("{{ " + source + " }}");
    if (!compiled) return compiled.error().code;
    const auto before = thread_cpu_time();
    auto result = evaluator.evaluate(*compiled, scope);
    const auto used = std::chrono::duration_cast<std::chrono::milliseconds>(thread_cpu_time() - before);
    EXPECT_LE(used.count(), 50 + 100) << source;
    const auto after = evaluator.evaluate(*probe_, scope);
    EXPECT_EQ(after ? write_json(*after) : after.error().message, clean) << "after " << source;
    return result ? write_json(*result) : result.error().code;
  }
  void harmless(std::initializer_list<std::pair<const char*, const char*>> attempts) {
    for (const auto& [source, expected] : attempts) EXPECT_EQ(attempt(source), expected) << source;
  }
  void refused(std::initializer_list<const char*> sources, const std::string& code) {
    for (const char* source : sources) EXPECT_EQ(attempt(source), code) << source;
  }

  FakeScope scope{R"({"a":1,"o":{"k":[1,2,3]},"s":"text"})"};
  Evaluator evaluator;
  Result<Template> probe_ = Template::compile(probe);
};

TEST_F(Hostile, code_from_text) {
  refused({"eval('1')",
           "(0, eval)('1')",
           "Function('return 1')()",
           "new Function('return this')()",
           "(() => {}).constructor('return 1')()",
           "[].map.constructor('return process')()",
           "$json.constructor.constructor('return 1')()",
           "''.constructor.constructor('return 1')()",
           "(async () => {}).constructor('return 1')()",
           "(function* () {}).constructor('yield 1')()",
           "(async function* () {}).constructor('')()",
           "Reflect.construct(Function, ['return 1'])()",
           "Object.getPrototypeOf(async () => {}).constructor('')()",
           "setTimeout('1')",
           "$now.constructor.constructor('return 1')()",
           "$input.constructor.constructor('return 1')()",
           "$('x').constructor.constructor('return 1')()",
           "$.constructor('return 1')()",
           "$input.first.constructor('return 1')()",
           "Error.captureStackTrace({}).x.y()",
           "new Error().stack.constructor.constructor('return 1')()",
           "Array.from.constructor`return 1```",
           "`${{toString: Function('return 1')}}`"},
          "expr.raised");
  refused({"import('fs')",
           "require",
           "process",
           "std",
           "os.exec('id')",
           "fetch('http://x')",
           "new Worker('x')",
           "WebAssembly",
           "new WebAssembly.Module()",
           "SharedArrayBuffer",
           "Atomics.wait()",
           "new Proxy({}, {})",
           "new WeakRef({})",
           "Deno",
           "Bun",
           "window.x",
           "document.cookie",
           "XMLHttpRequest",
           "performance.now()",
           "console.log(1)",
           "print('x')",
           "loadScript('x')",
           "scriptArgs",
           "gc()",
           "new ArrayBuffer(8)",
           "new Uint8Array(8)",
           "new FinalizationRegistry(() => {})"},
          "expr.raised");
}

TEST_F(Hostile, nothing_of_the_host_is_there) {
  harmless(
      {{"typeof require + typeof process + typeof module + typeof std + typeof os",
        R"("undefinedundefinedundefinedundefinedundefined")"},
       {"(function () { return this })()", "null"},
       {"globalThis.process?.env", "null"},
       {"[].constructor.constructor.name", R"("Function")"},
       {"this", "null"},
       {"$json.__proto__", "null"},
       {"$json.__proto__.polluted", "null"},
       {"new Error('x').prepareStackTrace", "null"},
       {"Error.prepareStackTrace", "null"},
       {"globalThis.process.env", "null"},
       {R"(Object.getOwnPropertyNames(globalThis).filter(name => !`AggregateError Array AsyncDisposableStack BigInt Boolean DOMException Date
              DateTime DisposableStack Error EvalError Function Infinity InternalError Iterator JSON Map Math NaN Number Object Promise RangeError
              ReferenceError Reflect RegExp Set String SuppressedError Symbol SyntaxError TypeError URIError atob btoa decodeURI decodeURIComponent
              encodeURI encodeURIComponent escape globalThis isFinite isNaN parseFloat parseInt undefined unescape`.split(/\s+/).includes(name)))",
        "[]"}});
}

TEST_F(Hostile, built_ins_cannot_be_changed) {
  refused({"Array.prototype.map = () => 1",
           "Object.prototype.polluted = 1",
           "({}).__proto__.polluted = 1",
           "({}).constructor.prototype.polluted = 1",
           "[].constructor.prototype.polluted = 1",
           "''.constructor.prototype.polluted = 1",
           "(() => {}).constructor.prototype.polluted = 1",
           "JSON.stringify = () => 1",
           "JSON.polluted = 1",
           "Math.max = null",
           "Object.keys = null",
           "globalThis.leak = 1",
           "leak = 1",
           "this.leak = 1",
           "Object.defineProperty(Array.prototype, 'map', {value: 1})",
           "Object.defineProperty(globalThis, 'leak', {value: 1})",
           "Object.setPrototypeOf(Array.prototype, {polluted: 1})",
           "Object.setPrototypeOf(Object.prototype, {polluted: 1})",
           "Object.assign(Object.prototype, {polluted: 1})",
           "Object.assign(JSON, {stringify: 1})",
           "Array.prototype.push(1)",
           "[].push.call(Array.prototype, 1)",
           "Symbol.iterator.constructor.prototype.polluted = 1",
           "(function* () {}).constructor.prototype.polluted = 1",
           "[][Symbol.iterator]().__proto__.next = 1",
           "Object.getPrototypeOf([][Symbol.iterator]()).next = 1",
           "Object.getPrototypeOf(''[Symbol.iterator]()).next = 1",
           "Object.getPrototypeOf(new Map().entries()).next = 1",
           "Object.getPrototypeOf('a'.matchAll(/a/g)).next = 1",
           "Object.getPrototypeOf((function* () {})()).next = 1",
           "Object.getPrototypeOf(Object.getPrototypeOf((function* () {})())).polluted = 1",
           "Object.getPrototypeOf(Iterator.from([1])).polluted = 1",
           "Object.getPrototypeOf([1].values().map(x => x)).next = 1",
           "Object.getPrototypeOf(async function* () {}).polluted = 1",
           "Object.getPrototypeOf((async function* () {})()).next = 1",
           "RegExp.prototype.exec = () => 1",
           "RegExp.prototype[Symbol.split] = 1",
           "Date.now = () => 1",
           "Date.prototype.toISOString = 1",
           "DateTime.fromISO = 1",
           "DateTime.prototype.toISO = 1",
           "$now.__proto__.toISO = 1",
           "Object.getPrototypeOf($now).toISO = 1",
           "Object.getPrototypeOf($input).all = 1",
           "$input.leak = 1",
           "$.leak = 1",
           "$slot.leak = 1",
           "Error.prototype.message = 1",
           "TypeError.prototype.name = 1",
           "Error.stackTraceLimit = 1",
           "Error.prepareStackTrace = () => 1",
           "Promise.prototype.then = 1",
           "Map.prototype.set = 1",
           "Function.prototype.call = 1",
           "Function.prototype.polluted = 1",
           "Number.prototype.toString = 1",
           "BigInt.prototype.toJSON = 1",
           "Array.prototype[Symbol.iterator] = 1",
           "Array.prototype.map.leak = 1",
           "delete Array.prototype.map",
           "delete globalThis.JSON",
           "Array.prototype.length = 5",
           "Object.getOwnPropertyDescriptor(Object.prototype, 'toString').get.leak = 1",
           "(() => { 'use strict'; undefined = 1 })()"},
          "expr.raised");
  harmless(
      {{"Reflect.set(Array.prototype, 'map', 1)", "false"},
       {"Reflect.defineProperty(Object.prototype, 'polluted', {value: 1})", "false"},
       {"Reflect.setPrototypeOf(Array.prototype, {})", "false"},
       {"Reflect.deleteProperty(JSON, 'stringify')", "false"},
       {"Object.isFrozen(globalThis)", "true"},
       // one's own objects may hold anything
       {"(() => { const o = {}; o.toString = () => 'own'; return `${o}` })()", R"("own")"},
       {"(() => { const o = {}; o['__proto__'] = 1; o.constructor = 2; return o })()",
        R"({"__proto__":1,"constructor":2})"},
       {"(() => { class E extends Error { constructor() { super('x'); this.name = 'E' } } return new E().name })()",
        R"("E")"},
       {"$json.o.k.sort((a, b) => b - a)", "[3,2,1]"},
       {"$json.o.k", "[1,2,3]"}});
}

TEST_F(Hostile, nothing_is_left_for_the_next) {
  EXPECT_EQ(attempt("(() => { const seen = $json; seen.a = 99; seen.o.k.push(4); return seen.a })()"), "99");
  EXPECT_EQ(attempt("[$json.a, $json.o.k.length]"), "[1,3]");
  EXPECT_EQ(attempt("(s => { try { s[0] = 'changed'; s.leak = 1 } catch {} return s[0] + s.leak })`first`"),
            R"("firstundefined")");
  EXPECT_EQ(attempt("(f => { f.count = (f.count ?? 0) + 1; return f.count })(() => 1)"), "1");
  EXPECT_EQ(attempt("(f => { f.count = (f.count ?? 0) + 1; return f.count })(() => 1)"), "1");
  EXPECT_EQ(attempt("(() => { Promise.resolve().then(() => { globalThis.leak = 1 }); return 1 })()"), "1");
  EXPECT_EQ(attempt("Symbol.for('x').description"), R"("x")");
  EXPECT_EQ(attempt("(() => { arguments.callee.leak = 1 })()"), "expr.raised");
  auto twice = Template::compile("{{ ((s) => (s.raw.leak ?\?= 0, s))`x`.length }}");
  ASSERT_TRUE(twice);
  EXPECT_FALSE(evaluator.evaluate(*twice, scope));
}

TEST_F(Hostile, results_that_bite) {
  refused(
      {"(() => { const o = {}; o.o = o; return o })()", "(() => { const a = []; a.push([a]); return a })()",
       "({get x() { throw 1 }})", "({toJSON() { throw new Error('x') }})", "(async () => 1)()", "[Promise.resolve(1)]",
       "2n ** 64n", "[-(2n ** 63n) - 1n]", "(() => { let a = []; for (let i = 0; i < 300; i++) a = [a]; return a })()",
       "(() => { throw null })()", "(() => { throw {toString() { throw 1 }} })()",
       "(() => { const e = new Error(); Object.defineProperty(e, 'message', {get() { throw 1 }}); throw e })()",
       "Symbol() + ''", "({toJSON() { return {toJSON: 1, x: Promise.resolve()} }})"},
      "expr.raised");
  refused({"Array(2 ** 32 - 1)", "(() => { let a = [1]; for (let i = 0; i < 40; i++) a = [a, a]; return a })()",
           "({get x() { for (;;); }})", "({toJSON() { for (;;); }})",
           "(() => { const e = new Error(); Object.defineProperty(e, 'message', {get() { for (;;); }}); throw e })()",
           "Object.defineProperty([], 'length', {value: 4e9})"},
          "expr.limit");
  harmless({{"Symbol()", "null"},
            {"[null.x(), $json.a.b.c()(), new.target, arguments[1]]", "[null,null,null,null]"},
            {"[Symbol(), () => 1, undefined, NaN, -Infinity]", "[null,null,null,null,null]"},
            {"({a: undefined, b() {}, [Symbol()]: 1, c: 1})", R"({"c":1})"},
            {"new Date(NaN)", "null"},
            {"[new Date(0), $now]", R"(["1970-01-01T00:00:00.000Z","2026-01-01T00:00:00.000Z"])"},
            {"({toJSON() { return {x: 1} }})", R"({"x":1})"},
            {"({toJSON: 5, x: 1})", R"({"toJSON":5,"x":1})"},
            {"[new Number(3), new String('s'), new Boolean(false)]", R"([3,"s",false])"},
            {"[new Map([[1, 2]]), new Set([1]), /x/, new Error('m')]", "[{},{},{},{}]"},
            {"2n ** 62n", "4611686018427387904"},
            {"-(2n ** 63n)", "-9223372036854775808"},
            {R"('\ud800' + 'x')", R"("�x")"},
            {R"(({'\udfff': 1}))", R"({"�":1})"},
            {"Object.create({inherited: 1}, {own: {value: 2, enumerable: true}, hidden: {value: 3}})", R"({"own":2})"},
            {"[1,,3]", "[1,null,3]"}});
}

TEST_F(Hostile, without_end) {
  refused({"(() => { for (;;); })()", "(() => { while (true) { try { for (;;); } catch {} finally { continue } } })()",
           "[2, 1].sort(() => { for (;;); })", "'a'.replace(/a/, () => { for (;;); })",
           "/(a+)+$/.test('a'.repeat(40) + 'b')", "/(x+x+)+y/.test('x'.repeat(60))",
           "[...(function* () { for (;;) yield 1 })()]", "Array.from({length: 1e9}, () => 1)",
           "(() => { const m = new Map(); for (let i = 0; ; i++) m.set(i, i) })()", "'x'.repeat(1e9)",
           "'x'.padEnd(5e8)", "Array(1e9).fill(0)", "(function f() { return f() + 1 })()",
           "(() => { const f = () => [1].map(f); return f() })()",
           "(() => { const o = {get a() { return this.a }}; return o.a })()", "JSON.parse('['.repeat(1e6))",
           "(() => { let o = {}; for (let i = 0; i < 1e5; i++) o = {o}; return JSON.stringify(o) })()",
           "Function.prototype.bind.apply(x => x, Array(1e7).fill(1))",
           "new Set([1]).forEach((x, y, s) => { for (;;) { s.delete(x); s.add(x) } })"},
          "expr.limit");
}

// Loops inside QuickJS's native functions, which it does not interrupt by itself.
TEST_F(Hostile, without_end_in_native_code) {
#if defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "signals wait for a system call under this sanitizer";
#endif
  refused({"'a'.repeat(4e6).indexOf('a'.repeat(2e6) + 'b')",
           "'a'.repeat(4e6).includes('a'.repeat(2e6) + 'b')",
           "'a'.repeat(4e6).split('a'.repeat(2e6) + 'b')",
           "'a'.repeat(4e6).replaceAll('a'.repeat(2e6) + 'b', '')",
           "((1n << 1000000n) - 1n).toString().length",
           "[].reverse.call({length: 2 ** 53 - 1})",
           "[].join.call({length: 2 ** 53 - 1})",
           "[].copyWithin.call({length: 2 ** 53 - 1}, 1, 0)",
           "[].splice.call({length: 2 ** 53 - 1}, 0, 1)",
           "[].shift.call({length: 2 ** 53 - 1})",
           "[].unshift.call({length: 2 ** 53 - 2}, 1)",
           "[].flat.call({length: 2 ** 53 - 1})",
           "[].sort.call({length: 2 ** 53 - 1})",
           "Array(2 ** 32 - 1).join('x')",
           "Array(2 ** 32 - 1).sort()",
           "String.raw({raw: {length: 2 ** 53 - 1}})",
           "(() => { const a = Array(500000).fill(1); for (;;) a.indexOf(2) })()",
           "(() => { const s = 'a'.repeat(3e6); for (;;) s.indexOf('b') })()",
           "(() => { const s = 'a'.repeat(3e6); for (;;) s.toUpperCase() })()",
           "'a'.repeat(100000).match(/(?=(a+))*b/)"},
          "expr.limit");
}

TEST_F(Hostile, the_template_is_not_left) {
  refused({"1) ; (2",
           "1 }, x: {",
           "return 1",
           "var x = 1",
           "1; 2",
           "`${",
           "'",
           "/*",
           "//\n)",
           "if (1) 2",
           "super.x",
           "await 1",
           "yield 1",
           "with ({}) 1",
           "debugger",
           "function f() {} f()",
           "export default 1",
           "{",
           "}",
           "(",
           ")",
           "",
           "\\u{110000}",
           "let x",
           "class",
           "1 2",
           "a b"},
          "expr.syntax");
}

}  // namespace
}  // namespace mbflow::expr
