// Bodies that forms send, as objects; a name given twice becomes an array. Pure.
#pragma once

#include <mbflow/result.h>
#include <mbflow/value.h>

#include <string_view>

namespace mbflow::trigger {

// application/x-www-form-urlencoded (WHATWG URL §5.1), also the query of an address. What is no UTF-8 is left out.
[[nodiscard]] Value parse_form(std::string_view text);

// multipart/form-data (RFC 7578 over RFC 2046 §5.1). A part with a file name becomes {"filename", "content_type", "size",
// "data_base64"}: what the caller names is a label, never a path; any other becomes its text. At most 1,000 parts.
// Error webhook.body.
[[nodiscard]] Result<Value> parse_multipart(std::string_view content_type, std::string_view body);

}  // namespace mbflow::trigger
