#include "expr/message.h"

#include "base/utf8.h"

namespace mbflow::expr {

std::string fit_message(std::string_view text, std::size_t max_bytes) {
  std::string out;
  while (!text.empty()) {
    const std::size_t valid = utf8_sequence(text);
    const std::string_view piece = valid > 0 ? text.substr(0, valid) : std::string_view("\xEF\xBF\xBD");
    if (out.size() + piece.size() > max_bytes) return out += "…";
    out += piece;
    text.remove_prefix(valid > 0 ? valid : 1);
  }
  return out;
}

}  // namespace mbflow::expr
