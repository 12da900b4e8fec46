#include "app/commands.h"
#include "model/document_text.h"
#include "runtime/rules.h"

#include <mbflow/json.h>

#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>

namespace mbflow::app {
namespace {

struct Checked {
  bool valid = true;
  std::vector<Value> faults;
};

void print_fault(const std::string& file, int line, const Fault& fault) {
  std::string text = file + ":" + std::to_string(line) + ": " + (fault.warning ? "warning: " : "error: ");
  text += fault.error.message + " [" + fault.error.code + (fault.error.at.empty() ? "" : " at " + fault.error.at) + "]\n";
  std::fputs(text.c_str(), stderr);
}

void check_file(const std::string& file, bool json, Checked& all) {
  const auto text = read_text(file);
  if (!text) {
    all.valid = false;
    if (!json) complain(text.error());
    all.faults.push_back(Value::object({{"file", file}, {"line", 0}, {"code", text.error().code}, {"message", text.error().message}, {"at", ""}, {"severity", "error"}}));
    return;
  }
  const auto reading = read_document_text(*text, TextFormat::automatic, runtime::document_rules(built_in_nodes()));
  all.valid &= reading.reading.valid();
  for (const auto& fault : reading.reading.faults) {
    const int line = reading.line_of(fault.error.at);
    if (!json) print_fault(file, line, fault);
    all.faults.push_back(Value::object({{"file", file},
                                        {"line", line},
                                        {"code", fault.error.code},
                                        {"message", fault.error.message},
                                        {"at", fault.error.at},
                                        {"severity", fault.warning ? "warning" : "error"}}));
  }
  if (!json && reading.reading.valid()) std::printf("%s: valid\n", file.c_str());
}

}  // namespace

Result<std::string> read_text(const std::string& path) {
  if (path == "-") return std::string(std::istreambuf_iterator<char>(std::cin), {});
  std::ifstream file(path, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(file)), {});
  if (file.is_open() && !file.bad()) return text;
  return fail(Kind::invalid, "file.read", "the file " + path + " cannot be read; check its path and rights");
}

int validate_files(const std::vector<std::string>& files, bool json) {
  Checked all;
  for (const auto& file : files) check_file(file, json, all);
  if (json) {
    const Value report = Value::object({{"valid", all.valid}, {"faults", Value::array(std::move(all.faults))}});
    std::puts(write_json(report).c_str());
  }
  return all.valid ? exit_ok : exit_invalid;
}

}  // namespace mbflow::app
