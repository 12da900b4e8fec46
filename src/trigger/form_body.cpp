#include "trigger/form_body.h"

#include "base/hash.h"
#include "base/utf8.h"

#include <algorithm>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace mbflow::trigger {
namespace {

constexpr std::size_t most_parts = 1'000;
constexpr std::size_t most_header_bytes = 8 * 1024;  // of one part
constexpr std::size_t longest_boundary = 70;         // RFC 2046 §5.1.1
constexpr std::string_view line_end = "\r\n";

// Values are gathered by name first, so that neither many names nor one name many times costs more than its length.
class Fields {
 public:
  void add(std::string name, Value value) {
    const auto [place, is_new] = places_.emplace(name, fields_.size());
    if (is_new) fields_.emplace_back(std::move(name), std::vector<Value>());
    fields_[place->second].second.push_back(std::move(value));
  }
  Value build() {
    ObjectBuilder form;
    form.reserve(fields_.size());
    for (auto& [name, values] : fields_) form.append(name, values.size() == 1 ? values.front() : Value::array(std::move(values)));
    return form.build();
  }

 private:
  std::vector<std::pair<std::string, std::vector<Value>>> fields_;
  std::unordered_map<std::string, std::size_t> places_;
};

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string decode_component(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
    if (low >= 0) {
      out.push_back(static_cast<char>(high * 16 + low));
      i += 2;
    } else {
      out.push_back(text[i] == '+' ? ' ' : text[i]);
    }
  }
  return out;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool same_name(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// The value of a parameter in `form-data; name="a"; filename="b.txt"`. Browsers write a quote inside as %22, others as \".
std::optional<std::string> parameter(std::string_view header, std::string_view name) {
  auto rest = header.substr(std::min(header.find(';'), header.size()));
  while (!rest.empty()) {
    rest.remove_prefix(1);
    const auto equals = rest.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    const auto key = trimmed(rest.substr(0, equals));
    rest.remove_prefix(equals + 1);
    std::string value;
    if (rest.starts_with('"')) {
      std::size_t i = 1;
      for (; i < rest.size() && rest[i] != '"'; ++i) {
        if (rest[i] == '\\' && i + 1 < rest.size() && (rest[i + 1] == '"' || rest[i + 1] == '\\')) ++i;
        value.push_back(rest[i]);
      }
      rest.remove_prefix(std::min(i + 1, rest.size()));
    } else {
      value = trimmed(rest.substr(0, rest.find(';')));
    }
    if (same_name(key, name)) return value;
    rest.remove_prefix(std::min(rest.find(';'), rest.size()));
  }
  return std::nullopt;
}

struct Part {
  std::string_view disposition, type, content;
};

Error broken(std::string_view what) { return fail(Kind::invalid, "webhook.body", "the multipart body is broken: " + std::string(what)); }

Result<Part> read_part(std::string_view text) {
  Part part;
  const auto end = text.starts_with(line_end) ? std::size_t{0} : text.find("\r\n\r\n");
  if (end == std::string_view::npos || end > most_header_bytes) return broken("the headers of a part have no end");
  auto headers = text.substr(0, end);
  part.content = text.substr(end == 0 ? 2 : end + 4);
  while (!headers.empty()) {
    const auto line = headers.substr(0, headers.find(line_end));
    headers.remove_prefix(std::min(line.size() + 2, headers.size()));
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) return broken("a header of a part has no colon");
    const auto name = trimmed(line.substr(0, colon));
    if (same_name(name, "content-disposition")) part.disposition = trimmed(line.substr(colon + 1));
    if (same_name(name, "content-type")) part.type = trimmed(line.substr(colon + 1));
  }
  return part;
}

// What stands between the delimiters, each after its line end.
Result<std::vector<std::string_view>> split_parts(std::string_view body, const std::string& boundary) {
  const std::string delimiter = "\r\n--" + boundary;
  std::vector<std::string_view> parts;
  std::size_t at = 0;
  if (!body.starts_with(std::string_view(delimiter).substr(2))) {
    at = body.find(delimiter);
    if (at == std::string_view::npos) return broken("its boundary does not appear in it");
    at += 2;
  }
  while (true) {
    at += delimiter.size() - 2;
    if (body.substr(at).starts_with("--")) return parts;
    const auto line = body.find(line_end, at);
    const auto next = line == std::string_view::npos ? line : body.find(delimiter, line);
    if (next == std::string_view::npos) return broken("its last boundary is missing");
    if (!trimmed(body.substr(at, line - at)).empty()) return broken("something follows a boundary on its line");
    if (parts.size() == most_parts) return broken("it has more than " + std::to_string(most_parts) + " parts");
    // An empty part: its content's line end is the one the delimiter begins with.
    parts.push_back(next <= line + 2 ? std::string_view() : body.substr(line + 2, next - line - 2));
    at = next + 2;
  }
}

Value content_of(const Part& part, std::optional<std::string> filename) {
  const std::string_view type = part.type.empty() ? "text/plain" : part.type;
  if (!filename && utf8_valid(part.content)) return Value(part.content);
  ObjectBuilder file;
  if (filename) file.set("filename", *filename);
  file.set("content_type", utf8_valid(type) ? type : "application/octet-stream");
  file.set("size", static_cast<std::int64_t>(part.content.size()));
  file.set("data_base64", base64_encode(part.content));
  return file.build();
}

}  // namespace

Value parse_form(std::string_view text) {
  Fields fields;
  while (!text.empty()) {
    const auto end = std::min(text.find('&'), text.size());
    const auto pair = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (pair.empty()) continue;
    const auto equals = std::min(pair.find('='), pair.size());
    std::string name = decode_component(pair.substr(0, equals));
    const std::string value = equals < pair.size() ? decode_component(pair.substr(equals + 1)) : std::string();
    if (utf8_valid(name) && utf8_valid(value)) fields.add(std::move(name), value);
  }
  return fields.build();
}

Result<Value> parse_multipart(std::string_view content_type, std::string_view body) {
  const auto boundary = parameter(content_type, "boundary");
  if (!boundary || boundary->empty() || boundary->size() > longest_boundary) return broken("its content type names no boundary of 1 to 70 characters");
  MBF_TRY(const auto parts, split_parts(body, *boundary));
  Fields fields;
  for (const auto& text : parts) {
    MBF_TRY(const Part part, read_part(text));
    auto name = parameter(part.disposition, "name");
    if (!name || !utf8_valid(*name)) return broken("a part has no name");
    auto filename = parameter(part.disposition, "filename");
    if (filename && !utf8_valid(*filename)) return broken("the file name of a part is no UTF-8");
    fields.add(*std::move(name), content_of(part, std::move(filename)));
  }
  return fields.build();
}

}  // namespace mbflow::trigger
