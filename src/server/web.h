// The web pages, which are part of the program. Files by their path; any other address that a browser asks a page for is the
// one page, which finds its way by itself. No build of the pages: none.
#pragma once

#include "base/env.h"
#include "net/server.h"

#include <optional>
#include <span>
#include <string_view>

namespace mbflow::server {

struct WebFile {
  std::string_view path;  // "/assets/…"
  std::string_view type;
  std::string_view etag;
  std::string_view plain;
  std::string_view gzip;  // empty: not worth it
};
[[nodiscard]] std::span<const WebFile> web_files();  // sorted by path; made by tools/gen_web.py

// Nothing: it is no address of a page.
[[nodiscard]] std::optional<net::Response> answer_web(const net::Request& request, Env& env);

}  // namespace mbflow::server
