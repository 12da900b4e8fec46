// The route table and api/openapi.yaml say the same: nothing is served that is not described, nothing described that is not served.
#include "server/openapi.h"

#include "base/yaml.h"
#include "server/router.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace mbflow::server {
namespace {

Value document() {
  auto read = parse_yaml(openapi_yaml());
  EXPECT_TRUE(read.ok()) << (read ? "" : read.error().message);
  return read ? read->value : Value();
}

std::string upper(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return out;
}

struct Operation {
  std::string call, id;
  bool has_body = false, is_open = false;
};

std::vector<Operation> operations(const Value& document) {
  std::vector<Operation> list;
  for (const auto& path : document["paths"].members()) {
    for (const auto& method : path.value.members()) {
      if (method.key.as_string() == "parameters") continue;
      const Value& call = method.value;
      const bool open = call.find("security") && call["security"].size() == 0;
      list.push_back({upper(method.key.as_string()) + " " + std::string(path.key.as_string()), std::string(call["operationId"].as_string()),
                      call.find("requestBody") != nullptr, open});
    }
  }
  return list;
}

std::set<std::string> parameters_in_path(std::string_view path) {
  std::set<std::string> names;
  for (auto at = path.find('{'); at != std::string_view::npos; at = path.find('{', at + 1)) {
    names.emplace(path.substr(at + 1, path.find('}', at) - at - 1));
  }
  return names;
}

const Value& resolve(const Value& document, const Value& part) {
  const Value* reference = part.find("$ref");
  if (!reference) return part;
  const Value* found = resolve_pointer(document, std::string(reference->as_string()).substr(1));
  EXPECT_NE(found, nullptr) << reference->as_string();
  static const Value nothing;
  return found ? *found : nothing;
}

void expect_references(const Value& document, const Value& part) {
  if (part.find("$ref")) (void)resolve(document, part);
  for (const auto& member : part.members()) expect_references(document, member.value);
  for (const auto& element : part.elements()) expect_references(document, element);
}

}  // namespace

TEST(OpenApi, every_route_is_described_and_every_description_served) {
  const Value api = document();
  const auto described = operations(api);
  std::set<std::string> served;
  for (const auto& route : routes()) {
    const std::string call = std::string(route.method) + " " + std::string(route.pattern);
    EXPECT_TRUE(served.insert(call).second) << call << " is in the table twice";
    const auto found = std::ranges::find(described, call, &Operation::call);
    if (found == described.end()) {
      ADD_FAILURE() << call << " is served and not described in api/openapi.yaml";
      continue;
    }
    EXPECT_EQ(found->id, route.operation) << call;
    EXPECT_EQ(found->is_open, route.permission == Permission::open) << call;
    EXPECT_TRUE(route.has_body || !found->has_body) << call << " refuses the body that is described";
    EXPECT_NE(route.handler, nullptr) << call;
  }
  for (const auto& operation : described) EXPECT_TRUE(served.contains(operation.call)) << operation.call << " is described and not served";
}

TEST(OpenApi, operations_are_named_once) {
  std::set<std::string> names;
  for (const auto& operation : operations(document())) EXPECT_TRUE(names.insert(operation.id).second) << operation.id;
}

TEST(OpenApi, parameters_of_the_path_are_described) {
  const Value api = document();
  for (const auto& path : api["paths"].members()) {
    for (const auto& method : path.value.members()) {
      if (method.key.as_string() == "parameters") continue;
      std::set<std::string> given;
      for (const Value* list : {&path.value["parameters"], &method.value["parameters"]}) {
        for (const auto& parameter : list->elements()) {
          const Value& one = resolve(api, parameter);
          if (one["in"].as_string() == "path") given.emplace(one["name"].as_string());
        }
      }
      EXPECT_EQ(given, parameters_in_path(path.key.as_string())) << method.key.as_string() << " " << path.key.as_string();
    }
  }
}

TEST(OpenApi, every_reference_leads_somewhere) {
  const Value api = document();
  expect_references(api, api);
}

// A route that stands behind one that takes the same addresses would never be reached.
TEST(OpenApi, every_route_is_reached) {
  for (const auto& route : routes()) {
    std::string path;
    for (std::size_t at = 0; at < route.pattern.size(); ++at) {
      if (route.pattern[at] != '{') path += route.pattern[at];
      else path += "x", at = route.pattern.find('}', at);
    }
    const auto match = find_route(route.method, path);
    ASSERT_NE(match.route, nullptr) << path;
    EXPECT_EQ(match.route->operation, route.operation) << path;
  }
}

}  // namespace mbflow::server
