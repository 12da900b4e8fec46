#include "model/document_text.h"

#include "base/yaml.h"
#include "model/mermaid.h"

#include <mbflow/json.h>

#include <charconv>

namespace mbflow {
namespace {

TextFormat guess(std::string_view bytes) {
  const std::size_t first = bytes.find_first_not_of("\xef\xbb\xbf \t\r\n");
  const bool json = first != std::string_view::npos && (bytes[first] == '{' || bytes[first] == '[');
  return json ? TextFormat::json : looks_like_mermaid(bytes) ? TextFormat::mermaid : TextFormat::yaml;
}

// Both parsers name the place in words: "… line 3, column 7".
int line_in(std::string_view message) {
  constexpr std::string_view word = "line ";
  int line = 0;
  if (const std::size_t at = message.find(word); at != std::string_view::npos) {
    std::from_chars(message.data() + at + word.size(), message.data() + message.size(), line);
  }
  return line;
}

TextReading refused(Error error) {
  TextReading text;
  text.lines[""] = line_in(error.message);
  error.at.clear();
  text.reading.faults.push_back({std::move(error), false});
  text.reading.document = write_document({});
  return text;
}

TextReading read_json(std::string_view bytes, const DocumentRules& rules) {
  JsonOptions strict;
  strict.reject_duplicate_keys = true;
  auto value = parse_json(bytes, strict);
  if (!value) return refused(std::move(value).error());
  TextReading text;
  text.reading = read_document(*value, rules);
  if (text.reading.faults.empty()) return text;
  // Lines cost time; only a document with faults pays for them.
  if (auto located = parse_json_located(bytes)) text.lines = std::move(located->lines);
  return text;
}

TextReading read_located(Result<Located> located, const DocumentRules& rules) {
  if (!located) return refused(std::move(located).error());
  TextReading text;
  text.reading = read_document(located->value, rules);
  text.lines = std::move(located->lines);
  return text;
}

}  // namespace

int TextReading::line_of(std::string_view pointer) const {
  for (;;) {
    if (const auto found = lines.find(pointer); found != lines.end()) return found->second;
    if (pointer.empty()) return 0;
    pointer = pointer.substr(0, pointer.rfind('/'));
  }
}

TextReading read_document_text(std::string_view bytes, TextFormat format, const DocumentRules& rules) {
  if (bytes.size() > max_document_bytes) {
    return refused(fail(Kind::invalid, "document.too_large",
                        "the document is larger than 16 MiB; split the workflow, or move its data out of it"));
  }
  if (format == TextFormat::automatic) format = guess(bytes);
  if (format == TextFormat::json) return read_json(bytes, rules);
  return read_located(format == TextFormat::mermaid ? parse_mermaid(bytes) : parse_yaml(bytes), rules);
}

TextFormat format_of(std::string_view file_name) {
  if (file_name.ends_with(".json")) return TextFormat::json;
  if (file_name.ends_with(".yaml") || file_name.ends_with(".yml")) return TextFormat::yaml;
  if (file_name.ends_with(".mmd")) return TextFormat::mermaid;
  return TextFormat::automatic;
}

}  // namespace mbflow
