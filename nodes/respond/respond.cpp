#include "nodes/items.h"
#include "respond.gen.h"

#include <mbflow/http.h>
#include <mbflow/json.h>

namespace mbflow::nodes::respond {
namespace {

using BodyType = Config::BodyType;

// Without a body of its own the answer is the items: one as the object, several as an array.
Value body_of(const Config& config, Context& context) {
  if (config.body) return *config.body;
  const auto items = context.items();
  if (items.size() == 1) return items[0].json;
  std::vector<Value> all;
  all.reserve(items.size());
  for (const Item& item : items) all.push_back(item.json);
  return Value::array(std::move(all));
}

Result<Headers> checked(const Value& config) {
  Headers headers;
  for (const Member& member : config.members()) {
    const std::string_view name = member.key.as_string();
    std::string text = member.value.is_string() ? std::string(member.value.as_string()) : write_json(member.value);
    if (!is_valid_header(name, text)) {
      return fail(Kind::invalid, "respond.header",
                  "the header \"" + std::string(name.substr(0, 100)) +
                      "\" has a line break or another character that headers may not have: take it out")
          .with_at("/headers");
    }
    headers.emplace_back(name, std::move(text));
  }
  return headers;
}

std::string_view content_type(BodyType type) {
  switch (type) {
    case BodyType::json:
      return "application/json";
    case BodyType::text:
      return "text/plain; charset=utf-8";
    case BodyType::html:
      return "text/html; charset=utf-8";
    case BodyType::none:
      return "";
  }
  return "";
}

// Text goes out as it is, so a JSON text needs its quotes, and what is no text must become one.
Value encoded(BodyType type, Value body) {
  if (type == BodyType::json) return body.is_string() ? Value(write_json(body)) : body;
  if (body.is_null()) return "";
  return body.is_string() ? body : Value(write_json(body));
}

}  // namespace

Result<Output> run(const Config& config, Context& context) {
  Value headers = config.headers;
  MBF_TRY(const Headers sent, checked(headers));
  Value response = Value::object({{"status", config.status}});
  if (config.body_type != BodyType::none) {
    if (!find_header(sent, "content-type")) headers = headers.with("content-type", content_type(config.body_type));
    response = response.with("body", encoded(config.body_type, body_of(config, context)));
  }
  Output output;
  output.respond(response.with("headers", std::move(headers)));
  pass_items(context, output);
  return output;
}

}  // namespace mbflow::nodes::respond
