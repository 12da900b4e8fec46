#include "net/url.h"

#include "base/http_text.h"

#include <curl/curl.h>
#include <locale.h>

#include <array>
#include <charconv>
#include <memory>

namespace mbflow::net {
namespace {

using Handle = std::unique_ptr<CURLU, decltype(&curl_url_cleanup)>;

constexpr std::size_t max_url = 64 << 10;

Error bad_url(std::string_view text, std::string_view why) {
  // An address may carry a secret in its query: what is shown ends before it.
  auto shown = text.substr(0, std::min({text.find_first_of("?#"), text.size(), std::size_t{200}}));
  std::string plain;
  for (char c : shown) plain += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
  return fail(Kind::invalid, "http.url", "'" + plain + "' cannot be called: " + std::string(why));
}

// A proxy's address may hold a password: it is not shown.
Error bad_proxy(std::string_view why) {
  return fail(Kind::invalid, "http.url", "the proxy's address cannot be used: " + std::string(why));
}

bool begins(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() && same_word(text.substr(0, prefix.size()), prefix);
}

// Odd spellings that some parsers read in one way and some in another.
std::string_view oddity(std::string_view text) {
  if (text.size() > max_url) return "the address is longer than 64 KiB";
  for (char c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return "it holds a control character or line break";
  if (text.find('\\') != std::string_view::npos) return "it holds a backslash; write it as %5C";
  return {};
}

std::string_view authority_oddity(std::string_view text) {
  std::size_t scheme = begins(text, "http://") ? 7 : begins(text, "https://") ? 8 : 0;
  if (scheme == 0) return "it does not begin with http:// or https://";
  auto authority = text.substr(scheme);
  authority = authority.substr(0, authority.find_first_of("/?#"));
  if (authority.empty()) return "it has no host";
  if (authority.find('@') != std::string_view::npos)
    return "a user name belongs into the Authorization header, not into the address";
  return {};
}

std::string part(CURLU* handle, CURLUPart what, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(handle, what, &text, flags) != CURLUE_OK) return {};
  std::string copy(text);
  curl_free(text);
  return copy;
}

// libcurl reads a name outside ASCII in the thread's character set; ours is UTF-8 whatever the environment says.
class Utf8Locale {
 public:
  Utf8Locale() : locale_(newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr)) {
    if (locale_ != nullptr) before_ = uselocale(locale_);
  }
  Utf8Locale(const Utf8Locale&) = delete;
  Utf8Locale& operator=(const Utf8Locale&) = delete;
  ~Utf8Locale() {
    if (locale_ == nullptr) return;
    uselocale(before_);
    freelocale(locale_);
  }

 private:
  locale_t locale_;
  locale_t before_ = nullptr;
};

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

// "1.2.3.4.5", "256.1.1.1": meant as an address, but none; a resolver might read one into it.
bool is_failed_address(std::string_view host) {
  auto last = host.substr(host.rfind('.') + 1);
  bool number = last.find_first_not_of("0123456789") == std::string_view::npos || last.starts_with("0x");
  return number && host.find(':') == std::string_view::npos && !Address::parse(host);
}

std::string host_of(CURLU* handle) {
  std::string host = part(handle, CURLUPART_HOST);
  if (is_ascii(host)) return host;
  Utf8Locale utf8;
  return part(handle, CURLUPART_HOST, CURLU_PUNYCODE);
}

// One spelling of the host: IDN to ASCII, without the root's dot. False when it has none.
bool normalise_host(CURLU* handle) {
  std::string host = host_of(handle);
  if (host.ends_with('.')) host.pop_back();
  for (char& c : host) c = lower(c);
  if (host.empty() || !is_ascii(host)) return false;
  return curl_url_set(handle, CURLUPART_HOST, host.c_str(), 0) == CURLUE_OK;
}

// Reads the parts after numeric forms of an address became a dotted quad, which takes a second reading of the whole.
Result<Url> parts_of(CURLU* handle, std::string_view shown, unsigned flags) {
  if (!normalise_host(handle)) return bad_url(shown, "the host is not a valid name or address");
  curl_url_set(handle, CURLUPART_FRAGMENT, nullptr, 0);
  std::string text = part(handle, CURLUPART_URL);
  if (auto code = curl_url_set(handle, CURLUPART_URL, text.c_str(), flags); code != CURLUE_OK)
    return bad_url(shown, curl_url_strerror(code));
  Url url;
  url.text = part(handle, CURLUPART_URL);
  url.scheme = part(handle, CURLUPART_SCHEME);
  url.host = part(handle, CURLUPART_HOST);
  if (url.host.starts_with('[')) url.host = url.host.substr(1, url.host.size() - 2);
  std::string port = part(handle, CURLUPART_PORT, CURLU_DEFAULT_PORT);
  std::from_chars(port.data(), port.data() + port.size(), url.port);
  if (is_failed_address(url.host)) return bad_url(shown, "the host ends in a number but is no IPv4 address");
  if (url.port == 0) return bad_url(shown, "the port is 1 to 65535");
  url.literal = Address::parse(url.host);
  return url;
}

Result<Url> read(Handle handle, std::string_view text) {
  if (handle == nullptr) return fail(Kind::internal, "http.url", "no memory for an address");
  if (auto why = oddity(text); !why.empty()) return bad_url(text, why);
  auto code =
      curl_url_set(handle.get(), CURLUPART_URL, std::string(text).c_str(), CURLU_DISALLOW_USER | CURLU_URLENCODE);
  if (code != CURLUE_OK) return bad_url(text, curl_url_strerror(code));
  auto url = parts_of(handle.get(), text, CURLU_DISALLOW_USER);
  if (url && url->scheme != "http" && url->scheme != "https")
    return bad_url(text, "only http:// and https:// are called");
  return url;
}

// Fields that say nothing about who calls: the only ones that follow to another origin. A credential may sit in any
// other
// ("X-Api-Key"), so a list of the dangerous ones would never be complete.
bool is_harmless(std::string_view name) {
  static constexpr std::array harmless = {"accept",           "accept-encoding", "accept-language", "cache-control",
                                          "content-language", "content-type",    "idempotency-key", "range",
                                          "traceparent",      "user-agent"};
  return std::ranges::any_of(harmless, [&](std::string_view known) { return same_word(name, known); });
}

bool changes_to_get(int status, std::string_view method) {
  if (status == 303) return method != "GET" && method != "HEAD";
  return (status == 301 || status == 302) && method == "POST";
}

}  // namespace

Result<Url> parse_url(std::string_view text) {
  if (auto why = oddity(text); !why.empty()) return bad_url(text, why);
  if (auto why = authority_oddity(text); !why.empty()) return bad_url(text, why);
  return read(Handle(curl_url(), curl_url_cleanup), text);
}

Result<Url> resolve_url(const Url& base, std::string_view location) {
  if (begins(location, "http:") || begins(location, "https:")) return parse_url(location);
  Handle handle(curl_url(), curl_url_cleanup);
  if (handle != nullptr) curl_url_set(handle.get(), CURLUPART_URL, base.text.c_str(), 0);
  // "//host/path" keeps the scheme only; what stands there is an authority like any other.
  if (location.starts_with("//"))
    if (auto why = authority_oddity(base.scheme + ":" + std::string(location)); !why.empty())
      return bad_url(location, why);
  return read(std::move(handle), location);
}

Result<Url> parse_proxy(std::string_view text) {
  Handle handle(curl_url(), curl_url_cleanup);
  if (auto why = oddity(text); !why.empty()) return bad_proxy(why);
  auto code = curl_url_set(handle.get(), CURLUPART_URL, std::string(text).c_str(), CURLU_NON_SUPPORT_SCHEME);
  if (code != CURLUE_OK) return bad_proxy(curl_url_strerror(code));
  if (part(handle.get(), CURLUPART_PORT).empty()) return bad_proxy("name its port");
  auto url = parts_of(handle.get(), "proxy", CURLU_NON_SUPPORT_SCHEME);
  if (!url) return url;
  static constexpr std::array known = {"http", "https", "socks5", "socks5h"};
  if (std::ranges::find(known, url->scheme) == known.end())
    return bad_proxy("its scheme is http, https, socks5 or socks5h");
  return url;
}

Result<bool> follow_redirect(HttpRequest& request, Url& url, const HttpResponse& answer) {
  int status = answer.status;
  if (status != 301 && status != 302 && status != 303 && status != 307 && status != 308) return false;
  const auto* location = find_header(answer.headers, "location");
  if (location == nullptr || location->empty()) return false;
  auto next = resolve_url(url, *location);
  if (!next) {
    next.error().message = "the redirect from " + url.host + " leads nowhere: " + next.error().message;
    return std::move(next).error();
  }
  if (changes_to_get(status, request.method)) {
    request.method = "GET";
    request.body.clear();
    request.parts.clear();
    std::erase_if(request.headers, [](const auto& header) { return begins(header.first, "content-"); });
  }
  if (!next->same_origin(url))
    std::erase_if(request.headers, [](const auto& header) { return !is_harmless(header.first); });
  url = *std::move(next);
  return true;
}

}  // namespace mbflow::net
