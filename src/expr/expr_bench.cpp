// What an expression costs. Goals: a plain path 100 ns, a kept JavaScript function 1 µs and its conversions, the first
// JavaScript of a run 100 µs.
#include "expr/expr.h"
#include "expr/fake_scope.h"

#include <benchmark/benchmark.h>

#include <string>

namespace mbflow::expr {
namespace {

FakeScope order() {
  return FakeScope(R"({"user":{"name":"Ada Lovelace","email":"ada@example.com"},"amount":120.5,"status":"paid",
                       "items":[{"price":2.5,"qty":4},{"price":10,"qty":1}]})");
}

FakeScope many_items() {
  std::vector<Value> items;
  for (int i = 0; i < 1000; ++i) {
    items.push_back(Value::object(
        {{"id", i}, {"name", "item " + std::to_string(i)}, {"price", 1.5}, {"qty", i % 7}, {"ok", true}}));
  }
  FakeScope scope;
  scope.current = Value::object({{"items", Value::array(std::move(items))}});
  return scope;
}

void run(benchmark::State& state, std::string_view text, const FakeScope& scope, bool fresh_run = false) {
  const auto compiled = Template::compile(text);
  Evaluator evaluator;
  for (auto _ : state) {
    if (fresh_run) evaluator.new_run();
    auto result = evaluator.evaluate(*compiled, scope);
    if (!result) state.SkipWithError(result.error().message.c_str());
    benchmark::DoNotOptimize(result);
  }
}

void path(benchmark::State& state) { run(state, "{{ $json.user.name }}", order()); }
void condition(benchmark::State& state) { run(state, "{{ $json.amount > 100 && $json.status === 'paid' }}", order()); }
void text(benchmark::State& state) { run(state, "Dear {{ $json.user.name }}, you paid {{ $json.amount }}.", order()); }
void one_liner(benchmark::State& state) { run(state, "{{ $json.user.name.toUpperCase() }}", order()); }
void nothing_but_javascript(benchmark::State& state) { run(state, "{{ (() => 1)() }}", order()); }
void date(benchmark::State& state) { run(state, "{{ $now.plus({days: 1}).toFormat('yyyy-MM-dd') }}", order()); }
void fresh_run(benchmark::State& state) { run(state, "{{ $json.user.name.toUpperCase() }}", order(), true); }
void map_thousand(benchmark::State& state) {
  run(state, "{{ $json.items.map(i => ({...i, total: i.price * i.qty})) }}", many_items());
}

void first_of_a_thread(benchmark::State& state) {
  const auto compiled = Template::compile("{{ $json.user.name.toUpperCase() }}");
  const FakeScope scope = order();
  for (auto _ : state) {
    Evaluator evaluator;
    benchmark::DoNotOptimize(evaluator.evaluate(*compiled, scope));
  }
}

void compile_path(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(Template::compile("{{ $json.user.name }}"));
}
void compile_javascript(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(Template::compile("{{ $json.user.name.toUpperCase() }}"));
}

BENCHMARK(path);
BENCHMARK(condition);
BENCHMARK(text);
BENCHMARK(one_liner);
BENCHMARK(nothing_but_javascript);
BENCHMARK(date);
BENCHMARK(fresh_run);
BENCHMARK(map_thousand)->Unit(benchmark::kMicrosecond);
BENCHMARK(first_of_a_thread)->Unit(benchmark::kMicrosecond);
BENCHMARK(compile_path);
BENCHMARK(compile_javascript)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace mbflow::expr

BENCHMARK_MAIN();
