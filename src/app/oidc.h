// The OpenID Connect provider, as the settings say.
#pragma once

#include "app/settings.h"
#include "server/oidc/provider.h"
#include "store/store.h"

namespace mbflow::app {

// Error config.value.
[[nodiscard]] Task<Result<server::OidcOptions>> oidc_options(Settings settings, store::Store& store);

}  // namespace mbflow::app
