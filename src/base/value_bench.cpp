// What a document costs on its way through: text to Value, a copy, Value to text, journal bytes and back.
#include "base/cbor.h"

#include <mbflow/json.h>

#include <benchmark/benchmark.h>

namespace mbflow {
namespace {

// An API's answer as people see it: a list of records with short and long texts, numbers and nested parts.
Value records(int count) {
  std::vector<Value> list;
  for (int i = 0; i < count; ++i) {
    list.push_back(
        Value::object({{"id", i},
                       {"name", "Customer number " + std::to_string(i)},
                       {"email", "customer" + std::to_string(i) + "@example.com"},
                       {"active", i % 3 != 0},
                       {"balance", i * 1.25},
                       {"address", Value::object({{"street", "Long Street 12"}, {"city", "Paris"}, {"zip", "75001"}})},
                       {"tags", Value::array({"new", "vip", "a somewhat longer tag"})},
                       {"last_order_placed_at", "2026-11-22T20:01:37.123Z"},
                       {"note", nullptr}}));
  }
  return Value::object({{"items", Value::array(std::move(list))}});
}

void per_byte(benchmark::State& state, std::size_t bytes) {
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes));
  state.counters["bytes"] = static_cast<double>(bytes);
}

void json_parse(benchmark::State& state) {
  const std::string text = write_json(records(static_cast<int>(state.range(0))));
  for (auto turn : state) benchmark::DoNotOptimize(parse_json(text));
  per_byte(state, text.size());
}

void json_write(benchmark::State& state) {
  const Value value = records(static_cast<int>(state.range(0)));
  std::size_t bytes = 0;
  for (auto turn : state) benchmark::DoNotOptimize(bytes = write_json(value).size());
  per_byte(state, bytes);
}

void value_copy(benchmark::State& state) {
  const Value value = records(static_cast<int>(state.range(0)));
  for (auto turn : state) {
    Value copy = value;
    benchmark::DoNotOptimize(copy);
  }
}

void value_equal(benchmark::State& state) {
  const Value left = records(static_cast<int>(state.range(0)));
  const Value right = records(static_cast<int>(state.range(0)));
  for (auto turn : state) benchmark::DoNotOptimize(left == right);
}

void cbor_write(benchmark::State& state) {
  const Value value = records(static_cast<int>(state.range(0)));
  std::size_t bytes = 0;
  for (auto turn : state) {
    std::string out;
    CborWriter(out).value(value);
    bytes = out.size();
    benchmark::DoNotOptimize(out);
  }
  per_byte(state, bytes);
}

void cbor_read(benchmark::State& state) {
  std::string bytes;
  CborWriter(bytes).value(records(static_cast<int>(state.range(0))));
  for (auto turn : state) benchmark::DoNotOptimize(CborReader(bytes).value());
  per_byte(state, bytes.size());
}

void find_member(benchmark::State& state) {
  ObjectBuilder builder;
  for (int i = 0; i < state.range(0); ++i) builder.append("key_" + std::to_string(i), i);
  const Value value = builder.build();
  const std::string key = "key_" + std::to_string(state.range(0) / 2);
  for (auto turn : state) benchmark::DoNotOptimize(value.find(key));
}

// 8 records are about 2 KB of JSON, 3600 about 1 MB.
BENCHMARK(json_parse)->Arg(8)->Arg(3600);
BENCHMARK(json_write)->Arg(8)->Arg(3600);
BENCHMARK(value_copy)->Arg(3600);
BENCHMARK(value_equal)->Arg(3600);
BENCHMARK(cbor_write)->Arg(8)->Arg(3600);
BENCHMARK(cbor_read)->Arg(8)->Arg(3600);
BENCHMARK(find_member)->Arg(4)->Arg(16)->Arg(17)->Arg(100000);

}  // namespace
}  // namespace mbflow

BENCHMARK_MAIN();
