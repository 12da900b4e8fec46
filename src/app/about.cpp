// What the program can tell about itself: node types, error codes, settings, its version.
#include "app/commands.h"
#include "app/error_catalogue.h"
#include "base/nearest.h"

#include <mbflow/json.h>
#include <mbflow/node.h>

#include <cstdio>

namespace mbflow::app {
namespace {

void print_type(const Value& definition) {
  std::printf("%s — %s\n%s\n\n", std::string(definition["type"].as_string()).c_str(),
              std::string(definition["title"].as_string()).c_str(), std::string(definition["summary"].as_string()).c_str());
  for (const auto& [name, field] : definition["config"]["properties"].members()) {
    std::printf("  %-18s %s\n", std::string(name.as_string()).c_str(), std::string(field["description"].as_string()).c_str());
  }
}

}  // namespace

std::string program_version() { return MBFLOW_VERSION; }

int complain(const Error& error) {
  const std::string text = "mbflow: " + error.message + " [" + error.code + (error.at.empty() ? "" : " at " + error.at) + "]\n";
  std::fputs(text.c_str(), stderr);
  return exit_invalid;
}

int list_nodes(const std::string& type, bool json) {
  const NodeTable& table = built_in_nodes();
  if (!type.empty()) {
    const NodeType* found = table.find(type);
    if (!found) return complain(fail(Kind::invalid, "nodes.unknown", "there is no node type '" + type + "'; `mbflow nodes` lists them"));
    const auto definition = parse_json(found->definition);
    if (json) std::puts(write_json_pretty(*definition).c_str());
    else print_type(*definition);
    return exit_ok;
  }
  std::vector<Value> all;
  for (const auto& node : table.all()) {
    const auto definition = parse_json(node.definition);
    if (json) all.push_back(*definition);
    else std::printf("%-14s %-10s %s\n", std::string(node.type).c_str(), std::string((*definition)["group"].as_string()).c_str(),
                     std::string((*definition)["summary"].as_string()).c_str());
  }
  if (json) std::puts(write_json(Value::array(std::move(all))).c_str());
  return exit_ok;
}

int explain(const std::string& code, bool json) {
  for (const auto& entry : error_catalogue()) {
    if (entry.code != code) continue;
    if (json) std::puts(write_json(Value::object({{"code", entry.code}, {"meaning", entry.meaning}, {"cure", entry.cure}})).c_str());
    else std::printf("%s\n\n%s\n\nWhat to do: %s\n", std::string(entry.code).c_str(), std::string(entry.meaning).c_str(), std::string(entry.cure).c_str());
    return exit_ok;
  }
  return complain(fail(Kind::invalid, "explain.unknown", "no error has the code '" + code + "'; docs/reference/errors.md lists them all"));
}

namespace {

// postgres://user:***@host/name?password=***
std::string without_password(std::string url) {
  const auto scheme = url.find("://");
  if (scheme == std::string::npos) return url;
  const auto at = url.rfind('@', url.find('?'));
  const auto colon = url.find(':', scheme + 3);
  if (at != std::string::npos && colon < at) url.replace(colon + 1, at - colon - 1, "***");
  constexpr std::string_view name = "password=";  // sslpassword too
  for (auto from = url.find(name, url.find('?')); from != std::string::npos; from = url.find(name, from)) {
    from += name.size();
    url.replace(from, std::min(url.find('&', from), url.size()) - from, "***");
  }
  return url;
}

}  // namespace

int show_config(const Settings& settings, bool json) {
  ObjectBuilder all;
  for (const auto& setting : all_settings()) {
    const auto values = settings.list(setting.name);
    const std::string origin = settings.origin(setting.name);
    Value value = setting.is_list ? Value::array(std::vector<Value>(values.begin(), values.end())) : Value(without_password(settings.text(setting.name)));
    all.set(setting.name, Value::object({{"value", value}, {"from", origin}, {"description", setting.description}}));
    const std::string shown = setting.is_list ? write_json(value) : std::string(value.as_string());
    if (!json) std::printf("%-18s %-28s # %s; %s\n", std::string(setting.name).c_str(), shown.c_str(), origin.c_str(), std::string(setting.description).c_str());
  }
  if (json) std::puts(write_json(all.build()).c_str());
  return exit_ok;
}

}  // namespace mbflow::app
