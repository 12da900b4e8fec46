#include "vault/token_request.h"

#include "base/hash.h"

#include <mbflow/json.h>

namespace mbflow::vault {
namespace {

std::string encoded(std::string_view text) {
  constexpr char hex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' || c == '~';
    if (plain) {
      out += c;
      continue;
    }
    out += '%';
    out += hex[static_cast<unsigned char>(c) >> 4];
    out += hex[static_cast<unsigned char>(c) & 15];
  }
  return out;
}

}  // namespace

std::string form_text(const Form& form) {
  std::string out;
  for (const auto& [name, value] : form) {
    if (value.empty()) continue;
    out += (out.empty() ? "" : "&") + name + "=" + encoded(value);
  }
  return out;
}

std::string with_query(const std::string& url, const Form& query) { return url + (url.find('?') == std::string::npos ? "?" : "&") + form_text(query); }

// Client id and secret by HTTP Basic, each form-encoded first (RFC 6749 §2.3.1), or in the body.
HttpRequest token_request(std::string url, const OAuthClient& client, Form form) {
  HttpRequest request;
  request.method = "POST";
  request.url = std::move(url);
  request.max_redirects = 0;
  request.max_body = 1 << 20;
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}, {"Accept", "application/json"}};
  const std::string secret(client.secret.reveal());
  if (!secret.empty() && !client.in_body) {
    request.headers.emplace_back("Authorization", "Basic " + base64_encode(encoded(client.id) + ":" + encoded(secret)));
  } else {
    form.emplace_back("client_id", client.id);
    form.emplace_back("client_secret", secret);
  }
  request.body = form_text(form);
  return request;
}

std::string reason_of(const HttpResponse& answer) {
  auto body = parse_json(answer.body);
  std::string code(body ? (*body)["error"].as_string().substr(0, 60) : std::string_view());
  std::erase_if(code, [](char c) { return !((c >= 'a' && c <= 'z') || c == '_'); });
  return "the server answered " + std::to_string(answer.status) + (code.empty() ? "" : " " + code);
}

}  // namespace mbflow::vault
