#include "trigger/webhook.h"

#include "base/hash.h"
#include "base/utf8.h"

#include <mbflow/json.h>

#include <algorithm>
#include <cctype>
#include <unordered_map>

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

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string decode_component(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
    if (low >= 0) {
      out.push_back(static_cast<char>(high * 16 + low));
      i += 2;
    } else {
      out.push_back(text[i] == '+' ? ' ' : text[i]);
    }
  }
  return out;
}

Error denied(std::string message) { return fail(Kind::denied, "webhook.denied", std::move(message)); }

// A timestamp further away than this is a replay or a broken clock (standardwebhooks.com, Stripe's docs: 5 minutes).
constexpr std::chrono::seconds signature_window{300};

bool is_recent(std::string_view seconds, Timestamp now) {
  std::int64_t at = 0;
  for (char c : seconds) {
    if (c < '0' || c > '9' || at > 100'000'000'000) return false;
    at = at * 10 + (c - '0');
  }
  const auto signed_at = Timestamp(std::chrono::seconds(at));
  return !seconds.empty() && std::chrono::abs(now - signed_at) <= signature_window;
}

// The parts of a list such as "t=1,v1=abc" or "v1,abc v1,def", whose key is `key`.
bool any_part_equals(std::string_view list, char between, std::string_view prefix, std::string_view expected) {
  bool found = false;
  while (!list.empty()) {
    const auto end = std::min(list.find(between), list.size());
    const auto part = list.substr(0, end);
    if (part.starts_with(prefix) && equal_constant_time(part.substr(prefix.size()), expected)) found = true;
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return found;
}

// https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
bool is_standard_signed(const WebhookCall& call, std::string_view secret) {
  const auto id = header(call, "webhook-id");
  const auto at = header(call, "webhook-timestamp");
  if (id.empty() || !is_recent(at, call.now)) return false;
  std::string key(secret);
  if (secret.starts_with("whsec_")) key = base64_decode(secret.substr(6)).value_or("");
  if (key.empty()) return false;
  const std::string content = std::string(id) + "." + std::string(at) + "." + std::string(call.body);
  return any_part_equals(header(call, "webhook-signature"), ' ', "v1,", base64_encode(hmac_sha256(key, content)));
}

bool is_stripe_signed(const WebhookCall& call, std::string_view secret) {
  const auto signature = header(call, "stripe-signature");
  std::string_view at;
  for (auto rest = signature; !rest.empty();) {
    const auto end = std::min(rest.find(','), rest.size());
    if (rest.starts_with("t=")) at = rest.substr(2, end - 2);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  if (!is_recent(at, call.now)) return false;
  const std::string content = std::string(at) + "." + std::string(call.body);
  return any_part_equals(signature, ',', "v1=", to_hex(hmac_sha256(secret, content)));
}

bool is_github_signed(const WebhookCall& call, std::string_view secret) {
  const std::string expected = "sha256=" + to_hex(hmac_sha256(secret, call.body));
  return equal_constant_time(header(call, "x-hub-signature-256"), expected);
}

bool is_signed(const WebhookCall& call, const Value& auth) {
  const auto secret = auth["secret"].as_string();
  const auto scheme = auth["scheme"].as_string();
  if (scheme == "github") return is_github_signed(call, secret);
  if (scheme == "stripe") return is_stripe_signed(call, secret);
  return is_standard_signed(call, secret);
}

bool carries_credentials(std::string_view name, const Value& auth) {
  if (name == "authorization" || name == "proxy-authorization" || name == "cookie") return true;
  return auth["type"].as_string() == "header" && name == lower(auth["name"].as_string());
}

Result<Value> read_body(const WebhookCall& call) {
  if (call.body.empty()) return Value();
  std::string type = lower(header(call, "content-type"));
  type = type.substr(0, type.find(';'));
  while (type.ends_with(' ')) type.pop_back();
  if (type == "application/json" || type.ends_with("+json")) {
    auto json = parse_json(call.body);
    if (json) return json;
    auto error = std::move(json).error();
    error.code = "webhook.body";
    error.message = "the body is not the JSON its content type promises: " + error.message;
    return error;
  }
  if (type == "application/x-www-form-urlencoded") return parse_form(call.body);
  if (utf8_valid(call.body)) return Value(call.body);
  return Value::object({{"data_base64", base64_encode(call.body)}, {"content_type", type}});
}

}  // namespace

Result<void> authorize(const Value& auth, const WebhookCall& call) {
  if (auth.as_string() == "public") return {};
  const auto type = auth["type"].as_string();
  bool allowed = false;
  if (type == "header") {
    const auto given = header(call, auth["name"].as_string());
    allowed = !given.empty() && equal_constant_time(given, auth["value"].as_string());
  } else if (type == "bearer") {
    allowed = equal_constant_time(header(call, "authorization"), "Bearer " + std::string(auth["token"].as_string()));
  } else if (type == "basic") {
    const std::string pair = std::string(auth["username"].as_string()) + ":" + std::string(auth["password"].as_string());
    allowed = equal_constant_time(header(call, "authorization"), "Basic " + base64_encode(pair));
  } else if (type == "hmac") {
    allowed = is_signed(call, auth);
  }
  if (allowed) return {};
  return denied("the call does not carry what this webhook's auth asks for");
}

Result<Value> make_item(const WebhookCall& call, const Value& auth) {
  MBF_TRY(auto body, read_body(call));
  ObjectBuilder headers;
  headers.reserve(call.headers.size());
  for (const auto& [name, value] : call.headers) {
    const std::string key = lower(name);
    if (!carries_credentials(key, auth) && utf8_valid(key) && utf8_valid(value)) headers.set(key, value);
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

// Values are gathered by name first, so that neither many names nor one name many times costs more than its length.
Value parse_form(std::string_view text) {
  std::vector<std::pair<std::string, std::vector<Value>>> fields;
  std::unordered_map<std::string, std::size_t> places;
  while (!text.empty()) {
    const auto end = std::min(text.find('&'), text.size());
    const auto pair = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (pair.empty()) continue;
    const auto equals = std::min(pair.find('='), pair.size());
    std::string name = decode_component(pair.substr(0, equals));
    const std::string value = equals < pair.size() ? decode_component(pair.substr(equals + 1)) : std::string();
    if (!utf8_valid(name) || !utf8_valid(value)) continue;
    const auto [place, is_new] = places.emplace(name, fields.size());
    if (is_new) fields.emplace_back(std::move(name), std::vector<Value>());
    fields[place->second].second.emplace_back(value);
  }
  ObjectBuilder form;
  form.reserve(fields.size());
  for (auto& [name, values] : fields) {
    form.append(name, values.size() == 1 ? values.front() : Value::array(std::move(values)));
  }
  return form.build();
}

}  // namespace mbflow::trigger
