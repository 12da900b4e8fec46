// Credentials: what may be saved, how one is found and opened, how it goes along with a request.
#include "vault/origins.h"
#include "vault/signer.h"
#include "vault/types.h"
#include "vault/vault.h"

#include <algorithm>

namespace mbflow::vault {
namespace {

constexpr std::size_t longest_name = 200;
constexpr std::size_t longest_field = 65'536;
constexpr std::size_t most_origins = 50;

Error invalid(std::string_view code, std::string message, std::string at) {
  return fail(Kind::invalid, code, std::move(message)).with_at(std::move(at));
}

Error unknown(std::string_view reference) {
  return fail(Kind::invalid, "credential.unknown",
              "there is no credential '" + std::string(reference.substr(0, 200)) + "'; make it, or choose another");
}

std::vector<std::string> origins_of(const Value& open) {
  std::vector<std::string> origins;
  for (const Value& origin : open["origins"].elements()) origins.emplace_back(origin.as_string());
  return origins;
}

Credential credential_of(const store::Entry& entry, const Secrets& secrets) {
  Credential credential;
  credential.type = entry.open["type"].as_string();
  for (const auto& [name, value] : entry.open["fields"].members()) credential.fields.emplace(name.as_string(), value.as_string());
  credential.secrets = secrets;
  return credential;
}

Result<Value> read_origins(const Value& given, const CredentialType& type) {
  if (!type.http) return Value::array();
  const bool good = given.is_array() && given.size() > 0 && given.size() <= most_origins;
  if (!good) {
    return invalid("credential.origins", "say where it may go: \"origins\" is a list such as [\"https://api.example.com\"], of 1 to 50", "/origins");
  }
  std::vector<Value> origins;
  for (std::size_t i = 0; i < given.size(); ++i) {
    auto origin = parse_origin(given[i].as_string());
    if (!origin) return std::move(origin).error().with_at("/origins/" + std::to_string(i));
    origins.emplace_back(*origin);
  }
  return Value::array(std::move(origins));
}

// Line breaks and the like in a field that becomes part of a header would write a header of their own.
Result<void> check_text(const CredentialType& type, std::string_view name, const Value& value) {
  const std::string at = "/fields/" + std::string(name);
  if (!value.is_string()) return invalid("credential.field", "a field of a credential is a text", at);
  if (value.as_string().size() > longest_field) return invalid("credential.field", "a field of a credential has at most 64 KiB", at);
  const bool control = std::ranges::any_of(value.as_string(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
  if (control && !type.is_long(name)) return invalid("credential.field", "take the line breaks and other control characters out", at);
  return {};
}

struct Fields {
  Value open;
  Secrets secrets;   // those given now
  Value to_check;    // all of them, with stand-ins for what stays as it was
};

Result<Fields> read_fields(const CredentialType& type, const Value& given, const Secrets& kept) {
  if (!given.is_object()) return invalid("credential.field", "\"fields\" is an object", "/fields");
  Fields fields;
  ObjectBuilder open, whole;
  for (const auto& [key, value] : given.members()) {
    const std::string_view name = key.as_string();
    MBF_CHECK(check_text(type, name, value));
    if (!type.is_secret(name)) open.set(name, value);
    else if (!value.as_string().empty()) fields.secrets.insert_or_assign(std::string(name), Secret(value.as_string()));
    if (!type.is_secret(name) || !value.as_string().empty()) whole.set(name, value);
  }
  for (const auto& [name, secret] : kept) {
    if (type.is_secret(name) && !whole.find(name)) whole.set(name, "kept");
  }
  fields.open = open.build();
  fields.to_check = whole.build();
  for (const auto& fault : type.schema.check(fields.to_check)) return invalid("credential.field", fault.message, "/fields" + fault.at);
  return fields;
}

bool goes_elsewhere(const store::Entry& before, const store::Entry& after) {
  return before.open["fields"] != after.open["fields"] || !is_subset(origins_of(after.open), origins_of(before.open));
}

// Whoever may change a credential could else send its secret to a place of their own. Tokens that it was given are dropped instead.
Result<void> check_given_again(const CredentialType& type, const Secrets& kept, const Secrets& given) {
  const bool again = std::ranges::all_of(kept, [&](const auto& one) { return given.contains(one.first) || !type.is_secret(one.first); });
  if (again) return {};
  return invalid("credential.secrets_again", "where it goes has changed: enter its secrets again with the change", "/fields");
}

Value list_of(const CredentialType& type, const Secrets& secrets) {
  std::vector<Value> set;
  for (const auto& [name, secret] : secrets)
    if (type.is_secret(name)) set.emplace_back(name);
  return Value::array(std::move(set));
}

}  // namespace

Task<Result<store::Entry>> Vault::save_credential(TenantId tenant, std::optional<EntryId> id, Value body, std::optional<int> expected) {
  store::Entry before;
  Secrets secrets;
  if (id) {
    MBF_CO_TRY(Opened opened, co_await open_credential(tenant, id->to_string()));
    before = std::move(opened.entry);
    secrets = std::move(opened.secrets);
  }
  const std::string_view name = body["name"].as_string();
  if (name.empty() || name.size() > longest_name) co_return invalid("credential.name", "give it a name of at most 200 bytes", "/name");
  const CredentialType* type = find_credential_type(body["type"].as_string());
  if (type == nullptr) co_return invalid("credential.type", "there is no such type; see GET /api/v1/credential-types", "/type");
  if (id && before.open["type"] != body["type"]) co_return invalid("credential.type", "a credential keeps its type; make another one", "/type");
  MBF_CO_TRY(Fields fields, read_fields(*type, body["fields"], secrets));
  MBF_CO_TRY(Value origins, read_origins(body["origins"], *type));
  store::Entry entry = before;
  entry.tenant = tenant;
  if (!id) entry.id = EntryId::make(env_);
  entry.kind = "credential";
  entry.name = name;
  entry.open = Value::object({{"type", type->name}, {"fields", fields.open}, {"origins", origins}});
  const bool elsewhere = id && goes_elsewhere(before, entry);
  if (elsewhere) MBF_CO_CHECK(check_given_again(*type, secrets, fields.secrets));
  // A token belongs to the fields it was got with and the origins it was got for.
  const bool renewed = elsewhere || !fields.secrets.empty();
  if (renewed) std::erase_if(secrets, [&](const auto& one) { return !type->is_secret(one.first); });
  for (auto& [field, secret] : fields.secrets) secrets.insert_or_assign(field, std::move(secret));
  entry.open = entry.open.with("set", list_of(*type, secrets));
  if (!renewed && before.open.find("token")) entry.open = entry.open.with("token", before.open["token"]);
  MBF_CO_CHECK(seal(keys_, env_, entry, secrets));
  if (id && !expected) expected = before.version;  // what was kept is of that version
  co_return co_await store_.save_entry(std::move(entry), expected);
}

Task<Result<store::Entry>> Vault::credential_entry(TenantId tenant, std::string reference) {
  if (const auto id = EntryId::parse(reference)) {
    auto entry = co_await store_.entry(tenant, *id);
    if (entry && entry->kind == "credential") co_return entry;
    if (!entry && entry.error().code != "store.not_found") co_return entry;
  }
  MBF_CO_TRY(auto entries, co_await store_.entries(tenant, "credential"));
  for (auto& entry : entries)
    if (entry.name == reference) co_return std::move(entry);
  co_return unknown(reference);
}

Task<Result<Vault::Opened>> Vault::open_credential(TenantId tenant, std::string reference) {
  Opened opened;
  MBF_CO_TRY(opened.entry, co_await credential_entry(tenant, std::move(reference)));
  MBF_CO_TRY(opened.secrets, open(keys_, opened.entry));
  co_return opened;
}

Task<Result<Credential>> Vault::credential(TenantId tenant, std::string reference, std::string type) {
  MBF_CO_TRY(const Opened opened, co_await open_credential(tenant, reference));
  Credential credential = credential_of(opened.entry, opened.secrets);
  if (!type.empty() && credential.type != type) {
    co_return fail(Kind::invalid, "credential.type", "the credential '" + opened.entry.name + "' is of type " + credential.type + ", not " + type + "; choose another");
  }
  co_return credential;
}

Task<Result<HttpResponse>> Vault::send(TenantId tenant, HttpRequest request, std::stop_token stop) {
  MBF_CO_TRY(Opened opened, co_await open_credential(tenant, request.credential));
  // Before anything else: a request that goes astray must not cost a token either.
  if (!is_within(request.url, origins_of(opened.entry.open))) {
    const bool http = !origins_of(opened.entry.open).empty();
    if (!http) co_return fail(Kind::invalid, "credential.type", "the credential '" + opened.entry.name + "' is not for HTTP requests; choose another");
    co_return fail(Kind::denied, "credential.origin",
                   "the credential '" + opened.entry.name + "' may not go to that address; add its origin to the credential if it is meant for it");
  }
  MBF_CO_TRY(opened, co_await with_token(std::move(opened), std::string()));
  for (int attempt = 1;; ++attempt) {
    const Credential credential = credential_of(opened.entry, opened.secrets);
    HttpRequest signed_request = request;
    MBF_CO_TRY(signed_request.signer, make_signer(credential, origins_of(opened.entry.open), env_));
    auto answer = co_await http_.send(std::move(signed_request), stop);
    if (!answer) {
      answer.error().message = masked(std::move(answer.error().message), credential);
      co_return answer;
    }
    // The server knows better than the clock whether the token is still good.
    const bool stale = answer->status == 401 && attempt == 1 && credential.type.starts_with("oauth2_");
    if (!stale) {
      mask(*answer, credential);
      co_return answer;
    }
    auto renewed = co_await with_token(opened, std::string(credential.secret("access_token")));
    if (!renewed) {
      mask(*answer, credential);
      co_return answer;
    }
    opened = *std::move(renewed);
  }
}

Task<Result<Trial>> Vault::try_credential(TenantId tenant, EntryId id, std::string url) {
  MBF_CO_TRY(Opened opened, co_await open_credential(tenant, id.to_string()));
  Trial trial;
  if (url.empty()) {
    if (!opened.entry.open["type"].as_string().starts_with("oauth2_")) {
      co_return invalid("credential.test", "say what to fetch with it: \"url\" is an address of one of its origins", "/url");
    }
    auto token = co_await with_token(std::move(opened), std::string());
    trial.ok = token.ok();
    trial.message = token ? "a token was given" : token.error().message;
    co_return trial;
  }
  HttpRequest request;
  request.url = std::move(url);
  request.credential = id.to_string();
  request.max_body = 1 << 20;
  auto answer = co_await send(tenant, std::move(request), std::stop_token());
  if (!answer && answer.error().kind == Kind::invalid) co_return std::move(answer).error();
  trial.ok = answer.ok() && answer->status < 400;
  trial.status = answer ? answer->status : 0;
  trial.message = answer ? "the server answered " + std::to_string(answer->status) : answer.error().message;
  co_return trial;
}

}  // namespace mbflow::vault
