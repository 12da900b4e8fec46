#include "vault/signer.h"

#include "base/hash.h"
#include "vault/origins.h"
#include "vault/sigv4.h"

#include <mbflow/json.h>

#include <algorithm>

namespace mbflow::vault {
namespace {

constexpr std::string_view cover = "[secret]";
constexpr std::size_t shortest_masked = 6;  // a shorter one would be found in innocent words

void set_header(HttpRequest& request, std::string_view name, std::string value) {
  std::erase_if(request.headers, [&](const auto& header) { return is_same_header(header.first, name); });
  request.headers.emplace_back(std::string(name), std::move(value));
}

std::string percent_encoded(std::string_view text) {
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

std::string basic_pair(const Credential& credential) {
  return base64_encode(std::string(credential.field("username")) + ":" + std::string(credential.secret("password")));
}

void add_query(HttpRequest& request, std::string_view name, std::string_view value) {
  const bool has_query = request.url.find('?') != std::string::npos;
  request.url += (has_query ? "&" : "?") + percent_encoded(name) + "=" + percent_encoded(value);
}

void add_api_key(HttpRequest& request, const Credential& credential) {
  const std::string_view header = credential.field("header");
  const std::string prefix(credential.field("prefix"));
  set_header(request, header.empty() ? "X-API-Key" : header, (prefix.empty() ? "" : prefix + " ") + std::string(credential.secret("key")));
}

Result<void> attach(HttpRequest& request, const Credential& credential, Timestamp now) {
  const std::string& type = credential.type;
  if (type == "basic") set_header(request, "Authorization", "Basic " + basic_pair(credential));
  else if (type == "bearer") set_header(request, "Authorization", "Bearer " + std::string(credential.secret("token")));
  else if (type.starts_with("oauth2_")) set_header(request, "Authorization", "Bearer " + std::string(credential.secret("access_token")));
  else if (type == "header") set_header(request, credential.field("name"), std::string(credential.secret("value")));
  else if (type == "query") add_query(request, credential.field("name"), credential.secret("value"));
  else if (type == "api_key") add_api_key(request, credential);
  else if (type == "aws_sigv4") {
    const AwsKeys keys{credential.field("access_key_id"), credential.secret("secret_access_key"), credential.secret("session_token"),
                       credential.field("region"), credential.field("service")};
    return sign_aws(request, keys, now);
  } else if (type == "tls_client") {
    request.identity = std::make_shared<const TlsIdentity>(std::string(credential.field("certificate")), Secret(credential.secret("private_key")));
  } else {
    return fail(Kind::invalid, "credential.type", "a credential of type '" + type + "' does not go along with HTTP requests; choose another");
  }
  return {};
}

class Signer final : public HttpSigner {
 public:
  Signer(Credential credential, std::vector<std::string> origins, Env& env)
      : credential_(std::move(credential)), origins_(std::move(origins)), env_(env) {}

  // Where the server sends us on to another place the credential stays behind; where the workflow goes astray it is told so.
  Result<void> sign(HttpRequest& request, bool redirected) const override {
    if (is_within(request.url, origins_)) return attach(request, credential_, env_.now());
    if (redirected) return {};
    return fail(Kind::denied, "credential.origin", "this credential may not go to that address; add its origin to the credential if it is meant for it");
  }

 private:
  Credential credential_;
  std::vector<std::string> origins_;
  Env& env_;
};

std::vector<std::string> writings(const Credential& credential) {
  std::vector<std::string> forms;
  const auto add = [&](std::string form) {
    if (form.size() >= shortest_masked) forms.push_back(std::move(form));
  };
  for (const auto& [name, secret] : credential.secrets) {
    const std::string plain(secret.reveal());
    if (plain.size() < shortest_masked) continue;
    const std::string json = write_json(Value(plain));
    add(plain);
    add(json.substr(1, json.size() - 2));
    add(base64_encode(plain));
    add(base64url_encode(plain));
    add(to_hex(plain));
    add(percent_encoded(plain));
  }
  if (credential.type == "basic") add(basic_pair(credential));
  // The longest first: a plain text may be the beginning of another form of it.
  std::ranges::sort(forms, std::greater(), &std::string::size);
  const auto same = std::ranges::unique(forms);
  forms.erase(same.begin(), same.end());
  return forms;
}

void cover_all(std::string& text, const std::vector<std::string>& forms) {
  for (const auto& form : forms) {
    for (auto at = text.find(form); at != std::string::npos; at = text.find(form, at + cover.size())) text.replace(at, form.size(), cover);
  }
}

}  // namespace

Result<std::shared_ptr<const HttpSigner>> make_signer(Credential credential, std::vector<std::string> origins, Env& env) {
  HttpRequest probe;
  probe.url = "https://example.com/";
  MBF_CHECK(attach(probe, credential, env.now()));
  return std::shared_ptr<const HttpSigner>(std::make_shared<Signer>(std::move(credential), std::move(origins), env));
}

void mask(HttpResponse& answer, const Credential& credential) {
  auto forms = writings(credential);
  cover_all(answer.body, forms);
  for (auto& [name, value] : answer.headers) cover_all(value, forms);
  cover_all(answer.url, forms);
  for (auto& form : forms) wipe(form);
}

std::string masked(std::string text, const Credential& credential) {
  auto forms = writings(credential);
  cover_all(text, forms);
  for (auto& form : forms) wipe(form);
  return text;
}

}  // namespace mbflow::vault
