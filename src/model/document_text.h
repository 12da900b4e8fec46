// Bytes to a workflow: the one way in for files and imports. Syntax faults of JSON, YAML and Mermaid are faults like all
// others, so a caller has one list to show.
#pragma once

#include "model/document.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace mbflow {

enum class TextFormat : std::uint8_t {
  automatic,  // JSON if it begins with { or [, Mermaid if with flowchart or graph, YAML otherwise
  json,
  yaml,
  mermaid,
};

struct TextReading {
  Reading reading;
  std::map<std::string, int, std::less<>> lines;  // JSON pointer → line, from 1; filled when there are faults
  // The line of a fault's place, or of the nearest parent that is known; 0 when not even that is.
  [[nodiscard]] int line_of(std::string_view pointer) const;
};

inline constexpr std::size_t max_document_bytes = std::size_t{16} << 20;

// A fault of syntax (json.*, yaml.*, mermaid.*, document.too_large) stands alone, with `at` empty and the line in its message.
[[nodiscard]] TextReading read_document_text(std::string_view bytes, TextFormat format, const DocumentRules& rules);

// By the end of a file's name: .json, .yaml, .yml and .mmd; automatic for the rest.
[[nodiscard]] TextFormat format_of(std::string_view file_name);

}  // namespace mbflow
