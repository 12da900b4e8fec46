// What the http node makes of an answer: an error by its status, or a value by its content. Pure functions.
#pragma once

#include "http.gen.h"
#include "nodes/path.h"

#include <mbflow/http.h>

#include <chrono>
#include <optional>
#include <string_view>

namespace mbflow::nodes::http {

using Instant = std::chrono::sys_time<std::chrono::microseconds>;

// Error: http.status, its kind by the status, with what Retry-After asks for.
[[nodiscard]] Result<void> check_status(const Config& config, const HttpResponse& response, Instant now);

// The body as a value: JSON, text, or {"data_base64", "content_type"} for bytes that are no text; nothing for an empty
// one. Error: http.bad_json
[[nodiscard]] Result<std::optional<Value>> read_body(const Config& config, const HttpResponse& response);

// What the items are made of: a list, or the one value that is there instead. Error: http.items, when nothing is there.
[[nodiscard]] Result<Value> find_items(const Config& config, const Path& items, const Value& body);

// {"status", "headers", "body", "url"}
[[nodiscard]] Value full_answer(const HttpResponse& response, const std::optional<Value>& body);

// Seconds, or an HTTP date (RFC 9110 §10.2.3), from now; -1 when it is neither.
[[nodiscard]] std::int64_t retry_after_ms(std::string_view text, Instant now);

}  // namespace mbflow::nodes::http
