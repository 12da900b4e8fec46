#include "trigger/webhook.h"

#include "base/hash.h"
#include "base/utf8.h"
#include "trigger/form_body.h"

#include <mbflow/json.h>

#include <algorithm>
#include <cctype>

namespace mbflow::trigger {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

std::string_view header(const WebhookCall& call, std::string_view name) {
  const auto* value = find_header(call.headers, name);
  return value ? std::string_view(*value) : std::string_view();
}

bool carries_credentials(std::string_view name, const Value& auth) {
  if (name == "authorization" || name == "proxy-authorization" || name == "cookie") return true;
  return auth["type"].as_string() == "header" && name == lower(auth["name"].as_string());
}

Value raw_body(const WebhookCall& call, std::string_view type) {
  if (utf8_valid(call.body)) return Value(call.body);
  return Value::object({{"data_base64", base64_encode(call.body)}, {"content_type", type}});
}

Result<Value> read_body(const WebhookCall& call, bool raw) {
  if (call.body.empty()) return Value();
  const auto sent = header(call, "content-type");
  std::string type = lower(sent);
  type = type.substr(0, type.find(';'));
  while (type.ends_with(' ')) type.pop_back();
  if (raw) return raw_body(call, type);
  if (type == "application/json" || type.ends_with("+json")) {
    auto json = parse_json(call.body);
    if (json) return json;
    auto error = std::move(json).error();
    error.code = "webhook.body";
    error.message = "the body is not the JSON its content type promises: " + error.message;
    return error;
  }
  if (type == "application/x-www-form-urlencoded") return parse_form(call.body);
  if (type == "multipart/form-data") return parse_multipart(sent, call.body);
  return raw_body(call, type);
}

}  // namespace

Result<Value> make_item(const WebhookCall& call, const Value& config) {
  MBF_TRY(auto body, read_body(call, config["body"].as_string() == "raw"));
  ObjectBuilder headers;
  headers.reserve(call.headers.size());
  for (const auto& [name, value] : call.headers) {
    const std::string key = lower(name);
    if (!carries_credentials(key, config["auth"]) && utf8_valid(key) && utf8_valid(value)) headers.set(key, value);
  }
  ObjectBuilder item;
  item.reserve(5);
  item.append("body", std::move(body));
  item.append("headers", headers.build());
  item.append("query", parse_form(call.query));
  item.append("method", call.method);
  item.append("path", call.path);
  return item.build();
}

std::vector<Route> routes_of(const Workflow& workflow) {
  std::vector<Route> routes;
  for (const auto& node : workflow.nodes) {
    if (node.type != "webhook" || node.disabled) continue;
    const auto methods = node.config["methods"].elements();
    for (const auto& method : methods) routes.push_back({std::string(node.config["path"].as_string()), std::string(method.as_string()), node.id});
    if (methods.empty()) routes.push_back({std::string(node.config["path"].as_string()), "POST", node.id});
  }
  return routes;
}

Answer make_answer(const Value& response, const std::vector<Value>& output) {
  Answer answer;
  Value body = output.size() == 1 ? output.front() : Value::array(output);
  if (response.is_object()) {
    body = response["body"];
    if (response["status"].is_number()) answer.status = static_cast<int>(response["status"].as_integer());
    for (const auto& [name, value] : response["headers"].members()) {
      answer.headers.emplace_back(name.as_string(), value.is_string() ? std::string(value.as_string()) : write_json(value));
    }
  }
  if (response.is_object() && !response.find("body")) return answer;
  const bool typed = find_header(answer.headers, "content-type") != nullptr;
  const bool text = typed && body.is_string();
  answer.body = text ? std::string(body.as_string()) : write_json(body);
  if (!typed) answer.headers.emplace_back("content-type", "application/json");
  return answer;
}

}  // namespace mbflow::trigger
