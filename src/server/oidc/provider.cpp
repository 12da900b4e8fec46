#include "server/oidc/provider.h"

#include "base/hash.h"
#include "net/url.h"

#include <mbflow/json.h>

#include <algorithm>

namespace mbflow::server {
namespace {

constexpr Duration kept_for = std::chrono::hours(1);
constexpr std::chrono::seconds patience{10};
constexpr std::int64_t largest_answer = 1 << 20;

Error unreachable(std::string why) { return fail(Kind::unavailable, "oidc.unreachable", "the provider cannot be asked: " + std::move(why)); }
Error wrong_document(std::string why) { return fail(Kind::unavailable, "oidc.discovery", "the provider's discovery document is wrong: " + std::move(why)); }

bool lists(const Value& list, std::string_view name) {
  return std::ranges::any_of(list.elements(), [&](const Value& one) { return one.as_string() == name; });
}

}  // namespace

Task<Result<HttpResponse>> Provider::ask(HttpRequest request) {
  request.timeout = patience;
  request.max_redirects = 0;
  request.max_body = largest_answer;
  auto answer = co_await http_.send(std::move(request), std::stop_token());
  if (answer) co_return answer;
  if (answer.error().code != "http.egress_denied") co_return unreachable(answer.error().message);
  co_return fail(Kind::denied, "oidc.egress", "the provider has an address that is not public; start the server with --allow-egress for it: " + answer.error().message);
}

Task<Result<Value>> Provider::fetch(std::string url) {
  if (fetches_.take(url, env_.now())) co_return unreachable("it was asked too often in the last minutes; try again in half a minute");
  HttpRequest request;
  request.url = url;
  request.headers = {{"Accept", "application/json"}};
  MBF_CO_TRY(const auto answer, co_await ask(std::move(request)));
  if (answer.status != 200) co_return unreachable(url + " answered " + std::to_string(answer.status));
  auto document = parse_json(answer.body);
  if (!document || !document->is_object()) co_return unreachable(url + " answered no JSON object");
  co_return *std::move(document);
}

Result<Provider::Places> Provider::read_places(const Value& document) const {
  if (document["issuer"].as_string() != options_.issuer) {
    return wrong_document("it says \"issuer\": \"" + std::string(document["issuer"].as_string().substr(0, 200)) + "\", and the setting oidc-issuer is another");
  }
  MBF_TRY(const auto own, net::parse_url(options_.issuer));
  Places places;
  const std::pair<const char*, std::string*> wanted[] = {
      {"authorization_endpoint", &places.authorization}, {"token_endpoint", &places.token}, {"jwks_uri", &places.keys}};
  for (const auto& [name, place] : wanted) {
    const auto url = net::parse_url(document[name].as_string());
    if (!url || (url->scheme != "https" && url->scheme != own.scheme)) return wrong_document(std::string("\"") + name + "\" must be an https:// address");
    *place = url->text;
  }
  const Value& ways = document["token_endpoint_auth_methods_supported"];
  places.secret_in_body = lists(ways, "client_secret_post") && !lists(ways, "client_secret_basic");
  const Value& named = document["authorization_response_iss_parameter_supported"];
  places.names_issuer = named.is_bool() && named.as_bool();
  return places;
}

Task<Result<void>> Provider::discover() {
  if (options_.issuer.empty()) co_return fail(Kind::not_found, "oidc.off", "nobody signs in this way here: the setting oidc-issuer is empty");
  if (discovered_at_ != Timestamp{} && env_.now() - discovered_at_ < kept_for) co_return Result<void>();
  const bool slash = options_.issuer.ends_with('/');
  MBF_CO_TRY(const auto document, co_await fetch(options_.issuer + (slash ? "" : "/") + ".well-known/openid-configuration"));
  MBF_CO_TRY(places_, read_places(document));
  discovered_at_ = env_.now();
  co_return Result<void>();
}

Task<Result<void>> Provider::fetch_keys() {
  MBF_CO_TRY(keys_, co_await fetch(places_.keys));
  keys_at_ = env_.now();
  co_return Result<void>();
}

Task<Result<std::string>> Provider::authorization_url(Attempt attempt) {
  MBF_CO_CHECK(co_await discover());
  const vault::Form query = {{"response_type", "code"},
                             {"client_id", options_.client_id},
                             {"redirect_uri", options_.redirect_uri},
                             {"scope", "openid profile email"},
                             {"state", attempt.state},
                             {"nonce", attempt.nonce},
                             {"code_challenge", base64url_encode(sha256(attempt.verifier))},
                             {"code_challenge_method", "S256"}};
  co_return vault::with_query(places_.authorization, query);
}

Task<Result<Person>> Provider::redeem(Attempt attempt, std::string code, std::string issuer) {
  MBF_CO_CHECK(co_await discover());
  const bool other = issuer.empty() ? places_.names_issuer : issuer != options_.issuer;
  if (other) co_return fail(Kind::denied, "oidc.issuer", "the answer is of another issuer");
  const vault::OAuthClient client{options_.client_id, options_.secret, places_.secret_in_body};
  vault::Form form = {{"grant_type", "authorization_code"}, {"code", std::move(code)}, {"redirect_uri", options_.redirect_uri}, {"code_verifier", attempt.verifier}};
  HttpRequest request = vault::token_request(places_.token, client, std::move(form));
  MBF_CO_TRY(auto answer, co_await ask(std::move(request)));
  if (answer.status >= 500) co_return unreachable(vault::reason_of(answer));
  if (answer.status != 200) co_return fail(Kind::denied, "oidc.refused", "the provider gave no token: " + vault::reason_of(answer));
  const auto body = parse_json(answer.body);
  wipe(answer.body);
  std::string token(body ? (*body)["id_token"].as_string() : std::string_view());
  co_return co_await check(std::move(token), attempt.nonce);
}

// A key that is not known may be newer than the set: that is fetched anew, once.
Task<Result<Person>> Provider::check(std::string token, std::string nonce) {
  const bool fresh = keys_at_ == Timestamp{} || env_.now() - keys_at_ >= kept_for;
  if (fresh) MBF_CO_CHECK(co_await fetch_keys());
  Expected expected{options_.issuer, options_.client_id, nonce, env_.now()};
  auto person = check_id_token(token, keys_, expected);
  const bool again = !fresh && !person && person.error().code == "oidc.key";
  if (!again) co_return person;
  MBF_CO_CHECK(co_await fetch_keys());
  co_return check_id_token(token, keys_, expected);
}

}  // namespace mbflow::server
