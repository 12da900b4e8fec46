#include "server/auth.h"

#include "base/hash.h"

#include <algorithm>
#include <array>

namespace mbflow::server {
namespace {

constexpr std::size_t most_known = 10'000;
constexpr std::chrono::minutes noted_every{1};  // that a key or a session was used
constexpr std::array<std::string_view, 5> roles = {"viewer", "operator", "editor", "admin", "owner"};

// From 1, the least, on; 0: no role.
int rank(std::string_view role) {
  const auto found = std::ranges::find(roles, role);
  return found == roles.end() ? 0 : static_cast<int>(found - roles.begin()) + 1;
}

// The role from which on, by permission.
constexpr std::array<std::pair<Permission, int>, 4> least_rank = {{{Permission::read, 1}, {Permission::run, 2}, {Permission::write, 3}, {Permission::own, 4}}};
constexpr std::array<std::pair<std::string_view, Permission>, 4> permission_names = {
    {{"read", Permission::read}, {"run", Permission::run}, {"write", Permission::write}, {"own", Permission::own}}};

Error refused(std::string_view code, std::string message) { return fail(Kind::denied, code, std::move(message)); }

Error unknown_key() { return refused("auth.unknown", "this API key is not known here; it may have been revoked or have expired"); }
Error unknown_session() { return refused("auth.unknown", "this session is over; sign in again"); }
Error unknown_tenant() { return fail(Kind::not_found, "store.not_found", "there is no such tenant"); }

// The first word of a pattern's path, below /api/v1 if it is there.
std::string_view part_of(std::string_view pattern) {
  constexpr std::string_view base = "/api/v1";
  if (pattern.starts_with(base)) pattern.remove_prefix(base.size());
  pattern.remove_prefix(std::min<std::size_t>(1, pattern.size()));
  return pattern.substr(0, pattern.find('/'));
}

bool allows(std::string_view scope, const Route& route) {
  const auto colon = scope.find(':');
  const auto part = scope.substr(0, colon);
  if (part != "*" && part != part_of(route.pattern)) return false;
  const auto named = std::ranges::find(permission_names, scope.substr(colon + 1), &std::pair<std::string_view, Permission>::first);
  return named != permission_names.end() && route.permission <= named->second;
}

std::string cookie_of(const net::Request& request, std::string_view name) {
  for (const auto& [field, value] : request.headers) {
    if (!is_same_header(field, "cookie")) continue;
    for (std::string_view rest = value; !rest.empty();) {
      const auto end = std::min(rest.find(';'), rest.size());
      auto one = rest.substr(0, end);
      rest.remove_prefix(std::min(end + 1, rest.size()));
      while (one.starts_with(' ')) one.remove_prefix(1);
      if (one.size() > name.size() && one.starts_with(name) && one[name.size()] == '=') return std::string(one.substr(name.size() + 1));
    }
  }
  return {};
}

// A page can set no header on a WebSocket but the list of protocols it offers: what others say in headers stands there.
std::string offered(const net::Request& request, std::string_view name) {
  for (std::string_view rest = request.header("sec-websocket-protocol"); !rest.empty();) {
    const auto end = std::min(rest.find(','), rest.size());
    auto one = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    while (one.starts_with(' ')) one.remove_prefix(1);
    if (one.starts_with(name)) return std::string(one.substr(name.size()));
  }
  return {};
}

bool changes_nothing(std::string_view method) { return method == "GET" || method == "HEAD"; }

}  // namespace

bool is_role(std::string_view role) { return rank(role) > 0; }
bool may_give(std::string_view own_role, std::string_view role) { return rank(role) > 0 && rank(role) <= rank(own_role); }

bool is_scope(std::string_view scope) {
  const auto colon = scope.find(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  const auto part = scope.substr(0, colon);
  if (std::ranges::find(permission_names, scope.substr(colon + 1), &std::pair<std::string_view, Permission>::first) == permission_names.end()) return false;
  return part == "*" || std::ranges::any_of(routes(), [&](const Route& route) { return part_of(route.pattern) == part; });
}

bool Identity::may(const Route& route) const {
  if (route.permission == Permission::open || route.permission == Permission::self) return true;
  if (!scopes.empty() && std::ranges::none_of(scopes, [&](const std::string& scope) { return allows(scope, route); })) return false;
  if (route.permission == Permission::house) return house && role == "owner";
  const auto least = std::ranges::find(least_rank, route.permission, &std::pair<Permission, int>::first);
  return least != least_rank.end() && rank(role) >= least->second;
}

std::string Identity::actor() const { return user.is_nil() ? "key:" + key.to_string() : "user:" + user.to_string(); }

std::string make_key(Env& env) {
  std::array<std::uint8_t, 32> secret{};
  env.random(secret);
  return "mbf_" + base64url_encode({reinterpret_cast<const char*>(secret.data()), secret.size()});
}

std::string hash_key(std::string_view key) { return sha256(key); }

std::string SessionRules::cookie_name() const { return public_url.starts_with("https://") ? "__Host-mbflow" : "mbflow"; }

std::string SessionRules::cookie(std::string_view token) const {
  const bool tls = public_url.starts_with("https://");
  const auto seconds = token.empty() ? 0 : std::chrono::duration_cast<std::chrono::seconds>(lifetime).count();
  return cookie_name() + "=" + std::string(token) + "; Path=/; HttpOnly; SameSite=Lax; Max-Age=" + std::to_string(seconds) + (tls ? "; Secure" : "");
}

Result<void> check_page(const net::Request& request, const SessionRules& rules) {
  const auto site = request.header("sec-fetch-site");
  const auto origin = request.header("origin");
  const std::string own = rules.public_url.empty() ? "http://" + std::string(request.header("host")) : rules.public_url;
  const bool foreign = (!site.empty() && site != "same-origin" && site != "none") || (!origin.empty() && origin != own);
  if (foreign) return refused("auth.csrf", "this call comes from a page of another origin; a server behind a proxy needs --public-url");
  return {};
}

Result<void> check_origin(const net::Request& request, const SessionRules& rules) {
  MBF_CHECK(check_page(request, rules));
  if (request.header("x-csrf").empty()) return refused("auth.csrf", "send the header X-CSRF: 1 with a call that changes something in a session");
  return {};
}

void Callers::refresh() {
  const auto version = store_.catalog_version();
  if (version == version_ && keys_.size() <= most_known && sessions_.size() <= most_known) return;
  keys_.clear();
  sessions_.clear();
  version_ = version;
}

Task<Result<Identity>> Callers::identify(const net::Request& request) {
  constexpr std::string_view scheme = "Bearer ";
  const auto authorization = request.header("authorization");
  std::string tenant(request.header("mbflow-tenant"));
  if (tenant.empty()) tenant = offered(request, "tenant.");
  if (authorization.starts_with(scheme)) co_return co_await by_key(std::string(authorization.substr(scheme.size())), std::move(tenant));
  if (std::string key = offered(request, "bearer."); !key.empty() && authorization.empty()) co_return co_await by_key(std::move(key), std::move(tenant));
  std::string token = authorization.empty() ? cookie_of(request, rules_.cookie_name()) : std::string();
  if (token.empty()) {
    co_return refused("auth.missing", "sign in, or send an API key as 'Authorization: Bearer KEY'; `mbflow key create` makes one");
  }
  if (!changes_nothing(request.method)) MBF_CO_CHECK(check_origin(request, rules_));
  co_return co_await by_session(std::move(token), std::move(tenant));
}

Task<Result<store::ApiKey>> Callers::find_key(std::string hash) {
  refresh();
  if (const auto found = keys_.find(hash); found != keys_.end()) co_return found->second;
  const auto version = version_;
  MBF_CO_TRY(auto key, co_await store_.directory().key_by_hash(hash));
  if (!key) co_return unknown_key();
  // What changed while it was read may have been this key.
  if (version == store_.catalog_version() && version == version_) keys_.insert_or_assign(hash, *key);
  co_return *std::move(key);
}

Task<Result<Identity>> Callers::by_key(std::string key, std::string tenant) {
  const std::string hash = hash_key(key);
  MBF_CO_TRY(auto found, co_await find_key(hash));
  const auto now = env_.now();
  const bool over = found.revoked_at != Timestamp{} || (found.expires_at != Timestamp{} && found.expires_at <= now);
  if (over) co_return unknown_key();
  if (!tenant.empty() && tenant != found.tenant.to_string()) co_return unknown_tenant();
  if (now - found.used_at > noted_every) {
    (void)co_await store_.directory().see_key(found.tenant, found.id, now);
    if (const auto known = keys_.find(hash); known != keys_.end()) known->second.used_at = now;
  }
  Identity who;
  who.tenant = found.tenant;
  who.key = found.id;
  who.name = found.name;
  who.role = found.role;
  who.scopes = std::move(found.scopes);
  who.house = who.tenant == house_;
  co_return who;
}

Task<Result<Callers::SignedIn>> Callers::find_session(std::string hash) {
  refresh();
  if (const auto found = sessions_.find(hash); found != sessions_.end()) co_return found->second;
  const auto version = version_;
  auto& directory = store_.directory();
  MBF_CO_TRY(auto session, co_await directory.session(hash));
  if (!session) co_return unknown_session();
  SignedIn signed_in;
  signed_in.session = *session;
  MBF_CO_TRY(signed_in.user, co_await directory.user(session->user));
  MBF_CO_TRY(signed_in.memberships, co_await directory.memberships(session->user));
  if (version == store_.catalog_version() && version == version_) sessions_.insert_or_assign(hash, signed_in);
  co_return signed_in;
}

Task<Result<Identity>> Callers::by_session(std::string token, std::string tenant) {
  const std::string hash = hash_key(token);
  MBF_CO_TRY(auto found, co_await find_session(hash));
  const auto now = env_.now();
  const bool over = now - found.session.seen_at > rules_.idle || now - found.session.created_at > rules_.lifetime;
  if (over || !found.user.active) co_return unknown_session();
  if (now - found.session.seen_at > noted_every) {
    (void)co_await store_.directory().see_session(hash, now);
    if (const auto known = sessions_.find(hash); known != sessions_.end()) known->second.session.seen_at = now;
  }
  Identity who;
  who.user = found.user.id;
  who.name = found.user.name;
  who.session = hash;
  const auto wanted = [&](const store::Member& member) { return tenant.empty() || member.tenant.to_string() == tenant; };
  const auto member = std::ranges::find_if(found.memberships, wanted);
  if (member == found.memberships.end() && !tenant.empty()) co_return unknown_tenant();
  if (member != found.memberships.end()) {
    who.tenant = member->tenant;
    who.role = member->role;
    who.house = who.tenant == house_;
  }
  co_return who;
}

}  // namespace mbflow::server
