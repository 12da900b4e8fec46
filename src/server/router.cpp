#include "server/router.h"

#include "trigger/form_body.h"

#include <algorithm>
#include <charconv>

namespace mbflow::server {
namespace {

std::string_view next_segment(std::string_view& rest) {
  rest.remove_prefix(1);  // the slash
  const auto end = std::min(rest.find('/'), rest.size());
  const auto segment = rest.substr(0, end);
  rest.remove_prefix(end);
  return segment;
}

bool matches(std::string_view pattern, std::string_view path, std::vector<std::string>& params) {
  params.clear();
  while (!pattern.empty() && !path.empty()) {
    const auto expected = next_segment(pattern);
    const auto actual = next_segment(path);
    const bool is_param = expected.starts_with('{');
    if (is_param ? actual.empty() : expected != actual) return false;
    if (is_param) params.emplace_back(actual);
  }
  return pattern.empty() && path.empty();
}

std::string listed(std::initializer_list<std::string_view> names) {
  std::string text;
  for (auto name : names) text += (text.empty() ? "" : ", ") + std::string(name);
  return text.empty() ? "none" : text;
}

}  // namespace

Match find_route(std::string_view method, std::string_view path) {
  Match match;
  // HEAD is GET without the body, which the server leaves out.
  const std::string_view wanted = method == "HEAD" ? "GET" : method;
  for (const auto& route : routes()) {
    if (!matches(route.pattern, path, match.params)) continue;
    if (route.method == wanted) {
      match.route = &route;
      return match;
    }
    match.allowed += (match.allowed.empty() ? "" : ", ") + std::string(route.method);
  }
  return match;
}

std::string Call::query(std::string_view name) const {
  return std::string(trigger::parse_form(request.query)[name].as_string());
}

std::string Call::query_all(std::string_view name) const {
  const Value given = trigger::parse_form(request.query)[name];
  std::string all(given.as_string());
  for (const auto& one : given.elements()) all += (all.empty() ? "" : ",") + std::string(one.as_string());
  return all;
}

Result<int> int_query(const Call& call, std::string_view name, int otherwise, int low, int high) {
  const std::string text = call.query(name);
  if (text.empty()) return otherwise;
  int number = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failed == std::errc() && end == text.data() + text.size() && number >= low && number <= high) return number;
  return fail(Kind::invalid, "request.query",
              "'" + std::string(name) + "' must be a whole number from " + std::to_string(low) + " to " + std::to_string(high));
}

Result<Duration> duration_query(const Call& call, std::string_view name, Duration otherwise, Duration most) {
  const std::string text = call.query(name);
  if (text.empty()) return otherwise;
  auto duration = parse_duration(text);
  if (duration && *duration <= most) return duration;
  return fail(Kind::invalid, "request.query",
              "'" + std::string(name) + "' must be a duration such as 30s, at most " + format_duration(most));
}

Result<void> only_queries(const Call& call, std::initializer_list<std::string_view> known) {
  const Value query = trigger::parse_form(call.request.query);
  for (const auto& member : query.members()) {
    if (std::find(known.begin(), known.end(), member.key.as_string()) != known.end()) continue;
    return fail(Kind::invalid, "request.query",
                "'" + std::string(member.key.as_string()) + "' is not a parameter of this call; it takes: " + listed(known));
  }
  return {};
}

Result<void> only_fields(const Value& body, std::initializer_list<std::string_view> known) {
  if (body.is_null()) return {};
  if (!body.is_object()) return fail(Kind::invalid, "request.body", "the body must be a JSON object");
  for (const auto& member : body.members()) {
    if (std::find(known.begin(), known.end(), member.key.as_string()) != known.end()) continue;
    return fail(Kind::invalid, "request.unknown_field",
                "'" + std::string(member.key.as_string()) + "' is not a field of this call; it takes: " + listed(known))
        .with_at("/" + std::string(member.key.as_string()));
  }
  return {};
}

}  // namespace mbflow::server
