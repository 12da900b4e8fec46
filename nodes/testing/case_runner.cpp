#include "nodes/testing/case_runner.h"

#include "base/time.h"
#include "nodes/testing/case_config.h"
#include "nodes/testing/fakes.h"

#include <mbflow/json.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <sstream>

namespace mbflow::nodes {
namespace {

using Lines = std::vector<std::string>;

std::vector<Item> items_from(const Value& list, std::size_t first) {
  std::vector<Item> items;
  for (const Value& json : list.elements()) {
    items.push_back(Item{json, Origin{static_cast<std::uint32_t>(first + items.size())}, {}});
  }
  return items;
}

std::vector<std::vector<Item>> edges_from(const Value& test) {
  std::vector<std::vector<Item>> edges;
  if (!test["inputs"].is_array()) {
    edges.push_back(items_from(test["input"], 0));
    return edges;
  }
  std::size_t first = 0;
  for (const Value& list : test["inputs"].elements()) {
    edges.push_back(items_from(list, first));
    first += list.size();
  }
  return edges;
}

NodeType::Run run_mode(const NodeType& type, const Value& test) {
  if (test["run"].is_string()) return test["run"].as_string() == "once" ? NodeType::Run::once : NodeType::Run::each;
  return type.run_of != nullptr ? type.run_of(test["config"]) : type.run;
}

std::string shown(const Result<Output>& result) {
  if (!result) return result.error().code + ": " + result.error().message;
  std::string text;
  for (const auto& port : result->ports()) {
    for (const Item& item : port.items) text += port.name + " " + write_json(item.json) + "\n";
  }
  return text;
}

// The quick way, where there is one, must say the same as the other; and of a type that streams, a list in memory the same as
// one that comes bit by bit.
Result<Output> run_node(const NodeType& type, const void* config, FakeContext& context, Lines& faults) {
  if (type.run_now != nullptr) return type.run_now(config, context);
  auto quick = type.try_now != nullptr ? type.try_now(config, context) : std::nullopt;
  if (type.streams) context.stream();
  auto result = finish(type.run_async(config, context));
  if (result) result = context.all_given(*std::move(result));
  if (quick && shown(*quick) != shown(result)) {
    faults.push_back("try_now gave\n" + shown(*quick) + "run gave\n" + shown(result));
  }
  return result;
}

Result<Output> resolve_and_run(const NodeType& type, const CaseConfig& config, FakeContext& context, Lines& faults) {
  MBF_TRY(const Value resolved, config.resolve(context));
  MBF_TRY(const auto parsed, type.parse(resolved));
  return run_node(type, parsed.get(), context, faults);
}

Result<Output> run_each(const NodeType& type, const CaseConfig& config, FakeContext& context, Lines& faults) {
  Output all;
  for (std::size_t i = 0; i < context.items().size(); ++i) {
    context.at_item(i);
    MBF_TRY(Output output, resolve_and_run(type, config, context, faults));
    if (output.wake_at()) return output;
    if (!output.response().is_null()) all.respond(output.response());
    for (auto& port : output.ports()) {
      for (Item& item : port.items) {
        if (item.origin == Origin{}) item.origin = Origin{static_cast<std::uint32_t>(i)};
        all.add_to(port.name, std::move(item));
      }
    }
  }
  return all;
}

Value origins_of(const Item& item) {
  if (item.origin == Origin{}) return {};
  if (!item.more_origins) return static_cast<std::int64_t>(item.origin.index);
  std::vector<Value> all{static_cast<std::int64_t>(item.origin.index)};
  for (const Origin origin : *item.more_origins) all.push_back(static_cast<std::int64_t>(origin.index));
  return Value::array(std::move(all));
}

template <class Get>
Value by_port(const Output& output, const Value& expected, Get get) {
  ObjectBuilder ports;
  for (const auto& port : output.ports()) {
    std::vector<Value> values;
    for (const Item& item : port.items) values.push_back(get(item));
    ports.set(port.name, Value::array(std::move(values)));
  }
  // A port that is expected to stay empty may be absent.
  for (const Member& member : expected.members()) {
    if (member.value.size() == 0 && ports.find(member.key.as_string()) == nullptr)
      ports.set(member.key, Value::array());
  }
  return ports.build();
}

void compare(std::string_view what, const Value& expected, const Value& found, Lines& faults) {
  if (expected == found) return;
  faults.push_back(std::string(what) + ": expected\n" + write_json_pretty(expected) + "\nfound\n" +
                   write_json_pretty(found));
}

void compare_output(const Value& expect, const Output& output, Lines& faults) {
  if (const Value* until = expect.find("sleep_until")) {
    compare("sleep_until", *until, output.wake_at() ? Value(format_timestamp(*output.wake_at())) : Value(), faults);
    return;
  }
  if (output.wake_at()) faults.push_back("the node sleeps until " + format_timestamp(*output.wake_at()));
  if (const Value* ports = expect.find("output")) {
    compare("output", *ports, by_port(output, *ports, [](const Item& item) { return item.json; }), faults);
  }
  if (const Value* origins = expect.find("origins")) {
    compare("origins", *origins, by_port(output, *origins, origins_of), faults);
  }
  if (const Value* response = expect.find("response")) compare("response", *response, output.response(), faults);
}

void compare_error(const Value& expect, const Error& error, Lines& faults) {
  const Value found = Value::object({{"code", error.code},
                                     {"at", error.at},
                                     {"kind", to_string(error.kind)},
                                     {"message", error.message},
                                     {"retry_after_ms", error.retry_after_ms}});
  for (const Member& member : expect.members()) {
    const Value& value = found[member.key.as_string()];
    if (member.value == value) continue;
    const bool part = member.key.as_string() == "message" && value.as_string().contains(member.value.as_string());
    if (!part) compare("error " + std::string(member.key.as_string()), member.value, value, faults);
  }
  if (error.message.empty()) faults.emplace_back("the error has no message");
}

Result<Value> read_test(const std::filesystem::path& file) {
  std::ifstream stream(file);
  std::ostringstream text;
  text << stream.rdbuf();
  JsonOptions options;
  options.reject_duplicate_keys = true;
  return parse_json(text.str(), options);
}

Value example_as_test(const Value& example) {
  ObjectBuilder test(example);
  test.set("expect", Value::object({{"output", example["output"]}}));
  return test.build();
}

}  // namespace

std::filesystem::path nodes_dir() {
  const char* source_dir = std::getenv("MBFLOW_SOURCE_DIR");
  return std::filesystem::path(source_dir == nullptr ? "." : source_dir) / "nodes";
}

std::vector<Case> find_cases(const std::filesystem::path& folders) {
  std::vector<Case> cases;
  for (const NodeType& type : built_in_nodes().all()) {
    const std::string name(type.type);
    for (const auto& entry : std::filesystem::directory_iterator(folders / name / "cases")) {
      if (entry.path().extension() != ".json") continue;
      auto test = read_test(entry.path());
      cases.push_back({name, entry.path().stem().string(), entry.path(),
                       test ? *test : Value::object({{"unreadable", test.error().message}})});
    }
    const auto definition = parse_json(type.definition);
    if (!definition) continue;
    int number = 0;
    for (const Value& example : (*definition)["examples"].elements()) {
      cases.push_back(
          {name, "example_" + std::to_string(++number), folders / name / "node.json", example_as_test(example)});
    }
  }
  std::ranges::sort(cases, {}, [](const Case& one) { return one.type + " " + one.name; });
  return cases;
}

std::vector<std::string> run_case(const NodeType& type, const Value& test) {
  Lines faults;
  if (const Value* why = test.find("unreadable")) return {std::string(why->as_string())};
  if (!test["expect"].is_object() && !test["error"].is_object())
    return {"the case expects nothing: give \"expect\" or \"error\""};
  FakeContext context(test, edges_from(test));
  const auto config = CaseConfig::make(type, test);
  auto result = config ? (run_mode(type, test) == NodeType::Run::each ? run_each(type, *config, context, faults)
                                                                      : resolve_and_run(type, *config, context, faults))
                       : Result<Output>(config.error());
  const Value& error = test["error"].is_object() ? test["error"] : test["expect"]["error"];
  if (error.is_object()) {
    if (result) {
      faults.push_back("no error; found\n" + shown(result));
    } else {
      compare_error(error, result.error(), faults);
    }
  } else if (!result) {
    faults.push_back("error " + shown(result) + " at " + result.error().at);
  } else {
    compare_output(test["expect"], *result, faults);
    if (const Value* log = test["expect"].find("log")) compare("log", *log, Value::array({context.log().begin(), context.log().end()}), faults);
  }
  faults.insert(faults.end(), context.http().faults().begin(), context.http().faults().end());
  if (context.http().sent() != test["http"].size()) {
    faults.push_back(std::to_string(context.http().sent()) + " requests were sent, " +
                     std::to_string(test["http"].size()) + " recorded");
  }
  return faults;
}

}  // namespace mbflow::nodes
