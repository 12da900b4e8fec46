#include "data_adapter.gen.h"
#include "nodes/config_parse.h"
#include "nodes/fields.h"
#include "nodes/items.h"
#include "operations.h"

namespace mbflow::nodes::data_adapter {
namespace {

using Operation = Config::Operation;

// A list becomes one item an element, as everywhere.
void add_items(const Value& value, Output& output) {
  if (!value.is_array()) output.add(as_item(value));
  for (const Value& element : value.elements()) output.add(as_item(element));
}

Result<Value> mapped(const Config& config) {
  auto json = set_fields(Value::object(), *config.mapping);
  if (!json) return in_member(std::move(json).error(), "mapping");
  return json;
}

Result<Value> reshaped(const Config& config, const Value& json) {
  switch (config.operation) {
    case Operation::map:
      return mapped(config);
    case Operation::rename:
      return rename(config, json);
    case Operation::pick:
      return pick(config, json);
    case Operation::omit:
      return omit(config, json);
    case Operation::defaults:
      return fill_defaults(config, json);
    case Operation::sort:
      return sort_list(config, json);
    default:
      return json;
  }
}

bool sorts_items(const Config& config) { return config.operation == Operation::sort && !config.path; }

}  // namespace

NodeType::Run run_of(const Value& config) {
  const bool items = config["operation"].as_string() == "sort" && config["path"].is_null();
  return items ? NodeType::Run::once : NodeType::Run::each;
}

std::optional<Result<Output>> try_now(const Config& config, Context& context) {
  if (config.operation == Operation::jq) return std::nullopt;
  if (sorts_items(config)) return sort_items(config, context.items());
  const Value& json = context.item().json;
  Output output;
  if (config.operation == Operation::filter) {
    if (is_truthy(*config.condition)) output.add(json);
    return output;
  }
  if (config.operation == Operation::template_) {
    add_items(*config.template_, output);
    return output;
  }
  if (config.operation == Operation::validate) MBF_CHECK(validate(config, json));
  MBF_TRY(Value result, reshaped(config, json));
  output.add(std::move(result));
  return output;
}

Task<Result<Output>> run(const Config& config, Context& context) {
  if (auto result = try_now(config, context)) co_return *std::move(result);
  SandboxJob job{.language = "jq", .program = *config.program, .input = context.item().json, .limit = config.limit};
  auto outputs = co_await context.sandbox(std::move(job));
  if (!outputs) co_return in_member(std::move(outputs).error(), "program");
  Output output;
  for (const Value& result : outputs->elements()) {
    add_items(result, output);
  }
  co_return output;
}

}  // namespace mbflow::nodes::data_adapter
