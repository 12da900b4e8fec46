// The types of credentials: what each is made of, as GET /api/v1/credential-types shows it. Immutable; any thread.
#pragma once

#include <mbflow/json_schema.h>
#include <mbflow/value.h>

#include <string>
#include <string_view>
#include <vector>

namespace mbflow::vault {

struct CredentialType {
  std::string name;
  Value definition;                  // {"type", "title", "summary", "fields": JSON Schema, "text": {"ru": …}, …}
  JsonSchema schema;                 // of the fields
  bool http = false;                 // goes along with HTTP requests, so it has origins
  [[nodiscard]] bool is_secret(std::string_view field) const;
  [[nodiscard]] bool is_long(std::string_view field) const;  // may have line breaks
};

[[nodiscard]] const std::vector<CredentialType>& credential_types();
[[nodiscard]] const CredentialType* find_credential_type(std::string_view name);

}  // namespace mbflow::vault
