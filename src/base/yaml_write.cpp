#include "base/yaml.h"
#include "base/yaml_scalar.h"

#include <mbflow/json.h>

#include <algorithm>

namespace mbflow {
namespace {

constexpr std::size_t longest_simple_key = 1000;  // YAML allows 1024 characters before the colon

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

// What YAML 1.1 readers would take for something else; ours would not, but the file may travel.
bool is_old_word(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(),
                         [](unsigned char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c | 0x20 : c); });
  for (const std::string_view word : {"y", "n", "yes", "no", "on", "off", "true", "false", "null", "=", "<<"}) {
    if (lower == word) return true;
  }
  return false;
}

// Dates, times, 1_000 and the like.
bool looks_numeric(std::string_view text) {
  const bool starts = (text[0] >= '0' && text[0] <= '9') || text[0] == '+' || text[0] == '-' || text[0] == '.';
  return starts && text.find_first_not_of("0123456789abcdefABCDEFxXoO_+-.:,TtZz ") == std::string_view::npos;
}

bool is_plain(std::string_view text) {
  constexpr std::string_view not_first = "-?:,[]{}#&*!|>'\"%@` ";
  if (text.empty() || text.size() > longest_simple_key || not_first.contains(text[0]) || text.ends_with(' ') ||
      text.ends_with(':')) {
    return false;
  }
  if (text.contains(": ") || text.contains(" #") || std::ranges::any_of(text, is_control)) return false;
  // U+0085, U+2028 and U+2029 break lines for some readers; U+FEFF is dropped by some; U+0080 and on are not printable.
  for (const std::string_view odd : {"\xE2\x80\xA8", "\xE2\x80\xA9", "\xEF\xBB\xBF", "\xC2\x80", "\xC2\x81"}) {
    if (text.contains(odd)) return false;
  }
  for (std::size_t at = text.find('\xC2'); at != std::string_view::npos; at = text.find('\xC2', at + 1)) {
    if (static_cast<unsigned char>(text[at + 1]) <= 0xA0) return false;
  }
  return scalar_kind(text) == ScalarKind::text && !is_old_word(text) && !looks_numeric(text);
}

// Lines that are kept as they are in a | block.
bool is_block(std::string_view text) {
  if (!text.contains('\n') || text[0] == ' ' || text[0] == '\n' || text[0] == '\t' || !is_plain("x")) return false;
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    const std::string_view line = text.substr(start, end - start);
    if (std::ranges::any_of(line, is_control) || line.ends_with(' ')) return false;
    start = end + 1;
  }
  return !text.contains("\xE2\x80\xA8") && !text.contains("\xE2\x80\xA9") && !text.contains("\xEF\xBB\xBF") &&
         !text.contains('\xC2');
}

std::string in_quotes(std::string_view text) {
  const bool simple = !std::ranges::any_of(text, is_control) && (text.contains('"') || text.contains('\\'));
  if (!simple || !std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x7F; })) {
    return write_json(Value(text));
  }
  std::string out = "'";
  for (const char c : text) out.append(c == '\'' ? 2 : 1, c);
  return out + "'";
}

class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}

  // Whatever comes stands behind something already: "key:", "-", or the beginning of the document.
  void write(const Value& value, int indent, bool after_dash) {
    if (value.is_object() && value.size() != 0) return write_object(value, indent, after_dash);
    if (value.is_array() && value.size() != 0) return write_array(value, indent, after_dash);
    write_leaf(value, indent);
  }

 private:
  void new_line(int indent) {
    if (!out_.empty() && out_.back() != '\n') out_ += '\n';
    out_.append(static_cast<std::size_t>(indent), ' ');
  }
  void begin_line(int indent, bool& inline_first) {
    if (!inline_first) new_line(indent);
    inline_first = false;
  }

  void write_object(const Value& value, int indent, bool inline_first) {
    for (const Member& member : value.members()) {
      begin_line(indent, inline_first);
      write_key(member.key.as_string(), indent);
      const bool nested = member.value.size() != 0;
      if (!nested) out_ += ' ';
      write(member.value, nested ? indent + 2 : indent, false);
    }
  }

  void write_array(const Value& value, int indent, bool inline_first) {
    for (const Value& element : value.elements()) {
      begin_line(indent, inline_first);
      out_ += "- ";
      write(element, element.size() != 0 ? indent + 2 : indent, true);
    }
  }

  void write_key(std::string_view key, int indent) {
    const std::string text = is_plain(key) ? std::string(key) : in_quotes(key);
    const bool simple = text.size() <= longest_simple_key;
    if (!simple) out_ += "? ";
    out_ += text;
    if (!simple) new_line(indent);
    out_ += ':';
  }

  void write_leaf(const Value& value, int indent) {
    if (!value.is_string()) return write_json(value, out_);
    const std::string_view text = value.as_string();
    if (is_block(text)) return write_block(text, indent + 2);
    out_ += is_plain(text) ? std::string(text) : in_quotes(text);
  }

  void write_block(std::string_view text, int indent) {
    const bool ends_line = text.ends_with('\n');
    const bool ends_more = text.ends_with("\n\n");
    out_ += ends_more ? "|+" : ends_line ? "|" : "|-";
    out_ += '\n';
    for (std::size_t start = 0; start < text.size();) {
      const std::size_t end = std::min(text.find('\n', start), text.size());
      if (end > start) out_.append(static_cast<std::size_t>(indent), ' ');
      out_ += text.substr(start, end - start);
      out_ += '\n';
      start = end + 1;
    }
  }

  std::string& out_;
};

}  // namespace

std::string write_yaml(const Value& value) {
  // Indentation grows with the square of the depth; what no reader would take is written as JSON, which is YAML too.
  if (value.depth() > Value::max_depth) return write_json(value) + "\n";
  std::string out;
  Writer(out).write(value, 0, false);
  if (out.empty() || out.back() != '\n') out += '\n';
  return out;
}

}  // namespace mbflow
