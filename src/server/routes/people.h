// What the handlers about people share: reading their fields, showing them, noting what was done.
#pragma once

#include "server/routes/routes.h"
#include "store/filter.h"

namespace mbflow::server {

// A text of the body. Error auth.field when it is missing or no text.
[[nodiscard]] Result<std::string> text_field(const Call& call, std::string_view name);
[[nodiscard]] std::string text_or(const Call& call, std::string_view name, std::string_view otherwise);
// A role that the caller may give. Errors auth.field, auth.grant.
[[nodiscard]] Result<std::string> role_field(const Call& call);
[[nodiscard]] Secret password_field(const Call& call, std::string_view name);

[[nodiscard]] Value to_json(const store::User& user);
[[nodiscard]] Value to_json(const store::Member& member);
[[nodiscard]] Value time_or_null(Timestamp at);
[[nodiscard]] Reply reply_of(Value body, int status = 200);
[[nodiscard]] Reply list_of(std::vector<Value> items, Value cursor = Value());

}  // namespace mbflow::server
