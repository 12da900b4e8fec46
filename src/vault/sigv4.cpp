#include "vault/sigv4.h"

#include "base/hash.h"

#include <algorithm>
#include <map>
#include <vector>

namespace mbflow::vault {
namespace {

const std::string algorithm = "AWS4-HMAC-SHA256";

bool is_unreserved(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' || c == '~';
}

std::string encoded(std::string_view text, bool keep_slash) {
  constexpr char hex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (is_unreserved(c) || (keep_slash && c == '/')) {
      out += c;
      continue;
    }
    out += '%';
    out += hex[static_cast<unsigned char>(c) >> 4];
    out += hex[static_cast<unsigned char>(c) & 15];
  }
  return out;
}

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 && digit(text[i + 2]) >= 0;
    out += escape ? static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2])) : text[i];
    if (escape) i += 2;
  }
  return out;
}

struct Target {
  std::string_view host, path, query;
};

Target split(std::string_view url) {
  const auto authority = url.find("://") + 3;
  const auto end = std::min(url.find_first_of("/?", authority), url.size());
  const auto mark = std::min(url.find('?', end), url.size());
  const std::string_view path = url.substr(end, mark - end);
  return {url.substr(authority, end - authority), path.empty() ? "/" : path, mark < url.size() ? url.substr(mark + 1) : ""};
}

std::string canonical_query(std::string_view query) {
  std::vector<std::string> pairs;
  while (!query.empty()) {
    const auto end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (pair.empty()) continue;
    const auto equals = std::min(pair.find('='), pair.size());
    const std::string_view value = equals < pair.size() ? pair.substr(equals + 1) : "";
    pairs.push_back(encoded(decoded(pair.substr(0, equals)), false) + "=" + encoded(decoded(value), false));
  }
  std::ranges::sort(pairs);
  std::string out;
  for (const auto& pair : pairs) out += (out.empty() ? "" : "&") + pair;
  return out;
}

// Without blanks around, and one in place of several within.
std::string trimmed(std::string_view value) {
  std::string out;
  for (const char c : value) {
    const bool blank = c == ' ' || c == '\t';
    if (blank && (out.empty() || out.back() == ' ')) continue;
    out += blank ? ' ' : c;
  }
  if (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

std::string lower(std::string_view name) {
  std::string out(name);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

struct SignedHeaders {
  std::string lines, names;
};

// What proxies and the client's own library may change is not signed.
SignedHeaders canonical_headers(const HttpRequest& request, std::string_view host) {
  std::map<std::string, std::string> headers{{"host", std::string(host)}};
  for (const auto& [name, value] : request.headers) {
    const std::string key = lower(name);
    const bool meant = key.starts_with("x-amz-") || key == "content-type" || key == "content-md5" || key == "range";
    if (!meant) continue;
    auto [place, fresh] = headers.try_emplace(key, trimmed(value));
    if (!fresh) place->second += "," + trimmed(value);
  }
  SignedHeaders made;
  for (const auto& [name, value] : headers) {
    made.lines += name + ":" + value + "\n";
    made.names += (made.names.empty() ? "" : ";") + name;
  }
  return made;
}

// 20150830T123600Z
std::string basic_time(Timestamp now) {
  std::string text = format_timestamp(now).substr(0, 19) + "Z";
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  return text;
}

void replace(Headers& headers, std::string_view name, std::string value) {
  std::erase_if(headers, [&](const auto& header) { return is_same_header(header.first, name); });
  headers.emplace_back(std::string(name), std::move(value));
}

std::string signature(const AwsKeys& keys, std::string_view date, std::string_view text) {
  std::string first = "AWS4" + std::string(keys.secret_access_key);
  std::string key = hmac_sha256(first, date);
  wipe(first);
  for (const std::string_view part : {keys.region, keys.service, std::string_view("aws4_request")}) key = hmac_sha256(key, part);
  return to_hex(hmac_sha256(key, text));
}

}  // namespace

Result<void> sign_aws(HttpRequest& request, const AwsKeys& keys, Timestamp now) {
  if (!request.parts.empty()) {
    return fail(Kind::invalid, "credential.sign", "a form with files cannot be signed for AWS; send the body as text or JSON");
  }
  const std::string time = basic_time(now);
  const std::string body_hash = to_hex(sha256(request.body));
  replace(request.headers, "X-Amz-Date", time);
  if (!keys.session_token.empty()) replace(request.headers, "X-Amz-Security-Token", std::string(keys.session_token));
  const bool s3 = keys.service == "s3";
  if (s3) replace(request.headers, "X-Amz-Content-Sha256", body_hash);
  const Target target = split(request.url);
  const SignedHeaders headers = canonical_headers(request, target.host);
  // S3 takes the path as it is; the other services want what was sent encoded once more.
  const std::string path = s3 ? encoded(decoded(target.path), true) : encoded(target.path, true);
  const std::string canonical = request.method + "\n" + path + "\n" + canonical_query(target.query) + "\n" + headers.lines + "\n" +
                                headers.names + "\n" + body_hash;
  const std::string scope = time.substr(0, 8) + "/" + std::string(keys.region) + "/" + std::string(keys.service) + "/aws4_request";
  const std::string text = algorithm + "\n" + time + "\n" + scope + "\n" + to_hex(sha256(canonical));
  replace(request.headers, "Authorization",
          algorithm + " Credential=" + std::string(keys.access_key_id) + "/" + scope + ", SignedHeaders=" + headers.names +
              ", Signature=" + signature(keys, time.substr(0, 8), text));
  return {};
}

}  // namespace mbflow::vault
