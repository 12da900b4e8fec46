#include "files.h"

#include "expr/expr.h"

#include <mbflow/json.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>

namespace mbflow::documents {
namespace {

std::string replaced(std::string text, std::string_view what, const std::string& by) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) text.replace(at, what.size(), by);
  return text;
}

std::string generate(const Value& description) {
  std::string text;
  for (const auto& part : description["parts"].elements()) {
    text += part["text"].as_string();
    const std::string piece(part["repeat"].as_string());
    for (std::int64_t i = 0; i < part["count"].as_integer(); ++i) {
      if (i > 0) text += part["join"].as_string();
      text += piece.find("{i") == std::string::npos
                  ? piece
                  : replaced(replaced(piece, "{i}", std::to_string(i)), "{i+1}", std::to_string(i + 1));
    }
  }
  return text;
}

bool is_generated(const std::filesystem::path& file) { return file.filename().string().ends_with(".generate.json"); }

Result<ExpressionUse> check_expression(std::string_view text) {
  MBF_TRY(const auto compiled, expr::Template::compile(text));
  return ExpressionUse{compiled.nodes()};
}

Result<void> check_path(std::string_view path) {
  MBF_TRY([[maybe_unused]] const auto compiled, expr::Template::compile_path(path));
  return {};
}

}  // namespace

std::filesystem::path source_dir() { return std::getenv("MBFLOW_SOURCE_DIR"); }

std::string read_bytes(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::vector<std::filesystem::path> cases(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    const auto ends = [&](std::string_view end) { return name.ends_with(end); };
    if (ends(".expected.json") || ends(".canonical.json") || ends(".warnings.json")) continue;
    if (name.front() >= '0' && name.front() <= '9') files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

std::string bytes_of(const std::filesystem::path& file) {
  const std::string bytes = read_bytes(file);
  return is_generated(file) ? generate(*parse_json(bytes)) : bytes;
}

std::filesystem::path beside(const std::filesystem::path& file, std::string_view what) {
  const std::string name = file.filename().string();
  return file.parent_path() / (name.substr(0, name.find('.')) + "." + std::string(what) + ".json");
}

const DocumentRules& rules() {
  static const DocumentRules real = [] {
    DocumentRules made{built_in_nodes(), check_expression};
    made.check_path = check_path;
    return made;
  }();
  return real;
}

TextReading read_file(const std::filesystem::path& file) {
  return read_document_text(bytes_of(file), format_of(file.filename().string()), rules());
}

Value faults_of(const TextReading& text) {
  std::vector<Value> list;
  for (const auto& [error, warning] : text.reading.faults) {
    ObjectBuilder one;
    one.append("code", error.code).append("at", error.at).append("line", text.line_of(error.at));
    if (warning) one.append("warning", true);
    list.push_back(one.build());
  }
  return Value::array(std::move(list));
}

std::string explain(const TextReading& text) {
  std::string all;
  for (const auto& [error, warning] : text.reading.faults) {
    all += std::to_string(text.line_of(error.at)) + (warning ? ": warning: " : ": ") + error.code + " " + error.at + ": " +
           error.message + "\n";
  }
  return all;
}

bool accepting() { return std::getenv("MBFLOW_ACCEPT") != nullptr; }

void accept(const std::filesystem::path& file, const Value& value) {
  std::string text = write_json_pretty(value);
  if (!text.ends_with('\n')) text += '\n';
  std::ofstream(file, std::ios::binary) << text;
}

Value expectation(const std::filesystem::path& file) {
  const auto value = parse_json(read_bytes(file));
  return value ? *value : Value();
}

}  // namespace mbflow::documents
