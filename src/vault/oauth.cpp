// OAuth 2.0 tokens: got, kept sealed, renewed once at a time.
#include "base/hash.h"
#include "vault/signer.h"
#include "vault/vault.h"

#include <mbflow/json.h>

#include <algorithm>
#include <array>

namespace mbflow::vault {
namespace {

constexpr Duration before_end = std::chrono::seconds(30);  // renewed so long before it ends: it must outlive the request
constexpr Duration state_life = std::chrono::minutes(10);
constexpr std::string_view state_purpose = "oauth2 state";
using Form = std::vector<std::pair<std::string, std::string>>;

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

std::string written(const Form& form) {
  std::string out;
  for (const auto& [name, value] : form) {
    if (value.empty()) continue;
    out += (out.empty() ? "" : "&") + name + "=" + encoded(value);
  }
  return out;
}

std::string field(const store::Entry& entry, std::string_view name) { return std::string(entry.open["fields"][name].as_string()); }

std::string secret(const Secrets& secrets, std::string_view name) {
  const auto found = secrets.find(name);
  return found == secrets.end() ? std::string() : std::string(found->second.reveal());
}

// Client id and secret by HTTP Basic, each form-encoded first (RFC 6749 §2.3.1), or in the body.
HttpRequest token_request(const store::Entry& entry, const Secrets& secrets, Form form) {
  HttpRequest request;
  request.method = "POST";
  request.url = field(entry, "token_url");
  request.max_redirects = 0;
  request.max_body = 1 << 20;
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}, {"Accept", "application/json"}};
  const std::string key = secret(secrets, "client_secret");
  const bool in_header = !key.empty() && field(entry, "client_auth") != "body";
  if (in_header) {
    request.headers.emplace_back("Authorization", "Basic " + base64_encode(encoded(field(entry, "client_id")) + ":" + encoded(key)));
  } else {
    form.emplace_back("client_id", field(entry, "client_id"));
    form.emplace_back("client_secret", key);
  }
  request.body = written(form);
  return request;
}

Error refused(const store::Entry& entry, const std::string& why) {
  return fail(Kind::invalid, "credential.refused", "no token was given for the credential '" + entry.name + "': " + why);
}

// Of an error answer only its code is told (RFC 6749 §5.2): the rest is the server's, and may repeat what was sent.
std::string reason_of(const HttpResponse& answer) {
  auto body = parse_json(answer.body);
  std::string code(body ? (*body)["error"].as_string().substr(0, 60) : std::string_view());
  std::erase_if(code, [](char c) { return !((c >= 'a' && c <= 'z') || c == '_'); });
  return "the server answered " + std::to_string(answer.status) + (code.empty() ? "" : " " + code);
}

}  // namespace

Task<Vault::Refreshed> Vault::with_token(Opened opened, std::string rejected) {
  if (!opened.entry.open["type"].as_string().starts_with("oauth2_")) co_return opened;
  const std::string token = secret(opened.secrets, "access_token");
  const auto ends = parse_timestamp(opened.entry.open["token"]["expires_at"].as_string());
  const bool good = !token.empty() && token != rejected && (!ends || *ends - before_end > env_.now());
  if (good) co_return opened;
  const TenantId tenant = opened.entry.tenant;
  const EntryId id = opened.entry.id;
  std::optional<OneShot<Result<void>>> other;
  {
    const std::lock_guard lock(mutex_);
    const auto [place, first] = refreshing_.try_emplace(id);
    if (!first) {
      other.emplace(*options_.current_loop());
      place->second.push_back(other->setter());
    }
  }
  if (other) {
    auto outcome = co_await other->wait();
    if (!outcome) co_return std::move(outcome).error();
    co_return co_await open_credential(tenant, id.to_string());
  }
  // It may have been renewed between the reading and the turn.
  auto renewed = co_await open_credential(tenant, id.to_string());
  const bool newer = renewed && secret(renewed->secrets, "access_token") != token && !secret(renewed->secrets, "access_token").empty();
  if (renewed && !newer) renewed = co_await refresh(*std::move(renewed));
  std::vector<OneShot<Result<void>>::Setter> waiting;
  {
    const std::lock_guard lock(mutex_);
    waiting = std::move(refreshing_[id]);
    refreshing_.erase(id);
  }
  for (const auto& one : waiting) one.set(renewed ? Result<void>() : Result<void>(renewed.error()));
  co_return renewed;
}

Task<Vault::Refreshed> Vault::refresh(Opened opened) {
  Form form;
  if (opened.entry.open["type"].as_string() == "oauth2_client_credentials") {
    form = {{"grant_type", "client_credentials"}, {"scope", field(opened.entry, "scope")}, {"audience", field(opened.entry, "audience")}};
    co_return co_await ask_token(std::move(opened), std::move(form));
  }
  const std::string token = secret(opened.secrets, "refresh_token");
  if (token.empty()) {
    co_return refused(opened.entry, "nobody has agreed to it yet, or the consent has ended; connect it again on the page Credentials");
  }
  form = {{"grant_type", "refresh_token"}, {"refresh_token", token}};
  const TenantId tenant = opened.entry.tenant;
  const std::string id = opened.entry.id.to_string();
  auto renewed = co_await ask_token(std::move(opened), std::move(form));
  if (renewed) co_return renewed;
  // A refresh token may be good for once only: perhaps another process has used it, and saved what it got.
  auto now = co_await open_credential(tenant, id);
  if (now && secret(now->secrets, "refresh_token") != token) co_return now;
  co_return renewed;
}

Task<Vault::Refreshed> Vault::ask_token(Opened opened, Form form) {
  HttpRequest request = token_request(opened.entry, opened.secrets, std::move(form));
  auto answer = co_await http_.send(std::move(request), std::stop_token());
  if (!answer) co_return std::move(answer).error();
  if (answer->status != 200) {
    Error error = refused(opened.entry, reason_of(*answer));
    if (answer->status >= 500 || answer->status == 429) error.kind = Kind::unavailable;
    co_return error;
  }
  auto body = parse_json(answer->body);
  wipe(answer->body);
  const bool good = body && !(*body)["access_token"].as_string().empty();
  if (!good) co_return refused(opened.entry, "the answer of the token address holds none");
  co_return co_await keep_token(std::move(opened), *std::move(body));
}

// Saved before it is used: a refresh token that was given for the old one must not be lost.
Task<Vault::Refreshed> Vault::keep_token(Opened opened, Value answer) {
  opened.secrets.insert_or_assign("access_token", Secret(answer["access_token"].as_string()));
  const std::string_view renewal = answer["refresh_token"].as_string();
  if (!renewal.empty()) opened.secrets.insert_or_assign("refresh_token", Secret(renewal));
  Value token = Value::object({{"obtained_at", format_timestamp(env_.now())}});
  const Value& life = answer["expires_in"];
  constexpr double longest = 10.0 * 365 * 24 * 3600;
  const double seconds = std::clamp(life.is_string() ? std::atof(std::string(life.as_string()).c_str()) : life.as_number(), 0.0, longest);
  if (seconds > 0) token = token.with("expires_at", format_timestamp(env_.now() + std::chrono::seconds(static_cast<long>(seconds))));
  opened.entry.open = opened.entry.open.with("token", token);
  MBF_CO_CHECK(seal(keys_, env_, opened.entry, opened.secrets));
  auto saved = co_await store_.save_entry(opened.entry, opened.entry.version);
  if (!saved && saved.error().code == "store.conflict") {
    co_return co_await open_credential(opened.entry.tenant, opened.entry.id.to_string());  // somebody changed it meanwhile
  }
  if (!saved) co_return std::move(saved).error();
  opened.entry = *std::move(saved);
  co_return opened;
}

Task<Result<std::string>> Vault::begin_authorization(TenantId tenant, EntryId id, std::string caller, std::string redirect_uri) {
  MBF_CO_TRY(const Opened opened, co_await open_credential(tenant, id.to_string()));
  if (opened.entry.open["type"].as_string() != "oauth2_authorization_code") {
    co_return fail(Kind::invalid, "credential.type", "only an OAuth 2.0 credential with a person's consent is connected this way");
  }
  std::array<std::uint8_t, 32> random{};
  env_.random(random);
  const std::string verifier = base64url_encode({reinterpret_cast<const char*>(random.data()), random.size()});
  std::string note = write_json(Value::object({{"tenant", tenant.to_string()},
                                               {"id", id.to_string()},
                                               {"caller", caller},
                                               {"redirect_uri", redirect_uri},
                                               {"verifier", verifier},
                                               {"until", format_timestamp(env_.now() + state_life)}}));
  MBF_CO_TRY(const std::string state, seal_text(keys_, env_, note, state_purpose));
  wipe(note);
  const Form query = {{"response_type", "code"},        {"client_id", field(opened.entry, "client_id")},
                      {"redirect_uri", redirect_uri},   {"scope", field(opened.entry, "scope")},
                      {"state", state},                 {"code_challenge", base64url_encode(sha256(verifier))},
                      {"code_challenge_method", "S256"}};
  const std::string url = field(opened.entry, "authorization_url");
  co_return url + (url.find('?') == std::string::npos ? "?" : "&") + written(query);
}

Task<Result<store::Entry>> Vault::finish_authorization(TenantId tenant, std::string caller, std::string state, std::string code) {
  const Error wrong = fail(Kind::denied, "credential.state", "this consent was not asked for here and now; begin anew");
  auto note = open_text(keys_, state, state_purpose);
  if (!note) co_return wrong;
  auto asked = parse_json(note->reveal());
  if (!asked) co_return wrong;
  const auto until = parse_timestamp((*asked)["until"].as_string());
  const bool own = (*asked)["tenant"].as_string() == tenant.to_string() && (*asked)["caller"].as_string() == caller;
  if (!own || !until || *until < env_.now()) co_return wrong;
  MBF_CO_TRY(Opened opened, co_await open_credential(tenant, std::string((*asked)["id"].as_string())));
  Form form = {{"grant_type", "authorization_code"},
               {"code", std::move(code)},
               {"redirect_uri", std::string((*asked)["redirect_uri"].as_string())},
               {"code_verifier", std::string((*asked)["verifier"].as_string())}};
  MBF_CO_TRY(opened, co_await ask_token(std::move(opened), std::move(form)));
  co_return std::move(opened.entry);
}

}  // namespace mbflow::vault
