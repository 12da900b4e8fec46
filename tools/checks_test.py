#!/usr/bin/env python3
"""Tests of the checkers: what each must find, and what it must leave alone."""
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import check_layers as layers  # noqa: E402
import check_style as style  # noqa: E402


def awaits(code):
    return [message for _, message in style.unsafe_awaits(style.bare_code(code))]


def functions(code):
    return [line for line, _ in style.long_functions(style.bare_code(code))]


def ranges(code):
    return [message for _, message in style.ended_ranges(style.bare_code(code))]


BODY = "  step();\n" * 60


class Awaits(unittest.TestCase):
    def test_finds_what_is_destroyed_twice(self):
        for code in (
            "do { f(); } while (co_await g());",
            "auto x = ready() ? co_await f(a) : T();",
            "if (a) {\n  f();\n} else if (!co_await g()) {\n  h();\n}",
            "co_await f({a, b});",
            "co_await f({});",
            "auto x = co_await f(T{a, b});",
            "co_await f(std::array<T, 2>{a, b});",
            "co_await post(loop, [name] { use(name); });",
            "co_await post(loop, [&] { use(); });",
            "if (co_await f({a})) return;",
            "co_await f(g([] { return 1; }, T{a}));",
        ):
            self.assertEqual(len(awaits(code)), 1, code)

    def test_leaves_sound_code_alone(self):
        for code in (
            "co_await f(a, make(b));",
            "auto x = co_await f(a ? b : c);",
            "co_await f(std::string(1, 'x'), std::stop_token{});",
            "co_await f(list[0], [] { return 1; });",
            "while (co_await next()) { use({a, b}); }",
            "if (a) {\n  f();\n} else if (b) {\n  co_await g();\n}",
            "if (co_await next()) {\n  auto x = T{a};\n}",
            'co_await log("{}");  // f({a})',
            "for (;;) { auto done = co_await job; f({done}); }",
            "MBF_CO_TRY(auto x, co_await load(id));\nreturn T{x};",
        ):
            self.assertEqual(awaits(code), [], code)


class Ranges(unittest.TestCase):
    def test_finds_parts_of_what_has_ended(self):
        for code in ("for (auto& x : f(a)->list) use(x);", "for (const auto& text : now(watch->next())->texts) {\n}", "for (auto& x : *now(f(a))) use(x);"):
            self.assertEqual(len(ranges(code)), 1, code)

    def test_leaves_what_lives_alone(self):
        for code in (
            "for (auto& x : page->list) use(x);",
            "for (auto& x : f(a).list) use(x);",
            "for (int i = f()->first; i < 3; ++i) use(i);",
            "for (auto& x : (*first)->list()) use(x);",
        ):
            self.assertEqual(ranges(code), [], code)


class Functions(unittest.TestCase):
    def test_finds_long_ones(self):
        for head in (
            "int f(int a) {\n",
            "Task<void> Run::go() && noexcept {\n",
            "Run::Run(int a)\n    : a_(a), b_(std::move(a)) {\n",
            "namespace x {\nstruct S {\n  auto f() const -> Map<int, T> {\n",
            "template <class T>\nvoid f(T&& value) requires(sizeof(T) > 1) {\n",
        ):
            tail = "}\n" * head.count("{")
            self.assertEqual(len(functions(head + BODY + tail)), 1, head)

    def test_leaves_types_and_short_ones_alone(self):
        for code in (
            "namespace x {\n" + BODY + "}\n",
            "class S : public Base<int> {\n" + BODY + "};\n",
            "enum class E : int {\n" + BODY + "};\n",
            "constexpr Row rows[] = {\n" + BODY + "};\n",
            "int f() {\n  return 1;\n}\n" * 30,
            "S s = {\n    .text = \"{\",\n};\nchar c = '{';\nint n = 1'000;\n" + BODY,
        ):
            self.assertEqual(functions(code), [], code)


class Texts(unittest.TestCase):
    def faults(self, path, text):
        return [message for _, message in style.check_text(path, text)]

    def test_sizes(self):
        self.assertEqual(len(self.faults("src/base/a.cpp", "int a;\n" * 401)), 1)
        self.assertEqual(self.faults("src/base/a.cpp", "int a;\n" * 400), [])
        self.assertEqual(len(self.faults("src/base/README.md", "a\n" * 41)), 1)
        self.assertEqual(self.faults("nodes/http/README.md", "a\n" * 90), [])

    def test_leftovers_and_paths(self):
        self.assertEqual(len(self.faults("src/a.cpp", "// TO" + "DO: later\n")), 1)
        self.assertEqual(len(self.faults("a.md", "see /home/" + "jane/x\n")), 1)
        self.assertEqual(self.faults("a.md", "$HOME/work/x, build/dev, /usr/share/x\n"), [])


class Layers(unittest.TestCase):
    def test_owner(self):
        self.assertEqual(layers.owner("src/store/sqlite/a.cpp"), "store/sqlite")
        self.assertEqual(layers.owner("src/expr/jail/a.cpp"), "expr")
        self.assertEqual(layers.owner("nodes/http/http.cpp"), "nodes")
        self.assertEqual(layers.owner("include/mbflow/value.h"), "include")
        self.assertEqual(layers.owner("docs/a.md"), "")

    def test_third_party(self):
        self.assertIsNone(layers.check_include("src/net/a.cpp", "boost/asio.hpp", "net"))
        self.assertIn("belongs to net", layers.check_include("src/server/a.cpp", "boost/asio.hpp", "server"))
        self.assertIsNone(layers.check_include("src/base/a_test.cpp", "gtest/gtest.h", "base"))
        self.assertIn("belongs to", layers.check_include("src/base/a.cpp", "gtest/gtest.h", "base"))
        self.assertIsNone(layers.check_include("src/engine/a.cpp", "vector", "engine"))

    def test_locks(self):
        self.assertTrue(layers.LOCK.search("std::shared_mutex m;"))
        self.assertFalse(layers.LOCK.search("std::atomic<int> a;"))


if __name__ == "__main__":
    unittest.main()
