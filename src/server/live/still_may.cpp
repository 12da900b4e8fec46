#include "server/live/still_may.h"

namespace mbflow::server {
namespace {

constexpr Duration ask_again = std::chrono::minutes(1);  // a session or key may just have come to its end

bool is_same(const Identity& a, const Identity& b) {
  return a.tenant == b.tenant && a.key == b.key && a.user == b.user && a.role == b.role && a.scopes == b.scopes;
}

}  // namespace

StillMay::StillMay(Api& api, const Call& call)
    : api_(api), who_(call.who), version_(api.services.store.catalog_version()), asked_(api.services.env.now()) {
  head_.method = call.request.method;
  head_.headers = call.request.headers;
}

Task<bool> StillMay::holds() {
  const auto version = api_.services.store.catalog_version();
  const auto now = api_.services.env.now();
  if (version == version_ && now - asked_ < ask_again) co_return true;
  const auto identity = co_await api_.identify(head_);
  // Where the store cannot be asked for the moment nothing can be read from it either.
  if (!identity) co_return identity.error().kind == Kind::unavailable;
  version_ = version;
  asked_ = now;
  co_return is_same(*identity, who_);
}

}  // namespace mbflow::server
