#include "server/oidc/id_token.h"

#include "base/hash.h"

#include <mbflow/json.h>

#include <cjose/cjose.h>

#include <algorithm>
#include <array>
#include <memory>

namespace mbflow::server {
namespace {

constexpr double skew = 60;           // seconds that the clocks may differ
constexpr double longest_way = 600;   // seconds from the making of a token to us: as long as a sign-in may take
constexpr std::size_t longest_token = 64 << 10;
constexpr std::size_t longest_subject = 255;  // OpenID Connect Core §2

using Jws = std::unique_ptr<cjose_jws_t, decltype(&cjose_jws_release)>;
using Jwk = std::unique_ptr<cjose_jwk_t, decltype(&cjose_jwk_release)>;

// Public keys alone: with a shared secret whoever can check could sign.
struct Algorithm {
  std::string_view name, key_type, curve;
};
constexpr std::array<Algorithm, 3> algorithms = {{{"RS256", "RSA", ""}, {"PS256", "RSA", ""}, {"ES256", "EC", "P-256"}}};

Error refused(std::string_view code, std::string message) { return fail(Kind::denied, code, std::move(message)); }
Error malformed() { return refused("oidc.token", "the provider's ID token cannot be read"); }

Result<Value> read_part(std::string_view text) {
  JsonOptions strict;
  strict.reject_duplicate_keys = true;
  auto part = parse_json(text, strict);
  if (!part || !part->is_object()) return malformed();
  return *std::move(part);
}

Result<Value> read_header(std::string_view token) {
  const auto text = base64_decode(token.substr(0, token.find('.')));
  if (token.size() > longest_token || !text) return malformed();
  MBF_TRY(auto header, read_part(*text));
  if (header.find("crit")) return malformed();  // something must be understood that is not (RFC 7515 §4.1.11)
  return header;
}

// From 2048 bits on: less can be broken; and not so long that checking takes long.
bool is_good_modulus(std::string_view coded) {
  const auto bytes = base64_decode(coded);
  return bytes && bytes->size() >= 256 && bytes->size() <= 1025;
}

bool fits(const Value& key, const Algorithm& algorithm, const Value& header) {
  const Value *kid = header.find("kid"), *use = key.find("use"), *alg = key.find("alg");
  if (kid && key["kid"].as_string() != kid->as_string()) return false;
  if (use && use->as_string() != "sig") return false;
  if (alg && alg->as_string() != algorithm.name) return false;
  if (key["kty"].as_string() != algorithm.key_type) return false;
  return algorithm.curve.empty() ? is_good_modulus(key["n"].as_string()) : key["crv"].as_string() == algorithm.curve;
}

// Only what makes the public key: whatever else stands in it is not for the library.
Jwk import_key(const Value& key) {
  ObjectBuilder bare;
  for (const char* member : {"kty", "crv", "x", "y", "n", "e"}) {
    if (const Value* value = key.find(member)) bare.set(member, *value);
  }
  const std::string text = write_json(bare.build());
  return {cjose_jwk_import(text.data(), text.size(), nullptr), cjose_jwk_release};
}

// What was signed, once the signature is proved right.
Result<Value> verified(std::string_view token, const Value& keys, const Value& header, const Algorithm& algorithm) {
  bool any = false;
  for (const auto& key : keys["keys"].elements()) {
    if (!fits(key, algorithm, header)) continue;
    any = true;
    const Jwk jwk = import_key(key);
    const Jws jws(cjose_jws_import(token.data(), token.size(), nullptr), cjose_jws_release);
    if (!jwk || !jws) continue;
    // The library reads the header anew, and follows it: it must have read the same.
    const char* read = cjose_header_get(cjose_jws_get_protected(jws.get()), CJOSE_HDR_ALG, nullptr);
    if (!read || read != algorithm.name || !cjose_jws_verify(jws.get(), jwk.get(), nullptr)) continue;
    std::uint8_t* bytes = nullptr;
    std::size_t size = 0;
    if (!cjose_jws_get_plaintext(jws.get(), &bytes, &size, nullptr)) return malformed();
    return read_part({reinterpret_cast<const char*>(bytes), size});
  }
  if (!any) return refused("oidc.key", "the provider publishes no key that the ID token could be signed with");
  return refused("oidc.signature", "the signature of the ID token is wrong");
}

bool is_for(const Value& claims, std::string_view client_id) {
  const Value& audience = claims["aud"];
  const Value* party = claims.find("azp");
  if (party && party->as_string() != client_id) return false;
  if (!audience.is_array()) return audience.is_string() && audience.as_string() == client_id;
  const auto elements = audience.elements();
  const bool named = std::ranges::any_of(elements, [&](const Value& one) { return one.as_string() == client_id; });
  return named && (elements.size() == 1 || party);
}

double seconds(Timestamp at) { return std::chrono::duration<double>(at.time_since_epoch()).count(); }

Result<void> check_times(const Value& claims, double now) {
  if (!claims["exp"].is_number() || !claims["iat"].is_number()) return malformed();
  if (claims["exp"].as_number() + skew <= now) return refused("oidc.expired", "the ID token has expired; sign in again");
  const double made = claims["iat"].as_number();
  const bool early = made - skew > now || claims["nbf"].as_number() - skew > now;
  if (early || made + longest_way + skew < now) return refused("oidc.clock", "by the clock of the provider the ID token was not made just now");
  return {};
}

// A login names a user to other people: nobody gets one that says they are who they are not.
std::string login_of(const Value& claims, const std::string& subject) {
  const auto plain = [](std::string_view text) { return !text.empty() && std::ranges::none_of(text, [](unsigned char c) { return c <= ' ' || c == 0x7f; }); };
  const auto mail = claims["email"].as_string(), name = claims["preferred_username"].as_string();
  if (plain(mail) && claims["email_verified"].is_bool() && claims["email_verified"].as_bool()) return std::string(mail);
  if (plain(name) && name.find('@') == std::string_view::npos) return std::string(name);
  return subject;
}

}  // namespace

Result<Person> check_id_token(std::string_view token, const Value& keys, const Expected& expected) {
  MBF_TRY(const Value header, read_header(token));
  const auto algorithm = std::ranges::find(algorithms, header["alg"].as_string(), &Algorithm::name);
  if (algorithm == algorithms.end()) return refused("oidc.algorithm", "the ID token is not signed with RS256, PS256 or ES256");
  MBF_TRY(const Value claims, verified(token, keys, header, *algorithm));
  if (claims["iss"].as_string() != expected.issuer) return refused("oidc.issuer", "the ID token is of another issuer");
  if (!is_for(claims, expected.client_id)) return refused("oidc.audience", "the ID token is not for this client");
  MBF_CHECK(check_times(claims, seconds(expected.now)));
  const auto nonce = claims["nonce"].as_string();
  if (expected.nonce.empty() || !equal_constant_time(expected.nonce, nonce)) return refused("oidc.nonce", "the ID token is of another sign-in");
  Person person;
  person.subject = claims["sub"].as_string();
  const bool plain = std::ranges::none_of(person.subject, [](unsigned char c) { return c < ' ' || c == 0x7f; });
  if (person.subject.empty() || person.subject.size() > longest_subject || !plain) return malformed();
  person.login = login_of(claims, person.subject);
  person.name = claims["name"].as_string().empty() ? person.login : std::string(claims["name"].as_string());
  return person;
}

}  // namespace mbflow::server
