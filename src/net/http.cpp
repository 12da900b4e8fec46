#include <mbflow/http.h>

#include "net/text.h"

namespace mbflow {

const std::string* find_header(const Headers& headers, std::string_view name) {
  for (const auto& [key, value] : headers)
    if (net::same_word(key, name)) return &value;
  return nullptr;
}

}  // namespace mbflow
