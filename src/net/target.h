// The request target (RFC 9112 §3.2) made safe for exact route matching (S16): decoded once, and refused rather than
// rewritten when two spellings could mean one path. Pure.
#pragma once

#include <mbflow/result.h>

#include <string>
#include <string_view>

namespace mbflow::net {

struct Target {
  std::string path;       // decoded once; begins with '/', or is "*"
  std::string query;      // raw, without '?'
  std::string authority;  // of the absolute form (http://host/path); it overrules the Host field
};

// Errors: net.path, net.target
[[nodiscard]] Result<Target> parse_target(std::string_view method, std::string_view text);

}  // namespace mbflow::net
