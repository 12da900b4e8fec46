// How a credential goes along with an HTTP request, to its own origins only; and how a secret that comes back is masked.
#pragma once

#include "base/env.h"

#include <mbflow/http.h>

#include <memory>
#include <string>
#include <vector>

namespace mbflow::vault {

// Error credential.type: it is none that goes along with HTTP.
[[nodiscard]] Result<std::shared_ptr<const HttpSigner>> make_signer(Credential credential, std::vector<std::string> origins, Env& env);

// Every way the secrets can be written (plain, base64, hex, URL, JSON) gives way to "[secret]", wherever the answer has them: what
// a server echoes would be kept in the history.
void mask(HttpResponse& answer, const Credential& credential);
[[nodiscard]] std::string masked(std::string text, const Credential& credential);

}  // namespace mbflow::vault
