#include <mbflow/http.h>

#include "base/http_text.h"

namespace mbflow {

const std::string* find_header(const Headers& headers, std::string_view name) {
  for (const auto& [key, value] : headers)
    if (same_word(key, name)) return &value;
  return nullptr;
}

bool is_same_header(std::string_view name, std::string_view other) { return same_word(name, other); }

bool is_valid_header(std::string_view name, std::string_view value) { return is_token(name) && is_field_value(value); }

}  // namespace mbflow
