// What validating and preparing need of a node type's definition, parsed once.
#pragma once

#include <mbflow/json_schema.h>
#include <mbflow/node.h>
#include <mbflow/value.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace mbflow {

struct TypeFacts {
  Value config;  // the schema of the config; null: nothing is known of it
  std::optional<JsonSchema> schema;
  std::vector<std::string> inputs{"main"};
  std::vector<std::string> outputs{"main"};  // fixed ones; those after the made ones, when they are made from the config
  std::string made_from;                     // pointer to the list in the config that ports are made from; empty: none are
  std::string made_name;                     // the member of its elements that names the port
};

// Kept per thread, by the text of the definition: parsing it for every node of every document would be the slow part.
[[nodiscard]] std::shared_ptr<const TypeFacts> facts_of(const NodeType& type);

}  // namespace mbflow
