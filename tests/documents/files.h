// The files of this folder, and the rules that documents are read by in the program.
#pragma once

#include "model/document_text.h"

#include <mbflow/value.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace mbflow::documents {

[[nodiscard]] std::filesystem::path source_dir();
[[nodiscard]] std::string read_bytes(const std::filesystem::path& file);
// The files of a folder that begin with a number and are not expectations, sorted.
[[nodiscard]] std::vector<std::filesystem::path> cases(const std::filesystem::path& folder);
// NNN-name.generate.json becomes the text it describes; the rest are read as they are.
[[nodiscard]] std::string bytes_of(const std::filesystem::path& file);
// The file beside it: 001-x.json and "expected" → 001-x.expected.json
[[nodiscard]] std::filesystem::path beside(const std::filesystem::path& file, std::string_view what);

// Real node types, real expressions.
[[nodiscard]] const DocumentRules& rules();
[[nodiscard]] TextReading read_file(const std::filesystem::path& file);
// [{"code", "at", "line", "warning"}]
[[nodiscard]] Value faults_of(const TextReading& text);
[[nodiscard]] std::string explain(const TextReading& text);  // with messages, for people

// True when expectations are to be rewritten (MBFLOW_ACCEPT=1).
[[nodiscard]] bool accepting();
void accept(const std::filesystem::path& file, const Value& value);
// Null when there is no such file.
[[nodiscard]] Value expectation(const std::filesystem::path& file);

}  // namespace mbflow::documents
