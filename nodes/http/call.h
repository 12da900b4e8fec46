// What the http node sends: address, headers and body made from the config, once for all pages.
#pragma once

#include "http.gen.h"
#include "url.h"

#include <mbflow/http.h>

#include <string>

namespace mbflow::nodes::http {

struct Call {
  Url first;             // with query and key
  HttpRequest base;      // everything but the address and what depends on the page
  bool own_key = false;  // the Idempotency-Key is ours, not the user's

  // Errors: http.url, http.body, http.header
  [[nodiscard]] static Result<Call> make(const Config& config, Context& context);
  // A page on another server gets none of the user's headers. Error: http.next_origin, when a body would go there.
  [[nodiscard]] Result<HttpRequest> to(const Url& url, int page) const;
};

}  // namespace mbflow::nodes::http
