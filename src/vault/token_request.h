// A call of an OAuth 2.0 token address (RFC 6749 §4.1.3, §4.4.2, §6), for a credential and for a person's sign-in. Pure.
#pragma once

#include <mbflow/http.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mbflow::vault {

using Form = std::vector<std::pair<std::string, std::string>>;

// application/x-www-form-urlencoded; what has no value is left out.
[[nodiscard]] std::string form_text(const Form& form);
// An address with that as its query, or as more of it.
[[nodiscard]] std::string with_query(const std::string& url, const Form& query);

struct OAuthClient {
  std::string id;
  Secret secret;         // empty: a public client
  bool in_body = false;  // the secret goes in the body, else by HTTP Basic
};

[[nodiscard]] HttpRequest token_request(std::string url, const OAuthClient& client, Form form);
// Of an error answer only its code is told (RFC 6749 §5.2): the rest is the server's, and may repeat what was sent.
[[nodiscard]] std::string reason_of(const HttpResponse& answer);

}  // namespace mbflow::vault
