#include "server/problem.h"

#include <mbflow/json.h>

#include <algorithm>

namespace mbflow::server {
namespace {

constexpr std::string_view media_type = "application/problem+json";

std::string_view title(int status) {
  switch (status) {
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 409: return "Conflict";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 429: return "Too Many Requests";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    default: return "Internal Server Error";
  }
}

Value describe(const Error& error) {
  return Value::object({{"code", error.code}, {"message", error.message}, {"at", error.at}});
}

Value document(const Error& first, int status, std::vector<Value> errors) {
  return Value::object({{"type", "about:blank"},
                        {"title", title(status)},
                        {"status", status},
                        {"code", first.code},
                        {"detail", first.message},
                        {"errors", Value::array(std::move(errors))}});
}

}  // namespace

net::Response problem(const Error& error, int status) {
  if (status == 0) status = http_status(error.kind);
  net::Response response;
  response.status = status;
  response.headers.emplace_back("content-type", media_type);
  if (status == 503 || status == 429) {
    const auto seconds = error.retry_after_ms > 0 ? (error.retry_after_ms + 999) / 1000 : 1;
    response.headers.emplace_back("retry-after", std::to_string(seconds));
  }
  if (status == 401) response.headers.emplace_back("www-authenticate", "Bearer");
  response.body = write_json(document(error, status, {describe(error)}));
  return response;
}

Value faults_to_json(const std::vector<Fault>& faults, bool warnings) {
  std::vector<Value> list;
  for (const auto& fault : faults) {
    if (fault.warning == warnings) list.push_back(describe(fault.error));
  }
  return Value::array(std::move(list));
}

Reply invalid_document(const std::vector<Fault>& faults) {
  const auto first = std::find_if(faults.begin(), faults.end(), [](const Fault& fault) { return !fault.warning; });
  std::vector<Value> errors;
  for (const auto& fault : faults) {
    if (!fault.warning) errors.push_back(describe(fault.error));
  }
  Reply reply;
  reply.status = 400;
  reply.content_type = media_type;
  reply.text = write_json(document(first->error, 400, std::move(errors)));
  return reply;
}

}  // namespace mbflow::server
