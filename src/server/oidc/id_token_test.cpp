// Tokens signed here with the library that checks them: what a provider's key set may hold, and what becomes of a token that was touched.
#include "server/oidc/id_token.h"

#include <mbflow/json.h>

#include <cjose/cjose.h>

#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>

namespace mbflow::server {
namespace {

constexpr Timestamp now{std::chrono::seconds(1'800'000'000)};

struct Key {
  std::unique_ptr<cjose_jwk_t, decltype(&cjose_jwk_release)> jwk;

  static Key rsa(std::size_t bits) { return {{cjose_jwk_create_RSA_random(bits, nullptr, 0, nullptr), cjose_jwk_release}}; }
  static Key ec(cjose_jwk_ec_curve curve) { return {{cjose_jwk_create_EC_random(curve, nullptr), cjose_jwk_release}}; }
  static Key shared() { return {{cjose_jwk_create_oct_random(256, nullptr), cjose_jwk_release}}; }

  [[nodiscard]] Value published(std::string_view kid = "k", bool all = false) const {
    char* text = cjose_jwk_to_json(jwk.get(), all, nullptr);
    Value key = *parse_json(text);
    std::free(text);
    return key.with("kid", kid);
  }

  [[nodiscard]] std::string sign(const std::string& alg, const char* kid = "k") const {
    cjose_header_t* header = cjose_header_new(nullptr);
    cjose_header_set(header, CJOSE_HDR_ALG, alg.c_str(), nullptr);
    if (kid) cjose_header_set(header, CJOSE_HDR_KID, kid, nullptr);
    const std::string claims = R"({"iss":"https://id.example","aud":"me","sub":"42","nonce":"n","iat":1800000000,"exp":1800000300})";
    cjose_jws_t* jws = cjose_jws_sign(jwk.get(), header, reinterpret_cast<const std::uint8_t*>(claims.data()), claims.size(), nullptr);
    const char* text = nullptr;
    cjose_jws_export(jws, &text, nullptr);
    std::string token = text;
    cjose_jws_release(jws);
    cjose_header_release(header);
    return token;
  }
};

Value set_of(std::vector<Value> keys) { return Value::object({{"keys", Value::array(std::move(keys))}}); }

std::string verdict(std::string_view token, const Value& keys) {
  const auto person = check_id_token(token, keys, {"https://id.example", "me", "n", now});
  return person ? person->subject : person.error().code;
}

const Key& rsa_key() {
  static const Key key = Key::rsa(2048);
  return key;
}

}  // namespace

TEST(IdToken, is_taken_with_a_key_that_fits_and_no_other) {
  const Key &rsa = rsa_key(), other = Key::rsa(2048), small = Key::rsa(1024), ec = Key::ec(CJOSE_JWK_EC_P_256), wide = Key::ec(CJOSE_JWK_EC_P_384);
  const Value one = set_of({rsa.published()});
  EXPECT_EQ(verdict(rsa.sign("RS256"), one), "42");
  EXPECT_EQ(verdict(rsa.sign("PS256"), one), "42");
  EXPECT_EQ(verdict(ec.sign("ES256"), set_of({ec.published()})), "42");
  EXPECT_EQ(verdict(rsa.sign("RS256"), set_of({other.published("k"), ec.published("k"), rsa.published("k")})), "42") << "one of one name";
  EXPECT_EQ(verdict(rsa.sign("RS256", nullptr), set_of({other.published("a"), rsa.published("b")})), "42") << "a token that names none";
  EXPECT_EQ(verdict(rsa.sign("RS256"), set_of({other.published()})), "oidc.signature");
  EXPECT_EQ(verdict(rsa.sign("RS256"), set_of({rsa.published("another")})), "oidc.key");
  EXPECT_EQ(verdict(rsa.sign("RS256"), set_of({rsa.published().with("use", "enc")})), "oidc.key");
  EXPECT_EQ(verdict(rsa.sign("RS256"), set_of({rsa.published().with("alg", "PS256")})), "oidc.key");
  EXPECT_EQ(verdict(rsa.sign("RS256"), set_of({ec.published()})), "oidc.key");
  EXPECT_EQ(verdict(small.sign("RS256"), set_of({small.published()})), "oidc.key") << "too short to trust";
  EXPECT_EQ(verdict(ec.sign("ES256"), set_of({wide.published()})), "oidc.key");
  EXPECT_EQ(verdict(rsa.sign("RS256"), set_of({})), "oidc.key");
  EXPECT_EQ(verdict(rsa.sign("RS256"), Value()), "oidc.key");
  EXPECT_EQ(verdict(rsa.sign("RS256"), set_of({rsa.published().with("e", "")})), "oidc.signature") << "a key that is none";
}

TEST(IdToken, is_not_taken_with_another_algorithm) {
  const Key shared = Key::shared(), wide = Key::ec(CJOSE_JWK_EC_P_384);
  EXPECT_EQ(verdict(shared.sign("HS256"), set_of({shared.published("k", true)})), "oidc.algorithm");
  EXPECT_EQ(verdict(rsa_key().sign("RS512"), set_of({rsa_key().published()})), "oidc.algorithm");
  EXPECT_EQ(verdict(wide.sign("ES384"), set_of({wide.published()})), "oidc.algorithm");
  const std::string twice = "eyJhbGciOiJub25lIiwiYWxnIjoiUlMyNTYifQ";  // {"alg":"none","alg":"RS256"}
  EXPECT_EQ(verdict(twice + rsa_key().sign("RS256").substr(rsa_key().sign("RS256").find('.')), set_of({rsa_key().published()})), "oidc.token");
}

TEST(IdToken, proves_nothing_once_it_was_touched) {
  const Value keys = set_of({rsa_key().published()});
  const std::string token = rsa_key().sign("RS256");
  // The last character holds bits that stand for nothing.
  for (std::size_t at = 0; at + 1 < token.size(); ++at) {
    std::string changed = token;
    changed[at] = changed[at] == 'A' ? 'B' : 'A';
    EXPECT_NE(verdict(changed, keys), "42") << at;
    EXPECT_NE(verdict(token.substr(0, at), keys), "42") << at;
  }
  for (const char* odd : {"", ".", "..", "...", "a.b.c", "\0\0", "e30.e30.e30", "eyJhbGciOiJSUzI1NiJ9..", "eyJhbGciOiJSUzI1NiJ9"}) {
    EXPECT_NE(verdict(odd, keys), "42") << odd;
    EXPECT_TRUE(verdict(odd, keys).starts_with("oidc.")) << odd;
  }
  EXPECT_NE(verdict(token + ".", keys), "42");
  EXPECT_NE(verdict(token + "." + token, keys), "42");
}

}  // namespace mbflow::server
