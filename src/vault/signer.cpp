#include "vault/signer.h"

#include "base/hash.h"
#include "vault/origins.h"
#include "vault/sigv4.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <optional>

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

// A workflow chooses its proxy and may switch the check of certificates off: whoever edits it must not read the secret on the way.
Result<void> check_way(const HttpRequest& request) {
  const bool tls = request.url.starts_with("https://");
  const bool safe = tls ? request.verify_tls : request.proxy.empty();
  if (safe) return {};
  return fail(Kind::denied, "credential.exposed",
              tls ? "with a credential the server's certificate is checked: set verify_tls to true"
                  : "a credential does not go through a proxy in plain text: use https://, or no proxy");
}

class Signer final : public HttpSigner {
 public:
  Signer(Credential credential, std::vector<std::string> origins, Env& env)
      : credential_(std::move(credential)), origins_(std::move(origins)), env_(env) {}

  // Where the server sends us on to another place the credential stays behind; where the workflow goes astray it is told so.
  Result<void> sign(HttpRequest& request, bool redirected) const override {
    const bool own = is_within(request.url, origins_);
    if (!own && redirected) return {};
    if (own) {
      MBF_CHECK(check_way(request));
      return attach(request, credential_, env_.now());
    }
    return fail(Kind::denied, "credential.origin", "this credential may not go to that address; add its origin to the credential if it is meant for it");
  }

 private:
  Credential credential_;
  std::vector<std::string> origins_;
  Env& env_;
};

std::string upper(std::string text) {
  for (char& c : text)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  return text;
}

// The number that so many hexadecimal digits say from `at` on.
std::optional<std::uint32_t> hex_number(std::string_view text, std::size_t at, std::size_t digits) {
  if (at + digits > text.size()) return std::nullopt;
  std::uint32_t number = 0;
  const char* end = text.data() + at + digits;
  const auto read = std::from_chars(text.data() + at, end, number, 16);
  if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
  return number;
}

std::string utf8(std::uint32_t point) {
  if (point < 0x80) return {static_cast<char>(point)};
  std::string out;
  const int more = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
  constexpr std::uint32_t lead[] = {0, 0xC0, 0xE0, 0xF0};
  out += static_cast<char>(lead[more] | (point >> (6 * more)));
  for (int i = more - 1; i >= 0; --i) out += static_cast<char>(0x80 | ((point >> (6 * i)) & 0x3F));
  return out;
}

struct Escaped {
  std::string means;
  std::size_t length = 0;  // 0: nothing is escaped there
};

Escaped json_escape(std::string_view text, std::size_t at) {
  if (at + 1 >= text.size()) return {};
  constexpr std::string_view written = "\"\\/bfnrt";
  constexpr std::string_view meant = "\"\\/\b\f\n\r\t";
  const auto place = written.find(text[at + 1]);
  if (place != std::string_view::npos) return {std::string(1, meant[place]), 2};
  const auto unit = text[at + 1] == 'u' ? hex_number(text, at + 2, 4) : std::nullopt;
  if (!unit) return {};
  const bool high = *unit >= 0xD800 && *unit < 0xDC00 && text.substr(at + 6).starts_with("\\u");
  const auto low = high ? hex_number(text, at + 8, 4) : std::nullopt;
  if (!low) return {utf8(*unit), 6};
  return {utf8(0x10000 + ((*unit & 0x3FF) << 10) + (*low & 0x3FF)), 12};
}

Escaped escape_at(std::string_view text, std::size_t at) {
  if (at >= text.size()) return {};
  if (text[at] == '\\') return json_escape(text, at);
  if (text[at] == '+') return {" ", 1};
  const auto byte = text[at] == '%' ? hex_number(text, at + 1, 2) : std::nullopt;
  return byte ? Escaped{std::string(1, static_cast<char>(*byte)), 3} : Escaped{};
}

// Where the secret ends that begins at `at`, each of its characters as it is or as JSON or an address may write it; npos: none does.
std::size_t end_of(std::string_view text, std::size_t at, std::string_view secret) {
  while (!secret.empty()) {
    const Escaped escaped = escape_at(text, at);
    if (escaped.length > 0 && secret.starts_with(escaped.means)) {
      secret.remove_prefix(escaped.means.size());
      at += escaped.length;
      continue;
    }
    if (at >= text.size() || text[at] != secret.front()) return std::string_view::npos;
    secret.remove_prefix(1);
    ++at;
  }
  return at;
}

void cover_one(std::string& text, std::string_view form) {
  const char beginnings[] = {form.front(), '\\', '%', '+'};
  const std::string_view begins(beginnings, std::size(beginnings));
  std::string out;
  std::size_t from = 0;
  for (auto at = text.find_first_of(begins); at != std::string::npos;) {
    const auto end = end_of(text, at, form);
    const bool found = end != std::string::npos;
    if (found) {
      out.append(text, from, at - from).append(cover);
      from = end;
    }
    at = text.find_first_of(begins, found ? end : at + 1);
  }
  if (from == 0) return;
  out.append(text, from);
  wipe(text);
  text = std::move(out);
}

std::vector<std::string> writings(const Credential& credential) {
  std::vector<std::string> forms;
  const auto add = [&](std::string form) {
    if (form.size() >= shortest_masked) forms.push_back(std::move(form));
  };
  for (const auto& [name, secret] : credential.secrets) {
    const std::string plain(secret.reveal());
    if (plain.size() < shortest_masked) continue;
    add(plain);
    add(base64_encode(plain));
    add(base64url_encode(plain));
    add(to_hex(plain));
    add(upper(to_hex(plain)));
  }
  if (credential.type == "basic") add(basic_pair(credential));
  // The longest first: a plain text may be the beginning of another form of it.
  std::ranges::sort(forms, std::greater(), &std::string::size);
  const auto same = std::ranges::unique(forms);
  forms.erase(same.begin(), same.end());
  return forms;
}

void cover_all(std::string& text, const std::vector<std::string>& forms) {
  for (const auto& form : forms) cover_one(text, form);
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
