#include "app/oidc.h"

#include "app/access.h"
#include "net/url.h"
#include "server/auth.h"

#include <algorithm>
#include <fstream>
#include <sstream>

namespace mbflow::app {
namespace {

constexpr const char* callback = "/api/v1/auth/oidc/callback";

Error wrong(std::string message) { return fail(Kind::invalid, "config.value", std::move(message)); }

bool is_this_machine(const net::Url& url) {
  if (!url.literal) return url.host == "localhost";
  return url.literal->is_v4() ? url.literal->bytes[12] == 127 : *url.literal == *net::Address::parse("::1");
}

// Who listens on the way could sign anybody in: without TLS nothing leaves this machine.
Result<std::string> read_issuer(const std::string& text) {
  const auto url = net::parse_url(text);
  const bool safe = url && (url->scheme == "https" || is_this_machine(*url)) && text.find_first_of("?#") == std::string::npos;
  if (!safe) return wrong("oidc-issuer must be the https:// address of the provider, exactly as it names itself, without query and fragment");
  return text;
}

Result<Secret> read_secret(const std::string& path) {
  if (path.empty()) return Secret();
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  std::string secret = text.str();
  while (secret.ends_with('\n') || secret.ends_with('\r')) secret.pop_back();
  Secret kept(secret);
  wipe(secret);
  if (!file || kept.empty()) return wrong("oidc-secret-file: the file " + path + " cannot be read, or is empty");
  return kept;
}

Result<std::string> read_role(const std::string& role) {
  const bool fine = role.empty() || (server::is_role(role) && role != "owner");
  if (!fine) return wrong("oidc-role must be viewer, operator, editor or admin; or empty: only who is linked comes in");
  return role;
}

Result<std::string> redirect_uri(const Settings& settings) {
  MBF_TRY(const auto sessions, session_rules(settings));
  if (sessions.public_url.empty()) return wrong("oidc-issuer needs public-url: the provider sends browsers back there");
  return sessions.public_url + callback;
}

}  // namespace

Task<Result<server::OidcOptions>> oidc_options(Settings settings, store::Store& store) {
  server::OidcOptions options;
  if (settings.text("oidc-issuer").empty()) co_return options;
  MBF_CO_TRY(options.issuer, read_issuer(settings.text("oidc-issuer")));
  options.client_id = settings.text("oidc-client-id");
  if (options.client_id.empty()) co_return wrong("oidc-issuer needs oidc-client-id: as what the provider knows this server");
  MBF_CO_TRY(options.secret, read_secret(settings.text("oidc-secret-file")));
  options.name = settings.text("oidc-name");
  if (options.name.empty()) options.name = net::parse_url(options.issuer)->host;
  MBF_CO_TRY(options.redirect_uri, redirect_uri(settings));
  MBF_CO_TRY(options.role, read_role(settings.text("oidc-role")));
  MBF_CO_TRY(const auto tenants, co_await store.directory().tenants());
  const auto tenant = std::ranges::find(tenants, settings.text("oidc-tenant"), &store::Tenant::name);
  if (tenant == tenants.end()) co_return wrong("oidc-tenant: there is no tenant '" + settings.text("oidc-tenant") + "'");
  options.tenant = tenant->id;
  co_return options;
}

}  // namespace mbflow::app
